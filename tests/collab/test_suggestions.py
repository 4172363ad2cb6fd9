"""Suggestions of a node: what is read when, what is said to whom, and what is kept quiet about."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from collab import suggestions as module
from collab import turnstile
from collab.baskets import READERS, Basket, Reader
from collab.errors import Refusal
from collab.suggestions import LOOK_EVERY_MS, Answer, Suggestions
from ot.build import insert_at, remove_range, set_attribute
from ot.op import Op, encode
from storage.memory import MemoryStore
from storage.rows import Loaded
from storage.store import Unavailable
from tests.collab.http_world import FakeDocuments, Times


async def no_pause() -> None:
    pass


class Library:
    """Playlists in a store, and suggestions from them; `read` are the documents that were read, in order."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        self.times = Times()
        self.store = store or MemoryStore()
        self.documents = FakeDocuments(self.store, self.times.ambient())
        self.read: list[str] = []
        self.suggestions = Suggestions(self.store, self.times.ambient(), self._readers())
        self._entries = 0

    def _readers(self) -> Mapping[str, Reader]:
        def noting(loaded: Loaded) -> Basket:
            self.read.append(loaded.head.document)
            return READERS["playlist"](loaded)

        return {"playlist": noting}

    async def playlist(self, owner: str, tracks: str, name: str = "List") -> str:
        document = await self.documents.create(owner, {"name": name}, self.times.now_ms)
        await self.add(document, owner, tracks)
        return document

    async def add(self, document: str, user: str, tracks: str) -> None:
        entries = []
        for letter in tracks:
            self._entries += 1
            entries.append({"uid": f"x.{self._entries}", "track": f"demo:{letter}", "title": letter.upper()})
        await self.edit(document, user, insert_at(len(self.documents.entries[document]), 0, entries))

    async def edit(self, document: str, user: str, op: Op) -> None:
        await self.documents.edit(document, user, encode(op))

    async def ask(self, user: str, tracks: str, limit: int = 20) -> Answer:
        return await self.suggestions.suggest(user, [f"demo:{letter}" for letter in tracks], limit)

    async def suggested(self, user: str, tracks: str, limit: int = 20) -> str:
        found = (await self.ask(user, tracks, limit)).suggestions
        return "".join(suggestion.track.removeprefix("demo:") for suggestion in found)

    async def look(self) -> int:
        """Looks, and returns how many documents were read."""
        before = len(self.read)
        await self.suggestions.look(no_pause)
        return len(self.read) - before


@pytest.fixture
def library() -> Library:
    return Library()


# -- what is said to whom ---------------------------------------------------------------------------------


async def test_reasons_name_own_lists_and_count_the_others(library: Library) -> None:
    friday = await library.playlist("ada", "ax", "Friday")
    await library.playlist("ada", "axq", "Autumn")
    await library.playlist("ben", "ax", "Secret")
    await library.look()
    [best, _] = (await library.ask("ada", "a")).suggestions
    assert (best.track, best.about) == ("demo:x", {"title": "X"})
    [why] = best.reasons
    assert (why.track, why.documents, [name for _, name in why.own]) == ("demo:a", 3, ["Autumn", "Friday"])
    assert why.own[1][0] == friday
    [best] = (await library.ask("eve", "a")).suggestions
    [why] = best.reasons
    assert (best.track, why.documents, why.own) == ("demo:x", 3, ())


async def test_what_stands_in_a_single_strangers_list_stays_there(library: Library) -> None:
    await library.playlist("ben", "abs")
    await library.playlist("ben", "ab")
    await library.look()
    assert await library.suggested("ada", "a") == "b"
    assert await library.suggested("ben", "a") == "bs"


async def test_a_member_of_a_list_is_told_what_is_in_it(library: Library) -> None:
    document = await library.playlist("ben", "as", "Ours")
    await library.look()
    assert await library.suggested("ada", "a") == ""
    await library.documents.set_member(document, "ada", "viewer")
    assert await library.suggested("ada", "a") == "s", "without another look"
    await library.documents.set_member(document, "ada", None)
    assert await library.suggested("ada", "a") == ""


async def test_no_more_than_asked_for_and_none_of_those_asked_with(library: Library) -> None:
    await library.playlist("ada", "abcdef")
    await library.look()
    assert await library.suggested("ada", "a", limit=2) == "bc"
    assert await library.suggested("ada", "abcdef") == ""
    assert await library.suggested("ada", "") == ""


# -- what is read when ------------------------------------------------------------------------------------


