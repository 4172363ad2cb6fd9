"""How far a long command is.

A bar where somebody looks at a terminal; lines, seldom enough for a log, where somebody asked for them; else
nothing. Always on stderr, because stdout is for what was found. Knows counting and time. Does not know what
is counted but by its name.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

LINE_EVERY_S: Final = 10.0

Advance = Callable[[int], None]
Begin = Callable[[int], Advance]


@contextmanager
def shown_progress(things: str, wanted: bool | None, now_s: Callable[[], float]) -> Iterator[Begin]:
    """Yields what is to be told how many `things` there are; that returns what is to be told how
    many more are done, now and then. `wanted`: None shows it where stderr is a terminal."""
    console = Console(stderr=True)
    if wanted is None:
        wanted = console.is_terminal
    if not wanted or not console.is_terminal:
        yield lambda total: Lines(things, total, sys.stderr, now_s).advance if wanted else _nothing
        return
    columns = BarColumn(), MofNCompleteColumn(), TextColumn(f"{things},"), _Speed(), TimeRemainingColumn()
    # What is found shows above the bar, unless it goes elsewhere.
    redirect = sys.stdout.isatty()
    with Progress(*columns, console=console, transient=True, redirect_stdout=redirect) as progress:

        def begin(total: int) -> Advance:
            task = progress.add_task(things, total=total)
            return lambda count: progress.advance(task, count)

        yield begin


class Lines:
    """Progress for a log."""

    def __init__(self, things: str, total: int, out: TextIO, now_s: Callable[[], float]) -> None:
        self._things = things
        self._total = total
        self._out = out
        self._now_s = now_s
        self._began_s = self._said_s = now_s()
        self._done = 0

    def advance(self, count: int) -> None:
        self._done += count
        now_s = self._now_s()
        if now_s - self._said_s < LINE_EVERY_S and self._done < self._total:
            return
        self._said_s = now_s
        speed = self._done / max(now_s - self._began_s, 1e-3)
        left = max(0, self._total - self._done)
        print(
            f"{self._done:,} of {self._total:,} {self._things}, {speed:,.0f}/s, {left:,} left, "
            f"about {left / speed if speed else 0:,.0f} s",
            file=self._out,
            flush=True,
        )


class _Speed(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed or 0:,.0f}/s")


def _nothing(_: int) -> None:
    pass
