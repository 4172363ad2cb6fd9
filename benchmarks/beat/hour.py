"""A Jam of an hour: the program's own pieces, songs that change, a host who seeks, and one member who stalls.

Everybody else must hear it without a gap, and every start within 20 ms of the others. Knows what happens in
that hour. How it is heard is `evening`'s.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Final

import numpy as np

from benchmarks.beat.benchmark import add
from benchmarks.beat.evening import LISTENERS, Company, Evening, Setting, evening
from benchmarks.beat.figures import HEARD_LEAST, OURS
from benchmarks.beat.hearing import MUSIC
from benchmarks.beat.tracks import Track, read
from benchmarks.beat.verdict import Part, gaps_ms, heard_share, starts_apart_ms
from benchmarks.jam_model.network import WIFI
from benchmarks.report import Gate, Report
from collab.music.pieces.renderer import render_pieces

MINUTES: Final = 60.0
START_APART_MOST_MS: Final = 20.0
# In an hour; of a shorter one its part, and some.
SEEKS: Final = 12
STALLS: Final = 15
LEAST: Final = 3
# As long as a machine that does something else for a moment; longer, and a page takes its output for dead.
STALLS_MS: Final = (50.0, 1_500.0)
# Nothing happens so near the beginning and the end.
QUIET_S: Final = 8.0
STALLER: Final = LISTENERS - 1


def run_hour(minutes: float = MINUTES) -> Report:
    """On Wi-Fi. What the recordings take (10 MB a minute) goes to the folder for temporary files."""
    with tempfile.TemporaryDirectory(prefix="tutti-hour-") as folder:
        music, empty = Path(folder) / "music", Path(folder) / "evening"
        music.mkdir()
        empty.mkdir()
        asyncio.run(render_pieces(music))
        tracks = [read(path) for path in sorted(music.glob("*.ogg"))]
        steer = partial(_steer, tracks=tracks, seconds=minutes * 60)
        setting = Setting(WIFI, OURS, "hour")
        heard = asyncio.run(evening(setting, tracks, music, empty, steer, MUSIC))
    return _judged(heard, tracks)


async def _steer(company: Company, *, tracks: Sequence[Track], seconds: float) -> None:
    host = company.host
    await host.set(repeat="all")
    for track in tracks:
        await add(host, track)
    for page in company.pages:
        await page.wait_for_function("beat.isReady(1)")
    await host.play()
    async with asyncio.TaskGroup() as all_of_it:
        all_of_it.create_task(_seek(company, seconds))
        all_of_it.create_task(_stall(company, seconds))
        all_of_it.create_task(asyncio.sleep(seconds))


async def _seek(company: Company, seconds: float) -> None:
    random = Random("seeks")
    for wait_s in _waits_s(random, SEEKS, seconds):
        await asyncio.sleep(wait_s)
        playing = company.host.now_playing
        if playing is not None:
            await company.host.seek(random.randrange(int(playing.duration_ms or 1) // 2))


async def _stall(company: Company, seconds: float) -> None:
    random = Random("stalls")
    for wait_s in _waits_s(random, STALLS, seconds):
        await asyncio.sleep(wait_s)
        await company.pages[STALLER].evaluate("ms => device.stall(ms)", random.uniform(*STALLS_MS))


def _waits_s(random: Random, count: int, seconds: float) -> list[float]:
    """How long to wait before each, if so many in an hour come at any times."""
    here = max(LEAST, round(count * seconds / 3600))
    times = sorted(random.uniform(QUIET_S, seconds - QUIET_S) for _ in range(here))
    return [later - earlier for earlier, later in pairwise([0.0, *times])]


def _judged(heard: Evening, tracks: Sequence[Track]) -> Report:
    report = Report("hour")
    others = [number for number in range(LISTENERS) if number != STALLER]
    gaps = [gap for number in others for gap in gaps_ms(heard.silences_ms[number], heard.parts, tracks)]
    starts = starts_apart_ms(heard.courses, heard.parts)
    # What of two seconds is left of a song that was just sought near its end cannot be judged.
    shares = [heard_share(heard.courses[number], heard.parts) for number in others]
    report.add("the hour", "minutes", sum(_minutes(part) for part in heard.parts))
    report.add("the hour", "starts", len(starts))
    report.add("the hour", "starts apart p50, ms", float(np.median(starts)))
    report.add("the hour", "starts apart at most, ms", max(starts))
    late = sum(apart > START_APART_MOST_MS for apart in starts)
    report.add("the hour", f"starts more than {START_APART_MOST_MS:g} ms apart", late)
    report.add("the hour", "gaps of those who did not stall", len(gaps))
    report.add("the hour", "longest of these gaps, ms", max(gaps, default=0.0))
    report.add("the hour", "stalls of the one who did", len(heard.courses[STALLER].stalls))
    report.add("the hour", "least share heard of those who did not stall", min(shares))
    report.gates += [
        Gate("starts apart at most, ms", max(starts), at_most=START_APART_MOST_MS),
        Gate("gaps of those who did not stall", len(gaps), at_most=0),
        Gate("least share heard of those who did not stall", min(shares), at_least=HEARD_LEAST),
    ]
    return report


def _minutes(part: Part) -> float:
    return (part.until_ms - part.from_ms) / 60_000
