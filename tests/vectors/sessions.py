"""Listeners of the model, whole: probes in and the room's time out, positions in and decisions out.

Where `clock` shows the filter and the controller each by itself, here they work together as in a client, over
the benchmarks' networks, clocks and players: what the controller wants is where the filter says the timeline
is, and what it decides moves the player that it hears next. Another language is given what a device would
hear, and must say what Python says, to 1e-9 ms.
"""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any, Final

from benchmarks.jam_model.device import Clock, Player
from benchmarks.jam_model.network import DARK, LAN, MOBILE, WIFI, Network, Path
from jam.clock import ClockFilter, Exchange
from jam.drift import INTERVAL_MS, START_INTERVAL_MS, Decision, Keep, PlaybackController, Seek, Splice

Vector = dict[str, Any]
Step = list[Any]

SESSIONS: Final = 2
SESSION_MS: Final = 75_000
# As the benchmarks' dark, only sooner.
DIM: Final = replace(DARK, dark_ms=(25_000, 60_000))
# Of the decisions that only keep a rate, every so manieth is given: a wrong one shows in all that follow.
SAID_EVERY: Final = 4


def sessions(random: Random) -> Iterator[Vector]:
    for network in (LAN, WIFI, MOBILE, DIM):
        for number in range(SESSIONS):
            given = {"steps": _Session(random, network).steps}
            yield {"name": f"{network.name} {number}", "given": given, "expected": session_answers(given)}


class Listener:
    """The filter and the controller of one client, told what happens in steps."""

    def __init__(self, start_ms: float) -> None:
        self.clock = ClockFilter(start_ms)
        self._controller = PlaybackController()
        self._has_started = False

    def is_starting(self, now_ms: float) -> bool:
        return self._controller.is_starting(now_ms)

    def decide(self, now_ms: float, position_ms: float) -> Decision:
        if not self._has_started:
            self._controller.started(now_ms)
            self._has_started = True
        return self._controller.decide(now_ms, self.clock.room_ms(now_ms), position_ms)

    def answer(self, step: Step) -> list[Any]:
        """To `timer` whether to send; to `answer` the offset, its sd and bound as far as they are known; to
        `decide` the decision, the smoothed error and whether it is locked."""
        match step:
            case ["timer", now_ms]:
                return [self.clock.handle_timer(now_ms)]
            case ["answer", t0, t1, t2, t3]:
                self.clock.receive(Exchange(t0, t1, t2, t3))
                return self._known(t3 / 1000) if self.clock.is_set else []
            case ["decide", now_ms, position_ms]:
                decision = _said(self.decide(now_ms, position_ms))
                return [*decision, self._controller.error_ms, self._controller.is_locked]
        raise AssertionError(f"no such step: {step}")

    def _known(self, now_ms: float) -> list[Any]:
        return [self.clock.offset_ms(now_ms), self.clock.sd_ms(now_ms), self.clock.bound_ms]


def session_answers(given: Vector) -> list[list[Any]]:
    """What Python says: the number of a step and its answer, where that is given."""
    (_, start_ms), *steps = given["steps"]
    listener = Listener(start_ms)
    said: list[list[Any]] = []
    for number, step in enumerate(steps):
        answer = listener.answer(step)
        if answer and (step[0] != "timer" and (answer[0] != "keep" or number % SAID_EVERY == 0)):
            said.append([number, *answer])
    return said


def _said(decision: Decision) -> list[Any]:
    match decision:
        case Keep(rate):
            return ["keep", rate]
        case Splice(position_ms, rate):
            return ["splice", position_ms, rate]
        case Seek(position_ms):
            return ["seek", position_ms]


class _Session:
    """A device, its player and its way to the server for a while. A decision may come while an answer is
    under way, as in life."""

    def __init__(self, random: Random, network: Network) -> None:
        self._clock = Clock(random, SESSION_MS, skews_fully=network.skews_fully)
        self._path, self._player = Path(network, random), Player(random, self._clock)
        self._listener = Listener(self._local_ms(0))
        self.steps: list[Step] = [["start", self._local_ms(0)]]
        self._probe_ms, self._decide_ms = 0.0, float(START_INTERVAL_MS)
        self._answers: list[tuple[float, Step]] = []
        now_ms = 0.0
        while now_ms < SESSION_MS:
            now_ms = min(self._probe_ms, self._decide_ms, *(at_ms for at_ms, _ in self._answers))
            self._go_on(now_ms)

    def _go_on(self, now_ms: float) -> None:
        if self._answers and now_ms == self._answers[0][0]:
            self._tell(self._answers.pop(0)[1])
        elif now_ms == self._decide_ms:
            self._decide(now_ms)
            return
        if self._tell(["timer", self._local_ms(now_ms)])[0]:
            self._probe(now_ms)
        wait_ms = self._listener.clock.get_timer() - self._local_ms(now_ms)
        self._probe_ms = now_ms + max(wait_ms * 1.0001, 0.0) + 0.2

    def _probe(self, now_ms: float) -> None:
        arrivals = self._path.exchange(now_ms)
        if arrivals is not None:
            server_us, back_ms = round(arrivals[0] * 1000), arrivals[1]
            t0, t3 = (round(self._local_ms(at_ms) * 1000) for at_ms in (now_ms, back_ms))
            self._answers.append((back_ms, ["answer", t0, server_us, server_us + 7, t3]))

    def _decide(self, now_ms: float) -> None:
        self._player.play(now_ms)
        local_ms = self._local_ms(now_ms)
        is_starting = True
        if self._listener.clock.is_set:
            decision = self._tell(["decide", local_ms, round(self._player.read_ms(), 2)])
            if decision[0] == "splice":
                self._player.seek(decision[1])
            self._player.rate = decision[-3]
            is_starting = self._listener.is_starting(local_ms)
        self._decide_ms = now_ms + (START_INTERVAL_MS if is_starting else INTERVAL_MS)

    def _tell(self, step: Step) -> list[Any]:
        self.steps.append(step)
        return self._listener.answer(step)

    def _local_ms(self, true_ms: float) -> float:
        return round(self._clock.exact_ms(true_ms), 1)
