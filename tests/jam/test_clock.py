"""The clock filter against literal times. Paths are symmetric unless a test says otherwise, so what is shown
can be compared with the truth."""

from itertools import pairwise

import pytest

from jam.clock import ClockFilter, Exchange
from tests.jam.exchanges import AHEAD_MS, Path, run

HOUR_MS = 3_600_000.0
# The burst at 60 s is over, the next will be at 70 s.
SETTLED_MS = 61_000.0


def settled(path: Path, until_ms: float = SETTLED_MS) -> ClockFilter:
    clock = ClockFilter(0)
    run(clock, path, 0, until_ms)
    return clock


def error_ms(clock: ClockFilter, path: Path, now_ms: float) -> float:
    return clock.room_ms(now_ms) - path.room_ms(now_ms)


def test_before_the_first_burst_nobody_knows() -> None:
    clock = ClockFilter(0)
    assert not clock.is_set
    with pytest.raises(ValueError, match="not known"):
        clock.room_ms(0)
    with pytest.raises(ValueError, match="not known"):
        clock.sd_ms(0)


def test_the_first_burst_sets_it() -> None:
    path = Path()
    clock = ClockFilter(0)
    run(clock, path, 0, 300)
    assert len(path.sent_ms) == 12
    assert clock.is_set
    assert clock.offset_ms(300) == AHEAD_MS
    assert clock.room_ms(300) == AHEAD_MS + 300
    assert (clock.rtt_ms, clock.bound_ms) == (20.0, 10.0)
    # Nobody waited: what is left is what stamps are worth.
    assert clock.sd_ms(295) == pytest.approx(0.12, abs=0.01)


def test_asymmetry_is_what_the_bound_allows_for() -> None:
    path = Path(up_ms=15, down_ms=5)
    clock = settled(path)
    assert error_ms(clock, path, SETTLED_MS) == pytest.approx(5.0)
    assert clock.bound_ms == 10.0


def test_the_quickest_way_there_and_back_count_though_of_different_probes() -> None:
    clock = ClockFilter(0)
    for up, down in [(10, 60), (50, 10)] + [(50, 60)] * 10:
        t0 = round(clock.get_timer() * 1000)
        assert clock.handle_timer(t0 / 1000)
        t1 = t0 + up * 1000 + 5_000_000
        clock.receive(Exchange(t0, t1, t1, t0 + (up + down) * 1000))
    assert clock.offset_ms(0) == AHEAD_MS
    assert clock.bound_ms == 10.0
    assert clock.rtt_ms == 110.0
    # (median 110 - least 20) / 12 probes, and the floor.
    assert clock.sd_ms(0) == pytest.approx(0.12 + 90 / 12)


def test_what_the_server_takes_between_its_stamps_does_not_count() -> None:
    clock = ClockFilter(0)
    assert clock.handle_timer(0)
    for _ in range(12):
        t0 = round(clock.get_timer() * 1000)
        clock.handle_timer(t0 / 1000)
        clock.receive(Exchange(t0, t0 + 10_000, t0 + 510_000, t0 + 520_000))
    assert clock.offset_ms(0) == 0.0
    assert clock.rtt_ms == 20.0


@pytest.mark.parametrize("ppm", [-100, -50, 50, 100])
def test_the_rate_is_learned(ppm: int) -> None:
    path = Path(rate=ppm * 1e-6)
    clock = settled(path, 120_000)
    assert error_ms(clock, path, 120_000) == pytest.approx(0.0, abs=0.05)
    # And carries on for two minutes in which nobody answers.
    path.is_dark = True
    run(clock, path, 120_000, 240_000)
    assert error_ms(clock, path, 240_000) == pytest.approx(0.0, abs=0.3)
    assert clock.sd_ms(240_000) > clock.sd_ms(120_000)
    assert clock.restarts == 0


def test_in_the_dark_it_asks_at_its_usual_pace() -> None:
    path = Path()
    clock = settled(path)
    path.is_dark = True
    run(clock, path, SETTLED_MS, 119_000)
    assert [sent for sent in path.sent_ms if sent > SETTLED_MS] == [70_000, 80_000, 90_000, 100_000, 110_000]


