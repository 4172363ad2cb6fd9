"""Editors in one playlist, without a server: who waits for what."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest

from collab.replay.client import OwnCopy
from collab.replay.editor import Editor
from collab.replay.journal import Journal, read_journal
from collab.replay.pace import Pace
from collab.replay.part import Part
from collab.replay.recordings import Track
from collab.replay.scene import STEPS_AHEAD, Scene
from collab.replay.steps import story_of
from collab.replay.tally import Tally
from ot.value import Entry
from tutti_client import Acknowledged, Event

TRACKS = [Track(str(number), "", [], "", 1) for number in range(20)]


class FakeTutti:
    def __init__(self) -> None:
        self.said: list[str] = []

    def go_offline(self) -> None:
        self.said.append("offline")

    def go_online(self) -> None:
        self.said.append("online")


class FakePlaylist:
    """A playlist that knows inserts and removes; `save` makes its edits durable."""

    id = "doc"
    version = 0

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.save = asyncio.Event()
        self._listeners: list[Callable[[Event], None]] = []
        self._numbers = count()

    def listen(self, listener: Callable[[Event], None]) -> None:
        self._listeners.append(listener)

    def tell(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)

    def insert(self, index: int, tracks: Sequence[Any]) -> list[str]:
        uids = [f"c.{next(self._numbers)}" for _ in tracks]
        self.entries[index:index] = [{"uid": uid} for uid in uids]
        return uids

    def remove(self, start: int, n: int) -> None:
        del self.entries[start : start + n]

    async def saved(self) -> None:
        await self.save.wait()


class Table:
    """Some editors at one scene, each with a list of their own."""

    def __init__(self, folder: Path, editors: int, versions: list[list[int]], seed: int = 1) -> None:
        self.scene = Scene("doc", "Doc", story_of(versions), editors, Random(seed))
        self.tally = Tally(editors, 1, len(self.scene.story.steps))
        self.tutti = [FakeTutti() for _ in range(editors)]
        self.playlists = [FakePlaylist() for _ in range(editors)]
        self.journals = [Journal(folder / str(number)) for number in range(editors)]
        self.parts = []
        for number in range(editors):
            person: Any = None
            tutti: Any = self.tutti[number]
            playlist: Any = self.playlists[number]
            editor = Editor(number, person, tutti, self.journals[number], Random(1), Pace(None))
            self.parts.append(Part(editor, self.scene, OwnCopy(playlist), TRACKS, self.tally, lambda _: None))


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Callable[..., Table]]:
    tables: list[Table] = []

    def make(*arguments: Any) -> Table:
        tables.append(Table(tmp_path, *arguments))
        return tables[-1]

    yield make
    for made in tables:
        for journal in made.journals:
            journal.__exit__()


async def settle() -> None:
    """Lets every task run until it waits."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_the_next_share_waits_until_the_last_one_is_saved(table: Callable[..., Table]) -> None:
    alone = table(1, [[1], [1, 2], [2]])
    playing = asyncio.create_task(alone.parts[0].play())
    await settle()
    assert alone.tally.steps == 1
    alone.playlists[0].save.set()
    await playing
    assert alone.tally.steps == 3
    assert len(alone.playlists[0].entries) == 1


async def test_going_offline_elsewhere_ends_the_wait(table: Callable[..., Table]) -> None:
    """An editor who waits here for the server, and went offline over there, would never come back."""
    alone = table(1, [[1], [1, 2], [2]])
    part = alone.parts[0]
    playing = asyncio.create_task(part.play())
    await settle()
    part.editor.offline.set()
    await playing
    assert alone.tally.steps == 3
    part.editor.come_back()
    assert alone.tutti[0].said == ["online"]


async def test_nobody_runs_far_ahead(table: Callable[..., Table]) -> None:
    both = table(2, [[number] for number in range(20)])
    for playlist in both.playlists:
        playlist.save.set()
    made: list[int] = []
    steps_made = both.scene.made

    def note(step: int) -> int:
        made.append(step)
        return steps_made(step)

    both.scene.made = note  # type: ignore[method-assign]
    first = asyncio.create_task(both.parts[0].play())
    await settle()
    [missing, *_] = [step for step, _ in both.scene.shares_of(1)]
    assert max(made) <= missing + STEPS_AHEAD
    assert not first.done()
    await asyncio.gather(first, both.parts[1].play())
    assert both.tally.steps == 20


async def test_what_has_not_arrived_is_removed_when_it_has(table: Callable[..., Table]) -> None:
    both = table(2, [[1], []], 4)  # the seed with which one inserts and the other removes
    for playlist in both.playlists:
        playlist.save.set()
    await asyncio.gather(*(part.play() for part in both.parts))
    inserter, remover = both.playlists
    remover.entries = list(inserter.entries)
    assert len(remover.entries) == 1
    assert await both.parts[1].remove_unseen()
    assert remover.entries == []
    assert not await both.parts[1].remove_unseen()


async def test_an_ack_is_on_the_disk_before_it_counts(table: Callable[..., Table]) -> None:
    alone = table(1, [[1]])
    for version, base, is_op in ((1, 0, True), (5, 1, True), (5, 5, False), (9, 5, None)):
        alone.playlists[0].tell(Acknowledged("c", version, version, 1, base=base, is_op=is_op))
    assert (alone.tally.acks, alone.tally.ops, alone.tally.transformed) == (4, 2, 1)
    assert [line.version for line in read_journal(alone.journals[0].path)] == [1, 5, 5, 9]
