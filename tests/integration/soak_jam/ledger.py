"""What all devices of the proof said, and what of it cannot be.

Compares the orders that replicas made of every version, counts outcomes, and keeps how long they took. Pure.
What must be true of the log by itself is the judge's.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Final, assert_never

from tests.integration.soak_jam.reports import (
    Began,
    Folded,
    Heard,
    Pressed,
    Report,
    Rests,
    Settled,
    Troubled,
)

# More of the same say nothing new.
FINDINGS_MAX: Final = 50


class Ledger:
    """`receive` what is told. `findings` are sentences about what must not be; `wrong` counts all of them,
    also those that are not kept."""

    def __init__(self) -> None:
        self.findings: list[str] = []
        self.wrong = 0
        self.commands: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.took_ms: list[float] = []
        self.presses: Counter[tuple[str, ...]] = Counter()
        self.samples = 0
        self.steps = 0
        self.troubles: Counter[str] = Counter()
        self.rests: dict[str, Rests] = {}
        # What the first replica made of each version, and how many made it.
        self._orders: dict[int, Folded] = {}
        self._folds: Counter[int] = Counter()

    def receive(self, report: Report) -> None:
        match report:
            case Folded():
                self._compare(report)
            case Settled(command=command, code=code, took_ms=took_ms):
                self.commands[command] += 1
                if took_ms is not None:
                    self.took_ms.append(took_ms)
                if code:
                    self.refusals[code] += 1
            case Pressed(who, play, codes):
                self.presses[tuple(sorted(codes))] += 1
                if codes.count("") > 1:
                    self.find(f"Both presses of {who} at play {play} were taken.")
            case Heard(who, samples, steps, jumps):
                self.samples += samples
                self.steps += steps
                for jump in jumps:
                    self.find(f"For {who} {jump}.")
            case Troubled(who, what):
                self.troubles[what] += 1
                if what != "resynced":
                    self.find(f"The replica of {who} {what}.")
            case Rests(who):
                self.rests[who] = report
            case Began():
                pass
            case _:
                assert_never(report)

    def find(self, sentence: str) -> None:
        self.wrong += 1
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(sentence)

    def _compare(self, folded: Folded) -> None:
        first = self._orders.setdefault(folded.version, folded)
        self._folds[folded.version] += 1
        if first.order != folded.order:
            self.find(f"At version {folded.version} {folded.who} has another order than {first.who}.")

    def compare_orders(self, orders: Mapping[int, str]) -> None:
        """`orders` are the digests by version, as the log and the order's definition have them. Every version
        must have been folded by somebody."""
        for version, order in orders.items():
            folded = self._orders.get(version)
            if folded is None:
                self.find(f"Nobody folded version {version}.")
            elif folded.order != order:
                self.find(f"At version {version} {folded.who} has another order than the log.")

    def compare_rests(self, version: int, digest: str, expected: int) -> None:
        """All replicas, as many as expected, must rest with this state."""
        if len(self.rests) != expected:
            self.find(f"{len(self.rests)} of {expected} replicas rest at the end.")
        for who, rests in self.rests.items():
            if (rests.version, rests.digest) != (version, digest):
                self.find(f"{who} ends with {rests.digest} at {rests.version}, the server with {digest}.")

    # -- figures ---------------------------------------------------------------------------------------------

    @property
    def folds(self) -> int:
        return self._folds.total()

    def took(self, percent: int) -> float:
        """The time within which so many percent of the commands were settled, ms, of those that are timed."""
        ordered = sorted(self.took_ms)
        return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else 0.0
