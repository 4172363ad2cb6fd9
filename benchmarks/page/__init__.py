"""What the web app costs whoever opens it: script, frames while dragging, time until others see an edit.

A real browser on a real server, all on one machine. Beside it what the machine gives where there is no app:
the frames of a bare page under the same mouse, the same edits between two clients without a page.
"""

import asyncio
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.harness import BenchmarkError
from benchmarks.page.drag import measure_drags
from benchmarks.page.edits import measure_edits
from benchmarks.page.first_load import measure_loads
from benchmarks.page.scene import BUILT, scene
from benchmarks.report import ROUNDS, Gate, Report
from tests.browser.chromium import chromium
from tests.browser.household import house
from tests.browser.site import site

SCRIPT_MOST_KB: Final = 150
FRAMES_LEAST: Final = 50
LONGEST_MOST_MS: Final = 100
EDIT_MOST_MS: Final = 50
OF_A_HOUSEHOLD: Final = 100
LONG: Final = 10_000
_MAIN: Final = "the web app"


def run(rounds: int = ROUNDS) -> Report:
    """So many drags; the rest once."""
    if not BUILT.is_file():
        raise BenchmarkError("the web app is not built: `make web` does it")
    report = Report("page")
    asyncio.run(_measure(report, rounds))
    report.gates.append(_gate(report, "script until the library, gzip KB", at_most=SCRIPT_MOST_KB))
    report.gates.append(_gate(report, "frames a second in a drag", at_least=FRAMES_LEAST))
    for what in ("between two frames", "a task of the page"):
        report.gates.append(_gate(report, f"longest in a drag, {what}, ms", at_most=LONGEST_MOST_MS))
    edit = f"an edit on the other screen, list of {OF_A_HOUSEHOLD}, p95, ms"
    report.gates.append(_gate(report, edit, at_most=EDIT_MOST_MS))
    return report


def _gate(
    report: Report, figure: str, *, at_least: float | None = None, at_most: float | None = None
) -> Gate:
    return Gate(f"{_MAIN}, {figure}", report.median(_MAIN, figure), at_least=at_least, at_most=at_most)


async def _measure(report: Report, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder, site() as port, house(Path(folder) / "data", port) as home:
        async with chromium() as browser, scene(browser, home.server, OF_A_HOUSEHOLD) as made:
            await measure_loads(report, _MAIN, made)
            await measure_edits(report, _MAIN, made)
        async with chromium() as browser, scene(browser, home.server, LONG) as made:
            await measure_drags(report, _MAIN, made, rounds)
            await measure_edits(report, _MAIN, made)
