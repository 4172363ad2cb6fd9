"""What a gate keeps, and which samples count."""

import pytest

from benchmarks.report import Gate, Report, Sample


@pytest.mark.parametrize(
    ("gate", "is_kept"),
    [
        (Gate("no bound", 3.0), True),
        (Gate("void", None), False),
        (Gate("at most", 3.0, at_most=2), False),
        (Gate("at most nothing", 1.0, at_most=0), False),
        (Gate("at most nothing", 0.0, at_most=0), True),
        (Gate("at least nothing", -1.0, at_least=0), False),
        (Gate("at least nothing", 0.0, at_least=0), True),
        (Gate("between", 1.5, at_least=1, at_most=2), True),
        (Gate("below both", 0.5, at_least=1, at_most=2), False),
    ],
)
def test_a_gate_keeps_each_of_its_bounds(gate: Gate, is_kept: bool) -> None:
    assert gate.is_kept is is_kept


def test_quiet_samples_count_if_there_are_any() -> None:
    report = Report(
        "some", {"ours": {"loud": [Sample(9.0, 0.1, 0.5)], "both": [Sample(9.0, 0.1, 0.5), Sample(2.0)]}}
    )
    assert report.median("ours", "loud") == 9.0
    assert report.median("ours", "both") == 2.0


def test_a_busy_generator_voids_a_figure() -> None:
    report = Report("some", {"ours": {"busy": [Sample(9.0, 0.95)]}})
    assert report.median("ours", "busy") is None
    assert report.ratio("ours", "ours", "busy") is None
