"""A replay from beginning to end.

Makes guests and playlists, lets the editors play their parts, waits until everybody has seen everything, and
compares: the replicas with fresh reads, the journals with the server's log. The server may be killed and
started again at any moment of it. Knows the order of things. Editing is the part's, counting the tally's.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import monotonic

from collab.errors import CannotStart
from collab.replay.audit import audit
from collab.replay.client import PATIENCE_S, Client, OwnClient
from collab.replay.editor import Editor
from collab.replay.ending import differences
from collab.replay.journal import Journal
from collab.replay.pace import Pace
from collab.replay.part import Part
from collab.replay.program import Program
from collab.replay.recordings import Recording, Track
from collab.replay.scene import Scene
from collab.replay.steps import Story, story_of
from collab.replay.tally import Tally
from collab.replay.web import Read, Web
from tutti_client import ClientError, Guest, connect, guest

# An editor has one connection, and a connection may have 64 rooms open.
SCENES_AT_ONCE = 16
# Whoever had to wait for an entry before removing it has seen it after the first round.
TIDY_ROUNDS_MAX = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """What to replay, and how. `journals` is an existing and empty folder. With a `program` (a command) every
    other editor lives there."""

    url: str
    recordings: Sequence[Recording]
    tracks: Sequence[Track]
    editors: int
    edits_s: float | None
    seed: int
    journals: Path
    program: str = ""


class Replay:
    """`watch` is called whenever somebody made a share of a step."""

    def __init__(self, plan: Plan, watch: Callable[[Tally], None]) -> None:
        self._plan = plan
        self._watch = watch
        self._stories = [story_of(recording.versions) for recording in plan.recordings]
        steps = sum(len(story.steps) for story in self._stories)
        self.tally = Tally(plan.editors, len(plan.recordings), steps)
        self._pace = Pace(plan.edits_s)
        self._at_once = asyncio.Semaphore(SCENES_AT_ONCE)
        self._editors: list[Editor] = []
        self._program: Program | None = None
        self._webs: list[Web] = []
        # Where each document ended.
        self._ends: dict[str, Read] = {}

    async def run(self) -> Tally:
        """Raises CannotStart when the server says no or stays away."""
        try:
            await self._run()
            await self._audit()
        except ExceptionGroup as group:
            refused, others = group.split((CannotStart, ClientError))
            if refused is None or others is not None:
                raise
            raise _given_up(_first(refused)) from group
        except ClientError as error:
            raise _given_up(error) from error
        return self.tally

    async def _run(self) -> None:
        started_s = monotonic()
        async with AsyncExitStack() as stack:
            if self._plan.program:
                self._program = await stack.enter_async_context(Program(self._plan.program))
            for number in range(self._plan.editors):
                await self._enter(stack, number)
            async with asyncio.TaskGroup() as tasks:
                for recording, story in zip(self._plan.recordings, self._stories, strict=True):
                    tasks.create_task(self._play(recording, story))
            for editor in self._editors:
                self.tally.reconnects += await editor.client.sessions() - 1
            self.tally.seconds = monotonic() - started_s

    async def _enter(self, stack: AsyncExitStack, number: int) -> None:
        plan = self._plan
        random = Random(f"{plan.seed} editor {number}")
        person = await guest(plan.url, f"Editor {number + 1}")
        self._webs.append(await stack.enter_async_context(Web(plan.url, person, random)))
        journal = stack.enter_context(Journal(plan.journals / f"editor-{number + 1}.jsonl"))
        client = await self._connect(stack, number, person)
        self._editors.append(Editor(number, person, client, journal, random, self._pace))

    async def _connect(self, stack: AsyncExitStack, number: int, person: Guest) -> Client:
        url = self._plan.url
        if self._program is not None and number % 2:
            client = await self._program.client(number, url, person)
            stack.push_async_callback(client.leave)
            return client
        return OwnClient(await stack.enter_async_context(connect(url, token=person, timeout_s=PATIENCE_S)))

    # -- one playlist --------------------------------------------------------------------------------------

    async def _play(self, recording: Recording, story: Story) -> None:
        async with self._at_once:
            document = await self._make(recording)
            random = Random(f"{self._plan.seed} playlist {recording.name}")
            scene = Scene(document, recording.name, story, self._plan.editors, random)
            parts = [await self._open(editor, scene) for editor in self._editors]
            async with asyncio.TaskGroup() as tasks:
                for part in parts:
                    tasks.create_task(part.play())
            read = self._ends[document] = await self._settle(parts)
            await self._compare(scene, parts, read)
            for part in parts:
                await part.copy.close()

    async def _make(self, recording: Recording) -> str:
        """A playlist that everybody may edit."""
        owner, *others = self._webs
        document = await owner.create_playlist(recording.name, recording.description)
        if others:
            secret = await owner.invite(document)
            for web in others:
                await web.accept(secret)
        return document

    async def _open(self, editor: Editor, scene: Scene) -> Part:
        editor.come_back()
        copy = await editor.client.open(scene.document)
        return Part(editor, scene, copy, self._plan.tracks, self.tally, self._watch)

    async def _settle(self, parts: Sequence[Part]) -> Read:
        """How the playlist stands, once everybody has saved and seen everything.

        An editor may be at work in other playlists, go offline there and come back; this waits."""
        for _ in range(TIDY_ROUNDS_MAX):
            for part in parts:
                part.editor.come_back()
            for part in parts:
                await part.copy.saved()
            read = await self._webs[0].read(parts[0].copy.id)
            for part in parts:
                await self._see(part, read.version)
            tidied = [await part.remove_unseen() for part in parts]
            if not any(tidied):
                break
        return read

    async def _see(self, part: Part, version: int) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await part.copy.seen(version)
        except TimeoutError:
            # Its digest will not be the others'.
            self.tally.findings.append(
                f"The replica of editor {part.editor.number + 1} never comes to version {version}."
            )

    async def _compare(self, scene: Scene, parts: Sequence[Part], read: Read) -> None:
        async with connect(self._plan.url, token=self._editors[0].person, timeout_s=PATIENCE_S) as tutti:
            playlist = await tutti.open_playlist(scene.document, timeout_s=PATIENCE_S)
            fresh, version = playlist.replica.acked, playlist.version
        found = differences([await part.copy.digest() for part in parts], fresh, read)
        if version != read.version:
            found.append(f"HTTP shows version {read.version}, a socket {version}")
        self.tally.equal += not found
        self.tally.findings += [f"{scene.name} ({scene.document}): {what}." for what in found]
        tracks = self._plan.tracks
        last = scene.story.steps[-1].target if scene.story.steps else ()
        recorded = [tracks[scene.story.tracks[item]].uri for item in last]
        self.tally.as_recorded += [entry["track"] for entry in fresh.entries] == recorded

    # -- the journals --------------------------------------------------------------------------------------

    async def _audit(self) -> None:
        tally = self.tally
        for editor in self._editors:
            result = await audit(self._plan.url, editor.person, editor.journal.path, self._ends)
            tally.journalled += result.journalled
            tally.found += result.found
            tally.empty += result.empty
            tally.unreachable += result.unreachable
            tally.findings += result.findings


def _given_up(error: Exception) -> CannotStart:
    return CannotStart(f"The replay cannot go on: {str(error).rstrip('.')}.")


def _first(group: ExceptionGroup[Exception]) -> Exception:
    """What went wrong first, whatever tasks it came through."""
    first = group.exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first
