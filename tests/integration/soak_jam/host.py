"""The host, as a program of its own that can be killed.

    python -m tests.integration.soak_jam.host URL TOKEN JAM SEED MOVES_S [COHOST …]

Without a JAM (`-`) it starts one. Tells what it sees in lines of JSON; a line on its standard input ends the
Jam, and then the program.
"""

import asyncio
import random
import sys
from collections.abc import Sequence
from functools import partial

from jam.commands import Next
from jam.state import role_of
from tests.integration.soak_jam.moves import song
from tests.integration.soak_jam.person import Person
from tests.integration.soak_jam.reports import Began, Report, write
from tutti_client import connect

FALLBACK = 30
# Of what the host does, so many are pressing `next` twice.
DOUBLES = 0.01


def tell(report: Report) -> None:
    sys.stdout.buffer.write(write(report) + b"\n")
    sys.stdout.buffer.flush()


async def reign(url: str, token: str, jam: str, seed: int, moves_s: float, cohosts: Sequence[str]) -> None:
    draw = random.Random(seed)
    async with connect(url, token=token) as tutti:
        person, is_over = Person("host", tutti, tell, draw), asyncio.Event()
        if jam == "-":
            await person.enter(await tutti.jam_requests.create(None, {"name": "Soak"}))
            await person.jam.set_fallback([song(draw) for _ in range(FALLBACK)])
            tell(Began(person.jam.id, (await person.jam.code()).code))
        else:
            await person.enter(jam)
        async with asyncio.TaskGroup() as group:
            group.create_task(person.live(moves_s, is_over))
            group.create_task(person.watch(is_over))
            duties = [
                group.create_task(press(person, draw, moves_s * DOUBLES)),
                group.create_task(name_cohosts(person, cohosts)),
            ]
            await asked_to_end()
            is_over.set()
            for duty in duties:
                duty.cancel()
        await person.do("end", person.jam.end)
        await person.rest()


async def press(person: Person, draw: random.Random, presses_s: float) -> None:
    """Presses `next` twice, now and then, meaning one play; until cancelled."""
    while True:
        await asyncio.sleep(draw.expovariate(presses_s))
        jam = person.jam
        command = Next(jam.state.timeline.play, reign=jam.state.reign)
        await person.press_twice("next", command.play, [partial(jam.give, command)] * 2)


async def name_cohosts(person: Person, cohosts: Sequence[str]) -> None:
    """Makes these people co-hosts whenever they are not, until cancelled."""
    jam = person.jam
    while True:
        for user in cohosts:
            if jam.role == "host" and role_of(jam.state, user) == "guest":
                await person.do("promote", partial(jam.promote, user, "cohost"))
        await jam.changed()


async def asked_to_end() -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.readline()
    transport.close()


def main() -> None:
    url, token, jam, seed, moves_s, *cohosts = sys.argv[1:]
    asyncio.run(reign(url, token, jam, int(seed), float(moves_s), cohosts))


if __name__ == "__main__":
    main()
