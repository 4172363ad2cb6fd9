"""A song is dragged among ten thousand: about in sight, then held at the lower edge, where the page scrolls.

The mouse reports 125 times a second, as mice do, so that every frame has something new to show. Before and
after each drag the page is idle for a moment: what the cores did then, others did. A bare page on which a box
follows the mouse says what this machine draws at all.
"""

import asyncio
import json
import os
import time
from typing import Final

from playwright.async_api import BrowserContext, CDPSession, Page

from benchmarks.harness import BenchmarkError
from benchmarks.page.machine import busy_cores
from benchmarks.page.scene import Scene
from benchmarks.page.trace import CATEGORIES, FROM, UNTIL, Stretch, stretch
from benchmarks.report import Report

MOVE_S: Final = 1 / 125
# In sight, and at the edge.
PART_S: Final = 1.5
SCROLLED_LEAST_PX: Final = 600
_EDGE_PX: Final = 6
_BARE: Final = """<!doctype html><body><div></div><script>
  const box = document.querySelector("div");
  const place = { position: "fixed", left: 0, bottom: "100%" };
  Object.assign(box.style, place, { width: "8rem", height: "3rem", background: "teal" });
  addEventListener("mousemove", ({ x, y }) => { box.style.transform = `translate(${x}px, ${y}px)`; });
</script>"""


async def measure_drags(report: Report, contender: str, scene: Scene, rounds: int) -> None:
    async with scene.visitor("Ada") as context:
        bare = await context.new_page()
        await bare.set_content(_BARE)
        page = await scene.open(context)
        for _ in range(rounds):
            await bare.bring_to_front()
            _add(report, "a bare page", *await _traced(context, bare))
            await page.bring_to_front()
            await _lift(page)
            _add(report, contender, *await _traced(context, page))
            await _drop(page)


def _add(report: Report, contender: str, found: Stretch, others: float) -> None:
    run = {"cpu": 0.0, "foreign_cpu": others}
    report.add(contender, "frames a second in a drag", found.frames_a_second, run)
    report.add(contender, "longest in a drag, between two frames, ms", found.longest_between_ms, run)
    report.add(contender, "longest in a drag, a task of the page, ms", found.longest_task_ms, run)
    report.add(contender, "the machine's load beside", os.getloadavg()[0], run)


async def _lift(page: Page) -> None:
    """By the mouse, from the second row, until it is carried."""
    await page.evaluate("scrollTo(0, 0)")
    row = page.locator("[role=row][aria-rowindex='2']")
    await row.wait_for()
    box = await row.bounding_box()
    assert box is not None, "it is drawn"
    x, y = box["x"] + 200, box["y"] + box["height"] / 2
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x, y + 40, steps=4)
    await page.get_by_text("1 song lifted").wait_for(state="attached")


async def _drop(page: Page) -> None:
    scrolled_px = await page.evaluate("scrollY")
    await page.mouse.up()
    await page.get_by_text("1 song dropped").wait_for(state="attached")
    if scrolled_px < SCROLLED_LEAST_PX:
        raise BenchmarkError(f"held at the edge, the page scrolled by {scrolled_px:.0f} px only")
    await page.keyboard.press("Control+z")
    await page.get_by_text("Saved", exact=True).wait_for()


async def _traced(context: BrowserContext, page: Page) -> tuple[Stretch, float]:
    """What the trace says of the mouse's way, and how many cores others used around it."""
    before = await busy_cores()
    session = await context.new_cdp_session(page)
    browser = context.browser
    assert browser is not None, "it was launched"
    await browser.start_tracing(page=page, categories=list(CATEGORIES))
    await page.evaluate("name => performance.mark(name)", FROM)
    await _wander(session, page)
    await page.evaluate("name => performance.mark(name)", UNTIL)
    trace = json.loads(await browser.stop_tracing())
    return stretch(trace["traceEvents"]), max(before, await busy_cores())


async def _wander(session: CDPSession, page: Page) -> None:
    size = page.viewport_size
    assert size is not None, "it has one"
    moves = round(PART_S / MOVE_S)
    start_s = time.monotonic()
    async with asyncio.TaskGroup() as sent:
        for number in range(2 * moves):
            x = size["width"] // 3 + number % 120
            in_sight_y = size["height"] // 2 + abs(number * 3 % 300 - 150)
            y = in_sight_y if number < moves else size["height"] - _EDGE_PX - number % 3
            move = {"type": "mouseMoved", "x": x, "y": y, "button": "left", "buttons": 1}
            sent.create_task(session.send("Input.dispatchMouseEvent", move))
            await asyncio.sleep(max(0.0, start_s + number * MOVE_S - time.monotonic()))
