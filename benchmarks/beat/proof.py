"""Whether the tool sees what it should: two browsers play the same samples as far apart as they are told.

Without a Jam. When each begins is reckoned from what its browser says is heard when; what the tool finds,
from the recordings and the moments at which the pages heard of them. Clocks and loudspeakers are wrong as in
the benchmark.
"""

import asyncio
import base64
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from playwright.async_api import Page

from benchmarks.beat.desk import Desk, now_ms
from benchmarks.beat.listeners import PAGES, Device, browser, listener
from benchmarks.beat.recording import Recording
from benchmarks.beat.tracks import Track, noise
from benchmarks.beat.verdict import LOOK_EVERY_MS
from tests.browser.site import ISOLATED, site

DEVICES: Final = {
    "one": Device(ahead_ms=3_600_000, ppm=50, late_ms=30),
    "other": Device(ahead_ms=-3_600_000, ppm=-50, late_ms=110),
}
SECONDS: Final = 2.0
# The pages are told of a start this long before it.
AHEAD_MS: Final = 500.0


@dataclass(frozen=True, slots=True)
class Proof:
    """How far the two were told to be apart, and how far they were found to be, at each look."""

    planted_ms: float
    found_ms: Sequence[float]

    @property
    def error_ms(self) -> float:
        """The worst."""
        return max((found - self.planted_ms for found in self.found_ms), key=abs)


async def prove(distances_ms: Sequence[float]) -> list[Proof]:
    """One after the other in the same two pages."""
    with site(PAGES, ISOLATED) as port, tempfile.TemporaryDirectory(prefix="tutti-beat-") as folder:
        async with Desk(Path(folder)) as desk, browser() as chromium:
            address = f"http://127.0.0.1:{port}/plain.html"
            async with (
                listener(chromium, desk, address, "one", DEVICES["one"]) as one,
                listener(chromium, desk, address, "other", DEVICES["other"]) as other,
            ):
                rate = int(await one.evaluate("plain.rate"))
                tracks = [noise(number, SECONDS, rate) for number in range(len(distances_ms))]
                starts_ms = [
                    await _play([one, other], desk, track, distance_ms)
                    for track, distance_ms in zip(tracks, distances_ms, strict=True)
                ]
                # What was heard last must have come.
                await asyncio.sleep(AHEAD_MS / 1000)
                return _found(desk, tracks, starts_ms, distances_ms)


async def _play(pages: Sequence[Page], desk: Desk, track: Track, distance_ms: float) -> float:
    """When the first one begins, by the desk's clock."""
    text = base64.b64encode((track.samples * 32_768).astype(np.int16).tobytes()).decode()
    await asyncio.gather(*[page.evaluate("text => plain.load(text)", text) for page in pages])
    at_ms = now_ms() + AHEAD_MS
    for page, tape, later_ms in zip(pages, desk.tapes.values(), (0.0, distance_ms), strict=True):
        await page.evaluate("ms => plain.play(ms)", at_ms + later_ms - tape.offset_ms)
    await asyncio.sleep((AHEAD_MS + distance_ms) / 1000 + SECONDS)
    return at_ms


def _found(
    desk: Desk, tracks: Sequence[Track], starts_ms: Sequence[float], distances_ms: Sequence[float]
) -> list[Proof]:
    said_ms = desk.said_latency_ms()
    one, other = (
        Recording(tape, tracks, said_ms + DEVICES[name].late_ms).course() for name, tape in desk.tapes.items()
    )
    proofs = []
    for number, (start_ms, distance_ms) in enumerate(zip(starts_ms, distances_ms, strict=True)):
        looks = np.arange(start_ms + distance_ms, start_ms + 1000 * SECONDS, LOOK_EVERY_MS)
        apart_ms = one.only(number).ahead_at(looks) - other.only(number).ahead_at(looks)
        proofs.append(Proof(distance_ms, apart_ms[~np.isnan(apart_ms)].tolist()))
    return proofs
