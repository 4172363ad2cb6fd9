"""Thousands of requests to a node whose database fails, loses answers and stalls: no 5xx hides a success.

`python -m tests.integration.http_mix --requests 10000` plays them and prints what came of it; with
`--database-url` on a real PostgreSQL, to which connections break with what they carry. Every request
that writes bears a mark, so the history says in the end which of them took effect, and how often. Knows the
HTTP API and the history. The server's own view of itself plays no part.
"""

import argparse
import asyncio
import json
import logging
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import structlog

from collab import errand
from collab.ambient import real_ambient
from collab.auth import Tokens
from collab.bus_memory import MemoryBus
from collab.clock import Clock
from collab.codec import unpack_body
from collab.config import Limits, Settings
from collab.patience import Patience
from collab.server import build_server
from storage.memory import MemoryStore
from storage.postgres import open_postgres
from storage.store import User
from tests.integration.faulty_store import FaultyStore
from tests.integration.world import SECRET, new_id
from tests.proxy import Fault, FaultProxy

PEOPLE, PLAYLISTS, AT_ONCE = 4, 24, 64
SHARE_OF_FAILURES = 0.02
SHARE_OF_STALLS = 0.05
# Some stalls outlast the patience of an edit, and of the look-up after it.
TIMEOUT_S, LOOKUP_S, STALL_S = 0.4, 0.2, 1.0
REPEATS_MAX = 60
# On the way to a real database.
BETWEEN_LOSSES_S = 0.4


class StallingStore(FaultyStore):
    """Now and then a commit takes long."""

    def __init__(self, store: Any, seed: int) -> None:
        super().__init__(store)
        self._chance = random.Random(seed)
        self.stalls = 0
        self.share_of_stalls = 0.0

    async def commit(self, group: Any) -> Any:
        if self._chance.random() < self.share_of_stalls:
            self.stalls += 1
            await asyncio.sleep(self._chance.uniform(0, STALL_S))
        return await self.__getattr__("commit")(group)


@dataclass
class Sent:
    """One request, and the statuses that it was answered with, as often as it was sent."""

    kind: str
    mark: str
    key: str
    statuses: list[int] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)


@dataclass
class Result:
    requests: int
    sent: list[Sent]
    failures: int
    stalls: int
    # How often each mark stands in the history.
    effects: Counter[str]

    def lies(self) -> list[str]:
        """What must never be."""
        found = []
        for sent in self.sent:
            last, effects = sent.statuses[-1], self.effects[sent.mark]
            said = f"{sent.kind} {sent.mark} key={sent.key!r} {sent.statuses} {sent.codes}: {effects} effects"
            if effects > 1:
                found.append(f"twice: {said}")
            if last < 300 and effects != 1:
                found.append(f"said to be done, and is not: {said}")
            if last >= 500 and not sent.key and effects:
                found.append(f"a 5xx for what took effect: {said}")
            if sent.key and last >= 500:
                found.append(f"a key that leads nowhere: {said}")
            if 400 <= last < 500 and "outcome_unknown" not in sent.codes and effects:
                found.append(f"refused, and done: {said}")
        return found

    def figures(self) -> dict[str, Any]:
        last: Counter[str] = Counter()
        for sent in self.sent:
            for status, code in zip(sent.statuses, sent.codes, strict=True):
                last[f"{status} {code}".strip()] += 1
        return {
            "requests": self.requests,
            "failures_of_the_store": self.failures,
            "stalled_commits": self.stalls,
            "answers": dict(sorted(last.items())),
            "5xx_for_a_committed_write": sum("5xx" in lie for lie in self.lies()),
            "lies": len(self.lies()),
        }


