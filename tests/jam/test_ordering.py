from hashlib import sha256
from random import Random

import pytest
from hypothesis import given

from jam import commands as c
from jam.settings import Limits, Settings
from jam.step import Decided
from tests.jam.lives import life
from tests.jam.party import Party, song
from tests.jam.test_queue import seeds
from tests.ot.strategies import law


def queue(party: Party) -> list[str]:
    return party.lineup.order()


def hand_party(**settings: object) -> Party:
    """Four songs: bob.1, bob.2, cem.3, cem.4; put in order by hand."""
    party = Party(Settings(**{"mode": "queue", **settings}), "bob", "cem")
    for user, name in (("bob", "one"), ("bob", "two"), ("cem", "three"), ("cem", "four")):
        party.add(user, name)
    return party


class TestRemove:
    def test_ones_own_or_any_for_the_host(self) -> None:
        party = hand_party()
        assert party.refused("bob", c.Remove("cem.3")) == "forbidden"
        party.do("bob", c.Remove("bob.1"))
        party.steer("ann", c.Remove, "cem.4")
        assert queue(party) == ["bob.2", "cem.3"]
        assert party.refused("bob", c.Remove("bob.1")) == "entry_gone"

    def test_what_plays_is_skipped_instead(self) -> None:
        party = hand_party()
        party.steer("ann", c.Play)
        assert party.refused("ann", c.Remove("bob.1", reign=1)) == "entry_fixed"

    def test_what_was_to_be_next_is_no_longer(self) -> None:
        party = hand_party()
        party.steer("ann", c.Play)
        party.passes(190_000)
        assert party.jam.next == "bob.2"
        party.do("bob", c.Remove("bob.2"))
        assert party.jam.next == ""
        assert queue(party) == ["bob.1", "cem.3", "cem.4"]


class TestClear:
    def test_takes_out_what_people_added(self) -> None:
        party = hand_party()
        party.steer("ann", c.Fallback, [("f.1", song("fallback"))])
        party.steer("ann", c.Pin, "cem.4")
        party.steer("ann", c.Play)
        party.passes(190_000)
        party.steer("ann", c.Clear)
        assert queue(party) == ["cem.4", "f.1"], "it plays already"
        assert party.jam.next == ""
        assert party.steer("ann", c.Clear) is None


class TestPins:
    def test_stand_above_all_votes_in_the_hosts_order(self) -> None:
        party = hand_party(mode="votes")
        party.do("bob", c.Vote("cem.3", 1))
        party.steer("ann", c.Pin, "bob.2")
        party.steer("ann", c.Pin, "cem.4")
        assert queue(party) == ["bob.2", "cem.4", "cem.3", "bob.1"]
        party.steer("ann", c.Pin, "bob.1", "cem.4")
        assert queue(party) == ["bob.2", "bob.1", "cem.4", "cem.3"]
        party.steer("ann", c.Pin, "bob.2")
        assert queue(party) == ["bob.1", "cem.4", "bob.2", "cem.3"]
        party.steer("ann", c.Unpin, "cem.4")
        assert queue(party) == ["bob.1", "bob.2", "cem.3", "cem.4"]

    def test_what_changes_nothing_makes_no_event(self) -> None:
        party = hand_party()
        party.steer("ann", c.Pin, "bob.1")
        party.steer("ann", c.Pin, "bob.2")
        assert party.steer("ann", c.Pin, "bob.2") is None
        assert party.steer("ann", c.Pin, "bob.1", "bob.2") is None
        assert party.steer("ann", c.Pin, "bob.1", "bob.1") is None
        assert party.steer("ann", c.Unpin, "cem.3") is None

    def test_end_when_it_plays(self) -> None:
        party = hand_party()
        party.steer("ann", c.Pin, "cem.4")
        party.steer("ann", c.Play)
        assert (party.jam.timeline.entry, party.jam.entries["cem.4"].pin) == ("cem.4", 0)

    def test_what_cannot_be_pinned(self) -> None:
        party = hand_party()
        assert party.refused("ann", c.Pin("gone.1", reign=1)) == "entry_gone"
        assert party.refused("ann", c.Pin("bob.2", "gone.1", reign=1)) == "entry_gone"
        assert party.refused("ann", c.Pin("bob.2", "cem.3", reign=1)) == "entry_fixed"
        party.steer("ann", c.Play)
        party.passes(190_000)
        assert party.refused("ann", c.Pin("bob.1", reign=1)) == "entry_fixed"
        assert party.refused("ann", c.Pin("bob.2", reign=1)) == "entry_fixed"
        assert party.refused("ann", c.Unpin("gone.1", reign=1)) == "entry_gone"


