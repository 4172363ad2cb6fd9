from math import sqrt

import pytest

from jam.estimate import PPM, first_estimate


def test_the_first_measurement_is_believed_and_the_rate_is_unknown() -> None:
    estimate = first_estimate(1_000, 5.0, 0.5)
    assert (estimate.offset_ms, estimate.rate, estimate.sd_ms) == (5.0, 0.0, 0.5)
    assert estimate.rate_variance == (50 * PPM) ** 2


def test_time_alone_makes_it_less_sure() -> None:
    later = first_estimate(0, 5.0, 0.5).at(10_000)
    assert later.offset_ms == 5.0
    # 50 ppm for 10 s are 0.5 ms, beside the 0.5 of the measurement; the wander adds next to nothing.
    assert later.sd_ms == pytest.approx(sqrt(0.5**2 + 0.5**2), abs=1e-5)


def test_the_rate_wanders_a_tenth_of_a_ppm_in_a_minute() -> None:
    later = first_estimate(0, 0.0, 0.1).at(60_000)
    assert sqrt(later.rate_variance) == pytest.approx(sqrt(50**2 + 0.1**2) * PPM)


def test_two_equal_measurements_at_once_are_worth_half_the_variance() -> None:
    estimate = first_estimate(0, 1.0, 0.2).measured(2.0, 0.2)
    assert estimate.offset_ms == pytest.approx(1.5)
    assert estimate.offset_variance == pytest.approx(0.2**2 / 2)


def test_a_rate_is_learned_from_two_places_and_carries_on() -> None:
    estimate = first_estimate(0, 0.0, 0.01).at(100_000).measured(2.0, 0.01)
    assert estimate.rate == pytest.approx(20 * PPM, rel=1e-3)
    assert estimate.at(200_000).offset_ms == pytest.approx(4.0, rel=1e-3)


def test_an_earlier_time_is_as_it_stands() -> None:
    estimate = first_estimate(10_000, 3.0, 0.1)
    earlier = estimate.at(-3_600_000)
    assert (earlier.offset_ms, earlier.offset_variance) == (estimate.offset_ms, estimate.offset_variance)
