"""Who reads along: what is written down for them, what is left out, and when it ends."""

import asyncio
from collections.abc import Callable

import pytest

from collab import reader as reader_module
from collab.auth import Identity
from collab.closing import CloseCode
from collab.errors import Refusal
from collab.http_event_shapes import EVENT_BYTES_MAX
from collab.ids import UserId
from collab.listener import Listener, Reading
from collab.messages import Drain, Open, Opened, Ops, Refused, RoleChanged, Row
from collab.reader import RETRY_MS, End, Feeds, Fresh, Reader
from collab.seating import Seat
from ot.apply import apply
from ot.document import Document
from ot.op import decode
from storage.rows import Head

SOON_S = 0.001


class Room:
    """`RoomsToRead` with one playlist, which says what a test tells it to."""

    is_draining = False
    socket_count = 0

    def __init__(self, public: bool = False) -> None:
        self.head = Head("playlist", "playlist", "epoch", 3, 3)
        self.document = Document([], {"public": public})
        self.listeners: dict[str, Listener] = {}
        self.readers: dict[str, Reading] = {}
        self.role = "viewer"
        self.kind = "playlist"
        self.answers = True

    def enter_as(self, listener: Listener, seat: Seat, request: Open) -> None:
        assert seat.is_vouched
        assert not seat.is_seen
        self.listeners[listener.id] = listener
        if self.answers:
            self.welcome(listener, "fresh")

    def welcome(self, listener: Listener, reason: str) -> None:
        head = self.head
        listener.tell(Opened(head.document, self.kind, head.epoch, head.version, self.role, reason))

    def exit_as(self, listener: Listener, document: str) -> None:
        del self.listeners[listener.id]

    def reader_came(self, reader: Reading) -> None:
        self.readers[reader.id] = reader

    def reader_gone(self, reader: Reading) -> None:
        del self.readers[reader.id]

    def sockets_from(self, address: str) -> int:
        return 0

    def everybody(self) -> list[Reading]:
        return list(self.readers.values())

    def playlist(self, document: str) -> tuple[Head, Document] | None:
        return self.head, self.document

    def commit(self, *readers: Reader, **attributes: object) -> None:
        version = self.head.version + 1
        row = Row(version, "client", version, "Ann", {"a": attributes})
        self.head = Head("playlist", "playlist", "epoch", version, version)
        self.document = apply(self.document, decode(row.op))
        for reader in readers:
            reader.overhear([Ops("playlist", (row,))])


def reader_of(room: Room, feeds: Feeds, reader_id: str = "one") -> Reader:
    return Reader(reader_id, Identity(UserId("Bob"), "Bob", 0, None), "there", "playlist", room, feeds)


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
async def reader(room: Room) -> Reader:
    reader = reader_of(room, Feeds())
    await reader.open()
    return reader


async def test_ops_are_fetched_in_order(room: Room, reader: Reader) -> None:
    for name in ("a", "b"):
        room.commit(reader, name=name)
    for version in (4, 5):
        event = await reader.next(SOON_S)
        assert isinstance(event, bytes)
        assert event.startswith(b"event: op\nid: epoch.%d\n" % version)
    assert await reader.next(SOON_S) is None


async def test_two_readers_are_told_the_same_bytes(room: Room) -> None:
    feeds = Feeds()
    one, two = reader_of(room, feeds, "one"), reader_of(room, feeds, "two")
    await one.open()
    room.commit(one, name="before the other came")
    await two.open()
    room.commit(one, two, name="b")
    await one.next(SOON_S)
    assert await one.next(SOON_S) is await two.next(SOON_S)


async def test_who_falls_behind_gets_the_state_and_goes_on(
    room: Room, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_module, "PENDING_BYTES_MAX", 1000)
    for number in range(20):
        room.commit(reader, name=f"Friday {number}")
    fresh = await reader.next(SOON_S)
    assert isinstance(fresh, Fresh)
    assert (fresh.version, fresh.document.attributes["name"]) == (23, "Friday 19")
    assert reader.pending_bytes == 0
    room.commit(reader, name="Saturday")
    event = await reader.next(SOON_S)
    assert isinstance(event, bytes)
    assert b"id: epoch.24\n" in event
    assert await reader.next(SOON_S) is None
    for number in range(20):
        room.commit(reader, name=f"Sunday {number}")
    assert isinstance(await reader.next(SOON_S), Fresh), "who had caught up may fall behind again"


