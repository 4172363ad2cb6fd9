"""The conformance vectors of the clock filter and the playback controller: what they are told, one thing
after another, and what they say after each.

The inputs are whole µs and tenths of ms, from the model of networks and devices that the benchmarks use.
The answers are Python's own: what is right about them is proved in `tests/jam/` and by the benchmarks; here
another language learns whether it computes the same, to 1e-9 ms.
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from benchmarks.jam_model.device import Clock
from benchmarks.jam_model.network import LAN, MOBILE, WIFI, Network, Path
from jam.clock import ClockFilter, Exchange
from jam.drift import INTERVAL_MS, START_INTERVAL_MS, Keep, PlaybackController, Splice

Vector = dict[str, Any]
Step = list[Any]

TOLERANCE = 1e-9
TRACE_MS = 45_000


def clocks(random: Random) -> Iterator[Vector]:
    """Traces of both."""
    for network in (LAN, WIFI, MOBILE):
        yield _filter(f"filter: {network.name}", _Talk(random, network).steps)
    for hours in (1, -1):
        yield _filter(
            f"filter: set by {hours} h", _Talk(random, LAN, set_at_ms=21_000, set_by_ms=hours * 3.6e6).steps
        )
        yield _filter(
            f"filter: set by {hours} h during a burst",
            _Talk(random, MOBILE, set_at_ms=20_060, set_by_ms=hours * 3.6e6).steps,
        )
    yield _filter("filter: set by 7 ms", _Talk(random, LAN, set_at_ms=21_000, set_by_ms=7).steps)
    yield _filter("filter: 20 s of dark", _Talk(random, WIFI, dark_ms=(11_000, 31_000)).steps)
    yield _filter("filter: dark within a burst", _Talk(random, MOBILE, dark_ms=(20_060, 31_000)).steps)
    hidden: dict[int, Step] = {12: ["hidden", True], 40: ["hidden", False]}
    yield _filter("filter: hidden for 28 s", _Talk(random, LAN, events=hidden).steps)
    yield _filter("filter: another connection", _Talk(random, MOBILE, events={15: ["reconnected"]}).steps)
    yield from _controllers(random)


# -- the filter -----------------------------------------------------------------------------------------


class _Talk:
    """A device and a server for a while; every second somebody asks what time it is."""

    def __init__(
        self,
        random: Random,
        network: Network,
        *,
        set_at_ms: float = 0.0,
        set_by_ms: float = 0.0,
        dark_ms: tuple[float, float] = (0.0, 0.0),
        events: dict[int, Step] | None = None,
    ) -> None:
        self._clock, self._path = Clock(random, TRACE_MS), Path(network, random)
        self._set_at_ms, self._set_by_ms, self._dark_ms = set_at_ms, set_by_ms, dark_ms
        start_ms = self._local_ms(0)
        self.steps: list[Step] = [["start", start_ms]]
        clock = ClockFilter(start_ms)
        true_ms, second = 0.0, 1
        while second * 1_000 <= TRACE_MS:
            wait_ms = clock.get_timer() - self._local_ms(true_ms)
            due_ms = true_ms + max(wait_ms * 1.0001, 0.0) + 0.2
            if due_ms >= second * 1_000:
                true_ms = max(true_ms, second * 1_000)
                self._tell(clock, ["read", self._local_ms(true_ms)])
                if event := (events or {}).get(second):
                    self._tell(clock, [*event, self._local_ms(true_ms)])
                # As a player's timer does, which does not know that the clock was set.
                due_ms = true_ms
                second += 1
            true_ms = due_ms
            if self._tell(clock, ["timer", self._local_ms(true_ms)])[0]:
                true_ms = self._probe(clock, true_ms)

    def _probe(self, clock: ClockFilter, sent_ms: float) -> float:
        arrivals = self._path.exchange(sent_ms)
        if arrivals is None or self._dark_ms[0] <= sent_ms < self._dark_ms[1]:
            return sent_ms
        server_us, back_ms = round(arrivals[0] * 1000), arrivals[1]
        t0, t3 = (round(self._local_ms(at_ms) * 1000) for at_ms in (sent_ms, back_ms))
        self._tell(clock, ["answer", t0, server_us, server_us + 7, t3])
        return back_ms

    def _tell(self, clock: ClockFilter, step: Step) -> list[Any]:
        self.steps.append(step)
        return told(clock, step)

    def _local_ms(self, true_ms: float) -> float:
        by_ms = self._set_by_ms if self._set_at_ms and true_ms >= self._set_at_ms else 0.0
        return round(self._clock.exact_ms(true_ms) + by_ms, 1)


def told(clock: ClockFilter, step: Step) -> list[Any]:
    """What the filter says to one step: to `read` the room's time and its sd, nothing while they are unknown;
    to any other its timer, restarts, bound and round trip, after whether to send if it is `timer`."""
    answer: list[Any] = []
    match step:
        case ["timer", now_ms]:
            answer.append(clock.handle_timer(now_ms))
        case ["answer", t0, t1, t2, t3]:
            clock.receive(Exchange(t0, t1, t2, t3))
        case ["hidden", is_hidden, now_ms]:
            clock.set_hidden(is_hidden, now_ms)
        case ["reconnected", now_ms]:
            clock.reconnected(now_ms)
        case ["read", now_ms]:
            return [clock.room_ms(now_ms), clock.sd_ms(now_ms)] if clock.is_set else []
        case _:
            raise AssertionError(f"no such step: {step}")
    return [*answer, clock.get_timer(), clock.restarts, clock.bound_ms, clock.rtt_ms]


def answers(given: Vector) -> list[list[Any]]:
    """What Python says to all steps of a vector."""
    if given["fn"] == "controller":
        return _decided(given)
    (_, start_ms), *steps = given["steps"]
    clock = ClockFilter(start_ms)
    return [told(clock, step) for step in steps]


def _filter(name: str, steps: list[Step]) -> Vector:
    given = {"fn": "filter", "steps": steps}
    return {"name": name, "given": given, "expected": answers(given)}


# -- the controller -------------------------------------------------------------------------------------


def _controllers(random: Random) -> Iterator[Vector]:
    def noisy(error: Callable[[int], float], count: int = 120) -> list[float]:
        return [round(error(number) + random.gauss(0, 2), 1) for number in range(count)]

    cases = {
        "on the beat": noisy(lambda number: 0.0),
        "a device 80 ppm slow": noisy(lambda number: number * 0.02),
        "15 ms late": noisy(lambda number: 15 * 0.97**number),
        "stalls of 70 and 25 ms": noisy(lambda number: -70 if 20 <= number < 23 else 25 * (number > 60)),
        "a second ahead": noisy(lambda number: -1_000 if number < 2 else 0),
        "far off and staying there": noisy(lambda number: 200.0),
    }
    for name, errors in cases.items():
        yield _controller(f"controller: {name}", errors)
    yield _controller(
        "controller: Safari, 70 ms late", noisy(lambda number: 70 * (number < 30)), seek_only=True
    )
    yield _controller(
        "controller: latency and nudge", noisy(lambda number: 5.0), latency_ms=123.4, nudge_ms=-20.0
    )
    yield _controller(
        "controller: a start 25 ms late", noisy(lambda number: 25.0 * (number < 3), 30), started=True
    )
    yield _controller(
        "controller: a start 25 ms late on Safari",
        noisy(lambda number: 25.0, 30),
        started=True,
        seek_only=True,
    )


def _controller(
    name: str, errors: list[float], *, seek_only: bool = False, started: bool = False, **early: float
) -> Vector:
    """With `started`, the first step is a tenth of a second after a start, and the next come as often."""
    early = {"latency_ms": 0.0, "nudge_ms": 0.0} | early
    given: Vector = {"fn": "controller", "seek_only": seek_only, **early}
    if started:
        given["started_ms"] = 1_000_000 - START_INTERVAL_MS
    steps = []
    for number, error_ms in enumerate(errors):
        passed_ms = number * (START_INTERVAL_MS if started else INTERVAL_MS)
        position_ms = round(passed_ms + sum(early.values()) - error_ms, 1)
        steps.append([1_000_000 + passed_ms, passed_ms, position_ms])
    given["steps"] = steps
    return {"name": name, "given": given, "expected": _decided(given)}


def _decided(given: Vector) -> list[list[Any]]:
    """The decision, then the smoothed error, what is known of the device, and whether it is locked."""
    controller = PlaybackController(seek_only=given["seek_only"])
    controller.latency_ms, controller.nudge_ms = given["latency_ms"], given["nudge_ms"]
    if "started_ms" in given:
        controller.started(given["started_ms"])
    found: list[list[Any]] = []
    for now_ms, wanted_ms, position_ms in given["steps"]:
        decision = controller.decide(now_ms, wanted_ms, position_ms)
        if isinstance(decision, Keep):
            said: list[Any] = ["keep", decision.rate]
        elif isinstance(decision, Splice):
            said = ["splice", decision.position_ms, decision.rate]
        else:
            said = ["seek", decision.position_ms]
        found.append([*said, controller.error_ms, controller.base, controller.is_locked])
    return found
