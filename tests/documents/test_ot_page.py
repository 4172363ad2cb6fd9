"""OT.md shows what the code does, for every cell of its table, and counts what is really tried."""

import doctest
import re

from ot.fuzz.every import every_op, length_after
from ot.fuzz.meeting import CLIENTS, schedules
from tests.documents.files import ROOT
from tests.documents.markdown import first_table, section
from tests.ot.not_laws import NOT_LAWS

PATH = ROOT / "docs/OT.md"
PAGE = PATH.read_text()


def test_every_example_is_right() -> None:
    failed, attempted = doctest.testfile(str(PATH), module_relative=False)
    assert failed == 0
    assert attempted > 80


def test_every_cell_of_the_table_has_an_example() -> None:
    rows = [row[0] for row in first_table(section(PAGE, "3. What people meant"))]
    assert rows == ["insert", "remove", "move", "set field", "set attribute"]
    shown = re.findall(r"  # ([a-z ]+ × [a-z ]+)$", PAGE, re.MULTILINE)
    assert sorted(shown) == sorted(f"{first} × {second}" for first in rows for second in rows)


def test_every_law_that_does_not_hold_is_shown() -> None:
    shown = re.findall(
        r"^\*\*(.+?)(?:\.\*\*|\*\* \(TP2\)\.)", section(PAGE, "6. Laws that do not hold"), re.MULTILINE
    )
    assert shown == [law.name for law in NOT_LAWS]


def test_the_counts_of_the_exhaustive_runs() -> None:
    table = {
        row[0]: row[2] for row in first_table(section(PAGE, "8. How it is proved, and how to prove yours"))
    }
    pairs = sum(len(every_op(length, "a", new)) ** 2 for length, new in ((0, 2), (1, 2), (2, 2), (3, 1)))
    lengths = [(length, length_after(op, length)) for length in range(3) for op in every_op(length, "a")]
    triples = sum(len(every_op(then, "b")) * len(every_op(length, "c")) for length, then in lengths)
    rows = sum(
        len(every_op(length_after(b, then), "c"))
        for _, then in lengths
        if then <= 2
        for b in every_op(then, "b")
        if length_after(b, then) <= 2
    )
    meetings = len(schedules()) * 3 ** (2 * CLIENTS)
    counts = {"diamond": pairs, "law L": triples, "composing": rows, "meeting": meetings}
    assert table == {name: f"{count:,}" for name, count in counts.items()}
