from random import Random

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from jam import commands as c
from jam.lineup import Lineup
from jam.queue import keys, order, peers, places
from jam.settings import Mode, Settings
from jam.state import Jam, dump, load
from tests.jam.lives import MODES, any_queue, life
from tests.jam.party import Party
from tests.jam.plain import plain_order
from tests.ot.strategies import law

randoms = st.randoms(use_true_random=False)
# A life takes too many draws for each to be one of Hypothesis.
seeds = st.integers(0, 2**32).map(Random)
jams = st.builds(any_queue, randoms, st.sampled_from(sorted(set(MODES))))


@law
@given(jams)
def test_the_order_is_as_the_words_say(jam: Jam) -> None:
    assert order(jam) == plain_order(dump(jam))


@law
@given(jams, randoms)
def test_it_is_total_and_independent_of_arrival(jam: Jam, random: Random) -> None:
    assert len(set(keys(jam).values())) == len(jam.entries)
    shuffled = random.sample(list(jam.entries.items()), len(jam.entries))
    assert order(replace(jam, entries=dict(shuffled))) == order(jam)


@law
@given(seeds)
def test_a_life_keeps_it(random: Random) -> None:
    for moment in life(random, 60):
        jam = moment.before.jam
        assert moment.before.order() == order(jam) == plain_order(dump(jam))
        assert Lineup(load(dump(jam))).order() == order(jam)


@law
@given(jams, jams)
def test_a_lineup_follows_any_change(before: Jam, after: Jam) -> None:
    """Also of many entries at once, and of none."""
    lineup = Lineup(before)
    same_frame = replace(
        after,
        settings=before.settings,
        timeline=before.timeline,
        next=before.next,
        round=before.round,
        served=before.served,
    )
    next_alone = replace(before, next=after.next)
    mode_alone = replace(after, settings=before.settings)
    for jam in (after, same_frame, next_alone, mode_alone):
        followed = lineup.followed_by(jam)
        assert followed.order() == order(jam)
        assert followed.followed_by(jam).order() == order(jam)
        assert followed.followed_by(before).order() == lineup.order() == order(before)


def titles(party: Party) -> list[str]:
    return [str(party.jam.entries[id].track["title"]) for id in party.lineup.order()]


def party_of(mode: Mode) -> Party:
    return Party(Settings(mode=mode), "bob", "cem", "dee")


class TestModes:
    def test_votes(self) -> None:
        party = party_of("votes")
        one, two, three = (party.add("bob", name) for name in ("one", "two", "three"))
        party.do("cem", c.Vote(three, 1))
        assert titles(party) == ["three", "one", "two"]
        party.do("cem", c.Vote(two, 1))
        assert titles(party) == ["two", "three", "one"], (
            "who was added earlier, not who was voted for earlier"
        )
        party.do("bob", c.Vote(one, 0))
        party.do("cem", c.Vote(three, 0))
        assert titles(party) == ["two", "three", "one"]

    def test_fair(self) -> None:
        party = party_of("fair")
        for user, name in (("bob", "b1"), ("bob", "b2"), ("bob", "b3"), ("cem", "c1"), ("cem", "c2")):
            party.add(user, name)
        assert titles(party) == ["b1", "c1", "b2", "c2", "b3"]
        party.do("dee", c.Vote("bob.3", 1))
        assert titles(party) == ["b3", "c1", "b1", "c2", "b2"], "votes choose among one person's songs"

    def test_by_hand(self) -> None:
        for mode in ("queue", "host"):
            party = party_of(mode)
            for user, name in (("bob", "one"), ("bob", "two"), ("cem", "three")):
                party.add(user, name)
            party.do("dee", c.Vote("cem.3", 1))
            assert titles(party) == ["one", "two", "three"], "votes say what people like, and move nothing"
            party.steer("ann", c.Move, "cem.3", "bob.1")
            assert titles(party) == ["three", "one", "two"]

    def test_what_a_vote_lifts_comes_behind_people_there(self) -> None:
        for mode, wanted in (("queue", ["own", "f2", "f1"]), ("votes", ["f2", "own", "f1"])):
            party = party_of(mode)
            songs = [(f"f.{n}", {"track": f"test:f{n}", "title": f"f{n}"}) for n in (1, 2)]
            party.steer("ann", c.Fallback, songs)
            party.add("bob", "own")
            party.do("cem", c.Vote("f.2", 1))
            assert titles(party) == wanted
            party.do("cem", c.Vote("f.2", 0))
            assert titles(party) == ["own", "f1", "f2"]


class TestClasses:
    def test_playing_locked_pinned_people_fallback(self) -> None:
        party = party_of("votes")
        party.steer("ann", c.Fallback, [("f.1", {"track": "test:f", "title": "fallback"})])
        for user, name in (("bob", "playing"), ("bob", "locked"), ("cem", "people"), ("cem", "pinned")):
            party.add(user, name)
        party.steer("ann", c.Play)
        party.passes(190_000)
        party.steer("ann", c.Pin, "cem.4")
        party.do("dee", c.Vote("cem.3", 1))
        assert party.jam.next == "bob.2"
        assert titles(party) == ["playing", "locked", "pinned", "people", "fallback"]

    def test_what_is_locked_stays_so(self) -> None:
        """Unless it is removed or cannot be played: everybody has fetched it."""
        party = party_of("votes")
        for name in ("one", "two", "three", "four"):
            party.add("bob", name)
        party.steer("ann", c.Play)
        party.passes(190_000)
        for user in ("cem", "dee"):
            party.do(user, c.Vote("bob.3", 1))
        party.steer("ann", c.PlayNow, "bob.4")
        assert titles(party) == ["four", "two", "three"]


def peers_of(party: Party, entry_id: str) -> list[str]:
    return peers(party.jam, places(party.jam), keys(party.jam)[entry_id])


class TestPeers:
    def test_are_those_that_only_their_age_tells_apart(self) -> None:
        party = party_of("votes")
        for name in ("one", "two", "three"):
            party.add("bob", name)
        party.do("cem", c.Vote("bob.2", 1))
        assert peers_of(party, "bob.2") == ["bob.2"]
        assert peers_of(party, "bob.1") == peers_of(party, "bob.3") == ["bob.1", "bob.3"]

    def test_a_hand_has_chosen_already(self) -> None:
        party = party_of("queue")
        party.add("bob", "one")
        party.add("bob", "two")
        assert peers_of(party, "bob.1") == ["bob.1"]
        party = party_of("fair")
        party.add("bob", "one")
        party.add("cem", "two")
        assert peers_of(party, "bob.1") == ["bob.1", "cem.2"]
        party.steer("ann", c.Pin, "bob.1")
        assert peers_of(party, "bob.1") == ["bob.1"]
