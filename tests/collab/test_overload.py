import dataclasses

import pytest

from collab.overload import Capacity, Level, LoadJudge, Sample

CAPACITY = Capacity(sockets=1000, memory_bytes=1_000_000, lag_ms=1000, waiting_commits=100)
IDLE = Sample(lag_ms=0, memory_bytes=0, sockets=0, waiting_commits=0)


def levels(judge: LoadJudge, *samples: Sample) -> list[Level]:
    return [judge.judge(sample) for sample in samples]


def busy(**measures: int) -> Sample:
    return dataclasses.replace(IDLE, **measures)


N, S, X = Level.NORMAL, Level.STRAINED, Level.OVERLOADED


@pytest.mark.parametrize(
    ("measure", "below", "strained", "overloaded"),
    [
        ("lag_ms", 849, 850, 950),
        ("memory_bytes", 849_999, 850_000, 950_000),
        ("waiting_commits", 84, 85, 95),
    ],
)
def test_each_measure_has_its_limits(measure: str, below: int, strained: int, overloaded: int) -> None:
    assert levels(LoadJudge(CAPACITY), *[busy(**{measure: below})] * 9) == [N] * 9
    assert levels(LoadJudge(CAPACITY), *[busy(**{measure: strained})] * 4) == [N, N, S, S]
    assert levels(LoadJudge(CAPACITY), *[busy(**{measure: overloaded})] * 4) == [N, N, X, X]


def test_sockets_strain_a_node_and_leave_the_last_ones_to_who_comes_back() -> None:
    assert levels(LoadJudge(CAPACITY), *[busy(sockets=849)] * 4) == [N] * 4
    assert levels(LoadJudge(CAPACITY), *[busy(sockets=1000)] * 4) == [N, N, S, S]


def test_one_odd_second_changes_nothing() -> None:
    stopped = busy(lag_ms=10_000)
    assert levels(LoadJudge(CAPACITY), stopped, stopped, IDLE, stopped, stopped, IDLE) == [N] * 6


def test_it_is_relieved_a_level_at_a_time_and_only_when_it_is_well_below() -> None:
    judge = LoadJudge(CAPACITY)
    levels(judge, *[busy(memory_bytes=950_000)] * 3)
    assert levels(judge, *[busy(memory_bytes=850_000)] * 9) == [X] * 9
    assert levels(judge, *[busy(memory_bytes=849_999)] * 5) == [X, X, X, X, S]
    assert levels(judge, *[busy(memory_bytes=750_000)] * 9) == [S] * 9
    assert levels(judge, *[busy(memory_bytes=749_999)] * 5) == [S, S, S, S, N]


def test_relief_has_no_gaps() -> None:
    judge = LoadJudge(CAPACITY)
    levels(judge, *[busy(lag_ms=850)] * 3)
    assert levels(judge, *[IDLE] * 4, busy(lag_ms=760), *[IDLE] * 5) == [S] * 9 + [N]


def test_it_rises_again_from_where_it_is() -> None:
    judge = LoadJudge(CAPACITY)
    levels(judge, *[busy(lag_ms=950)] * 3, *[IDLE] * 5)
    assert judge.level is S
    assert levels(judge, *[busy(lag_ms=950)] * 3) == [S, S, X]


def test_the_reason_is_the_measure_nearest_its_limit() -> None:
    judge = LoadJudge(CAPACITY)
    assert judge.reason == ""
    levels(judge, *[busy(lag_ms=900, memory_bytes=960_000)] * 3)
    assert judge.reason == "memory"
    levels(judge, *[IDLE] * 10)
    assert (judge.level, judge.reason) == (N, "")


def test_memory_without_a_limit_is_not_looked_at() -> None:
    judge = LoadJudge(Capacity(sockets=1000))
    assert levels(judge, *[busy(memory_bytes=1 << 50)] * 9) == [N] * 9
