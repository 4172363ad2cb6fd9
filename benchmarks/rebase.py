"""Two people edit one playlist offline, n edits each, and come back: how long until both hold the same list.

As in the SDKs, each edit is applied and queued by a client engine (building). Then each queue becomes one op
(composing), each op is carried over the other (transforming), and both lists are brought to the same end
(applying); these last two are the merge. For 10,000 edits the playlist has 10,000 entries at first. For 1,000
it has more, so that it is on average as long as the other: what grows is the edits. All of it runs in this
process.
"""

import math
import random
import time
from collections.abc import Callable
from typing import TypeVar

from benchmarks.harness import BenchmarkError
from benchmarks.report import ROUNDS, Gate, Report
from ot.apply import apply
from ot.build import insert_at, move_range, remove_range, set_field
from ot.client import Engine
from ot.document import Document
from ot.op import Op
from ot.transform import transform
from ot.value import Entry

T = TypeVar("T")

ENTRIES = 10_000
SMALL, LARGE = 1_000, 10_000
# Of ten edits six insert and one removes.
GROWTH = 0.5
PARTS = ("building", "composing", "transforming", "applying")
IN_ALL, MERGE_MS, EDIT_US = "in all", "merge, ms", "building, µs an edit"
# How much more n log n is for the large size; building may grow so much and no more.
N_LOG_N = LARGE * math.log(LARGE) / (SMALL * math.log(SMALL))


def run(rounds: int = ROUNDS) -> Report:
    """Measures both sizes in turn."""
    report = Report("rebase")
    for _ in range(rounds):
        for edits in (SMALL, LARGE):
            _measure(report, edits)
    small, large = _name(SMALL), _name(LARGE)
    report.gates = [
        Gate(f"{large}, {MERGE_MS}", report.median(large, MERGE_MS), at_most=150),
        Gate(f"{large}, {EDIT_US}", report.median(large, EDIT_US), at_most=80),
        Gate(
            f"{large}, building, × {small}",
            report.ratio(large, small, "building"),
            at_most=round(N_LOG_N, 2),
        ),
        Gate(f"{large}, s in all", report.median(large, IN_ALL), at_most=4),
        Gate(f"{large}, × {small}", report.ratio(large, small, IN_ALL), at_most=18),
    ]
    return report


def _name(edits: int) -> str:
    return f"{edits:,} × {edits:,} edits"


def _measure(report: Report, edits: int) -> None:
    entries = ENTRIES + int((LARGE - edits) * GROWTH / 2)
    start = Document([_entry(f"0.{number}") for number in range(entries)], {})
    branches = [_Branch(Engine(start, 0), str(side), edits) for side in (1, 2)]
    spent = dict.fromkeys(PARTS, 0.0)

    def timed(part: str, work: Callable[[], T]) -> T:
        began_s = time.perf_counter()
        result = work()
        spent[part] += time.perf_counter() - began_s
        return result

    for branch in branches:
        timed("building", branch.build)
    first, second = (timed("composing", branch.composed) for branch in branches)
    after_first = timed("transforming", lambda: transform(second, first, "right"))
    after_second = timed("transforming", lambda: transform(first, second, "left"))
    one = timed("applying", lambda: apply(branches[0].engine.document, after_first))
    other = timed("applying", lambda: apply(branches[1].engine.document, after_second))
    if one != other:
        raise BenchmarkError("the two lists differ in the end")
    for part, seconds in spent.items():
        report.add(_name(edits), part, seconds)
    report.add(_name(edits), IN_ALL, sum(spent.values()))
    report.add(_name(edits), MERGE_MS, (spent["transforming"] + spent["applying"]) * 1000)
    report.add(_name(edits), EDIT_US, spent["building"] / (2 * edits) * 1e6)


class _Branch:
    """One person's edits, drawn beforehand: of ten four append, two insert, one moves, one removes, and two
    set a field."""

    def __init__(self, engine: Engine, side: str, edits: int) -> None:
        self.engine = engine
        self._side = side
        draw = random.Random(f"{side} {edits}")
        self._drawn = [(draw.randrange(10), draw.random(), draw.random()) for _ in range(edits)]

    def build(self) -> None:
        for number, (die, there, elsewhere) in enumerate(self._drawn):
            self.engine.edit(self._op(number, die, there, elsewhere))

    def composed(self) -> Op:
        """All edits as the one op that is sent."""
        inflight = self.engine.send(1)
        assert inflight is not None, "there are edits"
        return inflight.op

    def _op(self, number: int, die: int, there: float, elsewhere: float) -> Op:
        length = len(self.engine.document.entries)
        at = int(there * length)
        if die < 4:
            return insert_at(length, length, [_entry(f"{self._side}.{number}")])
        if die < 6:
            return insert_at(length, at, [_entry(f"{self._side}.{number}")])
        if die == 6:
            return move_range(length, at, 1, int(elsewhere * (length + 1)))
        if die == 7:
            return remove_range(length, at)
        return set_field(length, at, "note", f"edit {number}")


def _entry(uid: str) -> Entry:
    return {"uid": uid, "track": "tutti:track:0123456789abcdefABCDEF", "added_by": "someone", "added_at": 1}
