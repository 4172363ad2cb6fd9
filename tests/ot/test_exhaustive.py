"""Everything that is small: a slice of it on each run, all of it with `make exhaustive`."""

from dataclasses import replace

import pytest

from ot.fuzz.algebra import OURS
from ot.fuzz.every import every_op, length_after, list_of
from ot.fuzz.exhaustive import RUNS, Part, Run
from ot.fuzz.expect import Broken, is_normal
from ot.fuzz.meeting import meetings, schedules
from ot.op import encode

# Each n-th first op or schedule; chosen so that a run takes about a second.
SLICES = {"diamond": 300, "law L": 80, "composing": 30, "meeting": 700}


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_a_slice_holds(run: Run) -> None:
    part = Part(at=7, of=SLICES[run.name])
    steps = list(run.checks(OURS, part))
    assert len(steps) == run.steps(part)
    assert sum(steps) > 0


def test_every_op_is_there_once() -> None:
    assert [len(every_op(length, "a", new)) for length, new in ((0, 0), (1, 0), (1, 1), (2, 0))] == [
        1,
        4,
        14,
        28,
    ]
    for length, new in ((2, 2), (3, 0)):
        ops = every_op(length, "a", new)
        assert len({str(encode(op)) for op in ops}) == len(ops)
        assert all(is_normal(op) for op in ops)
        assert all(OURS.check(op, length) == length_after(op, length) for op in ops)


def test_slices_make_the_whole() -> None:
    ops = every_op(2, "a")
    slices = [Part(at, 5).take(ops) for at in range(5)]
    assert sorted(map(len, slices)) == [29, 29, 30, 30, 30]
    assert {str(op) for part in slices for op in part} == set(map(str, ops))


def test_schedules_let_nothing_arrive_before_it_is_sent() -> None:
    assert len(schedules()) == len(set(schedules())) == 2240
    for schedule in schedules():
        for client in range(3):
            mine = [what for number, what in schedule if number == client]
            assert mine.index("second") == 2


def test_a_fault_is_found_by_each_run() -> None:
    """Ties broken to the wrong side by one of the two."""
    broken = replace(OURS, transform=lambda a, b, side: OURS.transform(a, b, "left"))
    for run in RUNS:
        if run.name != "composing":
            with pytest.raises(Broken):
                sum(run.checks(broken, Part(at=0, of=3)))
    forgetful = replace(OURS, compose=lambda a, b: OURS.compose(a, b) if len(a.components) < 3 else a)
    with pytest.raises(Broken, match="associativity"):
        sum(next(run for run in RUNS if run.name == "composing").checks(forgetful, Part()))


def test_a_session_is_played_with_every_choice_of_ops() -> None:
    assert meetings(OURS, schedules()[0]) == 3**6
    assert list_of(2).entries == [{"uid": "d0"}, {"uid": "d1"}]
