"""When a worker that died is started again."""

from collab.restarts import FIRST_PAUSE_S, LAST_PAUSE_S, LONG_LIFE_S, SHORT_LIVES_MAX, Restarts


def test_a_long_life_is_followed_by_another_at_once() -> None:
    restarts = Restarts()
    assert [restarts.died(LONG_LIFE_S) for _ in range(10)] == [0.0] * 10
    assert not restarts.are_hopeless


def test_short_lives_are_followed_by_longer_and_longer_pauses() -> None:
    restarts = Restarts()
    pauses = [restarts.died(0.1) for _ in range(20)]
    assert pauses[:4] == [FIRST_PAUSE_S, 2 * FIRST_PAUSE_S, 4 * FIRST_PAUSE_S, 8 * FIRST_PAUSE_S]
    assert pauses[-1] == LAST_PAUSE_S


def test_some_short_lives_in_a_row_are_hopeless() -> None:
    restarts = Restarts()
    for _ in range(SHORT_LIVES_MAX - 1):
        restarts.died(0.1)
    assert not restarts.are_hopeless
    restarts.died(0.1)
    assert restarts.are_hopeless
    restarts.died(LONG_LIFE_S)
    assert not restarts.are_hopeless
