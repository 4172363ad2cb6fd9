"""What a benchmark found: medians of rounds, and gates.

Contenders take turns within each round, so that a machine that slows down slows all of them; a figure is the
median of the rounds, and a gate compares ratios, never absolute times. A figure during which the generator
itself was nearly busy says nothing about the server and is void. Of the samples those count during which
nobody else used the cores, if there are any. Knows figures. Does not know how they came about.
"""

import os
import platform
import statistics
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

ROUNDS = 5
GENERATOR_CPU_MAX = 0.9
# Share of a core that others may use meanwhile.
FOREIGN_CPU_MAX = 0.1
CORES = sorted(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True)
class Gate:
    """A figure and the bound that it must keep. `value` None: it is void, and void is a miss. `unbound`: why
    this machine cannot say anything about it; then it has no bound."""

    name: str
    value: float | None
    at_least: float | None = None
    at_most: float | None = None
    unbound: str = ""

    @property
    def bounds(self) -> str:
        if self.unbound:
            return "no bound here"
        bounds = (("at least", self.at_least), ("at most", self.at_most))
        return ", ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)

    @property
    def is_kept(self) -> bool:
        if self.value is None:
            return False
        is_enough = self.at_least is None or self.value >= self.at_least
        return is_enough and (self.at_most is None or self.value <= self.at_most)


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement. `generator_cpu` and `foreign_cpu` are shares of a core meanwhile."""

    value: float
    generator_cpu: float = 0.0
    foreign_cpu: float = 0.0

    @property
    def is_quiet(self) -> bool:
        return self.foreign_cpu <= FOREIGN_CPU_MAX


@dataclass(slots=True)
class Report:
    """Every sample by contender and figure; medians and gates are derived."""

    benchmark: str
    samples: dict[str, dict[str, list[Sample]]] = field(default_factory=dict)
    gates: list[Gate] = field(default_factory=list)

    def add(self, contender: str, figure: str, value: float, run: Mapping[str, float] | None = None) -> None:
        """A sample; `run` is what `generate` gave, if it comes from there."""
        sample = Sample(value, run["cpu"], run["foreign_cpu"]) if run else Sample(value)
        self.samples.setdefault(contender, {}).setdefault(figure, []).append(sample)
        note = (
            f"  (generator {sample.generator_cpu:.0%} busy, others {sample.foreign_cpu:.0%})" if run else ""
        )
        print(f"{self.benchmark}: {contender} {figure} = {value:,.2f}{note}", file=sys.stderr)

    def median(self, contender: str, figure: str) -> float | None:
        """Of the quiet samples, if there are any. None if it was not measured, or is void."""
        samples = self.samples.get(contender, {}).get(figure, [])
        counted = [sample for sample in samples if sample.is_quiet] or samples
        if not counted or any(sample.generator_cpu > GENERATOR_CPU_MAX for sample in counted):
            return None
        return statistics.median(sample.value for sample in counted)

    def ratio(self, contender: str, reference: str, figure: str) -> float | None:
        mine, theirs = self.median(contender, figure), self.median(reference, figure)
        return None if mine is None or not theirs else mine / theirs

    @property
    def is_kept(self) -> bool:
        return all(gate.is_kept for gate in self.gates)

    def print_gates(self) -> None:
        for gate in self.gates:
            value = "void" if gate.value is None else f"{gate.value:.2f}"
            verdict = gate.unbound or ("kept" if gate.is_kept else "MISSED")
            print(f"{self.benchmark}: {gate.name}: {value} ({gate.bounds}): {verdict}", file=sys.stderr)

    def as_json(self) -> dict[str, Any]:
        """Medians (null: void) and the samples behind them, and the gates."""
        return {
            "benchmark": self.benchmark,
            "machine": {
                "cores": len(CORES),
                "python": platform.python_version(),
                "system": platform.system(),
            },
            "figures": {
                contender: {
                    figure: {
                        "median": self.median(contender, figure),
                        "quiet": sum(sample.is_quiet for sample in samples),
                        "samples": [asdict(sample) for sample in samples],
                    }
                    for figure, samples in figures.items()
                }
                for contender, figures in self.samples.items()
            },
            "gates": [asdict(gate) | {"kept": gate.is_kept} for gate in self.gates],
        }
