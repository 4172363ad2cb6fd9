"""When to ask the server for its time.

Probes go out in bursts, one after another: the quickest of several says most, and probes that wait in one
queue would say the same. Many at the start, when the rate of the clock is unknown; few later. Knows intervals
and what is under way. Does not know what the answers mean: the filter says whether a burst was noisy or odd.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProbeTunables:
    """How many and how often, with the reasons."""

    join_probes: int = 12
    # Closer together, they would meet the same queue.
    spacing_ms: float = 25.0
    # The rate is learned from the ends of a longer and longer base line: at first it pays to ask often.
    early_every_ms: float = 2_000.0
    early_for_ms: float = 10_000.0
    every_ms: float = 10_000.0
    probes: int = 4
    # Where queues are long, an empty one is met more seldom.
    noisy_probes: int = 8
    # A hidden tab's timers are throttled, and nobody looks at it.
    hidden_every_ms: float = 60_000.0
    # Over TCP an answer is late, never lost; later than this the connection is dark, and asking can wait.
    answer_within_ms: float = 2_000.0


class ProbePlan:
    """The schedule of one connection's probes. At most one is under way."""

    def __init__(self, now_ms: float, tunables: ProbeTunables) -> None:
        self._tunables = tunables
        self._is_hidden = False
        self._is_noisy = False
        self.join(now_ms)

    def join(self, now_ms: float) -> None:
        """Starts over on a new connection; what was under way is forgotten."""
        self._joined_ms = now_ms
        self._began_ms = now_ms
        self._due_ms = now_ms
        self._left = self._tunables.join_probes
        self._sent_ms: float | None = None

    @property
    def began_ms(self) -> float:
        """When the burst that is under way, or the last one, began."""
        return self._began_ms

    def get_timer(self) -> float:
        """When the next probe is due, or the one under way is given up."""
        if self._sent_ms is not None:
            return self._sent_ms + self._tunables.answer_within_ms
        return self._due_ms

    def is_given_up(self, now_ms: float) -> bool:
        """Whether the probe under way has waited long enough. If so the burst is over: call `rest`."""
        return self._sent_ms is not None and now_ms >= self.get_timer()

    def is_due(self, now_ms: float) -> bool:
        """Whether a probe is to be sent now. If so it counts as sent."""
        if self._sent_ms is not None or now_ms < self._due_ms:
            return False
        if self._left == 0:
            self._began_ms = now_ms
            self._left = self._tunables.noisy_probes if self._is_noisy else self._tunables.probes
        self._left -= 1
        self._sent_ms = now_ms
        return True

    def is_awaited(self, t0_ms: float) -> bool:
        """Whether an answer with this `t0` belongs to the probe under way, not to one given up before. The
        wire's whole microseconds may have rounded it down."""
        return self._sent_ms is not None and t0_ms >= self._sent_ms - 0.001

    def receive(self, now_ms: float) -> bool:
        """The answer has come. True if it was the burst's last: call `rest`."""
        assert self._sent_ms is not None, "the filter asks is_awaited first"
        self._due_ms = max(now_ms, self._sent_ms + self._tunables.spacing_ms)
        self._sent_ms = None
        return self._left == 0

    def rest(self, now_ms: float, *, is_noisy: bool, at_once: bool) -> None:
        """The burst is over; the next comes after the usual interval, or at once."""
        self._left = 0
        self._is_noisy = is_noisy
        if self._sent_ms is not None:
            self._sent_ms, self._due_ms = None, now_ms
        if not at_once:
            self._due_ms = max(self._due_ms, self._began_ms + self._every_ms())

    def set_hidden(self, is_hidden: bool, now_ms: float) -> None:
        """Whether nobody can see the page. A burst under way goes on."""
        self._is_hidden = is_hidden
        if self._left == 0 and self._sent_ms is None:
            self._due_ms = max(now_ms, self._began_ms + self._every_ms())

    def _every_ms(self) -> float:
        if self._is_hidden:
            return self._tunables.hidden_every_ms
        if self._began_ms - self._joined_ms < self._tunables.early_for_ms:
            return self._tunables.early_every_ms
        return self._tunables.every_ms
