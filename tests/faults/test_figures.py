"""Runs of one row, counted together."""

from pathlib import Path

from tests.faults.figures import Figure, Result, percentile


def run(killed: int, seconds: float, lost: int = 0, alike: float = 100.0) -> Result:
    figures = [
        Figure("killed", killed, 25, at_least=True),
        Figure("again", seconds, 5.0, "s"),
        Figure("alike", alike, 100, "%", at_least=True),
        Figure("lost", lost, 0),
    ]
    return Result("a-row", "full", 25, 1, figures=figures)


def test_counts_add_up_and_of_all_else_the_worse_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a-row.json"
    run(25, 1.5).write(path)
    joined = Result.read(path).joined(run(25, 0.5, alike=99.0))
    assert joined.rounds == 50
    assert [(each.name, each.seen, each.promised) for each in joined.figures] == [
        ("killed", 50, 50),
        ("again", 1.5, 5.0),
        ("alike", 99.0, 100),
        ("lost", 0, 0),
    ]
    assert not joined.holds
    assert run(25, 1.5).joined(run(25, 0.5)).holds
    assert not run(25, 1.5).joined(run(25, 0.5, lost=1)).holds


def test_a_percentile_is_a_value_that_was_seen() -> None:
    assert percentile([], 0.99) == 0.0
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([float(value) for value in range(100)], 0.99) == 98.0
