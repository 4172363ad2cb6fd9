"""The algebra by itself: what one edit costs when it meets one other, and when it meets a thousand.

One small op against one small op on a list of 1,000 entries, as people make them, in median microseconds by
what the first of the two is. Then a small op over a block of 1,024 composed edits, looked up in its index and
walked to: the ratio says what the index is for. All of it runs in this process; a figure is the median of
many calls, each timed by itself.
"""

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.harness import BenchmarkError
from benchmarks.report import ROUNDS, Gate, Report
from ot.apply import apply
from ot.build import insert_at, move_range, remove_range, set_field
from ot.check import check
from ot.compose import compose, compose_all
from ot.document import Document
from ot.index import Indexed
from ot.op import Op
from ot.transform import transform
from ot.value import Entry

ENTRIES = 1_000
BLOCK = 1_024
PAIRS = 1_000
KINDS = ("insert", "remove", "move", "edit")
ANY = "any"
BLOCK_NAME = f"over {BLOCK:,} edits"
LOOKED_UP, WALKED, NOTED = "looked up, µs", "walked, µs", "noted once, µs"


def run(rounds: int = ROUNDS) -> Report:
    """Measures the same pairs in each round."""
    report = Report("core")
    hand = _Hand(random.Random("core"))
    pairs = [hand.pair(KINDS[number % len(KINDS)]) for number in range(PAIRS)]
    block, smalls = hand.block()
    for _ in range(rounds):
        _measure_pairs(report, hand.document, pairs)
        _measure_block(report, block, smalls)
    for function, at_most in (("transform", 12), ("compose", 8), ("apply", 8)):
        figure = _figure(function)
        report.gates.append(Gate(f"{ANY}: {figure}", report.median(ANY, figure), at_most=at_most))
    walked = report.median(BLOCK_NAME, WALKED)
    report.gates += [
        Gate(f"{BLOCK_NAME}, walked × looked up", _times(walked, report.median(BLOCK_NAME, LOOKED_UP)), 50),
        Gate(f"{BLOCK_NAME}, walked × noted once", _times(walked, report.median(BLOCK_NAME, NOTED)), 1),
    ]
    return report


@dataclass(frozen=True, slots=True)
class _Pair:
    """`first` and `second` are concurrent; `then` follows `first`."""

    kind: str
    first: Op
    second: Op
    then: Op


class _Hand:
    """What people do to a playlist, drawn beforehand."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._uids = 0
        self.document = Document([self._entry() for _ in range(ENTRIES)], {})

    def pair(self, kind: str) -> _Pair:
        first = self._op(kind, ENTRIES)
        second, then = (
            self._op(self._draw.choice(KINDS), length) for length in (ENTRIES, check(first, ENTRIES))
        )
        return _Pair(kind, first, second, then)

    def block(self) -> tuple[Op, list[Op]]:
        """Many edits as one op, and small ones that did not know of them."""
        ops: list[Op] = []
        length = ENTRIES
        for _ in range(BLOCK):
            ops.append(self._op(self._draw.choice(("insert", *KINDS)), length))
            length = check(ops[-1], length)
        return compose_all(ops), [self._op(kind, ENTRIES) for kind in KINDS for _ in range(PAIRS // 20)]

    def _op(self, kind: str, length: int) -> Op:
        at = self._draw.randrange(length)
        if kind == "insert":
            return insert_at(length, at, [self._entry()])
        if kind == "remove":
            return remove_range(length, at)
        if kind == "move":
            # Half the list away, so that it is a move.
            return move_range(length, at, 1, (at + length // 2) % length)
        return set_field(length, at, "note", f"edit {at}")

    def _entry(self) -> Entry:
        self._uids += 1
        return {"uid": f"0.{self._uids}", "track": "tutti:track:0123456789abcdefABCDEF", "added_at": 1}


def _measure_pairs(report: Report, document: Document, pairs: list[_Pair]) -> None:
    samples: dict[tuple[str, str], list[float]] = {}
    for pair in pairs:
        for function, took_us in (
            ("transform", _timed(transform, pair.first, pair.second, "right")),
            ("compose", _timed(compose, pair.first, pair.then)),
            ("apply", _timed(apply, document, pair.first)),
        ):
            for kind in (pair.kind, ANY):
                samples.setdefault((kind, function), []).append(took_us)
    for (kind, function), all_us in samples.items():
        report.add(kind, _figure(function), statistics.median(all_us))


def _measure_block(report: Report, block: Op, smalls: list[Op]) -> None:
    noted, looked_up, walked = [], [], []
    for small in smalls:
        indexed = Indexed(block)
        first = _timed(indexed.rebase, small, "right")
        again = _timed(indexed.rebase, small, "right")
        noted.append(first - again)
        looked_up.append(again)
        walked.append(_timed(transform, small, block, "right"))
        if indexed.rebase(small, "right") != transform(small, block, "right"):
            raise BenchmarkError("looked up, an op reads otherwise than walked to")
    for figure, all_us in ((LOOKED_UP, looked_up), (WALKED, walked), (NOTED, noted)):
        report.add(BLOCK_NAME, figure, statistics.median(all_us))


def _timed(function: Callable[..., Any], *arguments: object) -> float:
    """How long a call takes, in µs."""
    began_ns = time.perf_counter_ns()
    function(*arguments)
    return (time.perf_counter_ns() - began_ns) / 1_000


def _figure(function: str) -> str:
    return f"{function}, µs"


def _times(one: float | None, other: float | None) -> float | None:
    return one / other if one is not None and other else None
