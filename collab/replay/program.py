"""Editors in another program, with an SDK in another language.

Lines of JSON. We ask, and it answers with `came` or with an `error`, in any order:

    {"id": 7, "fn": "connect", "editor": 1, "url": …, "timeout_ms": …}
    {"id": 8, "fn": "open", "editor": 1, "playlist": …}       also saved, digest, close; seen, with a version
    {"id": 9, "fn": "look", "editor": 1, "playlist": …}       → {"look": 3, "uids": […]}
    {"id": 10, "fn": "make", …, "look": 3, "actions": [["remove", start, n], ["insert", index, tracks],
                               ["move", start, n, before]]}   → the new uids of each; null: look again
    {"id": 11, "fn": "go_offline", "editor": 1}               also go_online, sessions, leave

It tells what happens in a playlist, `{"editor", "playlist", "event"}`, and asks for tokens, `{"wants":
"token", "editor"}`, which come as `{"fn": "token", "editor", "token"}` (null: none to be had now). Knows
lines and the process. Does not know who edits, or why.
"""

import asyncio
import shlex
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, Final, Self, assert_never

import msgspec

from collab.errors import CannotStart
from collab.replay.client import PATIENCE_S, Plan, Tracks
from collab.replay.hand import Action, Insert, Move, Remove
from ot.op import decode
from tutti_client import Acknowledged, ClientError, Event, Guest, Renamed
from tutti_client.events import Diverged, Refusal, Resynced

# A line may hold all uids of a long playlist.
LINE_BYTES_MAX: Final = 64 * 1024 * 1024
# Who is told that nothing more is asked ends within this time.
END_S: Final = 10.0

Listener = Callable[[Event], None]


class Program:
    """The process. Used as a context manager; raises CannotStart if there is none, or when it ends early."""

    def __init__(self, command: str) -> None:
        self._command = command
        self._ids = count(1)
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._people: dict[int, Guest] = {}
        self._listeners: dict[tuple[int, str], Listener] = {}
        self._errands: set[asyncio.Task[None]] = set()
        self._process: Process | None = None

    async def __aenter__(self) -> Self:
        try:
            self._process = await asyncio.create_subprocess_exec(
                *shlex.split(self._command), stdin=PIPE, stdout=PIPE, limit=LINE_BYTES_MAX
            )
        except (OSError, ValueError) as error:
            raise CannotStart(f"The program {self._command!r} cannot be started: {error}.") from None
        self._reading = asyncio.create_task(self._read(self._process))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None, "it was entered"
        assert self._process.stdin is not None, "it is a pipe"
        self._process.stdin.close()
        try:
            async with asyncio.timeout(END_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._reading

    async def client(self, editor: int, url: str, person: Guest) -> "ProgramClient":
        """An editor comes."""
        self._people[editor] = person
        await self.ask("connect", editor, url=url, timeout_ms=int(PATIENCE_S * 1000))
        return ProgramClient(self, editor)

    def listen(self, editor: int, playlist: str, listener: Listener) -> None:
        self._listeners[editor, playlist] = listener

    async def ask(self, fn: str, editor: int, **arguments: object) -> Any:
        """Raises ClientError with what the program says."""
        number = next(self._ids)
        asked = self._asked[number] = asyncio.get_running_loop().create_future()
        try:
            self.tell(fn, editor, id=number, **arguments)
            return await asked
        finally:
            del self._asked[number]

    def tell(self, fn: str, editor: int, **arguments: object) -> None:
        """Says something that it need not answer."""
        assert self._process is not None, "it was entered"
        assert self._process.stdin is not None, "it is a pipe"
        if self._process.stdin.is_closing() or self._reading.done():
            raise self._ended()
        line = {"id": 0, "fn": fn, "editor": editor, **arguments}
        self._process.stdin.write(msgspec.json.encode(line) + b"\n")

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None, "it is a pipe"
        async for line in process.stdout:
            self._hear(msgspec.json.decode(line))
        for asked in self._asked.values():
            if not asked.done():
                asked.set_exception(self._ended())

    def _ended(self) -> CannotStart:
        return CannotStart(f"The program {self._command!r} has ended.")

    def _hear(self, said: dict[str, Any]) -> None:
        if "event" in said:
            self._listeners[said["editor"], said["playlist"]](_event_of(said["event"]))
        elif "wants" in said:
            errand = asyncio.create_task(self._bring_token(said["editor"]))
            self._errands.add(errand)
            errand.add_done_callback(self._errands.discard)
        elif (asked := self._asked.get(said["id"])) is not None and not asked.done():
            if "error" in said:
                asked.set_exception(ClientError("internal", said["error"]))
            else:
                asked.set_result(said["came"])

    async def _bring_token(self, editor: int) -> None:
        try:
            token: str | None = await self._people[editor]()
        except ClientError:
            token = None
        self.tell("token", editor, token=token)


class ProgramClient:
    """One editor's connection there."""

    def __init__(self, program: Program, editor: int) -> None:
        self._program = program
        self._editor = editor

    def go_offline(self) -> None:
        self._program.tell("go_offline", self._editor)

    def go_online(self) -> None:
        self._program.tell("go_online", self._editor)

    async def open(self, document: str) -> "ProgramCopy":
        copy = ProgramCopy(self._program, self._editor, document)
        await copy.ask("open")
        return copy

    async def sessions(self) -> int:
        return int(await self._program.ask("sessions", self._editor))

    async def leave(self) -> None:
        await self._program.ask("leave", self._editor)


class ProgramCopy:
    """One editor's copy of a playlist there."""

    def __init__(self, program: Program, editor: int, document: str) -> None:
        self.id = document
        self._program = program
        self._editor = editor
        self.listen(lambda _: None)

    async def ask(self, fn: str, **arguments: object) -> Any:
        return await self._program.ask(fn, self._editor, playlist=self.id, **arguments)

    def listen(self, listener: Listener) -> None:
        self._program.listen(self._editor, self.id, listener)

    async def make(self, plan: Plan, tracks: Tracks) -> list[list[str]]:
        while True:
            seen = await self.ask("look")
            actions = [_told(action, tracks) for action in plan(seen["uids"])]
            made: list[list[str]] | None = await self.ask("make", look=seen["look"], actions=actions)
            if made is not None:
                return made

    async def saved(self) -> None:
        await self.ask("saved")

    async def seen(self, version: int) -> None:
        await self.ask("seen", version=version)

    async def digest(self) -> str:
        return str(await self.ask("digest"))

    async def close(self) -> None:
        await self.ask("close")


def _told(action: Action, tracks: Tracks) -> Sequence[object]:
    match action:
        case Remove(start, n):
            return ("remove", start, n)
        case Insert(index, items):
            return ("insert", index, [tracks(item) for item in items])
        case Move(start, n, before):
            return ("move", start, n, before)
    assert_never(action)


def _event_of(told: dict[str, Any]) -> Event:
    match told["type"]:
        case "acknowledged":
            return Acknowledged(
                told["client"], told["seq"], told["version"], told["edits"], told["base"], told["isOp"]
            )
        case "renamed":
            return Renamed(told["uids"])
        case "refusal":
            op = decode(told["op"])
            return Refusal(told["client"], told["seq"], told["code"], told["message"], op, told["edits"])
        case "resynced":
            return Resynced(told["reason"], told["version"])
        case "diverged":
            return Diverged(told["version"])
        case unknown:
            raise CannotStart(f"A program told of {unknown}, which no replay knows.")