class Mix:
    def __init__(self, seed: int, app: Any, tokens: list[str]) -> None:
        self._random = random.Random(seed)
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 40_000), raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://localhost:8300")
        self._tokens = tokens
        self.playlists: list[tuple[str, str]] = []
        self._standing: list[tuple[str, str, str]] = []
        self.sent: list[Sent] = []
        self.requests = 0

    async def ask(
        self, method: str, path: str, token: str, body: Any = None, key: str = ""
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        if key:
            headers["Idempotency-Key"] = key
        self.requests += 1
        more = {} if body is None else {"json": body}
        return await self._client.request(method, path, headers=headers, **more)

    async def prepare(self) -> None:
        for number in range(PLAYLISTS):
            token = self._tokens[number % len(self._tokens)]
            made = await self.ask("POST", "/v1/me/playlists", token, {"name": "Mix"})
            self.playlists.append((made.json()["id"], token))

    async def one(self) -> None:
        chance = self._random
        kind = chance.choices(["add", "remove", "describe", "create", "read"], [50, 15, 15, 10, 10])[0]
        playlist, token = chance.choice(self.playlists)
        path = f"/v1/playlists/{playlist}"
        mark = f"{kind}:{new_id()}"
        if kind == "read":
            await self.ask("GET", path, token)
            return
        method: str = "POST"
        body: Any = None
        match kind:
            case "add":
                path, body = f"{path}/items", {"uris": [f"mark:{mark}"]}
            case "remove" if self._standing:
                # Nobody else removes it: it is marked by what goes.
                playlist, token, uri = self._standing.pop(chance.randrange(len(self._standing)))
                path, body, method = f"/v1/playlists/{playlist}/tracks", {"tracks": [{"uri": uri}]}, "DELETE"
                mark = f"gone {uri}"
            case "create":
                path, body = "/v1/me/playlists", {"name": mark}
            case _:
                kind, method, body = "describe", "PUT", {"description": mark}
        sent = Sent(kind, mark, new_id() if chance.random() < 0.5 else "")
        self.sent.append(sent)
        for _ in range(REPEATS_MAX if sent.key else 1):
            response = await self.ask(method, path, token, body, sent.key)
            sent.statuses.append(response.status_code)
            sent.codes.append(response.json()["error"]["code"] if response.status_code >= 400 else "")
            if response.status_code < 500 and response.status_code != 429:
                break
        if kind == "add" and response.status_code == 201:
            self._standing.append((playlist, token, f"mark:{mark}"))


@dataclass
class Backing:
    """What is behind the node: `seen` is what it works on, `kept` the same without faults. `begin` starts the
    faults; `end` ends them and returns how many there were."""

    seen: StallingStore
    kept: Any
    begin: Callable[[], None]
    end: Callable[[], Awaitable[int]]


@asynccontextmanager
async def in_memory(seed: int) -> AsyncIterator[Backing]:
    kept = MemoryStore()
    seen = StallingStore(kept, seed)

    async def end() -> int:
        seen.heal()
        return seen.failures

    yield Backing(seen, kept, lambda: seen.fail_often(seed, SHARE_OF_FAILURES), end)


@asynccontextmanager
async def on_postgres(url: str, seed: int) -> AsyncIterator[Backing]:
    """The way to the database loses requests and answers, and ends the connections that they were on."""
    chance = random.Random(seed)
    async with AsyncExitStack() as stack:
        kept = await open_postgres(url)
        stack.push_async_callback(kept.close)
        proxy = await stack.enter_async_context(FaultProxy(url))
        real = await open_postgres(proxy.url)
        stack.push_async_callback(real.close)
        losses = 0

        async def lose() -> None:
            nonlocal losses
            while True:
                await asyncio.sleep(chance.uniform(0, 2 * BETWEEN_LOSSES_S))
                proxy.break_next(chance.choice((Fault.REQUEST_CUT, Fault.ANSWER_CUT)))
                await proxy.met.wait()
                losses += 1

        losing: list[asyncio.Task[None]] = []

        async def end() -> int:
            losing[0].cancel()
            await asyncio.wait(losing)
            proxy.break_next(Fault.REQUEST_CUT, within=lambda data: False)
            return losses

        yield Backing(
            StallingStore(real, seed), kept, lambda: losing.append(asyncio.create_task(lose())), end
        )


async def play(seed: int, requests: int, database: str | None = None) -> Result:
    """Plays so many requests, repeats counted, and heals the store before it looks. `database`: the URL of a
    PostgreSQL with the tables of this program; else all is in memory."""
    backing = in_memory(seed) if database is None else on_postgres(database, seed)
    async with backing as behind:
        return await _play(seed, requests, behind)


async def _play(seed: int, requests: int, behind: Backing) -> Result:
    store: Any = behind.seen
    clock = Clock()
    tokens = Tokens(SECRET, behind.kept, real_ambient(clock))
    settings = Settings(limits=Limits(http_requests=10**9))
    async with build_server(settings, store, store, MemoryBus(), SECRET, clock) as server:
        people = [User(new_id(), f"P{n}", "guest", clock.now_ms()) for n in range(PEOPLE)]
        for person in people:
            await behind.kept.add_user(person)
        mix = Mix(seed, server.app, [tokens.issue_session(p, clock.now_ms()).token for p in people])
        await mix.prepare()
        store.share_of_stalls = SHARE_OF_STALLS
        behind.begin()

        async def go() -> None:
            while mix.requests < requests:
                await mix.one()

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(go())
        failures = await behind.end()
        store.share_of_stalls = 0.0
        # Whatever was under way when its request gave up is written by now.
        await asyncio.sleep(2 * STALL_S)
        effects = await effects_in(behind.kept)
        stalls = store.stalls
    return Result(mix.requests, mix.sent, failures, stalls, effects)


async def effects_in(store: Any) -> Counter[str]:
    """How often each mark took effect, by what was committed."""
    found: Counter[str] = Counter()
    for head in await store.all_documents(limit=10**6):
        first = await store.snapshot_at(head.document, 0)
        assert first is not None, "nothing is compacted here"
        state = unpack_body(first.body)
        found[state["attributes"]["name"]] += 1
        standing: list[str] = []
        for row in await store.ops(head.document, 0, head.version):
            op = unpack_body(row.body)
            if text := op.get("a", {}).get("description"):
                found[text] += 1
            standing = _after(standing, op.get("l", []), found)
    return found


def _after(standing: list[str], components: list[Any], found: Counter[str]) -> list[str]:
    """The list after an op of keeps, inserts and removals, which are all that this mix asks for."""
    if not components:
        return standing
    after, position = [], 0
    for component in components:
        match component:
            case ["i", entries]:
                for entry in entries:
                    found[entry["track"].removeprefix("mark:")] += 1
                    after.append(entry["track"])
            case ["k", int(n), *_]:
                after += standing[position : position + n]
                position += n
            case ["r", int(n)]:
                for uri in standing[position : position + n]:
                    found[f"gone {uri}"] += 1
                position += n
            case _:
                raise AssertionError(f"nobody asked for {component}")
    return after


def hurry(patch: Any = setattr) -> None:
    """Shorter pauses than a person would notice; `patch` may undo it."""

    async def soon(patience: Patience) -> None:
        await asyncio.sleep(0.002)

    patch(Patience, "pause", soon)
    patch(errand, "TIMEOUT_S", TIMEOUT_S)
    patch(errand, "LOOKUP_S", LOOKUP_S)
    patch(errand, "LOOKUP_PAUSE_S", 0.01)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--database-url", help="A PostgreSQL with tables; else all is in memory.")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    hurry()
    result = asyncio.run(play(asked.seed, asked.requests, asked.database_url))
    sys.stdout.write(json.dumps(result.figures(), indent=2) + "\n")
    sys.stdout.writelines(lie + "\n" for lie in result.lies())
    raise SystemExit(1 if result.lies() else 0)


if __name__ == "__main__":
    main()