async def test_who_cannot_take_the_state_either_is_sent_away(
    room: Room, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_module, "PENDING_BYTES_MAX", 1000)
    for number in range(20):
        room.commit(reader, name=f"Friday {number}")
    assert isinstance(await reader.next(SOON_S), Fresh)
    for number in range(20):
        room.commit(reader, name=f"Saturday {number}")
    end = await reader.next(SOON_S)
    assert isinstance(end, End)
    assert (end.code, end.retry_after_ms, reader.pending_bytes) == ("slow_consumer", RETRY_MS, 0)


async def test_what_is_too_much_for_an_event_is_told_by_the_state(room: Room, reader: Reader) -> None:
    room.commit(reader, name="x" * EVENT_BYTES_MAX)
    room.commit(reader, name="y")
    fresh = await reader.next(SOON_S)
    assert isinstance(fresh, Fresh)
    assert fresh.version == 5
    assert await reader.next(SOON_S) is None


async def test_another_history_begins_with_the_state(room: Room, reader: Reader) -> None:
    room.commit(reader, name="lost")
    room.head = Head("playlist", "playlist", "another", 1, 1)
    room.welcome(reader, "epoch")
    fresh = await reader.next(SOON_S)
    assert isinstance(fresh, Fresh)
    assert (fresh.epoch, fresh.version) == ("another", 1)


async def test_nothing_is_heard_after_the_role_is_gone(room: Room, reader: Reader) -> None:
    room.commit(reader, name="theirs")
    reader.tell(RoleChanged("playlist", ""))
    room.commit(reader, name="not theirs")
    end = await reader.next(SOON_S)
    assert isinstance(end, End)
    assert (end.code, end.retry_after_ms) == ("not_found", 0)


async def test_a_public_playlist_has_readers_without_a_role() -> None:
    room = Room(public=True)
    room.role = ""
    reader = reader_of(room, Feeds())
    await reader.open()
    room.commit(reader, name="for all")
    assert isinstance(await reader.next(SOON_S), bytes)
    room.commit(reader, public=False)
    assert isinstance(await reader.next(SOON_S), End)


@pytest.mark.parametrize(("kind", "role"), [("jam", "host"), ("playlist", "")])
async def test_what_may_not_be_read_is_not_there(room: Room, kind: str, role: str) -> None:
    room.kind, room.role = kind, role
    reader = reader_of(room, Feeds())
    with pytest.raises(Refusal) as refused:
        await reader.open()
    assert refused.value.code == "not_found"
    reader.leave()
    assert not room.readers
    assert not room.listeners


async def test_a_room_that_does_not_answer_is_busy(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_module, "OPEN_TIMEOUT_S", SOON_S)
    room.answers = False
    with pytest.raises(Refusal) as refused:
        await reader_of(room, Feeds()).open()
    assert refused.value.code == "busy"


async def test_a_refused_room_is_passed_on(room: Room) -> None:
    room.answers = False
    reader = reader_of(room, Feeds())
    opening = asyncio.create_task(reader.open())
    await asyncio.sleep(0)
    reader.tell(Refused("playlist", 0, "unavailable", "Later."))
    with pytest.raises(Refusal) as refused:
        await opening
    assert refused.value.code == "unavailable"


async def test_each_end_says_whether_to_come_back(room: Room) -> None:
    feeds = Feeds()
    ends: dict[str, int] = {}
    says: list[Callable[[Reader], None]] = [
        lambda reader: reader.tell(Drain(7_000)),
        lambda reader: reader.close(CloseCode.UNAUTHENTICATED, "token_invalid", "Shut out."),
        lambda reader: reader.failed("playlist"),
        lambda reader: reader.evicted("playlist"),
        lambda reader: reader.expire(),
    ]
    for say in says:
        reader = reader_of(room, feeds)
        await reader.open()
        say(reader)
        say(reader)
        end = await reader.next(SOON_S)
        assert isinstance(end, End)
        ends[end.code] = end.retry_after_ms
    assert ends == {
        "drain": 7_000,
        "token_invalid": 0,
        "internal": RETRY_MS,
        "not_found": 0,
        "token_expired": 0,
    }
