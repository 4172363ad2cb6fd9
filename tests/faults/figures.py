"""Figures: what was seen, beside what was promised.

A row's run is a list of them, written as JSON with the machine's load at the time, because a shared machine
makes times long and never short. Knows numbers. Does not know how they were measured.
"""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import msgspec

RESULTS = Path(__file__).parent / "results"

Scale = Literal["slice", "full"]


@dataclass(frozen=True, slots=True)
class Figure:
    """`promised` is the most that `seen` may be, or (`at_least`) the least."""

    name: str
    seen: float
    promised: float
    unit: str = ""
    at_least: bool = False

    @property
    def holds(self) -> bool:
        return self.seen >= self.promised if self.at_least else self.seen <= self.promised


@dataclass(slots=True)
class Result:
    """One run of a row."""

    row: str
    scale: Scale
    rounds: int
    seed: int
    seconds: float = 0.0
    load_average: tuple[float, float] = (0.0, 0.0)
    figures: list[Figure] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.findings and all(figure.holds for figure in self.figures)

    @classmethod
    def read(cls, path: Path) -> "Result":
        """Raises FileNotFoundError."""
        return msgspec.convert(json.loads(path.read_text()), cls)

    def joined(self, later: "Result") -> "Result":
        """Both runs of one row as one: what was counted adds up, of all else the worse is kept."""
        figures = {figure.name: figure for figure in self.figures}
        for new in later.figures:
            old = figures.get(new.name)
            figures[new.name] = new if old is None else _joined(old, new)
        return replace(
            self,
            rounds=self.rounds + later.rounds,
            seconds=round(self.seconds + later.seconds, 1),
            load_average=(self.load_average[0], later.load_average[1]),
            figures=list(figures.values()),
            findings=self.findings + later.findings,
            notes=self.notes + later.notes,
        )

    def as_json(self) -> dict[str, Any]:
        made = asdict(self)
        made["figures"] = [
            {**asdict(figure), "seen": round(figure.seen, 4), "holds": figure.holds}
            for figure in self.figures
        ]
        made["holds"] = self.holds
        made["machine"] = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
        return made

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.as_json(), indent=1, ensure_ascii=False) + "\n")


def _joined(old: Figure, new: Figure) -> Figure:
    if old.at_least and not old.unit:
        return replace(old, seen=old.seen + new.seen, promised=old.promised + new.promised)
    worse = min if old.at_least else max
    return replace(old, seen=worse(old.seen, new.seen))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all does not exceed; 0 of none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]
