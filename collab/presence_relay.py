"""Between the company of a room, its audience here, and other nodes.

What changed is told a few times a second, however often it changes: to those in the room as one message, to
other nodes as what is so when the bus is ready. Keeps the company's times. Knows ticks and the bus. Does not
know what is told.
"""

import asyncio
from collections.abc import Callable

from collab.broadcast import Broadcaster
from collab.bus import Bus
from collab.clock import Clock
from collab.company import Company
from collab.metrics import Metrics
from collab.presence_report import Report
from collab.ticker import Ticker

PRESENCE_EVERY_S = 0.1


class PresenceRelay:
    """A `collab.bus.Neighbour`. `noticed` is called when the room may want something for presence's sake."""

    def __init__(
        self,
        document: str,
        bus: Bus,
        clock: Clock,
        broadcaster: Broadcaster,
        metrics: Metrics,
        noticed: Callable[[], None],
    ) -> None:
        self._document = document
        self._bus = bus
        self._clock = clock
        self._broadcaster = broadcaster
        self._metrics = metrics
        self._noticed = noticed
        self._company: Company | None = None
        self._ticker = Ticker(PRESENCE_EVERY_S)
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, company: Company) -> None:
        """The room is loaded, and its channel is heard."""
        self._company = company
        company.report_all(self._clock.now_ms())
        self._bus.attend(self._document, self)
        self._bus.has_news(self._document)
        self._set_timer(company)

    def soon(self) -> None:
        """Somebody came, left or showed something."""
        self._ticker.soon(self._tick)

    def end(self) -> None:
        """The room ends."""
        self._ticker.end()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._company is not None:
            self._bus.attend(self._document, None)
            if (report := self._company.farewell(self._clock.now_us())) is not None:
                self._bus.bid_farewell(report)
            self._company = None

    # -- a neighbour of the same room on other nodes -------------------------------------------------------

    def hear(self, node: str, report: Report) -> None:
        if self._company is not None and self._company.hear(node, report, self._clock.now_ms()):
            self._noticed()
        self.soon()

    def next_report(self) -> Report | None:
        return None if self._company is None else self._company.next_report(self._clock.now_us())

    def bus_is_back(self) -> None:
        if self._company is not None:
            self._company.report_all(self._clock.now_ms())
            self._bus.has_news(self._document)

    # -- time ----------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        if self._company is not None:
            self._tell(self._company)

    def _tell(self, company: Company, *, exactly: bool = False) -> None:
        message = company.presences.take(exactly=exactly)
        if message is not None:
            self._metrics.presence_dropped.inc(self._broadcaster.say_ephemeral(message))
        if company.has_reports:
            self._bus.has_news(self._document)

    def _set_timer(self, company: Company) -> None:
        due_s = (company.get_timer() - self._clock.now_ms()) / 1000
        self._timer = asyncio.get_running_loop().call_later(max(0.0, due_s), self._time_has_come, company)

    def _time_has_come(self, company: Company) -> None:
        if company.handle_timer(self._clock.now_ms(), is_bus_heard=self._bus.is_heard):
            self._noticed()
        self._tell(company, exactly=True)
        self._set_timer(company)
