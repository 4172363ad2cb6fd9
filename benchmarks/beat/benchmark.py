"""The benchmark: evenings on each network, by our rule and by the reference's in turn.

In each evening songs follow each other, the host seeks, pauses and plays again; in every second one on each
network a device stands still, for as long as in the model of `benchmarks sync` on average. What is heard
after that counts as if it happened as often as there. Knows what people do on such an evening.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

from benchmarks.beat.evening import RULES, Company, Evening, Setting, evening
from benchmarks.beat.figures import Seen, add_figures, keep, kept
from benchmarks.beat.proof import prove
from benchmarks.beat.tracks import Track, noise, write
from benchmarks.harness import RESULTS
from benchmarks.jam_model.device import STALL_MS
from benchmarks.jam_model.network import LAN, MOBILE, NETWORKS, WIFI
from benchmarks.report import Gate, Report
from tutti_client import Jam

NETWORKS_HERE: Final = (LAN.name, WIFI.name, MOBILE.name)
EVENINGS: Final = 2
SECONDS: Final = 64.0
SONGS: Final = 5
SONG_S: Final = 20.0
# A device that is woken goes on at once, so that it stood still for up to one of its buffers less.
BUFFER_MS: Final = 25.0
KEPT: Final = RESULTS / "beat-evenings.jsonl"
# The distances that the tool is proved with, and what it may be wrong by.
DISTANCES_MS: Final = (0.0, 3.0, 10.0, 50.0)
TOOL_MOST_MS: Final = 0.5


def run_beat(
    networks: Sequence[str] = NETWORKS_HERE,
    evenings: int = EVENINGS,
    seconds: float = SECONDS,
    *,
    joins: bool = False,
) -> Report:
    """`joins`: the evenings that were kept before count, too."""
    KEPT.parent.mkdir(exist_ok=True)
    if not joins:
        KEPT.unlink(missing_ok=True)
    for _ in range(evenings):
        for network in networks:
            # A run that joins others goes on with other chances.
            number = sum(seen.network == network for seen in kept(KEPT)) // len(RULES)
            has_stall = number % EVENINGS == EVENINGS - 1
            for rule in RULES:
                setting = Setting(NETWORKS[network], rule, f"{network} {number}")
                seen = Seen.of(setting, asyncio.run(play(setting, seconds, has_stall=has_stall)))
                keep(KEPT, seen)
                print(f"beat: {network}: {rule}: {_worst(seen)}", file=sys.stderr)
    report = Report("beat")
    _add_proof(report)
    add_figures(report, kept(KEPT))
    return report


def _worst(seen: Seen) -> str:
    return (
        f"{len(seen.apart_ms)} looks, at most {max(seen.apart_ms, default=0):.1f} ms apart, in place within "
        f"{max(seen.locks_ms, default=0):.0f} ms, {seen.corrections} corrections, {seen.stalls} stalls"
    )


async def play(setting: Setting, seconds: float, *, has_stall: bool = False) -> Evening:
    """One evening with made music."""
    tracks = [noise(number, SONG_S) for number in range(SONGS)]
    with tempfile.TemporaryDirectory(prefix="tutti-beat-") as folder:
        music, empty = Path(folder) / "music", Path(folder) / "evening"
        music.mkdir()
        empty.mkdir()
        for track in tracks:
            write(track, music)
        steer = partial(_steer, tracks=tracks, setting=setting, seconds=seconds, has_stall=has_stall)
        return await evening(setting, tracks, music, empty, steer)


async def add(jam: Jam, track: Track) -> None:
    """A file of the music folder."""
    await jam.add({"track": track.uri, "title": track.name, "duration_ms": track.duration_ms})


async def _steer(
    company: Company, *, tracks: Sequence[Track], setting: Setting, seconds: float, has_stall: bool
) -> None:
    """Four quarters: songs that follow each other, a stall perhaps, after a seek, after a pause."""
    host = company.host
    for track in tracks:
        await add(host, track)
    for page in company.pages:
        await page.wait_for_function("beat.isReady(1)")
    quarter_s = seconds / 4
    await host.play()
    await asyncio.sleep(quarter_s)
    if has_stall:
        page = Random(f"{setting.seed} stall").choice(company.pages)
        await page.evaluate("ms => device.stall(ms)", sum(STALL_MS) / 2 + BUFFER_MS / 2)
    await asyncio.sleep(quarter_s)
    await host.seek(host.position() // 2)
    await asyncio.sleep(quarter_s)
    await host.pause()
    await asyncio.sleep(0.5)
    await host.play()
    await asyncio.sleep(quarter_s)


def _add_proof(report: Report) -> None:
    for proof in asyncio.run(prove(DISTANCES_MS)):
        error_ms = abs(proof.error_ms)
        report.add("the tool", f"wrong at most, told {proof.planted_ms:g} ms, ms", error_ms)
        name = f"the tool, wrong at most where told {proof.planted_ms:g} ms, ms"
        report.gates.append(Gate(name, error_ms, at_most=TOOL_MOST_MS))
