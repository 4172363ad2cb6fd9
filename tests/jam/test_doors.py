import pytest

from jam import commands as c
from jam.doors import BANNED_MAX
from jam.rules import By
from jam.state import role_of
from jam.step import step
from tests.jam.party import Party
from tests.jam.test_people import knock


@pytest.mark.parametrize("kind", [c.Kick, c.Ban])
def test_who_is_thrown_out_cannot_return_by_the_old_key(kind: type[c.Kick] | type[c.Ban]) -> None:
    party = Party(None, "bob", "cid")
    entry = party.add("cid", "x")
    party.do("bob", c.Vote(entry, 1))
    old = party.jam.doors.generation
    party.steer("ann", kind, "bob")
    assert role_of(party.jam, "bob") is None
    assert party.jam.entries[entry].score == 1
    assert knock(party, "bob", old) == "key_invalid"
    assert knock(party, "bob", party.jam.doors.generation) == ("" if kind is c.Kick else "key_invalid")
    # Nobody else can use the old key either, and nobody else is thrown out.
    assert knock(party, "eve", old) == "key_invalid"
    assert role_of(party.jam, "cid") == "guest"


def test_nothing_is_accepted_after_a_kick() -> None:
    party = Party(None, "bob")
    entry = party.add("ann", "x")
    party.steer("ann", c.Kick, "bob")
    for command in (c.Vote(entry, 1), c.Add("bob.9", {"track": "t:9"}), c.Say("hey"), c.Leave()):
        assert party.refused("bob", command) == "forbidden"


def test_a_ban_ends() -> None:
    party = Party(None, "bob")
    party.steer("ann", c.Ban, "bob")
    assert party.steer("ann", c.Ban, "bob") is None
    party.steer("ann", c.Unban, "bob")
    assert party.steer("ann", c.Unban, "bob") is None
    assert knock(party, "bob", party.jam.doors.generation) == ""


def test_a_stranger_can_be_banned_before_they_come() -> None:
    party = Party()
    party.steer("ann", c.Ban, "eve")
    assert knock(party, "eve", party.jam.doors.generation) == "key_invalid"


def test_who_is_banned_is_somebody() -> None:
    assert Party().refused("ann", c.Ban("e" * 65, reign=1)) == "member_gone"


def test_no_more_are_banned_than_a_list_should_hold() -> None:
    party = Party()
    for number in range(BANNED_MAX):
        decided = step(party.lineup, c.Ban(f"eve{number}", reign=1), By("ann", party.now_ms))
        assert decided is not None
        party.lineup = decided.lineup
    assert party.refused("ann", c.Ban("one more", reign=1)) == "jam_full"


def test_a_locked_door_answers_like_a_wrong_key() -> None:
    party = Party(None, "bob")
    old = party.jam.doors.generation
    party.steer("ann", c.Lock, True)
    assert party.steer("ann", c.Lock, True) is None
    assert knock(party, "eve", party.jam.doors.generation) == knock(party, "eve", old) == "key_invalid"
    assert role_of(party.jam, "bob") == "guest"
    party.steer("ann", c.Lock, False)
    assert knock(party, "eve", old) == "key_invalid"
    assert knock(party, "eve", party.jam.doors.generation) == ""


def test_keys_end_on_demand() -> None:
    party = Party()
    party.steer("ann", c.Rotate)
    assert (knock(party, "eve", 1), knock(party, "eve", 2)) == ("key_invalid", "")