async def test_only_what_changed_is_read_again(library: Library) -> None:
    one = await library.playlist("ada", "ab", "One")
    two = await library.playlist("ada", "ac", "Two")
    assert not (await library.ask("ada", "a")).is_complete
    assert await library.look() == 2
    assert await library.look() == 0
    await library.add(two, "ada", "d")
    assert await library.look() == 1
    assert library.read[-1] == two
    assert set(await library.suggested("ada", "a")) == set("bcd")
    await library.edit(one, "ada", remove_range(2, 1))
    await library.edit(two, "ada", set_attribute("name", "Zwei"))
    assert await library.look() == 2
    answer = await library.ask("ada", "a")
    assert {suggestion.track for suggestion in answer.suggestions} == {"demo:c", "demo:d"}
    assert answer.suggestions[0].reasons[0].own == ((two, "Zwei"),)
    assert (answer.documents, answer.is_complete) == (2, True)


async def test_what_is_deleted_is_forgotten(library: Library) -> None:
    await library.playlist("ada", "ab")
    gone = await library.playlist("ada", "ac")
    await library.look()
    await library.documents.delete(gone, "ada")
    assert await library.look() == 0
    answer = await library.ask("ada", "a")
    assert [suggestion.track for suggestion in answer.suggestions] == ["demo:b"]
    assert answer.documents == 1


async def test_a_document_that_cannot_be_read_hides_no_other(library: Library) -> None:
    broken = library.times.ambient().new_id()
    await library.store.create_document(broken, "playlist", "epoch", "ada", b"\xc1", 1)
    await library.store.create_document(library.times.ambient().new_id(), "other", "epoch", "ada", b"", 1)
    await library.playlist("ada", "ab")
    assert await library.look() == 2
    assert await library.look() == 0, "it is not tried again until it changes"
    assert await library.suggested("ada", "a") == "b"


async def test_a_server_with_very_many_documents_reads_some(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    for letter in "bcde":
        await library.playlist("ada", f"a{letter}")
    monkeypatch.setattr(module, "DOCUMENTS_MAX", 3)
    assert await library.look() == 3
    assert len(await library.suggested("ada", "a")) == 3
    assert await library.look() == 0


# -- a node that runs -------------------------------------------------------------------------------------


@pytest.fixture
async def running(library: Library) -> AsyncIterator[Library]:
    keeping = asyncio.create_task(library.suggestions.keep_running(no_pause))
    await asyncio.sleep(0)
    yield library
    keeping.cancel()
    await asyncio.wait([keeping])


async def test_the_first_question_has_everything_read(running: Library) -> None:
    document = await running.playlist("ada", "ab")
    assert running.read == []
    answers = await asyncio.gather(*(running.ask("ada", "a") for _ in range(5)))
    assert [len(answer.suggestions) for answer in answers] == [1] * 5
    assert all(answer.is_complete for answer in answers)
    assert running.read == [document], "once for all who asked"


async def test_changes_are_looked_for_now_and_then(running: Library) -> None:
    document = await running.playlist("ada", "ab")
    assert await running.suggested("ada", "a") == "b"
    await running.add(document, "ada", "c")
    running.times.now_ms += LOOK_EVERY_MS - 1
    assert await running.suggested("ada", "a") == "b"
    running.times.now_ms += 1
    assert await running.suggested("ada", "a") == "bc"


class Shaky(MemoryStore):
    """A store that fails when told to, or has one wait."""

    def __init__(self) -> None:
        super().__init__()
        self.error: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def all_documents(self, after: str = "", limit: int = 1000) -> Any:
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return await super().all_documents(after, limit)


@pytest.mark.parametrize("error", [Unavailable("The database is away."), RuntimeError("a bug")])
async def test_a_look_that_fails_is_not_the_end(error: Exception) -> None:
    store = Shaky()
    library = Library(store)
    keeping = asyncio.create_task(library.suggestions.keep_running(no_pause))
    await asyncio.sleep(0)
    await library.playlist("ada", "ab")
    store.error = error
    assert await library.suggested("ada", "a") == ""
    store.error = None
    assert await library.suggested("ada", "a") == "b"
    keeping.cancel()
    await asyncio.wait([keeping])


async def test_who_asks_during_a_long_look_hears_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT_S", 0.0)
    store = Shaky()
    library = Library(store)
    keeping = asyncio.create_task(library.suggestions.keep_running(no_pause))
    await asyncio.sleep(0)
    await library.playlist("ada", "ab")
    store.gate.clear()
    answer = await library.ask("ada", "a")
    assert (answer.suggestions, answer.is_complete) == ([], False)
    keeping.cancel()
    await asyncio.wait([keeping])


async def test_too_many_at_once_are_sent_away(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "WAITING_MAX", 2)
    await library.playlist("ada", "ab")
    await library.look()
    answers = await asyncio.gather(*(library.ask("ada", "a") for _ in range(5)), return_exceptions=True)
    refusals = [answer for answer in answers if isinstance(answer, Refusal)]
    assert [refusal.code for refusal in refusals] == ["busy"] * 3
