"""What time it is in the room.

The room's clock is the server's. Each listener measures how far it is from the own one, by exchanges as in
NTP (RFC 5905, section 8), and from them makes a time that never jumps without need. Knows exchanges, and what
makes some worth more than others. Does not know sockets or timers: it says when it wants to be called, and
takes the time of the client's clock as an argument, a float in ms that never steps back of itself
(`time.monotonic()`, `performance.now()`).

    wait until get_timer(), or until an answer comes
    handle_timer(now_ms): if true, send a probe, stamped as late as possible
    receive(Exchange(t0, t1, t2, t3)): the answer
    and again; reconnected(now_ms) on a new connection

A burst of probes gives one measurement: the quickest way there and the quickest way back, be they of two
probes. By how much these two really differ nobody can measure from a path's ends; half the round trip bounds
it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from jam.estimate import Estimate, first_estimate
from jam.probes import ProbePlan, ProbeTunables


@dataclass(frozen=True, slots=True)
class Exchange:
    """One probe and its answer, in whole µs: `t0` and `t3` of the client's clock, `t1` and `t2` of the
    server's."""

    t0: int
    t1: int
    t2: int
    t3: int

    @property
    def rtt_ms(self) -> float:
        return ((self.t3 - self.t0) - (self.t2 - self.t1)) / 1000


@dataclass(frozen=True, slots=True)
class ClockTunables:
    """What the filter believes of networks and clocks, with the reasons."""

    # Two clocks that are read to 0.1 ms, and the time between a stamp and the wire.
    floor_sd_ms: float = 0.12
    # The least round trip of this time is what the path can do; longer, and a new path is taken for a queue.
    least_within_ms: float = 180_000.0
    gate_sds: float = 5.0
    gate_ms: float = 1.0
    # One odd burst is the network's doing; three alike are the clock's.
    odd_in_a_row: int = 3
    # Where half the probes wait longer than this over the least, the next burst has more of them.
    noisy_ms: float = 8.0
    # 1 ms in a second is inaudible, and catches up with everything but a clock that was set.
    slew: float = 0.001
    # No path is quicker than nothing: then a clock was set during the burst. Coarse clocks are forgiven this.
    backwards_ms: float = 1.0
    # A clock that goes back by more was set.
    set_back_ms: float = 1_000.0


@dataclass(frozen=True, slots=True)
class _Measurement:
    """What one burst says: an offset (from the filter's zero), how wrong it may be, and the shortest round
    trip that can be put together from it."""

    at_ms: float
    offset_ms: float
    sd_ms: float
    round_trip_ms: float


