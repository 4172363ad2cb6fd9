"""Jams whose rows are damaged: whoever audits them says where, and does not fall over."""

from dataclasses import replace
from typing import Any

import pytest

from collab.codec import pack_body
from collab.jam_kind import JamKind
from collab.jam_log import logged
from collab.verify_document import DocumentCheck
from jam import commands as c
from jam.digest import order_digest
from jam.events import encode_event
from jam.log import LogDiffers, replay, write_line
from jam.state import dump, new_jam
from storage.memory import MemoryStore
from storage.rows import Commit, Head, OpRow, Snapshot
from tests.collab.rooms import run
from tests.jam.party import START, Party

JAM = "J" * 22
EMPTY = order_digest([])
NOT_BODIES = (b"\xc1", b"", pack_body({}) + b"\x01", b"\x07", b"\xa2hi")
# What a version cannot have been, though each is an event by its shape.
MISFITS: tuple[dict[str, Any], ...] = (
    {"event": "settings_set", "settings": {"mode": "chaos"}},
    {"event": "settings_set", "settings": {"times": {}}},
    {"event": "advanced", "play": 1, "ending": "next", "entry": "x", "anchor_ms": START, "again": True},
    {"event": "advanced", "play": 1, "ending": "next", "entry": "x", "anchor_ms": START},
    {"event": "voted", "entry": "x", "value": 1},
    {"event": "promoted", "user": "eve", "role": "guest"},
    {"event": "went_away", "users": ["eve"]},
)


def evening() -> tuple[bytes, list[bytes]]:
    """The first snapshot, and three events after it."""
    party = Party(None, "ben")
    first = pack_body(dump(new_jam("ann", "Ann", START, party.jam.settings)))
    party.do("ben", c.Say("Hello!"))
    party.do("ann", c.Say("Welcome."))
    return first, [pack_body(encode_event(event)) for event in party.events]


def row(version: int, author: str, body: bytes) -> OpRow:
    return OpRow(version, f"client {author}", version, author, START, body)


def rows(bodies: list[bytes]) -> tuple[OpRow, ...]:
    authors = ("ben", "ben", "ann")
    return tuple(
        row(version, author, body)
        for version, (author, body) in enumerate(zip(authors, bodies, strict=True), 1)
    )


def lines(first: bytes, bodies: list[bytes]) -> list[bytes]:
    async def read() -> list[bytes]:
        store = MemoryStore()
        await store.create_document(JAM, "jam", "epoch", "ann", first, START, "host")
        assert await store.commit([Commit(JAM, "epoch", 0, 0, rows(bodies), ())]) == [True]
        return [write_line(line) async for line in logged(store, JAM)]

    written: list[bytes] = run(read())
    return written


def test_a_sound_one() -> None:
    first, bodies = evening()
    assert replay(lines(first, bodies)).version == 3


@pytest.mark.parametrize("body", NOT_BODIES)
def test_an_unreadable_event_is_found_where_it_stands(body: bytes) -> None:
    first, bodies = evening()
    with pytest.raises(LogDiffers, match="This is no event") as differs:
        replay(lines(first, [bodies[0], body, bodies[2]]))
    assert differs.value.version == 2


@pytest.mark.parametrize("body", NOT_BODIES)
def test_an_unreadable_beginning(body: bytes) -> None:
    with pytest.raises(LogDiffers, match="The snapshot is no Jam"):
        replay(lines(body, evening()[1]))


@pytest.mark.parametrize("event", MISFITS)
def test_what_does_not_fit_is_a_finding(event: dict[str, Any]) -> None:
    check = DocumentCheck(JamKind(), Head(JAM, "jam", "epoch", 3, 3))
    first, bodies = evening()
    check.history_begins(Snapshot(0, first))
    *before, last = rows(bodies)
    for sound in before:
        check.op(sound)
    check.op(replace(last, body=pack_body({**event, "at": START, "by": "ann", "order": EMPTY})))
    [finding] = check.findings
    assert finding.startswith("the op of version 3 does not fit (command_malformed)")
