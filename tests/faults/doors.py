"""Who may not any more: a permission is withdrawn, a member is kicked, with ops in flight on both nodes.

A guest edits as fast as answers come, through each node, and goes on trying when the owner has decided. Knows
the wire and the members' HTTP. Does not know how nodes hear of a change of roles.
"""

import asyncio
import json
import urllib.request
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Any

from websockets.exceptions import ConnectionClosed

from collab.messages import Ack, Goodbye, Open, Opened, Ops, Refused, RoleChanged, Submit
from tests.faults.clients import PATIENCE_S, Load
from tests.faults.cluster import Cluster, Node, new_id, running
from tests.faults.postgres_resends import Resender
from tests.faults.row import Row, Size, Stage
from tests.integration.world import WireClient

# Until when a guest goes on trying, counted from the owner's answer.
TRYING_S = 2.5
# What is written is settled in less; then the guest tries the same again.
PAUSE_S = 0.005
# Between two questions of a guest whether it is let in.
LET_IN_S = 0.2
READING_S = {True: 1.0, False: 2.0}

_ANSWERS: Any = (Ops, Ack, Refused, RoleChanged, Opened, Goodbye)
_OPENINGS: Any = (Opened, Refused)


@dataclass
class Decision:
    """When the owner was answered; None: not yet."""

    at_s: float | None = None
    made: asyncio.Event = field(default_factory=asyncio.Event)

    def make(self) -> None:
        self.at_s = monotonic()
        self.made.set()


class Guest:
    """One client of the guest, on one node."""

    def __init__(self, cluster: Cluster, load: Load, document: str, user: str, decision: Decision) -> None:
        self._door = Resender(cluster, load, document, user)
        self._load = load
        self._decision = decision
        self._seq, self._sent = 1, 0
        self.accepted = 0
        self.accepted_after = 0
        self.told_s: float | None = None
        # When a row of somebody else was last read here.
        self.last_read_s = 0.0

    async def edit(self, node: Node, busy: asyncio.Event) -> None:
        """Until some time after the decision. `busy` is set once ops are accepted."""
        async with self._door.socket(node) as client:
            await self._open(client)
            while not self._is_over:
                try:
                    await self._submit(client)
                except ConnectionClosed:
                    return
                if self.accepted > 2:
                    busy.set()

    async def _open(self, client: WireClient) -> None:
        """Another node may not have heard yet that the guest was let in."""
        while True:
            await client.send(Open(self._door.document))
            if isinstance(await client.receive(_OPENINGS), Opened):
                return
            await asyncio.sleep(LET_IN_S)

    @property
    def _is_over(self) -> bool:
        at_s = self._decision.at_s
        return at_s is not None and monotonic() > at_s + TRYING_S

    async def _submit(self, client: WireClient) -> None:
        document, seq, sent_s = self._door.document, self._seq, monotonic()
        is_late = self._decision.at_s is not None
        if seq > self._sent:
            # What a guest sends again on purpose is no attempt that the promise is about.
            self._sent = seq
            self._load.history.sent(document, self._door.client, seq, (), sent_s)
        op = {"a": {"description": f"{self._door.client} {seq}"}}
        await client.send(Submit(document, seq, 0, op))
        while True:
            answer: object = await client.receive(_ANSWERS)
            match answer:
                case Ops(ops=rows):
                    self.last_read_s = monotonic()
                    mine = [row for row in rows if (row.client, row.seq) == (self._door.client, seq)]
                    if mine:
                        return self._accepted(mine[0].version, is_late)
                case Ack(seq=answered, version=version) if answered == seq:
                    return self._accepted(version, is_late)
                case RoleChanged(role=role):
                    self.told_s = self.told_s or monotonic()
                    if not role:
                        # Whoever is out is answered nothing more about what is under way; it comes again.
                        return None
                case Refused(seq=answered, code=code, retryable=retryable) if answered == seq:
                    if not retryable:
                        self._load.history.refused(document, self._door.client, seq, code, monotonic())
                        self._seq += 1
                    else:
                        # As one that does not take no for an answer.
                        await client.send(Open(document))
                        await asyncio.sleep(PAUSE_S)
                    return None
                case Goodbye():
                    return None

    def _accepted(self, version: int, is_late: bool) -> None:
        self._load.history.acked(self._door.document, self._door.client, self._seq, version, monotonic())
        self._seq += 1
        self.accepted += 1
        self.accepted_after += is_late


