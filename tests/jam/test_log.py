"""Logs of Jams, played again: whole ones, and ones with something wrong."""

from collections.abc import Callable

import msgspec
import pytest

from jam import commands as c
from jam.digest import digest
from jam.events import encode_event
from jam.log import Begin, Line, LogDiffers, Logged, Mark, Replayed, replay, write_line
from jam.state import dump, new_jam
from tests.jam.party import START, Party


def recorded() -> list[Line]:
    """An evening with a bit of everything."""
    party = Party(None, "ben")
    begin = Begin("J", 0, dump(new_jam("ann", "Ann", START, party.jam.settings)))
    first, second = party.add("ann", "a", 60), party.add("ben", "b", 60)
    party.do("ben", c.Vote(first, 1))
    party.steer("ann", c.Play)
    party.passes(90_000)
    party.do("ann", c.Vote(second, 1))
    party.do("ben", c.Say("What a song!"))
    party.steer("ann", c.End)
    lines: list[Line] = [begin]
    for version, event in enumerate(party.events, 1):
        client = f"client of {event.by}" if event.by else "server:room"
        lines.append(Logged(version, client, version, event.by, encode_event(event)))
    return [*lines, Mark(len(party.events), digest(party.jam))]


def played(lines: list[Line]) -> Replayed:
    return replay(map(write_line, lines))


def test_a_log_played_again_is_the_same_evening() -> None:
    lines = recorded()
    replayed = played(lines)
    assert replayed.version == len(lines) - 2
    assert replayed.happened["added"] == 2
    assert replayed.happened["voted"] == 2
    assert [play.track["title"] for play in replayed.recapping.recap().played] == ["a", "b"]
    assert replayed.recapping.recap().status == "ended"


def found(lines: list[Line]) -> tuple[int, str]:
    with pytest.raises(LogDiffers) as differs:
        played(lines)
    return differs.value.version, str(differs.value)


def _other(line: Line, **members: object) -> Line:
    assert isinstance(line, Logged)
    return msgspec.structs.replace(line, event={**line.event, **members})


Damage = Callable[[list[Line]], None]


def without_a_line(lines: list[Line]) -> None:
    del lines[3]


def with_another_order(lines: list[Line]) -> None:
    lines[2] = _other(lines[2], order="0123456789abcdef")


def with_another_author(lines: list[Line]) -> None:
    lines[2] = msgspec.structs.replace(lines[2], author="eve")


def with_time_that_falls(lines: list[Line]) -> None:
    lines[3] = _other(lines[3], at=START - 1)


def with_an_unknown_entry(lines: list[Line]) -> None:
    lines[4] = _other(lines[4], entry="nobody.1")


def with_a_foreign_event(lines: list[Line]) -> None:
    lines[1] = _other(lines[1], event="exploded")


def with_a_seq_twice(lines: list[Line]) -> None:
    lines[4] = msgspec.structs.replace(lines[4], client=lines[3].client, seq=lines[3].seq)


def with_another_vote(lines: list[Line]) -> None:
    # The order of the two songs stays: only the digest of the state can tell.
    lines[-4] = _other(lines[-4], value=-1)


def without_its_end(lines: list[Line]) -> None:
    del lines[-1]


def without_its_beginning(lines: list[Line]) -> None:
    del lines[0]


def with_two_beginnings(lines: list[Line]) -> None:
    lines.insert(5, lines[0])


def of_another_format(lines: list[Line]) -> None:
    lines[0] = msgspec.structs.replace(lines[0], format=2)


def with_a_broken_snapshot(lines: list[Line]) -> None:
    lines[0] = msgspec.structs.replace(lines[0], snapshot={"host": "ann"})


@pytest.mark.parametrize(
    ("damage", "version", "said"),
    [
        (without_a_line, 4, "follows version 2"),
        (with_another_order, 2, "order"),
        (with_another_author, 2, "eve submitted it"),
        (with_time_that_falls, 3, "before the last event's"),
        (with_an_unknown_entry, 4, "does not fit the Jam: KeyError"),
        (with_a_foreign_event, 1, "no event"),
        (with_a_seq_twice, 4, "committed before"),
        (without_its_end, None, "end is missing"),
        (without_its_beginning, 1, "does not begin with a snapshot"),
        (with_two_beginnings, 4, "second time"),
        (of_another_format, 0, "format 2"),
        (with_a_broken_snapshot, 0, "is no Jam"),
        (with_another_vote, None, "digest is"),
    ],
)
def test_the_first_difference_is_named(damage: Damage, version: int | None, said: str) -> None:
    lines = recorded()
    last = len(lines) - 2
    damage(lines)
    where, reason = found(lines)
    assert said in reason
    assert reason.endswith(".")
    assert where == (last if version is None else version)


def test_what_is_no_log_at_all() -> None:
    for text in (b"", b"not json", b"{}", b'{"line":"begin"}', b'"\xff"', b"[" * 100_000):
        with pytest.raises(LogDiffers):
            replay([text] if text else [])
