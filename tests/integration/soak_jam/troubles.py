"""What goes wrong in the evening that is watched.

Hosts die and return, people are thrown out and come back, leave, lose their connections, and press the same
thing on two devices. Each goes on until `is_enough`, and what happens meanwhile is told by the devices. Knows
people and how to do it to them. Does not know what must come of it.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from jam.commands import Next
from jam.rules import is_steering
from tests.integration.soak_jam.ledger import Ledger
from tests.integration.soak_jam.person import HUNG_S, Person
from tests.integration.soak_jam.reports import Settled
from tests.integration.soak_jam.throne import Throne
from tutti_client import CommandRefused, Jam, JamClosed, RequestRefused

COHOSTS: Final = 2
# Somebody who tries an old code has failed, and of one address only five may fail in a minute.
KICK_EVERY_S: Final = 16.0
PRESSES_MIN: Final = 4
# Without a connection for so many versions, and how often: some get rows on their return, some a snapshot.
ABSENCES: Final = {20: 6, 100: 3, 700: 1}


@dataclass(frozen=True, slots=True)
class Plan:
    """`members` include the host. Goes on for `versions` and for `seconds`, whichever is more. The host is
    killed `kills` times; with `comes_late` the last but one of them returns too late."""

    members: int
    versions: int
    seconds: float
    kills: int
    comes_late: bool
    commands_s: float
    seed: int


class Troubles:
    """See the module. The first of the `people` is the eye: nothing is done to it, and by it all is timed.
    The next ones help the host; the last of these has a second device, `twin`."""

    def __init__(
        self, plan: Plan, ledger: Ledger, people: list[Person], twin: Person, throne: Throne
    ) -> None:
        self._plan = plan
        self._ledger = ledger
        self._draw = random.Random(plan.seed)
        self._eye = people[0]
        self._cohosts = people[1 : 1 + COHOSTS]
        self._people = people
        self._twin = twin
        self._throne = throne
        # Those to whom nothing is being done just now.
        self._free = people[1 + COHOSTS :]
        self._is_enough = asyncio.Event()
        # Held by whoever uses a code that nobody may end meanwhile.
        self._door = asyncio.Lock()

    async def run(self) -> None:
        """Returns when the evening was long enough and nobody is in trouble any more."""
        async with asyncio.TaskGroup() as group:
            for trouble in (
                self._enough(),
                self._kills(),
                self._kicks(),
                self._absences(),
                self._farewells(),
                self._double_presses(),
            ):
                group.create_task(trouble)

    async def _enough(self) -> None:
        began_s = time.monotonic()
        await self._at_version(self._plan.versions)
        await self._for(began_s + self._plan.seconds - time.monotonic())
        self._is_enough.set()

    async def _kills(self) -> None:
        """The host dies again and again. Sometimes who would be first to act for them is not there either."""
        plan, throne = self._plan, self._throne
        host = throne.guest.user_id
        for number in range(1, plan.kills + 1):
            await self._at_version(number * plan.versions // (plan.kills + 1))
            first = self._cohosts[0] if number % 2 == 0 else None
            if first is not None:
                first.tutti.go_offline()
                await self._eye.until(partial(_is_away, first.tutti.user_id))
            await throne.kill()
            await self._eye.until(partial(_has_other_host, host))
            if first is not None:
                first.tutti.go_online()
            if plan.comes_late and number == max(1, plan.kills - 1):
                await self._eye.until(_is_too_late)
            await throne.start(self._eye.jam.id, [person.tutti.user_id for person in self._cohosts])
            await self._eye.until(partial(_is_here, host))
            await self._give_back(host)

    async def _give_back(self, host: str) -> None:
        """Who came too late is no host; the one who is now hands over to them, so that they can die again."""
        while (reigning := self._eye.jam.host) != host:
            for person in self._people:
                if person.tutti.user_id == reigning and person.inside.is_set():
                    await person.do("hand_over", partial(person.jam.hand_over, host))
            await self._eye.jam.changed()

    async def _kicks(self) -> None:
        while not self._is_enough.is_set():
            began_s = time.monotonic()
            async with self._door:
                await self._with_somebody(self._kick)
            await self._for(KICK_EVERY_S - (time.monotonic() - began_s))

    async def _kick(self, person: Person) -> None:
        """Thrown out with commands under way; the old code opens nothing any more, a new one does."""
        old, user = (await self._eye.jam.code()).code, person.tutti.user_id
        under_way = [asyncio.create_task(person.move()) for _ in range(5)]
        while user in self._eye.jam.state.members:
            steering = self._steering()
            if steering is None:
                await self._eye.jam.changed()
            elif await steering.do("kick", partial(steering.jam.kick, user)) not in ("", "old_reign"):
                break
            else:
                await self._eye.until(partial(_is_at, steering.jam.version))
        await asyncio.gather(*under_way)
        if user in self._eye.jam.state.members:
            return
        await self._is_out(person)
        try:
            await person.come_in(old)
        except RequestRefused as refused:
            self._ledger.receive(Settled(person.who, "join with the old code", refused.code))
        else:
            self._ledger.find(f"{person.who} came back with an old code.")
            return
        await person.come_in((await self._eye.jam.code()).code)

    async def _absences(self) -> None:
        """Somebody has no connection for a while, and goes on without."""
        while not self._is_enough.is_set():
            [versions] = self._draw.choices(list(ABSENCES), list(ABSENCES.values()))
            if versions <= self._plan.versions // 4:
                await self._with_somebody(partial(self._absence, versions))

    async def _absence(self, versions: int, person: Person) -> None:
        person.tutti.go_offline()
        moves = [asyncio.create_task(person.move()) for _ in range(3)]
        await self._at_version(self._eye.jam.version + versions)
        person.tutti.go_online()
        await person.until(lambda jam: jam.is_open)
        await asyncio.gather(*moves)

    async def _farewells(self) -> None:
        """Somebody leaves for good, and comes again."""
        while not self._is_enough.is_set():
            await self._with_somebody(self._farewell)
            await self._at_version(self._eye.jam.version + 100)

    async def _farewell(self, person: Person) -> None:
        person.inside.clear()
        code = ""
        try:
            await person.jam.leave()
        except CommandRefused as refused:
            # They act for the host just now.
            code = refused.code
            person.inside.set()
        self._ledger.receive(Settled(person.who, "leave", code))
        if not code:
            async with self._door:
                await person.come_in((await self._eye.jam.code()).code)

    async def _double_presses(self) -> None:
        """One person, two devices, one thought; in a short evening some times all the same."""
        person, twin = self._cohosts[-1], self._twin
        while not self._is_enough.is_set() or self._ledger.presses.total() < PRESSES_MIN:
            await self._at_version(self._eye.jam.version + self._draw.randint(60, 600))
            if not (person.jam.is_open and twin.jam.is_open):
                continue
            state = person.jam.state
            command = Next(state.timeline.play, reign=state.reign)
            gives = [partial(device.jam.give, command) for device in (person, twin)]
            await person.press_twice("next", command.play, gives)

    # -- small things ----------------------------------------------------------------------------------------

    async def _at_version(self, version: int) -> None:
        await self._eye.until(partial(_is_at, version), hung_s=None)

    async def _for(self, seconds: float) -> None:
        """So long, or until it is enough. In a Jam something happens all the time."""
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s and not self._is_enough.is_set():
            await self._eye.jam.changed()

    async def _with_somebody(self, what: Callable[[Person], Awaitable[None]]) -> None:
        """Does it to somebody to whom nothing else is done meanwhile."""
        if not self._free:
            await self._eye.jam.changed()
            return
        person = self._free.pop(self._draw.randrange(len(self._free)))
        await what(person)
        self._free.append(person)

    def _steering(self) -> Person | None:
        """Somebody who is here and may throw others out."""
        for person in self._people:
            if person.inside.is_set() and person.jam.is_open and is_steering(person.jam.role):
                return person
        return None

    async def _is_out(self, person: Person) -> None:
        person.inside.clear()
        with suppress(JamClosed):
            async with asyncio.timeout(HUNG_S):
                while True:
                    await person.jam.changed()


def _is_at(version: int, jam: Jam) -> bool:
    return jam.version >= version


def _is_away(user: str, jam: Jam) -> bool:
    return bool(jam.state.members[user].away_at)


def _is_here(user: str, jam: Jam) -> bool:
    return not jam.state.members[user].away_at


def _has_other_host(user: str, jam: Jam) -> bool:
    return jam.host != user


def _is_too_late(jam: Jam) -> bool:
    """Whether the host who is gone may no longer take the role back."""
    return jam.state.at > jam.state.returning_until
