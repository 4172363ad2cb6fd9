"""Rooms that have something to report, waiting for their turn.

A room waits, not its reports: what it says is made when it can leave, and says what is so then. So however
slow the bus is, what waits is bounded by the rooms, and nothing that waits is old. A room that has ended
leaves its last report here; of too many of those the oldest go, for a lease ends what it would have said.
Knows rooms and sizes. Does not know connections.
"""

from collections import OrderedDict
from collections.abc import Callable

from collab.presence_report import Report

FAREWELLS_MAX = 4096
# What leaves in one pipeline, behind the hints, so that a heartbeat behind it is not late.
PIPELINE_REPORTS_MAX = 256
PIPELINE_BYTES_MAX = 256 * 1024


class Reporting:
    """The rooms on one server of the bus. `ask` gives a document's next report, None if it has no more;
    `write` makes a message of it."""

    def __init__(self, ask: Callable[[str], Report | None], write: Callable[[Report], bytes]) -> None:
        self._ask = ask
        self._write = write
        self._waiting: OrderedDict[str, None] = OrderedDict()
        self._farewells: OrderedDict[str, Report] = OrderedDict()

    def __len__(self) -> int:
        """How many rooms wait."""
        return len(self._waiting) + len(self._farewells)

    def add(self, document: str) -> None:
        self._waiting[document] = None

    def add_farewell(self, report: Report) -> None:
        self._waiting.pop(report.document, None)
        self._farewells[report.document] = report
        if len(self._farewells) > FAREWELLS_MAX:
            self._farewells.popitem(last=False)

    def take(self) -> list[tuple[str, bytes]]:
        """Messages by document, as many as one pipeline takes. Rooms take turns: one with much to say does
        not hold up the others."""
        taken: list[tuple[str, bytes]] = []
        took_bytes = 0
        while len(self) and len(taken) < PIPELINE_REPORTS_MAX and took_bytes < PIPELINE_BYTES_MAX:
            report = self._next()
            if report is not None:
                taken.append((report.document, self._write(report)))
                took_bytes += len(taken[-1][1])
        return taken

    def _next(self) -> Report | None:
        if self._farewells:
            return self._farewells.popitem(last=False)[1]
        document, _ = self._waiting.popitem(last=False)
        report = self._ask(document)
        if report is not None:
            self._waiting[document] = None
        return report