class TestMoves:
    def test_before_another_or_to_the_end(self) -> None:
        party = hand_party()
        party.steer("ann", c.Move, "cem.4", "bob.2")
        assert queue(party) == ["bob.1", "cem.4", "bob.2", "cem.3"]
        party.steer("ann", c.Move, "bob.1")
        assert queue(party) == ["cem.4", "bob.2", "cem.3", "bob.1"]
        party.add("bob", "five")
        assert queue(party)[-1] == "bob.5", "what comes new comes last"

    def test_that_change_nothing_make_no_event(self) -> None:
        party = hand_party()
        for entry, before in (("bob.1", "bob.2"), ("cem.4", ""), ("bob.1", "bob.1")):
            assert party.steer("ann", c.Move, entry, before) is None

    @pytest.mark.parametrize("mode", ["votes", "fair"])
    def test_are_for_modes_without_votes(self, mode: str) -> None:
        assert hand_party(mode=mode).refused("ann", c.Move("bob.1", reign=1)) == "not_by_hand"

    def test_by_guests_where_the_host_lets_them(self) -> None:
        party = hand_party()
        assert party.refused("bob", c.Move("cem.4", "bob.1")) == "forbidden"
        party.steer("ann", c.Set, {"guests_reorder": True})
        assert party.do("bob", c.Move("cem.4", "bob.1")) is not None
        party.steer("ann", c.Set, {"mode": "host"})
        assert party.refused("bob", c.Move("bob.1")) == "forbidden"

    def test_of_what_has_its_place(self) -> None:
        party = hand_party()
        party.steer("ann", c.Pin, "cem.4")
        assert party.refused("ann", c.Move("cem.4", reign=1)) == "entry_fixed"
        assert party.refused("ann", c.Move("bob.1", "cem.4", reign=1)) == "entry_fixed"
        assert party.refused("ann", c.Move("gone.1", reign=1)) == "entry_gone"
        assert party.refused("ann", c.Move("bob.1", "gone.1", reign=1)) == "entry_gone"
        party.steer("ann", c.Play)
        assert party.refused("ann", c.Move("cem.4", reign=1)) == "entry_fixed"

    def test_a_full_queue_takes_none_of_the_fallback(self) -> None:
        party = hand_party(limits=Limits(queue=5))
        party.steer("ann", c.Fallback, [("f.1", song("x")), ("f.2", song("y"))])
        party.steer("ann", c.Move, "f.1", "bob.1")
        assert party.refused("ann", c.Move("f.2", "bob.1", reign=1)) == "queue_full"
        party.steer("ann", c.Move, "f.1", "cem.4")

    def test_across_the_line_to_the_fallback(self) -> None:
        party = hand_party()
        party.steer("ann", c.Fallback, [(f"f.{n}", song(f"f{n}")) for n in range(3)])
        party.steer("ann", c.Move, "f.2", "f.0")
        assert queue(party)[4:] == ["f.2", "f.0", "f.1"]
        party.steer("ann", c.Move, "bob.1", "f.0")
        assert queue(party) == ["bob.2", "cem.3", "cem.4", "bob.1", "f.2", "f.0", "f.1"]
        party.steer("ann", c.Move, "f.1", "cem.3")
        assert queue(party) == ["bob.2", "f.1", "cem.3", "cem.4", "bob.1", "f.2", "f.0"]
        assert not party.jam.entries["f.1"].fallback


class TestShuffle:
    def test_is_by_hashes_that_everybody_can_make(self) -> None:
        party = Party(None, "bob")
        ids = [f"f.{n}" for n in range(9)]
        party.steer("ann", c.Fallback, [(id, song(id)) for id in ids])
        party.add("bob", "one")
        for seed in ("", "a", "b", "“ü”"):
            party.steer("ann", c.Shuffle, seed)
            wanted = sorted(ids, key=lambda id: sha256((seed + id).encode()).digest())
            assert queue(party) == ["bob.1", *wanted]

    def test_needs_something_to_shuffle(self) -> None:
        party = hand_party()
        assert party.steer("ann", c.Shuffle, "seed") is None
        assert party.refused("ann", c.Shuffle("x" * 65, reign=1)) == "command_malformed"


@law
@given(seeds)
def test_ranks_stay_distinct_and_pins_in_order(random: Random) -> None:
    for moment in life(random, 80):
        jam = moment.before.jam
        ranks = [entry.rank for entry in jam.entries.values()]
        pins = [entry.pin for entry in jam.entries.values() if entry.pin]
        assert len(set(ranks)) == len(ranks)
        assert len(set(pins)) == len(pins)
        assert all(0 < rank <= jam.adds for rank in ranks)


@law
@given(seeds)
def test_a_move_changes_one_place(random: Random) -> None:
    """All others stand as they stood to each other."""
    for moment in life(random, 80, "queue"):
        if isinstance(moment.command, c.Move) and isinstance(moment.outcome, Decided):
            moved = moment.command.entry
            before, after = moment.before.order(), moment.outcome.lineup.order()
            assert [id for id in before if id != moved] == [id for id in after if id != moved]
            assert moment.outcome.jam.entries != moment.before.jam.entries
