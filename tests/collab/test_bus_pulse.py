from collab.bus_pulse import BusTimes, Pulse

S = 1_000_000


def test_a_node_that_hears_itself_is_well() -> None:
    pulse = Pulse(0, BusTimes())
    for second in range(20):
        assert pulse.is_due(second * S)
        pulse.beat(second, second * S)
        assert not pulse.is_due(second * S)
        assert pulse.hear(second, second * S + 400) == 400
        assert not pulse.is_lost(second * S + S)
    assert pulse.get_timer() == 20 * S


def test_the_promised_three_seconds() -> None:
    pulse = Pulse(0, BusTimes())
    pulse.beat(1, 0)
    pulse.hear(1, 500)
    for number in (2, 3):
        pulse.beat(number, (number - 1) * S)
    assert pulse.get_timer() == 3 * S
    assert not pulse.is_lost(3 * S + 499)
    assert pulse.is_lost(3 * S + 500)


def test_a_connection_that_is_never_heard_is_lost_too() -> None:
    pulse = Pulse(5 * S, BusTimes())
    pulse.beat(1, 5 * S)
    assert (pulse.is_heard, pulse.is_lost(8 * S - 1), pulse.is_lost(8 * S)) == (False, False, True)


def test_repeated_and_foreign_numbers_are_not_heard() -> None:
    pulse = Pulse(0, BusTimes())
    pulse.beat(7, 0)
    assert pulse.hear(7, S) == S
    assert pulse.hear(7, 2 * S) is None
    assert pulse.hear(8, 2 * S) is None
    assert pulse.is_lost(4 * S)


def test_numbers_that_never_came_back_are_forgotten() -> None:
    pulse = Pulse(0, BusTimes())
    for number in range(20):
        pulse.beat(number, number * S)
    assert pulse.hear(0, 20 * S) is None
    assert pulse.hear(19, 20 * S) == S
