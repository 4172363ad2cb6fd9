"""The tables of SYNC.md: how far apart people heard a Jam, and what the tool that says so is wrong by.

Made from what `python -m benchmarks beat` and `make hour` leave. Knows the reports' names. Does not know how
they came about.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from benchmarks.beat.evening import RULES
from benchmarks.beat.figures import APART_MOST_MS, LOCKED_MOST_S
from benchmarks.harness import RESULTS

Figures = Mapping[str, Mapping[str, Any]]

_MADE: Final = re.compile(r"(<!-- made by [^>]*: (\w+) -->\n)((?:.*?\n)??)(<!-- end -->)", re.DOTALL)
_PERCENTILES: Final = ("p50", "p95", "p99")


def with_measurements(page: str) -> str:
    """The page with its tables made anew."""

    def anew(match: re.Match[str]) -> str:
        benchmark, make = _MAKERS[match[2]]
        return match[1] + "".join(make(_report(benchmark))) + match[4]

    return _MADE.sub(anew, page)


def _report(benchmark: str) -> dict[str, Any]:
    path = RESULTS / f"{benchmark}.json"
    report: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {"figures": {}, "gates": []}
    return report


def _apart(report: dict[str, Any]) -> Iterator[str]:
    yield "| network | rule | p50 | p95 | p99 | promised | off the timeline, p50 / p95 / p99 |\n"
    yield "|---|---|---|---|---|---|---|\n"
    for network, rule, figures in _contenders(report):
        apart = [_ms(figures, f"two apart {percent}, ms") for percent in _PERCENTILES]
        off = " / ".join(_ms(figures, f"off the timeline {percent}, ms") for percent in _PERCENTILES)
        promised = f"≤ {APART_MOST_MS[network]:g}" if _is_ours(rule) else ""
        yield f"| {network} | {rule} | {' | '.join(apart)} | {promised} | {off} |\n"


def _starts(report: dict[str, Any]) -> Iterator[str]:
    yield f"| network | rule | in place after a start: p50, p95, at most (promised ≤ {LOCKED_MOST_S:g} s) "
    yield "| audible corrections an hour | of these without a stall (promised: none) "
    yield "| in place again after a stall | listened |\n"
    yield "|---|---|---|---|---|---|---|\n"
    for network, rule, figures in _contenders(report):
        names = ("p50", "p95", "at most")
        starts = ", ".join(f"{_value(figures, f'in place after a start {name}, s'):.2f}" for name in names)
        again = "in place again after a stall at most, s"
        recovery = f"{_value(figures, again):.1f} s" if again in figures else ""
        corrections = _value(figures, "audible corrections per hour")
        unprovoked = _value(figures, "without a stall, per hour")
        minutes = _value(figures, "hours listened") * 60
        yield f"| {network} | {rule} | {starts} s | {corrections:.0f} | {unprovoked:.0f} "
        yield f"| {recovery} | {minutes:.0f} min |\n"


def _gates(report: dict[str, Any]) -> Iterator[str]:
    yield "| promise | seen | kept |\n"
    yield "|---|---|---|\n"
    for gate in report["gates"]:
        bound = f"≤ {gate['at_most']:g}" if gate["at_most"] is not None else f"≥ {gate['at_least']:g}"
        yield f"| {gate['name']} {bound} | {gate['value']:.2f} | {'yes' if gate['kept'] else '**no**'} |\n"


def _hour(report: dict[str, Any]) -> Iterator[str]:
    yield "| | seen |\n"
    yield "|---|---|\n"
    for figures in report["figures"].values():
        for name in figures:
            yield f"| {name} | {_value(figures, name):.4g} |\n"


def _contenders(report: dict[str, Any]) -> Iterator[tuple[str, str, Figures]]:
    """Network by network, ours first; the tool itself is none."""
    found = {tuple(name.split(": ")): figures for name, figures in report["figures"].items() if ": " in name}
    for network in APART_MOST_MS:
        for rule in RULES:
            if (network, rule) in found:
                yield network, rule, found[network, rule]


def _is_ours(rule: str) -> bool:
    return rule == next(iter(RULES))


def _value(figures: Figures, name: str) -> float:
    return float(figures[name]["median"])


def _ms(figures: Figures, name: str) -> str:
    return f"{_value(figures, name):.1f}"


_MAKERS: Final[Mapping[str, tuple[str, Callable[[dict[str, Any]], Iterator[str]]]]] = {
    "apart": ("beat", _apart),
    "starts": ("beat", _starts),
    "gates": ("beat", _gates),
    "hour": ("hour", _hour),
}
