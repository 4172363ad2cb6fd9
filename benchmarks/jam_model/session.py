"""One listener for twenty minutes: probes, decisions, and how wrong both were by true time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from random import Random
from typing import Protocol

from benchmarks.jam_model.device import Clock, Player
from benchmarks.jam_model.network import Network, Path
from jam.clock import Exchange
from jam.drift import INTERVAL_MS, Decision, Keep, Splice

SESSIONS = 24
MINUTES = 20.0
# The start is judged elsewhere.
NOT_COUNTED_MS = 15_000.0
# A rate that is off by more than half a percent can be heard; a hair is left to rounding.
AUDIBLE_RATE = 0.005 + 1e-9
# A correction so soon after a stall is the stall's.
AFTER_STALL_MS = 10_000.0


class RoomClock(Protocol):
    def get_timer(self) -> float: ...
    def handle_timer(self, now_ms: float) -> bool: ...
    def receive(self, exchange: Exchange) -> None: ...
    @property
    def is_set(self) -> bool: ...
    def room_ms(self, now_ms: float) -> float: ...


class Controller(Protocol):
    def decide(self, now_ms: float, wanted_ms: float, position_ms: float) -> Decision: ...


@dataclass(frozen=True, slots=True)
class Rule:
    """A clock and a controller, made anew for each session."""

    name: str
    clock: Callable[[float], RoomClock]
    controller: Callable[[], Controller]


@dataclass(slots=True)
class Figures:
    """Absolute errors in ms at each decision that counts, of the sessions so far."""

    clock_ms: list[float] = field(default_factory=list)
    playback_ms: list[float] = field(default_factory=list)
    hours: float = 0.0
    # What can be heard: seeks, splices, and rates that begin to be off by more than half a percent.
    jumps: int = 0
    # Of these, what no stall brought about.
    unprovoked: int = 0


def percentiles(values: Sequence[float]) -> tuple[float, float, float]:
    """p50, p95, p99."""
    ordered = sorted(values)
    half, most, nearly_all = (ordered[int(len(ordered) * share)] for share in (0.50, 0.95, 0.99))
    return half, most, nearly_all


def simulate(
    rule: Rule,
    network: Network,
    seed: int,
    *,
    sessions: int = SESSIONS,
    minutes: float = MINUTES,
    plays: bool = True,
) -> Figures:
    """All sessions of a rule on a network. Session n has the same device on every network and under every
    rule. Without `plays`, only clocks are judged."""
    figures = Figures()
    for session in range(sessions):
        device = Random(f"device {seed} {session}")
        clock = Clock(device, minutes * 60_000, skews_fully=network.skews_fully)
        player = Player(Random(f"player {seed} {session}"), clock) if plays else None
        path = Path(network, Random(f"path {seed} {session} {network.name}"))
        _Session(rule, clock, path, player, figures).run(minutes * 60_000)
        figures.hours += (minutes * 60_000 - NOT_COUNTED_MS) / 3_600_000
    return figures


class _Session:
    def __init__(self, rule: Rule, clock: Clock, path: Path, player: Player | None, figures: Figures) -> None:
        self._clock = clock
        self._path = path
        self._player = player
        self._figures = figures
        self._filter = rule.clock(clock.read_ms(0))
        self._controller = rule.controller()
        # Answers under way, in order of arrival.
        self._answers: list[tuple[float, Exchange]] = []

    def run(self, until_ms: float) -> None:
        now_ms = probe_ms = 0.0
        decide_ms = float(INTERVAL_MS)
        while now_ms < until_ms:
            answer_ms = self._answers[0][0] if self._answers else inf
            now_ms = min(answer_ms, probe_ms, decide_ms)
            if now_ms == answer_ms:
                self._filter.receive(self._answers.pop(0)[1])
            elif now_ms == decide_ms:
                self._decide(now_ms)
                decide_ms += INTERVAL_MS
                continue
            if self._filter.handle_timer(self._clock.read_ms(now_ms)):
                self._probe(now_ms)
            # By then the own clock says so, whatever its rate and its quantum.
            wait_ms = self._filter.get_timer() - self._clock.read_ms(now_ms)
            probe_ms = now_ms + max(wait_ms * 1.0001, 0.0) + 0.2

    def _probe(self, now_ms: float) -> None:
        arrivals = self._path.exchange(now_ms)
        if arrivals is None:
            return
        server_ms, back_ms = arrivals
        t1 = int(server_ms * 1000)
        exchange = Exchange(self._local_us(now_ms), t1, t1, self._local_us(back_ms))
        self._answers.append((back_ms, exchange))

    def _local_us(self, true_ms: float) -> int:
        return round(self._clock.read_ms(true_ms) * 1000)

    def _decide(self, now_ms: float) -> None:
        counts = now_ms >= NOT_COUNTED_MS
        if self._player:
            self._player.play(now_ms)
        if not self._filter.is_set:
            return
        local_ms = self._clock.read_ms(now_ms)
        wanted_ms = self._filter.room_ms(local_ms)
        if counts:
            self._figures.clock_ms.append(abs(wanted_ms - now_ms))
        if not self._player:
            return
        if counts:
            self._figures.playback_ms.append(abs(now_ms - self._player.position_ms))
        rate = self._player.rate
        decision = self._controller.decide(local_ms, wanted_ms, self._player.read_ms())
        if isinstance(decision, Keep):
            self._player.rate = decision.rate
            is_audible = abs(decision.rate - 1) > AUDIBLE_RATE and decision.rate != rate
        else:
            self._player.seek(decision.position_ms)
            is_audible = True
            if isinstance(decision, Splice):
                self._player.rate = decision.rate
        if counts and is_audible:
            self._figures.jumps += 1
            self._figures.unprovoked += now_ms - self._player.stalled_ms > AFTER_STALL_MS
