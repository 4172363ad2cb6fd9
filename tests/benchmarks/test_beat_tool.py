"""What the benchmark `beat` measures with sees errors that were planted in recordings, and no others."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.beat.device_time import DeviceTime, Numbers, Stall
from benchmarks.beat.figures import weighed
from benchmarks.beat.hearing import MUSIC, Ear, Heard
from benchmarks.beat.silence import Silences
from benchmarks.beat.tracks import Signal, Track, noise
from benchmarks.beat.verdict import (
    Course,
    Looks,
    Part,
    apart,
    astray,
    corrections,
    gaps_ms,
    heard_share,
    locks_ms,
    starts_apart_ms,
)

RATE = 44_100
QUANTUM = 128
TRACKS = [noise(number, 8, RATE) for number in range(2)]
PIECE = 4_096


def played(track: Track, positions_ms: Numbers, rate: int = RATE) -> Signal:
    """A recording that has this place of a track at each of its frames."""
    spectrum = np.fft.rfft(track.samples)
    # Between samples: eight times as many, and lines between these.
    fine = np.fft.irfft(spectrum, len(track.samples) * 8) * 8
    places = positions_ms * (rate / 1000 * 8)
    return np.interp(places, np.arange(len(fine)), fine).astype(np.float32)


def listen(tracks: list[Track], recording: Signal) -> list[Heard]:
    ear = Ear(tracks)
    pieces = range(0, len(recording), PIECE)
    return [heard for start in pieces for heard in ear.listen(start, recording[start : start + PIECE])]


def steady(from_ms: float, seconds: float, rate: float = 1.0) -> Numbers:
    return from_ms + np.arange(int(seconds * RATE)) * (1000 / RATE * rate)


def course(recording: Signal, *, late_ms: float = 0.0, since_ms: float = 0.0) -> Course:
    """What is heard by whoever began to record at `since_ms`, with a device that is so late."""
    heard = listen(TRACKS, recording)
    ms = np.array([each.frame for each in heard]) * 1000 / RATE
    track = np.array([each.track for each in heard])
    position_ms = np.array([each.position for each in heard]) * 1000 / RATE
    return Course(ms + since_ms + late_ms, track, position_ms, ms)


# -- where in which track ------------------------------------------------------------------------------------


@pytest.mark.parametrize("offset_ms", [0.0, 0.013, 3.0, 10.0, 50.0])
def test_a_place_is_found_to_a_fraction_of_a_sample(offset_ms: float) -> None:
    heard = listen(TRACKS, 0.3 * played(TRACKS[1], steady(2_000 + offset_ms, 0.5)))
    assert {each.track for each in heard} == {1}
    errors = [(each.position - each.frame) * 1000 / RATE - 2_000 - offset_ms for each in heard]
    assert np.abs(errors).max() < 0.01


def test_half_a_percent_of_speed_does_not_blur_it() -> None:
    heard = listen(TRACKS, played(TRACKS[0], steady(1_000, 2, 1.005)))
    errors = [each.position * 1000 / RATE - 1_000 - each.frame * 1000 / RATE * 1.005 for each in heard]
    assert len(heard) > 90
    assert np.abs(errors).max() < 0.05


def test_another_rate_of_the_device_moves_nothing() -> None:
    track = noise(3, 2, 48_000)
    coarse = track.at_rate(RATE)
    [first, *_] = listen([coarse], played(track, np.arange(RATE) * (1000 / RATE), 48_000))
    assert coarse.duration_ms == track.duration_ms
    assert first.position == pytest.approx(first.frame, abs=0.1)


def test_silence_and_strange_sounds_are_nowhere() -> None:
    assert listen(TRACKS, np.zeros(RATE, np.float32)) == []
    assert listen(TRACKS, noise(9, 1, RATE).samples) == []


def test_a_beat_that_comes_again_is_heard_where_it_should_be() -> None:
    """A piece that begins with its beat, and hears nothing else for a while, after silence."""
    beat = np.zeros(RATE // 2, np.float32)
    beat[:4_410] = noise(4, 1, RATE).samples[:4_410] * np.linspace(1, 0, 4_410, dtype=np.float32)
    piece = Track("beat", np.tile(beat, 8), RATE)
    recording = np.concatenate([np.zeros(RATE, np.float32), piece.samples[: 2 * RATE]])
    ear = Ear([piece], MUSIC, lambda frame: None if frame < RATE else (0, frame - RATE))
    heard = [each for each in ear.listen(0, recording) if each.frame >= RATE]
    assert len(heard) > 15
    assert max(abs(each.position - (each.frame - RATE)) for each in heard) < 1


# -- when it was played --------------------------------------------------------------------------------------


def stamps(seconds: float, *, stands_ms: float = 0.0, at_s: float = 0.0) -> Iterator[tuple[float, float]]:
    """Of a device that takes 10 ms at a time, and a machine that is late by as much as it likes."""
    random = np.random.default_rng(1)
    asked = now_ms = 0.0
    for frame in range(0, int(seconds * RATE), QUANTUM):
        asked = max(asked, np.floor(frame * 1000 / RATE / 10) * 10)
        stood_ms = stands_ms if frame >= at_s * RATE else 0.0
        busy_ms = 300 if random.random() < 0.002 else 0
        now_ms = max(now_ms, 500 + asked + stood_ms + random.exponential(0.5) + busy_ms)
        yield frame, now_ms


def test_a_busy_machine_does_not_move_the_time() -> None:
    frames, ms = np.array(list(stamps(10))).T
    time = DeviceTime(frames, ms, RATE)
    assert time.stalls == ()
    late = time.at_ms(frames) - frames * 1000 / RATE
    # One buffer before it is asked for: the same for all devices of a machine.
    assert np.ptp(late) < 0.3
    assert 500 - 10 < late[0] < 500


@pytest.mark.parametrize("stands_ms", [-12, 10, 35, 120])
def test_a_device_that_stood_still_is_seen(stands_ms: float) -> None:
    frames, ms = np.array(list(stamps(10, stands_ms=stands_ms, at_s=4))).T
    time = DeviceTime(frames, ms, RATE)
    [stall] = time.stalls
    assert stall.lasts_ms == pytest.approx(stands_ms, abs=0.5)
    assert stall.frame == pytest.approx(4 * RATE, abs=QUANTUM * 16)
    before, after = time.at_ms(np.array([2.0 * RATE, 8.0 * RATE]))
    assert after - before == pytest.approx(6_000 + stands_ms, abs=0.5)


# -- what it means -------------------------------------------------------------------------------------------

WHOLE = [Part(0, 0, 0, 7_500)]


def test_a_player_that_is_15_ms_late_is_seen() -> None:
    right, late = played(TRACKS[0], steady(0, 7)), played(TRACKS[0], steady(-15, 7).clip(0))
    found = apart([course(right), course(late)], WHOLE).calm_ms
    assert found == pytest.approx(15, abs=0.1)
    assert astray(course(late), WHOLE).calm_ms == pytest.approx(-15, abs=0.1)
    assert heard_share(course(late), WHOLE) > 0.9
    assert locks_ms(course(right), WHOLE)[0] < 100
    assert locks_ms(course(late), WHOLE) == [7_500]
    assert starts_apart_ms([course(right), course(late)], WHOLE) == pytest.approx([15], abs=0.5)


def test_who_begins_late_is_seen_unless_their_device_stood_still() -> None:
    right = course(played(TRACKS[0], steady(0, 4)))
    late = replace(right, track=np.where(right.ms < 1_000, 1, 0))
    assert starts_apart_ms([right, late], WHOLE) == [300]
    stalled = replace(late, stalls=(Stall(0, -2_000, 50),))
    assert starts_apart_ms([right, right, stalled], WHOLE) == [0]
    assert starts_apart_ms([late, late], WHOLE) == []


def test_a_loudspeaker_that_is_late_is_as_bad() -> None:
    right = played(TRACKS[0], steady(0, 7))
    assert apart([course(right), course(right, late_ms=15)], WHOLE).calm_ms == pytest.approx(15, abs=0.1)


def test_a_rate_that_is_100_ppm_wrong_is_seen() -> None:
    right, fast = played(TRACKS[0], steady(0, 7)), played(TRACKS[0], steady(0, 7, 1.0001))
    found = apart([course(right), course(fast)], WHOLE).calm_ms
    assert found[0] == pytest.approx(0.2, abs=0.02)
    assert found[-1] == pytest.approx(0.7, abs=0.03)
    assert corrections(course(fast), WHOLE) == []


def test_a_splice_is_an_audible_correction_and_a_nudge_is_none() -> None:
    jump = np.where(np.arange(7 * RATE) < 4 * RATE, 0.0, 40.0)
    [found] = corrections(course(played(TRACKS[0], steady(0, 7) + jump)), WHOLE)
    assert found.at_ms == pytest.approx(4_000, abs=60)
    assert found.by_ms == pytest.approx(40, abs=0.1)
    assert not found.is_excused
    assert corrections(course(played(TRACKS[0], steady(0, 7, 1.005))), WHOLE) == []
    [found] = corrections(course(played(TRACKS[0], steady(0, 7, 1.01))), WHOLE)
    assert found.by_ms == 0


def test_who_is_put_right_after_two_seconds_locked_then() -> None:
    jump = np.where(np.arange(7 * RATE) < 1 * RATE, -20.0, 0.0)
    [locked_ms] = locks_ms(course(played(TRACKS[0], (steady(0, 7) + jump).clip(0))), WHOLE)
    assert locked_ms == pytest.approx(1_000, abs=60)


def test_another_track_is_not_together() -> None:
    other = course(played(TRACKS[1], steady(0, 7)))
    assert len(apart([course(played(TRACKS[0], steady(0, 7))), other], WHOLE)) == 0
    assert heard_share(other, WHOLE) == 0


def test_a_gap_is_seen_and_a_pause_before_the_music_is_none() -> None:
    recording = played(TRACKS[0], steady(0, 3))
    recording[:RATE] = 0
    recording[2 * RATE : 2 * RATE + RATE // 50] = 0
    silences = Silences(RATE)
    pieces = range(0, len(recording), PIECE)
    found = [each for start in pieces for each in silences.feed(start, recording[start : start + PIECE])]
    [gap] = found
    assert gap.frame == pytest.approx(2 * RATE, abs=RATE // 200)
    assert gap.frames == pytest.approx(RATE // 50, abs=RATE // 100)


def test_a_silence_is_a_gap_where_the_track_has_none() -> None:
    samples = TRACKS[0].samples.copy()
    samples[3 * RATE : 4 * RATE] = 0
    track = Track("with a rest", samples, RATE)
    parts = [Part(0, 1_000, 10_000, 14_000), Part(0, 0, 14_500, 17_000)]
    # Where the track rests, between two parts, and from before a part's end until after the next one's start.
    silences = [(12_050, 12_950), (14_000, 14_500), (13_900, 14_600)]
    assert gaps_ms(silences, parts, [track]) == [pytest.approx(200, abs=10)]
    assert gaps_ms([(11_000, 11_030)], parts, [track]) == [pytest.approx(30, abs=5)]


def test_music_that_repeats_itself_is_found_where_it_should_be() -> None:
    beat = noise(5, 0.5, RATE).samples
    track = Track("four times the same", np.tile(beat, 8), RATE)
    recording = track.samples[int(2.1 * RATE) : int(3.9 * RATE)]
    ear = Ear([track], MUSIC, lambda frame: (0, frame + 2.15 * RATE))
    heard = list(ear.listen(0, recording))
    assert len(heard) > 20
    assert heard[0].position - heard[0].frame == pytest.approx(2.1 * RATE, abs=1)


def test_what_is_heard_after_a_stall_counts_as_often_as_stalls_are() -> None:
    right = course(played(TRACKS[0], steady(0, 7)))
    stalled = replace(right, stalls=(Stall(0, 5_000, 50),))
    looks = apart([right, stalled], WHOLE)
    assert len(looks.stalled_ms) == pytest.approx(len(looks) * 2 / 5, abs=6)
    seldom = Looks(np.zeros(10), np.full(90, 30.0))
    assert weighed(seldom, 0.005, 99) == 0
    assert weighed(seldom, 0.02, 99) == 30
