"""A server at the end of a path, for the clock filter: literal delays, a client's clock of any kind."""

from collections.abc import Callable

from jam.clock import ClockFilter, Exchange

# The server's clock is ahead by this at the client's time 0, in ms.
AHEAD_MS = 5_000.0


class Path:
    """What is so at the moment; change it between calls of `run`."""

    def __init__(self, up_ms: float = 10.0, down_ms: float = 10.0, rate: float = 0.0) -> None:
        self.up_ms, self.down_ms = up_ms, down_ms
        # By how much the server's clock gains in a ms of the client's.
        self.rate = rate
        self.ahead_ms = AHEAD_MS
        self.is_dark = False
        # Called with a probe's number; what it gives is added to the way there.
        self.extra_ms: Callable[[int], float] = lambda number: 0.0
        self.sent_ms: list[float] = []

    def room_ms(self, now_ms: float) -> float:
        """The truth."""
        return now_ms + self.ahead_ms + self.rate * now_ms

    def exchange(self, now_ms: float) -> Exchange:
        """One probe sent at `now_ms` by the client's clock."""
        number = len(self.sent_ms)
        self.sent_ms.append(now_ms)
        there_ms = now_ms + self.up_ms + self.extra_ms(number)
        back_ms = there_ms + self.down_ms
        stamp = round(self.room_ms(there_ms) * 1000)
        return Exchange(round(now_ms * 1000), stamp, stamp, round(back_ms * 1000))


def run(clock: ClockFilter, path: Path, now_ms: float, until_ms: float) -> float:
    """Lets the filter have its way until then; gives the time up to which it was called."""
    while clock.get_timer() <= until_ms:
        now_ms = max(now_ms, clock.get_timer())
        if not clock.handle_timer(now_ms):
            continue
        exchange = path.exchange(now_ms)
        if not path.is_dark:
            clock.receive(exchange)
            now_ms = exchange.t3 / 1000
    return max(now_ms, until_ms)
