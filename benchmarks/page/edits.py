"""How long until somebody else sees an edit: from the key that was pressed to the frame that shows it.

Two people have a list open, each in a browser profile of their own. One moves a song down a
place and back; in the other's page an observer sees its row change, and the frame after that is drawn.
Both pages tell the time by one machine's clock. Beside it: the same edit between two clients without a page.
"""

import asyncio
import os
import time
from typing import Final

from benchmarks.page.scene import Scene
from benchmarks.report import Report
from tutti_client import connect, guest

EDITS: Final = 100
_PRESSED: Final = """() => {
  window.pressed = [];
  addEventListener("keydown", event => {
    if (event.key.startsWith("Arrow")) pressed.push(performance.timeOrigin + event.timeStamp);
  }, { capture: true });
}"""
# When the row was changed in the document, and when that was drawn: a task after the frame's own work.
_SEEN: Final = """uid => {
  window.seen = [];
  const now = () => performance.timeOrigin + performance.now();
  new MutationObserver(changes => {
    if (!changes.some(({ target }) => target.dataset.uid === uid)) return;
    const at = now(), drawn = new MessageChannel();
    drawn.port1.onmessage = () => seen.push([at, now()]);
    requestAnimationFrame(() => drawn.port2.postMessage(null));
  }).observe(document.querySelector("[role=grid]"), {
    subtree: true, attributes: true, attributeFilter: ["aria-rowindex"],
  });
}"""


async def measure_edits(report: Report, contender: str, scene: Scene) -> None:
    length = f"list of {len(scene.playlist.entries):,}"
    in_document, drawn = await _between_pages(scene)
    _add(report, contender, f"an edit in the other's document, {length}", in_document)
    _add(report, contender, f"an edit on the other screen, {length}", drawn)
    report.add(contender, f"the machine's load beside, {length}", os.getloadavg()[0])
    clients = "two clients without a page"
    _add(report, clients, f"an edit at the other, {length}", await _between_clients(scene))


def _add(report: Report, contender: str, what: str, took_ms: list[float]) -> None:
    ordered = sorted(took_ms)
    for share in (50, 95):
        place = min(len(ordered) - 1, len(ordered) * share // 100)
        report.add(contender, f"{what}, p{share}, ms", ordered[place])


async def _between_pages(scene: Scene) -> tuple[list[float], list[float]]:
    async with scene.visitor("Ada") as hers, scene.visitor("Ben") as his:
        ada, ben = await scene.open(hers), await scene.open(his)
        row = ada.get_by_role("row").first
        await ada.evaluate(_PRESSED)
        await ben.evaluate(_SEEN, await row.get_attribute("data-uid"))
        await row.focus()
        for number in range(EDITS):
            # There and back, so that it stays in sight.
            await ada.keyboard.press("Alt+ArrowUp" if number % 2 else "Alt+ArrowDown")
            await ben.wait_for_function("count => seen.length === count", arg=number + 1)
            await ada.get_by_text("Saved", exact=True).wait_for()
        pressed: list[float] = await ada.evaluate("pressed")
        seen: list[tuple[float, float]] = await ben.evaluate("seen")
    pairs = list(zip(pressed, seen, strict=True))
    return [changed - start for start, (changed, _) in pairs], [drawn - start for start, (_, drawn) in pairs]


async def _between_clients(scene: Scene) -> list[float]:
    """The same edits by the owner, seen by somebody else."""
    took_ms = []
    async with connect(scene.server, token=await guest(scene.server, "Cem")) as tutti:
        await scene.admit(tutti.user_id)
        theirs = await tutti.open_playlist(scene.playlist.id)
        arrived: asyncio.Queue[float] = asyncio.Queue()
        theirs.listen(lambda _: arrived.put_nowait(time.monotonic()))
        for number in range(EDITS):
            start_s = time.monotonic()
            scene.playlist.move(number % 2, 1, 0 if number % 2 else 2)
            took_ms.append((await arrived.get() - start_s) * 1000)
            await scene.playlist.saved()
    return took_ms