class ClockFilter:
    """The room's time on one client."""

    def __init__(
        self, now_ms: float, tunables: ClockTunables | None = None, probes: ProbeTunables | None = None
    ) -> None:
        self._tunables = tunables or ClockTunables()
        self._plan = ProbePlan(now_ms, probes or ProbeTunables())
        self._last_ms = now_ms
        self._exchanges: list[Exchange] = []
        # Offsets are kept as differences from the first one that was seen: between clocks of different epochs
        # a float holds them to 0.2 µs only.
        self._zero_us: int | None = None
        self._estimate: Estimate | None = None
        self._round_trips: list[tuple[float, float]] = []
        self._aside: list[_Measurement] = []
        # What the shown offset is off the estimate by, and since when that has been shrinking.
        self._residual_ms, self._residual_since_ms = 0.0, now_ms
        self._was_broken = False
        self.restarts = 0
        self.bound_ms = 0.0
        self.rtt_ms = 0.0

    # -- when to ask --------------------------------------------------------------------------------------

    def get_timer(self) -> float:
        """When `handle_timer` wants to be called, by the client's clock."""
        return self._plan.get_timer()

    def handle_timer(self, now_ms: float) -> bool:
        """Whether a probe is to be sent now, stamped as late as possible. May be called at any time."""
        self._watch(now_ms)
        if self._plan.is_given_up(now_ms):
            self._finish(now_ms)
        return self._plan.is_due(now_ms)

    def reconnected(self, now_ms: float) -> None:
        """Another connection, perhaps by another path: asks as at the start. The time stays."""
        self._plan.join(now_ms)
        self._exchanges = []
        self._round_trips = []

    def set_hidden(self, is_hidden: bool, now_ms: float) -> None:
        """Whether nobody can see the page: then it asks once a minute."""
        self._plan.set_hidden(is_hidden, now_ms)

    def receive(self, exchange: Exchange) -> None:
        """Takes an answer. One that comes after its probe was given up is dropped."""
        now_ms = exchange.t3 / 1000
        self._watch(now_ms)
        if not self._plan.is_awaited(exchange.t0 / 1000):
            return
        if exchange.t3 >= exchange.t0 and exchange.t2 >= exchange.t1:
            self._exchanges.append(exchange)
        if self._plan.receive(now_ms):
            self._finish(now_ms)

    def _watch(self, now_ms: float) -> None:
        """Notices a clock that was set back: what was planned by it would be an hour late."""
        if now_ms < self._last_ms - self._tunables.set_back_ms:
            self._plan.join(now_ms)
            self._exchanges = []
        self._last_ms = now_ms

    # -- what time it is ----------------------------------------------------------------------------------

    @property
    def is_set(self) -> bool:
        """Whether the room's time is known at all: after the first burst."""
        return self._estimate is not None

    def room_ms(self, now_ms: float) -> float:
        """The room's time in ms. Between restarts it runs on without a step and never back.

        Raises ValueError before the first burst (`is_set`).
        """
        return now_ms + self.offset_ms(now_ms)

    def offset_ms(self, now_ms: float) -> float:
        """How far the room's clock is ahead of the client's, as shown. Raises ValueError like `room_ms`."""
        if self._estimate is None or self._zero_us is None:
            raise ValueError("the room's time is not known before the first answers")
        return self._zero_us / 1000 + self._shown(self._estimate, now_ms)

    def sd_ms(self, now_ms: float) -> float:
        """By how much the offset may be wrong (one sd), the path's asymmetry aside; at most `bound_ms` more
        for that. Grows while nothing is heard. Raises ValueError like `room_ms`."""
        if self._estimate is None:
            raise ValueError("the room's time is not known before the first answers")
        return self._estimate.at(now_ms).sd_ms

    def _shown(self, estimate: Estimate, now_ms: float) -> float:
        return estimate.at(now_ms).offset_ms + self._residual_at(estimate, now_ms)

    def _residual_at(self, estimate: Estimate, now_ms: float) -> float:
        """It shrinks at the slew less the clock's own rate, so that both together keep within the slew."""
        per_ms = max(self._tunables.slew - abs(estimate.rate) / 1000, 0.0)
        shrunk_ms = max(now_ms - self._residual_since_ms, 0.0) * per_ms
        if self._residual_ms > 0:
            return max(self._residual_ms - shrunk_ms, 0.0)
        return min(self._residual_ms + shrunk_ms, 0.0)

    # -- what a burst says --------------------------------------------------------------------------------

    def _finish(self, now_ms: float) -> None:
        """The burst is over: believe it, set it aside, or drop it, and plan the next."""
        exchanges, self._exchanges = self._exchanges, []
        if not exchanges:
            self._plan.rest(now_ms, is_noisy=False, at_once=False)
            return
        measurement, excess_ms = self._measure(exchanges)
        is_broken = measurement.round_trip_ms < -self._tunables.backwards_ms
        at_once = not self._was_broken if is_broken else self._weigh(measurement)
        self._was_broken = is_broken
        self._plan.rest(now_ms, is_noisy=excess_ms > self._tunables.noisy_ms, at_once=at_once)

    def _measure(self, exchanges: Sequence[Exchange]) -> tuple[_Measurement, float]:
        """The burst's measurement, and by how much its median round trip exceeds the least."""
        if self._zero_us is None:
            self._zero_us = exchanges[0].t1 - exchanges[0].t0
        zero_us, rate = self._zero_us, self._estimate.rate if self._estimate else 0.0
        at_us = exchanges[-1].t3
        # What the clocks drifted between an exchange and the burst's end is taken out at the known rate.
        there_ms = min((e.t1 - e.t0 - zero_us) / 1000 + rate * ((at_us - e.t0) / 1e6) for e in exchanges)
        back_ms = min((e.t3 - e.t2 + zero_us) / 1000 - rate * ((at_us - e.t3) / 1e6) for e in exchanges)
        at_ms, round_trip_ms = at_us / 1000, there_ms + back_ms
        self.rtt_ms = median(exchange.rtt_ms for exchange in exchanges)
        since_ms = at_ms - self._tunables.least_within_ms
        known = [known_ms for seen_ms, known_ms in self._round_trips if since_ms < seen_ms <= at_ms]
        least_ms = min([round_trip_ms, *known])
        excess_ms = max(self.rtt_ms - least_ms, 0.0)
        sd_ms = self._tunables.floor_sd_ms + (round_trip_ms - least_ms) / 2 + excess_ms / len(exchanges)
        return _Measurement(at_ms, (there_ms - back_ms) / 2, sd_ms, round_trip_ms), excess_ms

    def _weigh(self, measurement: _Measurement) -> bool:
        """Believes the measurement or sets it aside. True if the next burst is wanted at once."""
        self._remember(measurement)
        if self._estimate is None:
            self._start([measurement])
            return False
        expected = self._estimate.at(measurement.at_ms)
        if not self._is_odd(expected, measurement):
            self._aside = []
            self._believe(expected.measured(measurement.offset_ms, measurement.sd_ms), measurement)
            return False
        self._aside.append(measurement)
        if len(self._aside) < self._tunables.odd_in_a_row:
            return True
        # Three that contradict each other too are no clock. The next will be judged with the last two.
        first, *others = self._aside
        fresh = first_estimate(first.at_ms, first.offset_ms, first.sd_ms)
        if any(self._is_odd(fresh.at(other.at_ms), other) for other in others):
            self._aside = others
        else:
            self._start(self._aside)
            self.restarts += 1
        return False

    def _is_odd(self, expected: Estimate, measurement: _Measurement) -> bool:
        allowed_ms = self._tunables.gate_sds * expected.surprise_sd_ms(measurement.sd_ms)
        return abs(measurement.offset_ms - expected.offset_ms) > allowed_ms + self._tunables.gate_ms

    def _start(self, measurements: Sequence[_Measurement]) -> None:
        """Forgets everything but these; the time steps."""
        first, *others = measurements
        estimate = first_estimate(first.at_ms, first.offset_ms, first.sd_ms)
        for other in others:
            estimate = estimate.at(other.at_ms).measured(other.offset_ms, other.sd_ms)
        self._estimate = estimate
        self._residual_ms = 0.0
        self._aside = []
        self._round_trips = []
        for measurement in measurements:
            self._remember(measurement)
        self.bound_ms = max(measurements[-1].round_trip_ms, 0.0) / 2

    def _believe(self, estimate: Estimate, measurement: _Measurement) -> None:
        """The time goes on from where it is shown, and from there to the new estimate."""
        assert self._estimate is not None, "only an estimate can be updated"
        shown_ms = self._shown(self._estimate, measurement.at_ms)
        self._estimate = estimate
        self._residual_ms = shown_ms - estimate.offset_ms
        self._residual_since_ms = measurement.at_ms
        self.bound_ms = max(measurement.round_trip_ms, 0.0) / 2

    def _remember(self, measurement: _Measurement) -> None:
        since_ms = measurement.at_ms - self._tunables.least_within_ms
        kept = [known for known in self._round_trips if since_ms < known[0] <= measurement.at_ms]
        # A longer round trip before a shorter one can never be the least again.
        kept = [known for known in kept if known[1] < measurement.round_trip_ms]
        self._round_trips = [*kept, (measurement.at_ms, measurement.round_trip_ms)]
