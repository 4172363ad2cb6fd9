"""A process full of listeners, and the hand that guides it.

Thousands of sockets cost a loop so much that nothing else can be measured beside them; so they have a process
of their own, which is told what to do in lines of JSON and answers in them. Knows how many are in. Does not
know why.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

from tests.faults.clients import ARRIVAL_S
from tests.faults.cluster import Cluster, Node, new_id
from tests.faults.wire import Address, Listener

# What comes of them all at once is for a fault to show.
COMING_AT_ONCE = 100


class Crowd:
    """The listeners of another process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def come(
        self,
        cluster: Cluster,
        user: str,
        documents: Sequence[str],
        count: int,
        nodes: Sequence[Node],
        *,
        is_slow: bool = False,
    ) -> None:
        """Returns when all are in their rooms. `is_slow`: their kernels take little, and they nothing."""
        clients = [new_id() for _ in range(count)]
        await self._ask(
            do="come",
            token=cluster.token(user),
            clients=clients,
            rooms=[documents[number % len(documents)] for number in range(count)],
            addresses=[_address(node) for node in nodes],
            is_slow=is_slow,
        )

    async def may_go_to(self, nodes: Sequence[Node]) -> None:
        """Where they go from now on when they have to come back."""
        await self._ask(do="addresses", addresses=[_address(node) for node in nodes])

    async def all_back(self, count: int) -> tuple[float, int]:
        """Returns when so many came back since `may_go_to`: when the last was in, and attempts in all."""
        answer = await self._ask(do="back", count=count)
        return float(answer["at_s"]), int(answer["attempts"])

    async def _ask(self, **request: Any) -> Any:
        assert self._process.stdin is not None, "it is a pipe"
        assert self._process.stdout is not None, "it is a pipe"
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        async with asyncio.timeout(ARRIVAL_S):
            line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("The crowd is gone.")
        return json.loads(line)


@asynccontextmanager
async def crowd() -> AsyncIterator[Crowd]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.crowd"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ,
    )
    try:
        yield Crowd(process)
    finally:
        process.kill()
        await process.wait()


def _address(node: Node) -> Address:
    host, _, port = node.url.removeprefix("http://").partition(":")
    return host, int(port)


# -- the process -----------------------------------------------------------------------------------------


class _Inside:
    def __init__(self) -> None:
        self._addresses: list[Address] = []
        self._listeners: list[Listener] = []
        self._opened = 0
        self._opened_s = 0.0
        self._attempts_before = 0
        self._changed = asyncio.Event()
        self._lives: set[asyncio.Task[None]] = set()

    async def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        match request["do"]:
            case "come":
                self._go_to(request["addresses"])
                for count, (client, room) in enumerate(
                    zip(request["clients"], request["rooms"], strict=True), 1
                ):
                    listener = Listener(request["token"], client, room, self._note)
                    self._listeners.append(listener)
                    living = listener.live(self._addresses, is_slow=request["is_slow"])
                    self._lives.add(asyncio.create_task(living))
                    if count % COMING_AT_ONCE == 0:
                        await self._until(count)
                await self._until(len(request["clients"]))
            case "addresses":
                self._go_to(request["addresses"])
            case "back":
                await self._until(request["count"])
                return {"at_s": self._opened_s, "attempts": self._attempts() - self._attempts_before}
        return {}

    def _go_to(self, addresses: list[list[Any]]) -> None:
        self._addresses[:] = [(host, port) for host, port in addresses]
        self._opened = 0
        self._attempts_before = self._attempts()

    def _attempts(self) -> int:
        return sum(listener.attempts for listener in self._listeners)

    def _note(self) -> None:
        self._opened += 1
        self._opened_s = monotonic()
        self._changed.set()

    async def _until(self, count: int) -> None:
        while self._opened < count:
            self._changed.clear()
            await self._changed.wait()


async def _main() -> None:
    inside = _Inside()
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=16 * 1024 * 1024)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        answer = await inside.answer(json.loads(line))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_main())