async def shut_the_door(stage: Stage, *, redis: bool) -> None:
    """In turn, the guest becomes a viewer, or is removed."""
    # Guests write as fast as they can, and rooms remember it.
    equal = partial(running, redis=redis)
    async with running(stage.folder, redis=redis) as cluster, stage.load(cluster, equal=equal) as load:
        accepted, after = 0, 0
        for number in range(stage.size.rounds):
            kicked = number % 2 == 1
            guests, decision = await _round(cluster, load, kicked)
            accepted += sum(guest.accepted for guest in guests)
            after += sum(guest.accepted_after for guest in guests)
            for guest in guests:
                if guest.told_s is None or decision.at_s is None:
                    stage.found("A guest was not told of the new role.")
                    continue
                stage.figure("until a guest is told", guest.told_s - decision.at_s, READING_S[redis], "s")
                if kicked:
                    reading_s = guest.last_read_s - decision.at_s
                    stage.figure("reading ends after", reading_s, READING_S[redis], "s")
        stage.figure("ops accepted before", accepted, stage.size.rounds, at_least=True)
        stage.figure("ops accepted after", after, 0)


async def _round(cluster: Cluster, load: Load, kicked: bool) -> tuple[list[Guest], Decision]:
    owner, user, document = load.user, new_id(), load.documents[0]
    invites = f"/v1/playlists/{document}/invites"
    invite = await call(cluster, owner, "POST", invites, {"role": "editor", "expires_in_s": 3600})
    await call(cluster, user, "POST", "/v1/invites/accept", {"secret": invite["secret"]})
    decision = Decision()
    guests = [Guest(cluster, load, document, user, decision) for _ in cluster.nodes]
    busy = [asyncio.Event() for _ in guests]
    async with asyncio.TaskGroup() as tasks:
        for guest, node, event in zip(guests, cluster.nodes, busy, strict=True):
            tasks.create_task(guest.edit(node, event))
        for event in busy:
            await event.wait()
        member = f"/v1/playlists/{document}/members/{user}"
        if kicked:
            await call(cluster, owner, "DELETE", member)
        else:
            await call(cluster, owner, "PUT", member, {"role": "viewer"})
        decision.make()
    return guests, decision


async def call(cluster: Cluster, user: str, method: str, path: str, body: object = None) -> Any:
    """One request to the first node."""
    request = urllib.request.Request(f"{cluster.nodes[0].url}{path}", method=method)
    request.add_header("Authorization", f"Bearer {cluster.token(user)}")
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")

    def ask() -> Any:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.loads(answer.read() or b"null")

    return await asyncio.to_thread(ask)


async def with_redis(stage: Stage) -> None:
    await shut_the_door(stage, redis=True)


async def without_redis(stage: Stage) -> None:
    await shut_the_door(stage, redis=False)


_FULL = Size(clients=20, documents=2, ops_s=20, rounds=20)
_PROMISE = "0 accepted after"

ROWS = (
    Row(
        "door-shut",
        "permission withdrawn, member kicked with ops in flight",
        f"{_PROMISE}; reading ends ≤ 1 s",
        with_redis,
        _FULL,
        Size(clients=4, documents=1, ops_s=10, rounds=2),
    ),
    Row(
        "door-shut-without-redis",
        "permission withdrawn, member kicked, without Redis",
        f"{_PROMISE}; reading ends ≤ 2 s",
        without_redis,
        _FULL,
    ),
)
