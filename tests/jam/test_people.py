import pytest

from jam import commands as c
from jam import events as e
from jam.people import KNOCKS_MAX
from jam.refusal import JamRefusal
from jam.rules import By, Source
from jam.settings import Limits, Settings
from jam.state import role_of
from jam.step import step
from tests.jam.party import Party


def knock(party: Party, user: str, generation: int) -> str:
    try:
        step(party.lineup, c.Join(user, user, "guest", generation), By("", party.now_ms, Source.SERVER))
    except JamRefusal as refusal:
        return refusal.code
    return ""


def test_who_has_a_key_comes_in_once() -> None:
    party = Party(None, "bob")
    assert role_of(party.jam, "bob") == "guest"
    assert party.join("bob") is None
    assert role_of(party.jam, "ann") == "host"


@pytest.mark.parametrize("generation", [0, 2, 99])
def test_a_key_of_another_generation_opens_nothing(generation: int) -> None:
    assert knock(Party(), "bob", generation) == "key_invalid"


def test_only_the_server_lets_people_in() -> None:
    assert Party(None, "bob").refused("bob", c.Join("eve", "Eve", "guest", 1)) == "forbidden"


def test_without_a_free_seat_one_listens_and_a_full_room_says_how_full() -> None:
    party = Party(Settings(limits=Limits(seats=2, listeners=1)), "bob", "cid")
    assert [role_of(party.jam, user) for user in ("ann", "bob", "cid")] == ["host", "guest", "listener"]
    with pytest.raises(JamRefusal, match="2 take part and 1 listen") as refused:
        party.join("dan")
    assert refused.value.code == "jam_full"


def test_who_is_asleep_leaves_the_seat_to_others() -> None:
    party = Party(Settings(limits=Limits(seats=2)), "bob")
    party.goes("bob")
    party.passes(11 * 60_000)
    party.join("cid")
    assert role_of(party.jam, "cid") == "guest"


def test_not_even_sleepers_make_the_list_longer_than_twice_the_room() -> None:
    party = Party(Settings(limits=Limits(seats=1, listeners=1)), "l0")
    for number in range(1, 3):
        party.goes(f"l{number - 1}")
        party.passes(11 * 60_000)
        party.join(f"l{number}")
    party.goes("l2")
    party.passes(11 * 60_000)
    with pytest.raises(JamRefusal, match="full"):
        party.join("l3")


class TestApproval:
    def test_the_host_opens(self) -> None:
        party = Party(Settings(approval=True))
        assert isinstance(party.join("bob"), e.Knocked)
        assert party.join("bob") is None
        assert role_of(party.jam, "bob") is None
        party.steer("ann", c.Approve, "bob")
        assert role_of(party.jam, "bob") == "guest"
        assert not party.jam.doors.knocks

    def test_the_host_does_not_open(self) -> None:
        party = Party(Settings(approval=True))
        party.join("bob")
        party.steer("ann", c.Deny, "bob")
        assert party.steer("ann", c.Deny, "bob") is None
        with pytest.raises(JamRefusal, match="member_gone"):
            party.steer("ann", c.Approve, "bob")

    def test_who_is_banned_does_not_wait_any_more(self) -> None:
        party = Party(Settings(approval=True))
        party.join("bob")
        party.steer("ann", c.Ban, "bob")
        assert party.refused("ann", c.Approve("bob", reign=1)) == "member_gone"

    def test_a_crowd_at_the_door_is_bounded(self) -> None:
        party = Party(Settings(approval=True))
        for number in range(KNOCKS_MAX):
            party.join(f"guest{number}")
        with pytest.raises(JamRefusal, match="Too many"):
            party.join("late")


class TestLeaving:
    def test_votes_go_and_songs_stay(self) -> None:
        party = Party(None, "bob")
        own, other = party.add("bob", "x"), party.add("ann", "y")
        party.do("bob", c.Vote(other, 1))
        party.do("bob", c.Leave())
        assert role_of(party.jam, "bob") is None
        assert (party.jam.entries[own].score, party.jam.entries[other].score) == (0, 1)

    def test_the_host_hands_over_first(self) -> None:
        party = Party(None, "bob")
        assert party.refused("ann", c.Leave()) == "host_leaves"
        party.steer("ann", c.HandOver, "bob")
        party.do("ann", c.Leave())
        assert set(party.jam.members) == {"bob"}


class TestRoles:
    def test_the_host_names_co_hosts_and_they_name_guests_and_listeners(self) -> None:
        party = Party(None, "bob", "cid", "dan")
        party.steer("ann", c.Promote, "bob", "cohost")
        assert party.steer("ann", c.Promote, "bob", "cohost") is None
        party.steer("bob", c.Promote, "cid", "listener")
        assert role_of(party.jam, "cid") == "listener"
        assert party.refused("bob", c.Promote("dan", "cohost", reign=1)) == "forbidden"

    @pytest.mark.parametrize("target", ["ann", "bob", "cid"])
    def test_nobody_decides_about_their_equals(self, target: str) -> None:
        party = Party(None, "bob", "cid")
        for user in ("bob", "cid"):
            party.steer("ann", c.Promote, user, "cohost")
        for kind in (c.Kick, c.Ban):
            assert party.refused("bob", kind(target, reign=1)) == "forbidden"

    def test_of_somebody_who_is_not_there(self) -> None:
        assert Party().refused("ann", c.Promote("eve", "guest", reign=1)) == "member_gone"
