"""`tutti serve` in a process of its own, ended at the worst moment: what was acknowledged is in the log."""

import asyncio
import json
import random
import signal
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from collab.closing import CloseCode
from collab.codec import Encoding
from collab.messages import Ack, Goodbye, Hello, Open, Opened, Ops, Refused, Submit, Welcome
from storage.sqlite import open_sqlite
from tests.collab.command import PATIENCE_S, Serving, serving
from tests.integration.world import Person, WireClient, new_id

SEED = 3
KILLS = 3
WRITERS = 12
PLAYLISTS = 3
DRAINED_WRITERS = 30


def call(server: Serving, path: str, body: object, token: str = "") -> dict[str, object]:
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), method="POST")
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
        answer: dict[str, object] = json.load(response)
        return answer


# What `receive` may be asked for: any of these.
_Answer: Any = (Ops, Ack, Refused, Goodbye)


@dataclass
class Writer:
    """One client id on one playlist: submits op after op, and writes down what was acknowledged."""

    person: Person
    playlist: str
    client: str = field(default_factory=new_id)
    acked: dict[int, int] = field(default_factory=dict)
    ended: int = 0
    goodbyes: list[str] = field(default_factory=list)

    async def write(self, server: Serving, progress: "Progress") -> None:
        """Until the connection ends."""
        async with self._socket(server) as client:
            try:
                await self._write(client, progress)
            except ConnectionClosed:
                # It may have shown in sending, with the last words still unread.
                self.ended = await client.ends()
                self.goodbyes += [goodbye.code for goodbye in client.left(Goodbye)]

    @asynccontextmanager
    async def _socket(self, server: Serving) -> AsyncIterator[WireClient]:
        uri = f"ws://127.0.0.1:{server.port}/v1/socket"
        protocols = [Subprotocol(Encoding.MSGPACK.value)]
        async with connect(uri, subprotocols=protocols, compression=None) as socket:
            yield WireClient(socket, Encoding.MSGPACK, self.client, self.person)

    async def _write(self, client: WireClient, progress: "Progress") -> None:
        await client.send(Hello(self.person.token, self.client), Open(self.playlist))
        await client.receive(Welcome)
        opened = await client.receive(Opened)
        settled = opened.settled
        seq = max(self.acked, default=0)
        assert settled is None if seq == 0 else settled is not None and settled.seq >= seq
        # The one in flight when the server died: sent again with the same bytes, whatever became of it.
        while True:
            seq += 1
            await client.send(Submit(self.playlist, seq, 0, {"a": {"description": f"{self.client} {seq}"}}))
            self.acked[seq] = await self._version(client, seq)
            progress.count(self.client)

    async def _version(self, client: WireClient, seq: int) -> int:
        while True:
            answer: object = await client.receive(_Answer)
            match answer:
                case Ops(ops=rows):
                    for row in rows:
                        if (row.client, row.seq) == (self.client, seq):
                            return row.version
                case Ack(seq=answered, version=version) if answered == seq:
                    return version
                case Refused():
                    raise AssertionError(answer)
                case Goodbye(code=code):
                    self.goodbyes.append(code)


class Progress:
    """`reached` after so many acks, when all writers had one: some may still be at the door."""

    def __init__(self, acks: int, writers: int) -> None:
        self._left = acks
        self._writers = writers
        self._begun: set[str] = set()
        self.reached = asyncio.Event()

    def count(self, client: str) -> None:
        self._left -= 1
        self._begun.add(client)
        if self._left <= 0 and len(self._begun) >= self._writers:
            self.reached.set()


def make_writers(server: Serving, count: int) -> list[Writer]:
    guest = call(server, "/v1/guest", {"name": "Ann"})
    user, token = guest["user"], guest["token"]
    assert isinstance(user, dict)
    assert isinstance(token, str)
    person = Person(user["id"], token)
    made = [call(server, "/v1/me/playlists", {"name": "Mix"}, token) for _ in range(PLAYLISTS)]
    return [Writer(person, str(made[number % PLAYLISTS]["id"])) for number in range(count)]


async def check_log(data: Path, writers: list[Writer]) -> None:
    """Every acked op is there, at the version it was acked at and nowhere else."""
    assert any(writer.acked for writer in writers)
    store = await open_sqlite(data)
    try:
        for playlist in {writer.playlist for writer in writers}:
            rows = await store.ops(playlist, 0, 1 << 30)
            assert [row.version for row in rows] == list(range(1, len(rows) + 1))
            versions = {(row.client_id, row.seq): row.version for row in rows}
            assert len(versions) == len(rows), "nothing twice"
            for writer in writers:
                if writer.playlist == playlist:
                    for seq, version in writer.acked.items():
                        assert versions[writer.client, seq] == version
    finally:
        await store.close()


async def test_a_server_killed_in_a_burst_lost_nothing_it_acknowledged(tmp_path: Path) -> None:
    data = tmp_path / "data"
    chance = random.Random(SEED)
    writers: list[Writer] = []
    for _ in range(KILLS):
        with serving(data) as server:
            if not writers:
                writers = await asyncio.to_thread(make_writers, server, WRITERS)
            progress = Progress(chance.randint(200, 600), WRITERS)
            writing = [asyncio.create_task(writer.write(server, progress)) for writer in writers]
            await progress.reached.wait()
            server.process.kill()
            await asyncio.gather(*writing)
    with serving(data) as server:
        progress = Progress(2 * WRITERS, WRITERS)
        writing = [asyncio.create_task(writer.write(server, progress)) for writer in writers]
        await progress.reached.wait()
        server.process.send_signal(signal.SIGTERM)
        await asyncio.gather(*writing)
        assert await asyncio.to_thread(server.process.wait, PATIENCE_S) == 0
    await check_log(data, writers)


async def test_a_server_that_is_told_to_stop_answers_or_says_goodbye(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as server:
        writers = await asyncio.to_thread(make_writers, server, DRAINED_WRITERS)
        progress = Progress(4 * DRAINED_WRITERS, DRAINED_WRITERS)
        writing = [asyncio.create_task(writer.write(server, progress)) for writer in writers]
        await progress.reached.wait()
        server.process.send_signal(signal.SIGTERM)
        await asyncio.gather(*writing)
        assert await asyncio.to_thread(server.process.wait, PATIENCE_S) == 0
    assert {writer.ended for writer in writers} == {CloseCode.DRAIN}, "none was cut off"
    assert all(writer.goodbyes == ["drain"] for writer in writers)
    await check_log(data, writers)
    log = (tmp_path / "log").read_text()
    assert "Traceback" not in log


async def test_a_second_signal_hurries(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as server:
        writers = await asyncio.to_thread(make_writers, server, DRAINED_WRITERS)
        progress = Progress(DRAINED_WRITERS, DRAINED_WRITERS)
        writing = [asyncio.create_task(writer.write(server, progress)) for writer in writers]
        await progress.reached.wait()
        server.process.send_signal(signal.SIGTERM)
        await asyncio.wait(writing, return_when=asyncio.FIRST_COMPLETED)
        server.process.send_signal(signal.SIGTERM)
        await asyncio.gather(*writing)
        assert await asyncio.to_thread(server.process.wait, PATIENCE_S) == 0
    await check_log(data, writers)
    assert "Traceback" not in (tmp_path / "log").read_text()
