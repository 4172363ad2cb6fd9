"""A slice of `make faults`: the rows that break most, played small.

Judges what must never happen, be the machine ever so busy. How fast and how large things are is for the whole
run to say.
"""

import pytest

from tests.faults.row import FAILED, play
from tests.faults.rows import ROWS

SEED = 7


@pytest.mark.parametrize("name", [row.name for row in ROWS.values() if row.slice is not None])
def test_a_small_fault_breaks_nothing(name: str) -> None:
    result = play(ROWS[name], "slice", seed=SEED)
    never = [figure for figure in result.figures if figure.promised == 0]
    assert len(never) >= 5
    assert not result.findings, result.findings
    assert all(figure.holds for figure in never), f"history and logs are in {FAILED}: {result.as_json()}"
