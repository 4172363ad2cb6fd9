"""What every bus does while it is well. What it may lose, and what then, is in the tests of each."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from collab.bus import Bus
from collab.effects import Publish
from collab.ids import ID_BYTES, encode_id
from collab.presence_report import Entry, Report, Span
from storage.rows import OpRow, Settled
from tests.collab.serving import HUNG_S
from tests.contracts.buses import BusBackend, MemoryBusBackend, RedisBusBackend


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture(params=["memory", "valkey_server", "valkey_cluster", "redis_server"])
def backend(request: pytest.FixtureRequest, stack: AsyncExitStack) -> BusBackend:
    if request.param == "memory":
        return MemoryBusBackend()
    return RedisBusBackend(request.getfixturevalue(request.param), stack)


@pytest.fixture
async def here(backend: BusBackend) -> Bus:
    return await backend.open()


@pytest.fixture
async def there(backend: BusBackend) -> Bus:
    return await backend.open()


class Ear:
    """Listens to documents, and writes down what it hears."""

    def __init__(self) -> None:
        self._heard: asyncio.Queue[Publish | None] = asyncio.Queue()

    def __call__(self, hint: Publish | None) -> None:
        self._heard.put_nowait(hint)

    async def next(self) -> Publish:
        async with asyncio.timeout(HUNG_S):
            hint = await self._heard.get()
        assert hint is not None
        return hint

    async def until(self, changes: int) -> list[Publish]:
        hints = [await self.next()]
        while hints[-1].changes < changes:
            hints.append(await self.next())
        return hints

    @property
    def is_empty(self) -> bool:
        return self._heard.empty()


def new_document() -> str:
    return encode_id(secrets.token_bytes(ID_BYTES))


def commit(document: str, number: int, body: bytes = b"\xc0") -> Publish:
    """The hint of a document's `number`-th commit, of one op."""
    row = OpRow(number, "c" * 22, number, "ann", 1_700_000_000_000, body)
    settled = Settled("c" * 22, "ann", number, b"h" * 32, number, "", number)
    return Publish(document, "e1", number, number, (row,), (settled,), number - 1)


async def test_what_one_node_says_another_hears(here: Bus, there: Bus) -> None:
    document, ear = new_document(), Ear()
    await there.subscribe(document, ear)
    for hint in (
        commit(document, 1),
        Publish(document, "e1", 1, 2, (), (replace(commit(document, 2).settled[0], version=None),), 1),
        Publish(document, "e2", 9, 9),
    ):
        here.publish(hint)
        assert await ear.next() == hint


async def test_a_listener_hears_of_its_document_only(here: Bus, there: Bus) -> None:
    documents = [new_document() for _ in range(50)]
    ears = [Ear() for _ in documents]
    for document, ear in zip(documents, ears, strict=True):
        await there.subscribe(document, ear)
    for document in documents:
        here.publish(commit(document, 1))
    for document, ear in zip(documents, ears, strict=True):
        assert (await ear.next()).document == document
        assert ear.is_empty


async def test_who_left_hears_nothing_and_may_come_back(backend: BusBackend, here: Bus, there: Bus) -> None:
    document, left, stays, back = new_document(), Ear(), Ear(), Ear()
    await there.subscribe(document, left)
    await (await backend.open()).subscribe(document, stays)
    await there.unsubscribe(document)
    here.publish(commit(document, 1))
    await stays.next()
    await there.subscribe(document, back)
    here.publish(commit(document, 2))
    assert (await back.next()).changes == 2
    assert left.is_empty
    assert back.is_empty


async def test_to_leave_and_come_back_at_once_is_to_stay(here: Bus, there: Bus) -> None:
    document = new_document()
    for number in range(1, 6):
        ear = Ear()
        await there.subscribe(document, ear)
        here.publish(commit(document, number))
        assert (await ear.next()).changes == number
        await there.unsubscribe(document)


async def test_what_is_said_in_one_turn_is_heard_whole(here: Bus, there: Bus) -> None:
    document, ear = new_document(), Ear()
    await there.subscribe(document, ear)
    for number in range(1, 65):
        here.publish(commit(document, number))
    hints = await ear.until(64)
    assert [row.version for hint in hints for row in hint.rows] == list(range(1, 65))
    assert [hint.since for hint in hints] == [0, *(hint.changes for hint in hints[:-1])]


