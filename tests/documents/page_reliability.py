"""The tables of RELIABILITY.md: what was seen when each fault was brought about, beside what is promised.

Made from the results that `make faults` leaves. Knows rows and figures. Does not know how they were measured.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from tests.faults.figures import RESULTS
from tests.faults.row import COMMON, Row
from tests.faults.rows import ROWS

THOUSAND: Final = 1000
_MADE: Final = re.compile(r"(<!-- made by [^>]*: (\w+) -->\n)((?:.*?\n)??)(<!-- end -->)", re.DOTALL)


def with_figures(page: str) -> str:
    """The page with its tables made anew."""
    results = {name: _result(name) for name in ROWS}
    made = {"faults": _faults(results), "common": _common(results)}
    return _MADE.sub(lambda match: match[1] + "".join(made[match[2]]) + match[4], page)


def _result(name: str) -> dict[str, Any] | None:
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def _faults(results: dict[str, dict[str, Any] | None]) -> list[str]:
    lines = ["| fault | promised | seen | holds |\n", "|---|---|---|---|\n"]
    for name, row in ROWS.items():
        lines.append(f"| {' | '.join(_line(row, results[name]))} |\n")
    return lines


def _line(row: Row, result: dict[str, Any] | None) -> Iterator[str]:
    yield f"{row.fault} (`{row.name}`)"
    yield row.promise
    if result is None:
        yield "not run"
        yield ""
        return
    own = [
        _shown(figure) for figure in result["figures"] if figure["name"] not in COMMON or not figure["holds"]
    ]
    is_whole = result["rounds"] >= row.full.rounds
    if not is_whole:
        own.insert(0, f"**{result['rounds']} of {row.full.rounds} rounds**")
    yield "; ".join(own) or "; ".join(result["notes"]) or "the conditions below"
    yield ("yes" if is_whole else "so far") if result["holds"] else "**no**"


def _common(results: dict[str, dict[str, Any] | None]) -> list[str]:
    """The worst over all rows that look at a condition."""
    lines = ["| every row | promised | worst seen | rows |\n", "|---|---|---|---|\n"]
    for name in COMMON:
        seen = [
            figure
            for result in results.values()
            if result is not None
            for figure in result["figures"]
            if figure["name"] == name
        ]
        if seen:
            worst = max(seen, key=lambda figure: float(figure["seen"]))
            promised = f"≤ {worst['promised']:g}"
            lines.append(f"| {name} | {promised} | {worst['seen']:.4g} | {len(seen)} |\n")
    return lines


def _shown(figure: dict[str, Any]) -> str:
    """What is only to be enough to prove something stands without its bound, unless it was too little."""
    unit = f" {figure['unit']}" if figure["unit"] else ""
    seen = figure["seen"]
    text = f"{figure['name']} {f'{seen:,.0f}' if seen >= THOUSAND else f'{seen:.4g}'}{unit}"
    if not figure["at_least"]:
        text += f" (≤ {figure['promised']:g})"
    if figure["holds"]:
        return text
    return f"**{text}**" if not figure["at_least"] else f"**{text} (≥ {figure['promised']:g})**"
