"""Who brings the faults about, at their times.

A plan is a list of troubles; each begins at its time after the start, one after the other. Knows times. Does
not know what a trouble does.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trouble:
    """`bring` is called `at_s` seconds after the start, or as soon as the one before is over."""

    at_s: float
    name: str
    bring: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Brought:
    """What happened when, in seconds of the loop's clock."""

    name: str
    began_s: float
    ended_s: float


async def bring_all(troubles: Sequence[Trouble]) -> list[Brought]:
    """Returns when the last one is over."""
    loop = asyncio.get_running_loop()
    start_s = loop.time()
    brought: list[Brought] = []
    for trouble in sorted(troubles, key=lambda each: each.at_s):
        await asyncio.sleep(start_s + trouble.at_s - loop.time())
        began_s = loop.time()
        await trouble.bring()
        brought.append(Brought(trouble.name, began_s, loop.time()))
    return brought
