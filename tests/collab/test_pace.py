"""People at the door of a loop, in literal times."""

import pytest

from collab.pace import _ARRIVAL_S, _DEBT_MAX_S, _SHARE, Pace

TURN_S = 0.0001


class Door:
    """Lets somebody in whenever it may. An arrival is `arrival_s` of work; `others` is the share of the loop
    that all else takes."""

    def __init__(self, arrival_s: float, others: float = 0.0) -> None:
        self._arrival_s = arrival_s
        self._others = others
        self._now_s = self._worked_s = 0.0
        self._pace = Pace(0.0, 0.0)

    def let_in(self, count: int) -> float:
        """How many people came in per second."""
        began_s = self._now_s
        for _ in range(count):
            self.work(self._arrival_s)
            pause_s = self._pace.let_in(self._now_s, self._worked_s, TURN_S)
            self._now_s += pause_s
            self._worked_s += self._others * pause_s
        return count / (self._now_s - began_s)

    def work(self, work_s: float) -> None:
        """Of the loop alone: an arrival, and what the others want meanwhile."""
        took_s = work_s / (1 - self._others)
        self._now_s += took_s
        self._worked_s += took_s


def test_who_comes_alone_pays_nothing() -> None:
    assert Pace(0.0, 0.0).let_in(10.0, 0.001, 0.001) == 0


def test_a_crowd_gets_its_share_of_the_loop() -> None:
    assert Door(0.002).let_in(1000) == pytest.approx(_SHARE / 0.002, rel=0.01)


def test_those_who_only_begin_to_come_in_pay_for_more() -> None:
    assert Door(0.0002).let_in(1000) == pytest.approx(_SHARE / _ARRIVAL_S, rel=0.01)


def test_what_others_do_counts_along() -> None:
    assert Door(0.001, others=0.2).let_in(1000) == pytest.approx((_SHARE - 0.2) / 0.001, rel=0.01)


def test_a_loop_that_is_busy_anyway_lets_some_in() -> None:
    rate = Door(0.001, others=0.9).let_in(1000)
    assert rate == pytest.approx(1 / (0.001 / 0.1 + _DEBT_MAX_S / _SHARE), rel=0.01)


def test_a_turn_with_much_work_is_paid_for() -> None:
    assert Pace(0.0, 0.0).let_in(0.05, 0.05, 0.05) == pytest.approx((0.05 - _SHARE * 0.05) / _SHARE)


def test_waiting_for_a_core_is_no_work() -> None:
    pace = Pace(0.0, 0.0)
    assert pace.let_in(60.0, 0.002, 0.002) == 0
    assert pace.let_in(60.1, 0.004, 0.002) == 0
