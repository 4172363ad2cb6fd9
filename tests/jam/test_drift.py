"""The controller against literal readings."""

import pytest

from jam.drift import INTERVAL_MS, Decision, Keep, PlaybackController, Seek, Splice


def decisions(controller: PlaybackController, errors: list[float], start_ms: float = 0.0) -> list[Decision]:
    """What it decides for these errors, one every interval; wanted is the time itself."""
    times = [start_ms + INTERVAL_MS * number for number in range(len(errors))]
    return [controller.decide(time, time, time - error) for time, error in zip(times, errors, strict=True)]


def rates(found: list[Decision]) -> list[float]:
    assert all(isinstance(decision, Keep) for decision in found)
    return [decision.rate for decision in found if isinstance(decision, Keep)]


def test_in_the_right_place_it_plays_on() -> None:
    controller = PlaybackController()
    assert decisions(controller, [0.0] * 8) == [Keep(1.0)] * 8
    assert controller.is_locked


def test_locked_it_takes_an_eighth_of_the_error_a_second() -> None:
    controller = PlaybackController()
    # 2 ms behind: 2/8000 faster, and at the first reading nothing is learned.
    assert decisions(controller, [2.0]) == [Keep(1 + 2 / 8_000)]
    assert controller.is_locked
    assert controller.base == 0.0


def test_locked_it_learns_the_devices_drift() -> None:
    controller = PlaybackController()
    decisions(controller, [2.0, 2.0])
    assert controller.base == 2 * 250 / (8_000 * 32_000)
    decisions(controller, [2.0] * 2_000, 500)
    assert controller.base == 0.0003


def test_the_drift_takes_the_error_away() -> None:
    """A device 100 ppm slow, played for ten minutes."""
    controller = PlaybackController()
    position_ms, rate = 0.0, 1.0
    for number in range(2_400):
        now_ms = 250.0 * number
        decision = controller.decide(now_ms, now_ms, position_ms)
        assert isinstance(decision, Keep)
        rate = decision.rate
        position_ms += 250 * rate * (1 - 100e-6)
    assert controller.base == pytest.approx(100e-6, abs=1e-7)
    assert position_ms == pytest.approx(600_000, abs=0.001)


def test_from_8_ms_on_it_nudges_until_3() -> None:
    controller = PlaybackController()
    decisions(controller, [0.0] * 5)
    found = decisions(controller, [10.0] * 12, 1_250)
    # The median knows of it at the third reading, the smoothed value passes 8 ms two readings after 6.5.
    assert [round(rate, 9) for rate in rates(found)[:3]] == [
        1.0,
        1.0,
        round(1 + 3.5 / 8_000 + controller_base(), 9),
    ]
    assert not controller.is_locked
    last = rates(found)[-1]
    assert last == pytest.approx(1 + controller.base + controller.error_ms / 4_000, abs=1e-12)
    decisions(controller, [2.9] * 30, 4_250)
    assert controller.is_locked


def controller_base() -> float:
    """What 3.5 ms teach in a quarter of a second."""
    return 3.5 * 250 / (8_000 * 32_000)


def test_between_3_and_8_it_stays_what_it_was() -> None:
    locked, nudging = PlaybackController(), PlaybackController()
    decisions(locked, [0.0] * 5)
    decisions(nudging, [9.0] * 5)
    decisions(locked, [5.0] * 40, 1_250)
    decisions(nudging, [5.0] * 40, 1_250)
    assert (locked.is_locked, nudging.is_locked) == (True, False)
    assert locked.error_ms == pytest.approx(nudging.error_ms, abs=1e-3)


def test_the_rate_is_never_off_by_more_than_half_a_percent() -> None:
    found = decisions(PlaybackController(), [29.0] * 20)
    assert rates(found) == [1.005] * 20
    assert rates(decisions(PlaybackController(), [-29.0] * 20)) == [0.995] * 20


@pytest.mark.parametrize("behind", [1, -1])
def test_a_stall_is_spliced_at_the_third_reading(behind: int) -> None:
    controller = PlaybackController()
    decisions(controller, [0.0] * 8)
    base = controller.base
    found = decisions(controller, [60.0 * behind] * 3, 2_000)
    assert isinstance(found[0], Keep)
    assert isinstance(found[1], Keep)
    assert found[2] == Splice(2_500, 1 + base)
    assert not controller.is_locked
    assert controller.error_ms == 0.0


