"""From a score to sound: parts, room, echo, loudness.

All parts go straight to the listener, and each as far as its score says into a room and into an echo. A room
is a convolution with noise that dies away, its highs sooner. What comes out is brought to one loudness for
all pieces, measured as ITU-R BS.1770 measures it, its peaks held by a limiter that looks ahead, and faded at
both ends. Knows one piece at a time. Does not know files.
"""

from typing import Final

import numpy as np

from collab.music.pieces.loudness import limited, loudness
from collab.music.pieces.orchestra import BASS_DRUMS, performed
from collab.music.pieces.score import Score, Space
from collab.music.pieces.wave import RATE, Curve, Samples, band, count, samples, times

# LUFS; what streaming services bring music to, within 2 dB.
LOUDNESS: Final = -16.0
# Vorbis may add a dB to a peak.
PEAK: Final = 10 ** (-1.6 / 20)
# Before the first beat, so that a player that fades in misses nothing.
START_S: Final = 0.08
# After the last key is let go.
_END_S: Final = 3.2
_FADE_IN_S: Final = 0.02
_FADE_OUT_S: Final = 2.2
# Of a block, twice as long as the longest room.
_TRANSFORM: Final = 1 << 19
_DELAY: Final = 1 << 13


def mixed_down(score: Score, seconds: float | None = None) -> Samples:
    """The piece as mono samples at RATE; its first `seconds` only, if given."""
    whole = count(START_S + score.seconds(score.ticks) + _END_S)
    n = whole if seconds is None else min(whole, count(seconds))
    direct, room, echo = (np.zeros(n, np.float32) for _ in range(3))
    ducking = _ducking(score, n)
    for part in score.parts:
        sound = performed(score, part, START_S, n)
        sound *= 10 ** (part.level / 20)
        if part.ducks:
            sound *= 1 - part.ducks / 100 * ducking
        direct += sound
        room += part.room / 100 * sound
        echo += part.echo / 100 * sound
    if echo.any():
        echoed = _echoed(score, echo)
        direct += echoed
        room += 0.3 * echoed
    return _mastered(_in_room(score, direct, room), score.space, is_whole=n == whole)


def _ducking(score: Score, n: int) -> Samples:
    """1 where a bass drum sounds, falling until the next."""
    ducking = np.zeros(n, np.float32)
    fall = samples(np.exp(-np.arange(count(0.4)) / (0.11 * RATE)))
    fall[:200] *= np.linspace(0, 1, 200)
    for part in score.parts:
        for note in part.notes if part.instrument in BASS_DRUMS else ():
            at = round((START_S + score.seconds(note.start)) * RATE)
            if at < n:
                some = fall[: n - at]
                ducking[at : at + len(some)] = np.maximum(ducking[at : at + len(some)], some)
    return ducking


def _echoed(score: Score, sound: Samples) -> Samples:
    """What comes back after a time, again and again, duller each time."""
    delay = round(score.seconds(score.space.echo_ticks) * RATE)
    again = score.space.echo_again / 100
    back = np.zeros(len(sound) + delay, np.float32)
    for at in range(delay, len(sound), delay):
        end = min(at + delay, len(sound))
        before = slice(at - delay, end - delay)
        some = sound[before] + again * back[before]
        # Three neighbours are a filter that a tape has, too.
        some[1:-1] = 0.25 * some[:-2] + 0.5 * some[1:-1] + 0.25 * some[2:]
        back[at:end] = some
    return back[: len(sound)]


def _in_room(score: Score, direct: Samples, room: Samples) -> Samples:
    """By overlapping blocks (overlap-add): a transform of a whole piece takes 140 MiB."""
    answer = samples(_room(score.space.room_ms / 1000, score.seed))
    step = _TRANSFORM - len(answer) - 2 * _DELAY
    hz = np.fft.rfftfreq(_TRANSFORM, 1 / RATE)
    # A filter without a phase begins before its sound does; the delay makes room for that.
    tone = band(hz, score.space.low_hz, score.space.high_hz) * np.exp(-2j * np.pi * hz * (_DELAY / RATE))
    walls = tone * np.fft.rfft(answer, _TRANSFORM)
    heard = np.zeros(len(direct) + _TRANSFORM, np.float32)
    for at in range(0, len(direct), step):
        block = slice(at, at + step)
        spectrum = tone * np.fft.rfft(direct[block], _TRANSFORM)
        spectrum += walls * np.fft.rfft(room[block], _TRANSFORM)
        heard[at : at + _TRANSFORM] += samples(np.fft.irfft(spectrum, _TRANSFORM))
    return heard[_DELAY : _DELAY + len(direct)]


def _room(seconds: float, seed: int) -> Curve:
    """What a room answers to a clap: a few walls, then noise that has fallen by 60 dB after `seconds`, the
    highs in a third of that."""
    rng = np.random.default_rng([seed, 1])
    n = count(1.1 * seconds)
    t = times(n)
    answer = np.zeros(n)
    hz = np.fft.rfftfreq(n, 1 / RATE)
    for low, high, share in ((80, 700, 1.0), (700, 2_800, 0.7), (2_800, 9_000, 0.33)):
        diffuse = np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) * band(hz, low, high), n)
        answer += diffuse * np.exp(-6.9 * t / (seconds * share))
    answer *= np.minimum(1, t / 0.012)
    # As loud as what goes in, whatever its length.
    answer *= 0.7 / np.sqrt((answer**2).sum())
    for wall_s in rng.uniform(0.004, 0.045, 6):
        answer[min(n - 1, count(wall_s))] += 0.16 * rng.choice((-1, 1))
    return answer


def _mastered(sound: Samples, space: Space, *, is_whole: bool) -> Samples:
    sound = sound * np.float32(10 ** ((LOUDNESS - loudness(sound)) / 20))
    if space.drive:
        driven = 1 + space.drive / 25
        sound = np.tanh(driven * sound) / np.float32(driven)
        sound = sound - sound.mean()
    # What the limiter takes away from the loudness is given back, once.
    limited_once = limited(sound, PEAK)
    louder = min(1.6, 10 ** ((LOUDNESS - loudness(limited_once)) / 20))
    sound = limited(limited_once * np.float32(louder), PEAK)
    fade = count(_FADE_IN_S)
    sound[:fade] *= np.linspace(0, 1, fade, dtype=np.float32)
    if is_whole:
        fade = count(_FADE_OUT_S)
        sound[-fade:] *= samples(0.5 + 0.5 * np.cos(np.linspace(0, np.pi, fade)))
    return sound
