"""Whose turn it is, with literal times."""

from collab.turns import HINT_MS, RIVAL_MS, TURN_MS, VAIN_MS, Turns


def test_whom_nobody_rivals_waits_for_nothing() -> None:
    turns = Turns()
    for now_ms in range(0, 100, 5):
        turns.won(now_ms)
        assert turns.left_ms(now_ms) == 0


def test_who_has_won_lets_a_rival_go_first_until_it_is_heard() -> None:
    turns = Turns()
    turns.heard(0)
    turns.won(10)
    assert turns.left_ms(20) == TURN_MS - 10
    turns.heard(25)
    assert turns.left_ms(25) == 0


def test_a_rival_that_fell_silent_costs_one_turn() -> None:
    turns = Turns()
    turns.heard(0)
    turns.won(10)
    assert turns.left_ms(10 + TURN_MS) == 0
    turns.won(100)
    assert turns.left_ms(100) == 0


def test_a_rival_of_long_ago_is_none() -> None:
    turns = Turns()
    turns.heard(0)
    turns.won(RIVAL_MS)
    assert turns.left_ms(RIVAL_MS) == 0


def test_who_has_lost_waits_for_the_hint_of_the_winner() -> None:
    turns = Turns()
    turns.lost(0)
    assert turns.left_ms(5) == HINT_MS - 5
    turns.heard(6)
    assert turns.left_ms(6) == 0


def test_where_hints_do_not_come_nobody_waits_long_for_them() -> None:
    turns = Turns()
    turns.lost(0)
    assert turns.left_ms(HINT_MS) == 0
    turns.lost(100)
    assert turns.left_ms(100) == VAIN_MS
    turns.heard(101)
    turns.lost(200)
    assert turns.left_ms(200) == HINT_MS


def test_a_knock_is_answered_with_a_turn() -> None:
    turns = Turns()
    turns.won(0)
    turns.knocked(1)
    assert turns.left_ms(1) == TURN_MS
    turns.heard(9)
    assert turns.left_ms(9) == 0


def test_who_loses_a_turn_of_its_own_has_more_than_one_rival() -> None:
    turns = Turns()
    turns.heard(0)
    turns.won(1)
    turns.heard(2)
    turns.lost(3)
    turns.heard(4)
    turns.won(5)
    turns.heard(6)
    assert turns.left_ms(6) == TURN_MS - 1
    turns.heard(7)
    assert turns.left_ms(7) == 0


def test_rivals_that_do_not_come_are_counted_no_more() -> None:
    turns = Turns()
    turns.heard(0)
    turns.won(1)
    turns.heard(2)
    turns.lost(3)
    turns.heard(4)
    turns.won(5)
    turns.heard(6)
    assert turns.left_ms(5 + TURN_MS) == 0
    turns.won(60)
    turns.heard(61)
    assert turns.left_ms(61) == 0
