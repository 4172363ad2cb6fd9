"""A slice of `make faults`: the rows that break most, played small."""

import pytest

from tests.faults.row import FAILED, play
from tests.faults.rows import ROWS

SEED = 7


@pytest.mark.parametrize("name", [row.name for row in ROWS.values() if row.slice is not None])
def test_a_small_fault_breaks_nothing(name: str) -> None:
    result = play(ROWS[name], "slice", seed=SEED)
    assert result.holds, f"history and logs are in {FAILED}: {result.as_json()}"
