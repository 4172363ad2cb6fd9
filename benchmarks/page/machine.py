"""What others do with the machine meanwhile: a browser's figures suffer from it before any other's do."""

import asyncio
import time
from typing import Final

from benchmarks.harness import TICKS_PER_S

LOOK_S: Final = 0.5


async def busy_cores() -> float:
    """How many were busy for a moment in which we did nothing."""
    before, start_s = _busy_ticks(), time.monotonic()
    await asyncio.sleep(LOOK_S)
    return (_busy_ticks() - before) / TICKS_PER_S / (time.monotonic() - start_s)


def _busy_ticks() -> int:
    with open("/proc/stat") as lines:
        ticks = [int(word) for word in next(lines).split()[1:9]]
    # user, nice, system, idle, iowait, irq, softirq, steal
    return sum(ticks[:3]) + sum(ticks[5:8])
