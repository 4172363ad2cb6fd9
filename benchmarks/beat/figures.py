"""What is kept of each evening, and what is made of them all.

The looks of all evenings on one network under one rule count alike. Knows figures and gates. Does not know
how they came about.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np

from benchmarks.beat.device_time import Numbers
from benchmarks.beat.evening import RULES, Evening, Setting
from benchmarks.beat.verdict import (
    RECOVERS_MS,
    SETTLED_MS,
    Looks,
    apart,
    astray,
    corrections,
    heard_share,
    locks_ms,
    recoveries_ms,
    starts_apart_ms,
)
from benchmarks.jam_model.device import STALL_EVERY_MS
from benchmarks.jam_model.network import LAN, MOBILE, WIFI
from benchmarks.report import Gate, Report

# How far any two may be apart, p99.
APART_MOST_MS: Final = {LAN.name: 10.0, WIFI.name: 10.0, MOBILE.name: 25.0}
# So long after a start all must be in place.
LOCKED_MOST_S: Final = SETTLED_MS / 1000
HEARD_LEAST: Final = 0.95
OURS: Final = next(iter(RULES))
PERCENTILES: Final = (50, 95, 99)
# Of a listener's time, if each device stands still as often as those of the model.
STALLED: Final = RECOVERS_MS / STALL_EVERY_MS
MS_PER_HOUR: Final = 3_600_000
# Hundredths of a ms are more than the tool sees.
DIGITS: Final = 2


@dataclass(frozen=True, slots=True)
class Seen:
    """One evening. `listened_ms` adds up all listeners."""

    network: str
    rule: str
    apart_ms: Sequence[float]
    apart_stalled_ms: Sequence[float]
    astray_ms: Sequence[float]
    astray_stalled_ms: Sequence[float]
    locks_ms: Sequence[float]
    starts_apart_ms: Sequence[float]
    heard_share: float
    corrections: int
    unprovoked: int
    stalls: int
    recoveries_ms: Sequence[float]
    listened_ms: float

    @classmethod
    def of(cls, setting: Setting, evening: Evening) -> Self:
        courses, parts = evening.courses, evening.parts
        together, alone = apart(courses, parts), [astray(course, parts) for course in courses]
        found = [correction for course in courses for correction in corrections(course, parts)]
        return cls(
            network=setting.network.name,
            rule=setting.rule,
            apart_ms=together.calm_ms.round(DIGITS).tolist(),
            apart_stalled_ms=together.stalled_ms.round(DIGITS).tolist(),
            astray_ms=_joined(looks.calm_ms for looks in alone),
            astray_stalled_ms=_joined(looks.stalled_ms for looks in alone),
            locks_ms=[lock for course in courses for lock in locks_ms(course, parts)],
            starts_apart_ms=starts_apart_ms(courses, parts),
            heard_share=min(heard_share(course, parts) for course in courses),
            corrections=len(found),
            unprovoked=sum(not correction.is_excused for correction in found),
            stalls=sum(len(course.stalls) for course in courses),
            recoveries_ms=[ms for course in courses for ms in recoveries_ms(course, parts)],
            listened_ms=len(courses) * sum(part.until_ms - part.from_ms for part in parts),
        )


def keep(path: Path, seen: Seen) -> None:
    """Adds it to those that are kept there."""
    with path.open("a") as file:
        file.write(json.dumps(asdict(seen)) + "\n")


def kept(path: Path) -> list[Seen]:
    return [Seen(**json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []


def add_figures(report: Report, evenings: Iterable[Seen]) -> None:
    """Each network's figures by each rule, and the gates of ours."""
    groups: dict[tuple[str, str], list[Seen]] = {}
    for seen in evenings:
        groups.setdefault((seen.network, seen.rule), []).append(seen)
    for (network, rule), group in groups.items():
        _add(report, f"{network}: {rule}", group)
        if rule == OURS:
            _judge(report, f"{network}: {rule}", network)


def _add(report: Report, contender: str, group: Sequence[Seen]) -> None:
    together = Looks(*(_all(group, name) for name in ("apart_ms", "apart_stalled_ms")))
    alone = Looks(*(_all(group, name) for name in ("astray_ms", "astray_stalled_ms")))
    for percent in PERCENTILES:
        report.add(contender, f"two apart p{percent}, ms", weighed(together, 2 * STALLED, percent))
    for percent in PERCENTILES:
        report.add(contender, f"off the timeline p{percent}, ms", weighed(alone, STALLED, percent))
    locks_s = np.concatenate([seen.locks_ms for seen in group]) / 1000
    for name, percent in (("p50", 50), ("p95", 95), ("at most", 100)):
        report.add(contender, f"in place after a start {name}, s", _percentile(locks_s, percent))
    starts_ms = np.concatenate([seen.starts_apart_ms for seen in group])
    report.add(contender, "apart at a start p95, ms", _percentile(starts_ms, 95))
    hours = sum(seen.listened_ms for seen in group) / MS_PER_HOUR
    report.add(contender, "audible corrections per hour", sum(seen.corrections for seen in group) / hours)
    report.add(contender, "without a stall, per hour", sum(seen.unprovoked for seen in group) / hours)
    report.add(contender, "stalls per hour", sum(seen.stalls for seen in group) / hours)
    recoveries = [ms for seen in group for ms in seen.recoveries_ms]
    if recoveries:
        report.add(contender, "in place again after a stall at most, s", max(recoveries) / 1000)
    report.add(contender, "least share heard", min(seen.heard_share for seen in group))
    report.add(contender, "hours listened", hours)


def _judge(report: Report, contender: str, network: str) -> None:
    def gate(figure: str, *, at_most: float | None = None, at_least: float | None = None) -> None:
        value = report.median(contender, figure)
        report.gates.append(Gate(f"{contender}, {figure}", value, at_least=at_least, at_most=at_most))

    gate("two apart p99, ms", at_most=APART_MOST_MS[network])
    gate("in place after a start at most, s", at_most=LOCKED_MOST_S)
    gate("without a stall, per hour", at_most=0)
    gate("least share heard", at_least=HEARD_LEAST)


def _joined(looks: Iterable[Numbers]) -> list[float]:
    found: list[float] = np.concatenate(list(looks)).round(DIGITS).tolist()
    return found


def _all(group: Sequence[Seen], name: str) -> Numbers:
    found: Numbers = np.abs(np.concatenate([getattr(seen, name) for seen in group]))
    return found


def weighed(looks: Looks, stalled_share: float, percent: float) -> float:
    """The percentile, were the share of looks after a stall this one; an evening is too short to have as many
    stalls as there should be. Nan if there are no looks."""
    values = np.concatenate([looks.calm_ms, looks.stalled_ms])
    if len(looks.calm_ms) == 0 or len(looks.stalled_ms) == 0:
        return _percentile(values, percent)
    shares = ((looks.calm_ms, 1 - stalled_share), (looks.stalled_ms, stalled_share))
    weights = np.concatenate([np.full(len(part), share / len(part)) for part, share in shares])
    order = np.argsort(values)
    place = int(np.searchsorted(np.cumsum(weights[order]), percent / 100))
    return float(values[order][min(place, len(values) - 1)])


def _percentile(values: Numbers, percent: float) -> float:
    """That of nobody is nan: no bound is kept by it."""
    return float(np.percentile(values, percent)) if len(values) > 0 else float("nan")