def test_readings_above_30_that_are_not_in_a_row_do_not_splice() -> None:
    found = decisions(PlaybackController(), [31.0, 31.0, 29.0] * 10)
    assert all(isinstance(decision, Keep) for decision in found)


def test_one_wild_reading_is_not_heard() -> None:
    controller = PlaybackController()
    decisions(controller, [0.0] * 8)
    found = decisions(controller, [40_000.0, 0.0, 0.0], 2_000)
    assert found == [Keep(1.0)] * 3


def test_above_500_ms_the_first_reading_is_enough() -> None:
    controller = PlaybackController()
    assert decisions(controller, [501.0]) == [Splice(0, 1.0)]


def test_it_splices_once_in_five_seconds() -> None:
    controller = PlaybackController()
    found = decisions(controller, [100.0] * 43)
    spliced = [250 * number for number, decision in enumerate(found) if isinstance(decision, Splice)]
    assert spliced == [500, 5_500, 10_500]
    assert found[3] == Keep(1.005), "meanwhile it does what it may"


def test_safari_is_only_sought() -> None:
    controller = PlaybackController(seek_only=True)
    found = decisions(controller, [39.0] * 8 + [41.0, 39.0, 41.0, 41.0])
    assert found[:-1] == [Keep(1.0)] * 11
    assert found[-1] == Seek(2_750)


def test_latency_and_the_listeners_nudge_play_earlier() -> None:
    controller = PlaybackController()
    controller.latency_ms, controller.nudge_ms = 120.0, 80.0
    assert controller.decide(0, 10_000, 10_200) == Keep(1.0)
    assert controller.error_ms == 0.0
    controller.nudge_ms = 800.0
    found = [controller.decide(250.0 * n, 10_000 + 250.0 * n, 10_200 + 250.0 * n) for n in range(1, 4)]
    assert found[1] == Splice(10_500 + 920, 1.0)


def test_a_reset_keeps_what_is_known_of_the_device() -> None:
    controller = PlaybackController()
    decisions(controller, [2.0] * 200)
    base = controller.base
    controller.reset()
    assert controller.base == base > 0
    assert not controller.is_locked
    assert controller.decide(60_000, 5_000, 5_000) == Keep(1 + base)


def test_a_long_pause_teaches_no_more_than_a_second() -> None:
    controller = PlaybackController()
    decisions(controller, [2.0])
    controller.decide(3_600_000, 3_600_000, 3_599_998)
    assert controller.base == 2 * 1_000 / (8_000 * 32_000)


def test_a_start_that_missed_is_put_right_at_once_and_once() -> None:
    controller = PlaybackController()
    controller.started(1_000.0)
    assert controller.is_starting(2_999.0)
    assert [type(decision) for decision in decisions(controller, [20.0] * 3, 1_100)] == [Keep, Keep, Splice]
    # What is left is nudged away sooner than later on.
    assert decisions(controller, [4.0], 1_850) == [Keep(1 + 4 / 1_000)]
    assert not controller.is_starting(3_000)
    assert decisions(controller, [4.0], 3_000) == [Keep(1 + 4 / 4_000)]
    assert [type(decision) for decision in decisions(controller, [20.0] * 8, 3_250)] == [Keep] * 8


def test_a_start_has_one_second_to_be_put_right() -> None:
    controller = PlaybackController()
    controller.started(1_000.0)
    found = decisions(controller, [7.0, 7.0, 7.0, 20.0, 20.0, 20.0], 1_250)
    assert [type(decision) for decision in found] == [Keep] * 6


def test_a_new_start_may_be_put_right_soon_after_a_splice() -> None:
    controller = PlaybackController()
    assert isinstance(decisions(controller, [600.0])[0], Splice)
    controller.started(1_000.0)
    assert isinstance(decisions(controller, [-15.0] * 3, 1_250)[-1], Splice)


def test_where_only_seeking_helps_a_start_is_left_as_it_landed() -> None:
    controller = PlaybackController(seek_only=True)
    controller.started(0.0)
    assert decisions(controller, [20.0] * 4, 100) == [Keep(1.0)] * 4
