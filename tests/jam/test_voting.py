from random import Random

import pytest
from hypothesis import given

from jam import commands as c
from jam.refusal import JamRefusal
from jam.settings import Settings, Times
from jam.state import Jam
from tests.jam.lives import life
from tests.jam.party import Party
from tests.jam.test_queue import seeds
from tests.ot.strategies import law


def votes(party: Party, entry: str) -> dict[str, int]:
    return party.jam.entries[entry].votes


def score(party: Party, entry: str) -> int:
    return party.jam.entries[entry].score


@pytest.fixture
def party() -> Party:
    party = Party(Settings(down_votes=True), "bob", "cem", "dee")
    party.add("bob", "one")
    return party


class TestVotes:
    def test_are_set_and_never_toggled(self, party: Party) -> None:
        assert party.do("cem", c.Vote("bob.1", 1)) is not None
        assert party.do("cem", c.Vote("bob.1", 1)) is None
        assert votes(party, "bob.1") == {"bob": 1, "cem": 1}
        party.do("cem", c.Vote("bob.1", -1))
        assert (votes(party, "bob.1"), score(party, "bob.1")) == ({"bob": 1, "cem": -1}, 0)
        party.do("cem", c.Vote("bob.1", 0))
        assert (votes(party, "bob.1"), score(party, "bob.1")) == ({"bob": 1}, 1)
        assert party.do("cem", c.Vote("bob.1", 0)) is None

    def test_of_who_added_it_is_there_and_can_be_taken_back(self, party: Party) -> None:
        assert votes(party, "bob.1") == {"bob": 1}
        party.do("bob", c.Vote("bob.1", 0))
        assert (votes(party, "bob.1"), score(party, "bob.1")) == ({}, 0)

    @pytest.mark.parametrize("value", [2, -2, 100])
    def test_are_one_value_of_three(self, party: Party, value: int) -> None:
        assert party.refused("cem", c.Vote("bob.1", value)) == "command_malformed"

    def test_against_a_song_only_where_the_host_lets_people(self, party: Party) -> None:
        party.do("dee", c.Vote("bob.1", -1))
        party.steer("ann", c.Set, {"down_votes": False})
        assert party.refused("cem", c.Vote("bob.1", -1)) == "down_votes_off"
        party.do("dee", c.Vote("bob.1", 0))
        assert party.refused("dee", c.Vote("bob.1", -1)) == "down_votes_off"
        assert not Settings().down_votes

    def test_for_an_entry_that_left(self, party: Party) -> None:
        party.steer("ann", c.Remove, "bob.1")
        assert party.refused("cem", c.Vote("bob.1", 1)) == "entry_gone"

    def test_can_be_frozen(self, party: Party) -> None:
        party.steer("ann", c.Set, {"votes_frozen": True})
        assert party.refused("cem", c.Vote("bob.1", 1)) == "votes_frozen"
        assert party.refused("ann", c.Vote("bob.1", 1)) == "votes_frozen"
        assert party.do("bob", c.Vote("bob.1", 1)) is None, "what it says is so already"
        assert party.add("dee", "two")
        assert votes(party, "dee.2") == {"dee": 1}

    def test_twenty_in_ten_seconds(self, party: Party) -> None:
        for number in range(20):
            party.do("cem", c.Vote("bob.1", number % 2 or -1))
        with pytest.raises(JamRefusal) as refused:
            party.do("cem", c.Vote("bob.1", 0))
        assert (refused.value.code, refused.value.retry_after_ms) == ("too_many_votes", 500)
        party.do("dee", c.Vote("bob.1", 1))
        party.now_ms += 499
        assert party.refused("cem", c.Vote("bob.1", 0)) == "too_many_votes"
        party.now_ms += 1
        assert party.do("cem", c.Vote("bob.1", 0)) is not None

    def test_of_what_plays_count_too(self, party: Party) -> None:
        party.steer("ann", c.Play)
        party.do("cem", c.Vote("bob.1", 1))
        assert score(party, "bob.1") == 2


class TestSleepers:
    def test_votes_sleep_and_wake(self) -> None:
        party = Party(Settings(times=Times(asleep_ms=60_000)), "bob", "cem")
        party.add("bob", "one")
        party.do("cem", c.Vote("bob.1", 1))
        party.goes("cem")
        party.passes(50_000)
        assert score(party, "bob.1") == 2
        party.passes(60_000)
        assert party.jam.members["cem"].asleep
        assert (votes(party, "bob.1"), score(party, "bob.1")) == ({"bob": 1, "cem": 1}, 1)
        party.comes("cem")
        party.passes(0)
        assert score(party, "bob.1") == 2

    @pytest.mark.parametrize("kind", [c.Kick, c.Ban])
    def test_votes_of_who_is_thrown_out_go(self, kind: type[c.Steering]) -> None:
        party = Party(None, "bob", "cem")
        party.add("bob", "one")
        party.do("cem", c.Vote("bob.1", 1))
        party.steer("ann", kind, "cem")
        assert (votes(party, "bob.1"), score(party, "bob.1")) == ({"bob": 1}, 1)

    def test_a_song_that_is_fetched_back_comes_without_them(self) -> None:
        party = Party(None, "bob", "cem")
        party.add("bob", "one")
        party.add("bob", "two")
        party.do("cem", c.Vote("bob.1", 1))
        party.steer("ann", c.Play)
        party.steer("ann", c.Next, 1)
        party.steer("ann", c.Kick, "cem")
        party.steer("ann", c.Previous, 2)
        assert (votes(party, "bob.1"), score(party, "bob.1")) == ({"bob": 1}, 1)


def check(jam: Jam) -> None:
    for entry in jam.entries.values():
        assert 0 not in entry.votes.values()
        assert entry.votes.keys() <= jam.members.keys()
        awake = [value for user, value in entry.votes.items() if not jam.members[user].asleep]
        assert entry.score == sum(awake)


@law
@given(seeds)
def test_one_live_vote_per_member_and_entry(random: Random) -> None:
    for moment in life(random, 60):
        check(moment.before.jam)