def test_a_queue_makes_a_burst_worth_less() -> None:
    path = Path()
    clock = settled(path)
    path.extra_ms = lambda number: 40.0
    run(clock, path, SETTLED_MS, 71_000)
    assert clock.rtt_ms == 60.0
    # Half of 40 ms wrong, with 20 ms of sd beside a tenth: next to nothing of it is believed.
    assert abs(error_ms(clock, path, 71_000)) < 0.01
    assert clock.restarts == 0


def test_long_queues_call_for_eight_probes() -> None:
    path = Path()
    clock = settled(path)
    path.extra_ms = lambda number: 9.0
    run(clock, path, SETTLED_MS, 79_000)
    before = len(path.sent_ms)
    run(clock, path, 79_000, 89_000)
    assert len(path.sent_ms) - before == 8


def test_between_bursts_the_shown_time_slews_a_millisecond_a_second_at_most() -> None:
    path = Path(rate=40e-6)
    clock = settled(path)
    path.ahead_ms += 0.9  # within the gate: believed, little by little
    shown: list[float] = []
    now_ms = SETTLED_MS
    while now_ms < 120_000:
        now_ms = run(clock, path, now_ms, now_ms + 100)
        shown.append(clock.offset_ms(now_ms))
    assert clock.restarts == 0
    assert all(abs(after - before) <= 0.1 + 1e-6 for before, after in pairwise(shown))
    assert error_ms(clock, path, now_ms) == pytest.approx(0.0, abs=0.5)


def test_one_odd_burst_is_set_aside_and_asked_again_at_once() -> None:
    path = Path()
    clock = settled(path)
    shown_ms = clock.offset_ms(70_000)
    path.ahead_ms += 50
    path.sent_ms.clear()
    run(clock, path, SETTLED_MS, 70_080)
    path.ahead_ms -= 50
    # Four probes 25 ms apart, and already the next four.
    run(clock, path, 70_095, 70_200)
    assert path.sent_ms == [70_000 + 25 * number for number in range(8)]
    assert clock.restarts == 0
    assert clock.offset_ms(70_300) == pytest.approx(shown_ms, abs=1e-3)
    assert clock.get_timer() == 80_100


@pytest.mark.parametrize("step_ms", [-HOUR_MS, -50.0, -3.0, 3.0, 50.0, HOUR_MS])
def test_three_odd_bursts_in_a_row_restart_it(step_ms: float) -> None:
    """The server's clock jumps, or, which is the same, the client's does between bursts."""
    path = Path()
    clock = settled(path)
    before_ms = clock.offset_ms(SETTLED_MS)
    path.ahead_ms += step_ms
    path.sent_ms.clear()
    run(clock, path, SETTLED_MS, 70_220)
    assert clock.offset_ms(70_220) == pytest.approx(before_ms, abs=1e-3)
    run(clock, path, 70_220, 70_300)
    assert clock.restarts == 1
    assert len(path.sent_ms) == 12
    assert error_ms(clock, path, 70_300) == pytest.approx(0.0, abs=0.05)


def test_three_odd_bursts_that_contradict_each_other_restart_nothing() -> None:
    path = Path()
    clock = settled(path)
    path.sent_ms.clear()
    now_ms = 69_999.0
    for step in (100, 200, 300, 400, 500):
        path.ahead_ms = AHEAD_MS + step
        run(clock, path, now_ms, clock.get_timer() + 80)
        now_ms = clock.get_timer()
    assert clock.restarts == 0
    # After the third it no longer hurries.
    assert path.sent_ms[0] == 70_000
    assert path.sent_ms[-1] - path.sent_ms[0] > 10_000
    path.ahead_ms = AHEAD_MS + 500
    run(clock, path, now_ms, now_ms + 40_000)
    assert clock.restarts == 1
    assert error_ms(clock, path, now_ms + 40_000) == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize("step_ms", [-HOUR_MS, HOUR_MS])
def test_the_clients_own_clock_is_set_an_hour_off(step_ms: float) -> None:
    path = Path()
    clock = settled(path)
    now_ms = SETTLED_MS + step_ms
    path.ahead_ms -= step_ms
    # Somebody looks at the clock, as players do: it must not sleep for an hour.
    if clock.handle_timer(now_ms):
        exchange = path.exchange(now_ms)
        clock.receive(exchange)
        now_ms = exchange.t3 / 1000
    now_ms = run(clock, path, now_ms, now_ms + 2_500)
    assert clock.restarts == 1
    assert error_ms(clock, path, now_ms) == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize("step_us", [-3_600_000_000, 3_600_000_000])
