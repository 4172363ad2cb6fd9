"""How wrong a page's clock is while its main thread is busy, with its socket in a worker and without.

A page in Chromium takes part in a Jam on the same machine, behind a proxy that holds everything back for
15 ms each way. So the truth is known: the difference of the room's time from the machine's monotonic clock,
as a program measures it, and of that clock from the page's. The page is idle, or blocks for 50 to 200 ms at
random, again and again, with breaths of at most 50 ms or of at most 5 ms; with its own socket, and with that
of `pageWorker`.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from playwright.async_api import Browser

from benchmarks.report import Gate, Report
from tests.browser.chromium import chromium
from tests.browser.household import House, house
from tests.browser.site import site
from tests.proxy import FaultProxy
from tutti_client import connect, guest

# Least and most that it is blocked for, and most that it breathes for.
PAGES = {"idle": None, "busy": (50, 200, 50), "choked": (50, 200, 5)}
WAY_MS = 15
SAMPLES = 150
EVERY_MS = 100
# The filter learns the clocks' rates for so long.
WARM_UP_S = 5
# Of what two real browsers may be apart (10 ms), a tenth; the model of a LAN (`benchmarks/clock.py`) has 0.3.
WORKER_P99_MOST_MS = 1.0


class _Way:
    """There and back as long."""

    def up(self, sent_ms: float) -> float:
        return sent_ms + WAY_MS

    down = up


def run(rounds: int = 1) -> Report:
    """Once, whatever `rounds` says: it takes two minutes."""
    report = Report("probes")
    asyncio.run(_measure(report))
    for state in PAGES:
        p99 = report.median(f"worker, {state} page", "clock error p99, ms")
        report.gates.append(
            Gate(f"worker, {state} page, clock error p99, ms", p99, at_most=WORKER_P99_MOST_MS)
        )
    return report


async def _measure(report: Report) -> None:
    with tempfile.TemporaryDirectory() as folder, site() as port, house(Path(folder) / "data", port) as home:
        ahead_ms = await _room_ahead_ms(home)
        async with FaultProxy(home.url, _Way) as proxy, chromium() as browser:
            for state in PAGES:
                for aside in (False, True):
                    name = f"{'worker' if aside else 'own socket'}, {state} page"
                    offsets, origin_ms = await _offsets(
                        browser, f"{home.site}/worker.html", proxy.url, PAGES[state], aside=aside
                    )
                    truth_ms = ahead_ms + origin_ms - _wall_ahead_ms()
                    errors = sorted(abs(offset - truth_ms) for offset in offsets)
                    for share in (50, 95, 99):
                        error = errors[min(len(errors) - 1, len(errors) * share // 100)]
                        report.add(name, f"clock error p{share}, ms", error)


async def _room_ahead_ms(home: House) -> float:
    """The room's time minus the machine's monotonic clock."""
    ada = await guest(home.url, "Ada")
    async with connect(home.url, token=ada) as tutti:
        jam = await tutti.start_jam("Truth")
        await asyncio.sleep(WARM_UP_S)
        offset_ms = jam.sync.offset_ms
        assert offset_ms is not None, "it was measured"
        return offset_ms


def _wall_ahead_ms() -> float:
    return statistics.median((time.time_ns() - time.monotonic_ns()) / 1e6 for _ in range(101))


async def _offsets(
    browser: Browser, url: str, server: str, busy: tuple[int, ...] | None, *, aside: bool
) -> tuple[list[float], float]:
    """What the page believed, and when its clock began."""
    page = await browser.new_page()
    try:
        await page.goto(url)
        if busy is not None:
            await page.evaluate("given => page.busy(...given)", busy)
        await page.evaluate("given => page.start(given)", {"server": server, "name": "Ben", "aside": aside})
        await asyncio.sleep(WARM_UP_S)
        offsets: list[float] = await page.evaluate("given => page.sample(...given)", (SAMPLES, EVERY_MS))
        origin_ms: float = await page.evaluate("page.timeOrigin")
        await page.evaluate("page.stop()")
        return offsets, origin_ms
    finally:
        await page.close()
