"""The evening that is watched: who comes, what they do, and how it ends.

Everybody lives on their own, and meanwhile things go wrong (`troubles`). What must be true of it is asked of
the devices (`ledger`) and of the log (`judge`).
"""

import asyncio
import json
import random
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jam.digest import digest
from jam.state import load
from tests.integration.soak_jam.ledger import Ledger
from tests.integration.soak_jam.person import HUNG_S, Person
from tests.integration.soak_jam.throne import Throne
from tests.integration.soak_jam.troubles import COHOSTS, Plan, Troubles
from tutti_client import Guest, connect, guest


@dataclass(frozen=True, slots=True)
class Ended:
    """The Jam as it ended: how many versions and commands in how long, and the state that HTTP shows."""

    jam: str
    version: int
    digest: str
    commands: int
    seconds: float


class Party:
    """See the module. `run` it once."""

    def __init__(self, url: str, folder: Path, plan: Plan, ledger: Ledger) -> None:
        self._url = url
        self._plan = plan
        self._ledger = ledger
        self._moves_s = plan.commands_s / plan.members
        self._log = folder / "host.log"

    async def run(self) -> Ended:
        async with AsyncExitStack() as stack:
            throne = await stack.enter_async_context(self._throne())
            names = [f"guest {number}" for number in range(1, self._plan.members)]
            guests = [await guest(self._url, name) for name in names]
            await throne.start("-", [guest.user_id for guest in guests[1 : 1 + COHOSTS]])
            async with asyncio.timeout(HUNG_S):
                began = await throne.began
            people: list[Person] = []
            for name, someone in zip(names, guests, strict=True):
                person = await stack.enter_async_context(self._person(name, someone))
                await person.come_in(began.code)
                people.append(person)
            phone = f"{names[COHOSTS]} on a phone"
            twin = await stack.enter_async_context(self._person(phone, guests[COHOSTS]))
            await twin.enter(began.jam)
            return await self._evening(throne, people, twin, guests[0])

    async def _evening(self, throne: Throne, people: list[Person], twin: Person, asker: Guest) -> Ended:
        began_s, commands, is_over = time.monotonic(), self._ledger.commands.total(), asyncio.Event()
        devices = [*people, twin]
        async with asyncio.TaskGroup() as group:
            for person in devices:
                group.create_task(person.watch(is_over))
            for person in people:
                group.create_task(person.live(self._moves_s, is_over))
            await Troubles(self._plan, self._ledger, people, twin, throne).run()
            is_over.set()
        seconds = time.monotonic() - began_s
        commands = self._ledger.commands.total() - commands
        if await throne.end_jam():
            self._ledger.find(f"The host's program failed: {self._log.read_text()}")
        for person in devices:
            await person.rest()
        jam = people[0].jam
        shown = await self._digest_by_http(jam.id, asker)
        return Ended(jam.id, jam.version, shown, commands, seconds)

    @asynccontextmanager
    async def _throne(self) -> AsyncIterator[Throne]:
        host = await guest(self._url, "Host")
        throne = Throne(self._url, host, self._log, self._ledger.receive, self._plan.seed, 2 * self._moves_s)
        try:
            yield throne
        finally:
            await throne.close()

    @asynccontextmanager
    async def _person(self, name: str, someone: Guest) -> AsyncIterator[Person]:
        async with connect(self._url, token=someone) as tutti:
            yield Person(name, tutti, self._ledger.receive, random.Random(f"{self._plan.seed} {name}"))

    async def _digest_by_http(self, jam: str, asker: Guest) -> str:
        """Of the state that `GET /v1/jams/{id}` shows."""
        token = await asker()

        def look() -> dict[str, Any]:
            request = urllib.request.Request(f"{self._url}/v1/jams/{jam}")
            request.add_header("Authorization", f"Bearer {token}")
            with urllib.request.urlopen(request, timeout=HUNG_S) as response:
                answer: dict[str, Any] = json.load(response)
                return answer

        return digest(load((await asyncio.to_thread(look))["state"]))