async def test_a_long_story_is_told_or_left_out(here: Bus, there: Bus) -> None:
    document, ear = new_document(), Ear()
    await there.subscribe(document, ear)
    long = commit(document, 1, b"x" * 200_000)
    here.publish(long)
    assert await ear.next() in (long, replace(long, rows=(), settled=(), since=None))


async def test_nobody_needs_to_listen(here: Bus, there: Bus) -> None:
    here.publish(commit(new_document(), 1))
    await here.unsubscribe(new_document())
    document, ear = new_document(), Ear()
    await there.subscribe(document, ear)
    here.publish(commit(document, 1))
    assert (await ear.next()).changes == 1


async def test_a_closed_bus_is_silent_and_fails_nobody(here: Bus, there: Bus) -> None:
    document, ear = new_document(), Ear()
    await here.subscribe(document, ear)
    await here.close()
    here.publish(commit(document, 1))
    there.publish(commit(document, 2))
    await here.unsubscribe(document)
    await here.close()
    assert ear.is_empty


class Room:
    """A neighbour that says what it is given, and writes down what it hears."""

    def __init__(self) -> None:
        self.to_say: list[Report] = []
        self.back = 0
        self._heard: asyncio.Queue[tuple[str, Report]] = asyncio.Queue()

    def hear(self, node: str, report: Report) -> None:
        self._heard.put_nowait((node, report))

    def next_report(self) -> Report | None:
        return self.to_say.pop(0) if self.to_say else None

    def bus_is_back(self) -> None:
        self.back += 1

    async def next(self) -> tuple[str, Report]:
        async with asyncio.timeout(HUNG_S):
            return await self._heard.get()


def silence(hint: Publish | None) -> None:
    """Listens to no hints."""


async def attend(bus: Bus, document: str) -> Room:
    room = Room()
    await bus.subscribe(document, silence)
    bus.attend(document, room)
    return room


def reported(document: str, number: int, count: int = 1) -> Report:
    """A piece of a statement with so many who show as much as they may."""
    state = {"say": "x" * 900}
    entries = tuple(Entry(f"{number}.{n}", "ann", "Ann", number, state) for n in range(count))
    return Report(document, number, entries, ("bob's",), Span("", f"{number}"), 7, True)


async def test_what_one_node_reports_another_hears(here: Bus, there: Bus) -> None:
    document = new_document()
    mine, yours = await attend(here, document), await attend(there, document)
    mine.to_say = [reported(document, 1), Report(document, 2, unlisted=3), reported(document, 3, 30)]
    said = list(mine.to_say)
    here.has_news(document)
    heard = [await yours.next() for _ in said]
    assert [report for _, report in heard] == said
    assert len({node for node, _ in heard}) == 1
    yours.to_say = [reported(document, 1)]
    there.has_news(document)
    node, report = await mine.next()
    assert report == reported(document, 1)
    assert node != heard[0][0]


async def test_reports_wait_behind_hints_and_take_turns(here: Bus, there: Bus) -> None:
    documents = [new_document() for _ in range(20)]
    ear = Ear()
    hinted = new_document()
    await there.subscribe(hinted, ear)
    rooms = [(await attend(here, document), await attend(there, document)) for document in documents]
    for document, (mine, _) in zip(documents, rooms, strict=True):
        mine.to_say = [reported(document, number, 30) for number in range(1, 11)]
        here.has_news(document)
    for number in range(1, 5):
        here.publish(commit(hinted, number))
    assert (await ear.until(4))[-1].changes == 4
    for _, yours in rooms:
        assert [(await yours.next())[1].number for _ in range(10)] == list(range(1, 11))


async def test_the_last_words_of_a_node_that_stops_are_heard(here: Bus, there: Bus) -> None:
    document = new_document()
    await attend(here, document)
    yours = await attend(there, document)
    here.attend(document, None)
    farewell = Report(document, 9, span=Span())
    here.bid_farewell(farewell)
    await here.close()
    assert (await yours.next())[1] == farewell
    assert here.is_heard is False
    assert there.is_heard


async def test_who_no_longer_attends_is_neither_asked_nor_told(here: Bus, there: Bus) -> None:
    document = new_document()
    mine, yours = await attend(here, document), await attend(there, document)
    third = await attend(here, other := new_document())
    mine.to_say = [reported(document, 1)]
    here.attend(document, None)
    here.has_news(document)
    third.to_say = [reported(other, 1)]
    there.attend(other, ear := Room())
    await there.subscribe(other, silence)
    here.has_news(other)
    assert (await ear.next())[1].document == other
    assert mine.to_say
    assert yours._heard.empty()
