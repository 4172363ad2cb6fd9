"""Submissions whose names are known, to be sent again.

Each resender speaks for one client id: it submits an op on one node, through whatever happens, and afterwards
sends the same bytes to every node, and another body under the same name. All must answer alike (P2). Knows
the wire. Does not know faults.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from collab.codec import Encoding
from collab.messages import Ack, Goodbye, Hello, Open, Opened, Ops, Refused, Submit, Welcome
from tests.faults.clients import Load
from tests.faults.cluster import Cluster, Node, new_id
from tests.integration.world import Person, WireClient

PAUSE_S = 0.1

# What `receive` may be asked for: any of these.
_ANSWERS: Any = (Ops, Ack, Refused, Goodbye)
_OPENINGS: Any = (Opened, Refused, Goodbye)


@dataclass(slots=True)
class Tally:
    """How many resends were answered, and how many as the first time."""

    asked: int = 0
    alike: int = 0

    @property
    def percent(self) -> float:
        return 100.0 * self.alike / self.asked if self.asked else 100.0


class Resender:
    """One client id in one document."""

    def __init__(self, cluster: Cluster, load: Load, document: str, user: str = "") -> None:
        self.document = document
        self.user = user or load.user
        self.client = new_id()
        self._cluster = cluster
        self._load = load
        self._seq = 0

    async def submit(self, node: Node) -> int:
        """A new op; returns its version when it has one, however often it must be sent for that."""
        self._seq += 1
        self._load.history.sent(self.document, self.client, self._seq, (), monotonic())
        answer = await self._answer(node, self._body("first"))
        assert isinstance(answer, int), answer
        self._load.history.acked(self.document, self.client, self._seq, answer, monotonic())
        return answer

    async def submit_at_once(self, nodes: Sequence[Node]) -> list[int | str]:
        """A new op, sent by as many sockets as there are nodes named, at the same time. Every answer."""
        self._seq += 1
        self._load.history.sent(self.document, self.client, self._seq, (), monotonic())
        body = self._body("first")
        answers = list(await asyncio.gather(*(self._answer(node, body) for node in nodes)))
        for answer in answers:
            assert isinstance(answer, int), answer
            self._load.history.acked(self.document, self.client, self._seq, answer, monotonic())
        return answers

    async def resend(self, version: int, tally: Tally) -> None:
        """To every node, the same and another body."""
        for node in self._cluster.nodes:
            same = await self._answer(node, self._body("first"))
            another = await self._answer(node, self._body("another"))
            tally.asked += 2
            tally.alike += (same == version) + (another == "seq_reused")

    def _body(self, word: str) -> Submit:
        op = {"a": {"description": f"{word} {self.client} {self._seq}"}}
        return Submit(self.document, self._seq, 0, op)

    async def _answer(self, node: Node, request: Submit) -> int | str:
        """The version, or the code of a refusal for good."""
        while True:
            try:
                async with self.socket(node) as client:
                    answer = await self._ask(client, request)
            except (OSError, TimeoutError, WebSocketException):
                answer = None
            if answer is not None:
                return answer
            await asyncio.sleep(PAUSE_S)  # as every client that comes back

    async def _ask(self, client: WireClient, request: Submit) -> int | str | None:
        """None: the answer is that it may come again."""
        await client.send(Open(self.document))
        if not isinstance(await client.receive(_OPENINGS), Opened):
            return None
        await client.send(request)
        while True:
            answer: object = await client.receive(_ANSWERS)
            match answer:
                case Ops(ops=rows):
                    for row in rows:
                        if (row.client, row.seq) == (self.client, request.seq):
                            return int(row.version)
                case Ack(seq=seq, version=version) if seq == request.seq:
                    return int(version)
                case Refused(retryable=True) | Goodbye():
                    return None
                case Refused(code=code):
                    return str(code)

    @asynccontextmanager
    async def socket(self, node: Node) -> AsyncIterator[WireClient]:
        """One that was welcomed."""
        person = Person(self.user, self._cluster.token(self.user))
        async with AsyncExitStack() as stack:
            way_in = connect(
                f"{node.url.replace('http', 'ws', 1)}/v1/socket",
                subprotocols=[Subprotocol(Encoding.MSGPACK.value)],
                compression=None,
            )
            socket = await stack.enter_async_context(way_in)
            client = WireClient(socket, Encoding.MSGPACK, self.client, person)
            await client.send(Hello(person.token, self.client))
            await client.receive(Welcome)
            yield client


def resenders(cluster: Cluster, load: Load) -> list[Resender]:
    """One for each document."""
    return [Resender(cluster, load, document) for document in load.documents]


async def submit_all(cluster: Cluster, all_of_them: Sequence[Resender]) -> list[int]:
    """Each on another node than the one before."""
    nodes = cluster.nodes
    submitting = (each.submit(nodes[place % len(nodes)]) for place, each in enumerate(all_of_them))
    return list(await asyncio.gather(*submitting))


async def resend_all(all_of_them: Sequence[Resender], versions: Sequence[int], tally: Tally) -> None:
    await asyncio.gather(
        *(each.resend(version, tally) for each, version in zip(all_of_them, versions, strict=True))
    )
