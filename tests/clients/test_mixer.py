"""Samples at literal times."""

from array import array

import pytest

from tutti_client.mixer import FADE_SAMPLES, SAMPLE_RATE, Mixer, Samples, Wave
from tutti_client.tones import tone

# Each sample says which one it is.
RAMP = Wave(array("h", range(30_000)))
MS = SAMPLE_RATE / 1000


def filled(mixer: Mixer, now_ms: float, ms: int) -> Samples:
    """What the device gets for so many ms."""
    return mixer.fill(round(ms * MS), now_ms)


def test_a_start_falls_on_its_sample() -> None:
    mixer = Mixer()
    mixer.start(RAMP, 100.0, 1_025.0, 1_000.0)
    first = filled(mixer, 1_000.0, 20)
    assert set(first) == {0}
    assert mixer.position_ms(1_020.0) is None
    second = filled(mixer, 1_020.0, 20)
    begins = round(5 * MS)
    assert set(second[:begins]) == {0}
    assert list(second[begins : begins + 3]) == [4_410, 4_411, 4_412]
    assert mixer.position_ms(1_040.0) == pytest.approx(115.0, abs=0.05)
    assert mixer.position_ms(1_050.0) == pytest.approx(125.0, abs=0.05)


def test_who_starts_late_starts_where_it_would_be() -> None:
    mixer = Mixer()
    filled(mixer, 1_000.0, 20)
    mixer.start(RAMP, 0.0, 900.0, 1_010.0)
    filled(mixer, 1_020.0, 20)
    assert mixer.position_ms(1_040.0) == pytest.approx(140.0, abs=0.05)


def test_the_last_song_plays_until_the_next_one_starts_and_both_fade() -> None:
    mixer = Mixer()
    mixer.start(RAMP, 0.0, 1_000.0, 1_000.0)
    filled(mixer, 1_000.0, 20)
    mixer.start(Wave(array("h", [7] * 20_000)), 0.0, 1_030.0, 1_020.0)
    given = filled(mixer, 1_020.0, 100)
    begins = round(10 * MS)
    assert given[begins - 1] == round(30 * MS) - 1
    assert given[begins] == round(30 * MS)
    assert 7 < given[begins + FADE_SAMPLES // 2] < round(45 * MS)
    assert set(given[begins + FADE_SAMPLES :]) == {7}


def test_rate_and_splice() -> None:
    mixer = Mixer()
    mixer.start(RAMP, 0.0, 1_000.0, 1_000.0)
    filled(mixer, 1_000.0, 20)
    mixer.set_rate(1.5)
    filled(mixer, 1_020.0, 20)
    assert mixer.position_ms(1_040.0) == pytest.approx(20 + 30, abs=0.05)
    mixer.splice(300.0, 1.0, 1_030.0)
    assert mixer.position_ms(1_030.0) == pytest.approx(300.0, abs=0.05)
    filled(mixer, 1_040.0, 20)
    assert mixer.position_ms(1_060.0) == pytest.approx(330.0, abs=0.05)
    mixer.stop()
    filled(mixer, 1_060.0, 40)
    assert mixer.position_ms(1_100.0) is None
    assert set(filled(mixer, 1_100.0, 20)) == {0}


def test_when_the_device_asks_jitters_but_not_where_it_is() -> None:
    mixer = Mixer()
    mixer.start(RAMP, 0.0, 1_000.0, 1_000.0)
    for number in range(20):
        filled(mixer, 1_000.0 + 20 * number + (6 if number % 2 else -6) * (number > 0), 20)
    assert mixer.position_ms(1_400.0) == pytest.approx(400.0, abs=0.3)
    # Then it stands still for a fifth of a second: all that follows is later.
    filled(mixer, 1_600.0, 20)
    assert mixer.position_ms(1_620.0) == pytest.approx(420.0, abs=0.3)


def test_past_its_end_a_song_is_silent_and_a_tone_goes_on() -> None:
    mixer = Mixer()
    mixer.start(RAMP, 670.0, 1_000.0, 1_000.0)
    assert set(filled(mixer, 1_000.0, 40)[-round(20 * MS) :]) == {0}
    bar = tone({"track": "demo:1"})
    assert tone({"track": "demo:1"}) == bar != tone({"track": "demo:2"})
    mixer.start(bar, 3_600_000.0, 2_000.0, 2_000.0)
    assert any(filled(mixer, 2_000.0, 500))