def test_a_clock_that_is_set_during_a_burst_spoils_only_the_burst(step_us: int) -> None:
    """The ways there and back would be of two clocks; together they are quicker than nothing."""
    path = Path()
    clock = settled(path)
    shown_ms = clock.offset_ms(70_000)
    for number in range(4):
        now_ms = 70_000.0 + 25 * number
        assert clock.handle_timer(now_ms)
        exchange = path.exchange(now_ms)
        step = step_us if number >= 2 else 0
        clock.receive(Exchange(exchange.t0, exchange.t1 - step, exchange.t2 - step, exchange.t3))
    assert clock.get_timer() == 70_100
    assert clock.restarts == 0
    assert clock.offset_ms(70_100) == pytest.approx(shown_ms, abs=1e-3)


def test_nonsense_is_not_asked_for_again_and_again() -> None:
    """A server whose stamps make every way back quicker than nothing."""
    clock = ClockFilter(0)
    sent = 0
    while clock.get_timer() < SETTLED_MS:
        now_ms = clock.get_timer()
        assert clock.handle_timer(now_ms)
        t0 = round(now_ms * 1000)
        clock.receive(Exchange(t0, t0, t0 + 9_000_000, t0 + 1_000))
        sent += 1
    assert not clock.is_set
    assert sent < 100


def test_an_answer_that_ends_before_it_began_is_dropped() -> None:
    path = Path()
    clock = ClockFilter(0)
    assert clock.handle_timer(0)
    clock.receive(Exchange(0, 5_000_000, 4_000_000, 20_000))
    run(clock, path, 25, 400)
    assert clock.offset_ms(400) == AHEAD_MS


def test_an_answer_that_was_given_up_changes_nothing() -> None:
    clock = ClockFilter(0)
    assert clock.handle_timer(0)
    assert clock.handle_timer(2_000), "given up, and the next is due"
    clock.receive(Exchange(0, 77_000_000, 77_000_000, 2_001_000))
    assert clock.get_timer() == 4_000
    assert not clock.is_set


def test_a_burst_that_loses_its_last_answer_still_counts() -> None:
    path = Path()
    clock = ClockFilter(0)
    run(clock, path, 0, 60)
    path.is_dark = True
    run(clock, path, 60, 75 + 2_000)
    assert clock.is_set
    assert clock.offset_ms(2_100) == AHEAD_MS


def test_a_new_connection_asks_anew_and_keeps_the_time() -> None:
    path = Path()
    clock = settled(path)
    clock.reconnected(65_000)
    path.up_ms = path.down_ms = 40
    path.sent_ms.clear()
    assert clock.room_ms(65_000) == pytest.approx(path.room_ms(65_000), abs=1e-3)
    run(clock, path, 65_000, 66_500)
    assert len(path.sent_ms) == 12
    assert clock.bound_ms == 40.0
    # A longer way is not a queue: the burst counts in full.
    assert clock.sd_ms(66_000) < 0.12


def test_a_hidden_page_asks_once_a_minute() -> None:
    path = Path()
    clock = settled(path)
    clock.set_hidden(True, SETTLED_MS)
    path.sent_ms.clear()
    run(clock, path, SETTLED_MS, 240_000)
    assert path.sent_ms == [start + 25 * n for start in (120_000, 180_000, 240_000) for n in range(4)][:9]


def test_the_time_never_runs_back_between_restarts() -> None:
    """However the network behaves: here one leg waits up to 100 ms, by turns."""
    path = Path(rate=-50e-6)
    path.extra_ms = lambda number: (number * 37) % 100
    clock = ClockFilter(0)
    now_ms, times = 0.0, []
    while now_ms < 300_000:
        now_ms = run(clock, path, now_ms, now_ms + 250)
        if clock.is_set:
            times.append((now_ms, clock.room_ms(now_ms)))
    for (before_ms, earlier_ms), (after_ms, later_ms) in pairwise(times):
        assert later_ms - earlier_ms == pytest.approx(after_ms - before_ms, rel=1.001e-3)
    assert clock.restarts == 0


def test_between_clocks_of_different_epochs_a_microsecond_is_kept() -> None:
    path = Path()
    path.ahead_ms = 1_790_000_000_000.0
    clock = settled(path)
    assert clock.offset_ms(SETTLED_MS) == pytest.approx(path.ahead_ms, abs=1e-3)
