"""Each cell of command × role, written out: + may, - may not, and the letter of the switch that opens it."""

from typing import Any, get_args

import pytest

from jam import commands as c
from jam.refusal import JamRefusal
from jam.rules import By, Source, check
from jam.settings import Settings
from jam.state import Jam
from tests.jam.party import START, Party, song

ROLES = ("host", "cohost", "guest", "listener", "stranger")
# a: guests_add, r: guests_reorder, s: guests_skip, v: guests_volume.
CELLS = """
    Add             + + a - -
    Vote            + + + - -
    Remove          + + + - -
    Clear           + + - - -
    Pin             + + - - -
    Unpin           + + - - -
    Move            + + r - -
    Shuffle         + + - - -
    Fallback        + + - - -
    Play            + + - - -
    Pause           + + - - -
    Seek            + + - - -
    Next            + + - - -
    Previous        + + - - -
    PlayNow         + + - - -
    VoteSkip        + + s - -
    Veto            + + - - -
    Unplayable      + + - - -
    Leave           + + + + -
    Kick            + + - - -
    Ban             + + - - -
    Unban           + + - - -
    Promote         + + - - -
    Approve         + + - - -
    Deny            + + - - -
    Lock            + + - - -
    Rotate          + + - - -
    HandOver        + - - - -
    End             + - - - -
    Set             + + v - -
    Say             + + + + -
    DeleteMessage   + + + + -
"""
SWITCHES = {"a": "guests_add", "r": "guests_reorder", "s": "guests_skip", "v": "guests_volume"}
TABLE = {
    line.split()[0]: dict(zip(ROLES, line.split()[1:], strict=True)) for line in CELLS.split("\n") if line
}
MEMBERS: dict[type[c.Command], dict[str, Any]] = {
    c.Add: {"entry": "x.1", "track": song("x")},
    c.Vote: {"entry": "x.1", "value": 1},
    c.Remove: {"entry": "x.1"},
    c.Pin: {"entry": "x.1"},
    c.Unpin: {"entry": "x.1"},
    c.Move: {"entry": "x.1"},
    c.Shuffle: {"seed": ""},
    c.Fallback: {"tracks": []},
    c.Seek: {"play": 1, "position_ms": 0},
    c.Next: {"play": 1},
    c.Previous: {"play": 1},
    c.PlayNow: {"entry": "x.1"},
    c.VoteSkip: {"play": 1},
    c.Veto: {"play": 1},
    c.Unplayable: {"play": 1},
    c.Kick: {"user": "guest"},
    c.Ban: {"user": "guest"},
    c.Unban: {"user": "guest"},
    c.Promote: {"user": "guest", "role": "guest"},
    c.Approve: {"user": "guest"},
    c.Deny: {"user": "guest"},
    c.Lock: {"locked": True},
    c.HandOver: {"user": "guest"},
    c.Set: {"settings": {"volume": 1}},
    c.Say: {"text": "x"},
    c.DeleteMessage: {"message": 1},
    c.Join: {"user": "x", "name": "x", "role": "guest", "generation": 1},
    c.Away: {"users": []},
    c.Back: {"users": []},
    c.Asleep: {"users": []},
    c.Advance: {"play": 1},
    c.CountSkip: {"play": 1},
    c.SkipNow: {"play": 1},
    c.Correct: {"play": 1, "position_ms": 0, "at_ms": 0},
}


def jam_with(switches: bool) -> Jam:
    """The host is called `host`, and so on."""
    settings = Settings(**dict.fromkeys(SWITCHES.values(), switches))
    party = Party(settings, "cohost", "guest")
    party.join("listener", "listener")
    party.steer("ann", c.Promote, "cohost", "cohost")
    party.join("host")
    party.steer("ann", c.HandOver, "host")
    return party.jam


OPEN, SHUT = jam_with(True), jam_with(False)


def made(kind: type[c.Command], jam: Jam = OPEN) -> c.Command:
    reign = {"reign": jam.reign} if issubclass(kind, c.Steering) else {}
    return kind(**MEMBERS.get(kind, {}), **reign)


def verdict(jam: Jam, command: c.Command, by: By) -> str:
    try:
        check(jam, command, by)
    except JamRefusal as refusal:
        return refusal.code
    return "allowed"


def by_client(user: str) -> By:
    return By(user, START)


def test_the_table_has_a_row_for_each_command_of_clients() -> None:
    assert set(TABLE) == {kind.__name__ for kind in get_args(c.ByClient)}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", get_args(c.ByClient), ids=lambda kind: kind.__name__)
def test_each_cell(kind: type[c.Command], role: str) -> None:
    cell = TABLE[kind.__name__][role]
    for jam, is_open in ((OPEN, True), (SHUT, False)):
        may = cell == "+" or (cell in SWITCHES and is_open)
        assert verdict(jam, made(kind, jam), by_client(role)) == ("allowed" if may else "forbidden")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", get_args(c.ByRoom), ids=lambda kind: kind.__name__)
def test_what_time_wants_nobody_else_may_say(kind: type[c.Command], role: str) -> None:
    assert verdict(OPEN, made(kind), By("", START, Source.ROOM)) == "allowed"
    assert verdict(OPEN, made(kind), by_client(role)) == "forbidden"
    assert verdict(OPEN, made(kind), By(role, START, Source.SERVER)) == "forbidden"


@pytest.mark.parametrize("kind", get_args(c.ByClient), ids=lambda kind: kind.__name__)
def test_the_room_gives_only_its_own(kind: type[c.Command]) -> None:
    assert verdict(OPEN, made(kind), By("", START, Source.ROOM)) == "forbidden"


def test_only_the_server_lets_people_in() -> None:
    assert verdict(OPEN, made(c.Join), By("x", START, Source.SERVER)) == "allowed"
    assert verdict(OPEN, made(c.Join), by_client("host")) == "forbidden"
    assert verdict(OPEN, made(c.Join), By("", START, Source.ROOM)) == "forbidden"


@pytest.mark.parametrize(
    "kind",
    [kind for kind in get_args(c.ByClient) if issubclass(kind, c.Steering)],
    ids=lambda kind: kind.__name__,
)
def test_who_steers_names_the_reign(kind: type[c.Command]) -> None:
    for reign in (0, OPEN.reign - 1, OPEN.reign + 1):
        command = kind(**MEMBERS.get(kind, {}), reign=reign)
        assert verdict(OPEN, command, by_client("host")) == "old_reign"
        if TABLE[kind.__name__]["guest"] != "-":
            assert verdict(OPEN, command, by_client("guest")) == "allowed", "a guest has no reign to name"


def test_a_switch_opens_the_volume_and_no_other_setting() -> None:
    for settings in ({"volume": 1, "mode": "votes"}, {"mode": "votes"}, {}):
        assert verdict(OPEN, c.Set(settings), by_client("guest")) == "forbidden"


def test_after_the_end_one_may_only_leave() -> None:
    party = Party(None, "guest")
    party.steer("ann", c.End)
    for kind in get_args(c.ByClient):
        wanted = "allowed" if kind is c.Leave else "jam_ended"
        assert verdict(party.jam, made(kind, party.jam), by_client("ann")) == wanted
    for kind in get_args(c.ByRoom):
        assert verdict(party.jam, made(kind), By("", START, Source.ROOM)) == "jam_ended"
    assert verdict(party.jam, made(c.Join), By("x", START, Source.SERVER)) == "jam_ended"
