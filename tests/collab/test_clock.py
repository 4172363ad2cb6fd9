"""The server's clock, on machine's clocks that do as they are told."""

from hypothesis import given
from hypothesis import strategies as st

from collab.clock import LOG_AHEAD_MAX_MS, LOG_AHEAD_MIN_MS, SLEW_PPM, Clock

S = 1_000_000_000
START_MS = 1_700_000_000_000


class Machine:
    def __init__(self) -> None:
        self.wall_ns = START_MS * 1_000_000
        self.monotonic_ns = 77 * S
        self.clock = Clock(lambda: self.wall_ns, lambda: self.monotonic_ns)

    def passes(self, seconds: float) -> None:
        self.monotonic_ns += round(seconds * S)


def test_it_runs_on_whatever_the_wall_clock_does() -> None:
    machine = Machine()
    assert machine.clock.now_ms() == START_MS
    machine.wall_ns = 0
    machine.passes(1.5)
    assert machine.clock.now_us() == START_MS * 1000 + 1_500_000
    assert machine.clock.at_us(machine.monotonic_ns - S) == START_MS * 1000 + 500_000


def test_a_step_is_at_once() -> None:
    machine = Machine()
    machine.clock.step(-300_000_000)
    assert machine.clock.now_ms() == START_MS - 300_000
    assert machine.clock.machine_us(machine.monotonic_ns) == START_MS * 1000
    assert machine.clock.correction_left_us == 0


def test_it_is_steered_by_half_a_millisecond_a_second() -> None:
    machine = Machine()
    machine.clock.steer(1_200)
    for shown_us, left_us in ((500, 700), (1_000, 200), (1_200, 0), (1_200, 0)):
        machine.passes(1)
        off_us = machine.clock.now_us() - machine.clock.machine_us(machine.monotonic_ns)
        assert (off_us, machine.clock.correction_left_us) == (shown_us, left_us)
    machine.clock.steer(-700)
    machine.passes(1)
    assert machine.clock.correction_left_us == -200


def test_a_new_measurement_replaces_what_is_left_of_the_last() -> None:
    machine = Machine()
    machine.clock.steer(10_000)
    machine.passes(2)
    machine.clock.steer(-500)
    machine.passes(1)
    assert machine.clock.now_us() - machine.clock.machine_us(machine.monotonic_ns) == 500


@given(st.lists(st.tuples(st.integers(0, 3_000_000_000), st.integers(-(10**9), 10**9)), max_size=30))
def test_steered_it_never_steps_and_never_goes_back(corrections: list[tuple[int, int]]) -> None:
    machine = Machine()
    last_ns, last_us = machine.monotonic_ns, machine.clock.now_us()
    for after_ns, by_us in corrections:
        machine.clock.steer(by_us)
        assert machine.clock.now_us() == last_us
        machine.monotonic_ns += after_ns
        now_us = machine.clock.now_us()
        passed_us = (machine.monotonic_ns - last_ns) / 1000
        assert now_us >= last_us
        assert abs(now_us - last_us - passed_us) <= passed_us * SLEW_PPM / 1e6 + 2
        last_ns, last_us = machine.monotonic_ns, now_us


def test_what_was_has_been() -> None:
    machine = Machine()
    assert machine.clock.reach(START_MS - 5_000)
    assert machine.clock.reach(START_MS + LOG_AHEAD_MIN_MS), "nodes differ a little"
    assert machine.clock.now_ms() == START_MS
    assert machine.clock.reach(START_MS + LOG_AHEAD_MAX_MS)
    assert machine.clock.now_ms() == START_MS + LOG_AHEAD_MAX_MS
    assert not machine.clock.reach(START_MS + 2 * LOG_AHEAD_MAX_MS + 1)
    assert machine.clock.now_ms() == START_MS + LOG_AHEAD_MAX_MS
