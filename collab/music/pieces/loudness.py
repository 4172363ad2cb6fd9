"""How loud something is, and how its peaks are held.

Loudness as ITU-R BS.1770 has it: highs count more, lows less, silence not at all. Knows sound. Does not know
what it is for.
"""

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from collab.music.pieces.wave import RATE, Curve, Samples, count, samples

# A block of the limiter, and how many of them it sees ahead: 6 ms.
_BLOCK: Final = 32
_AHEAD: Final = 8
_GATE_S: Final = 0.4
_ABSOLUTE_GATE: Final = -70.0
_RELATIVE_GATE: Final = -10.0


def loudness(sound: Samples) -> float:
    """In LUFS, of mono; -70 for silence."""
    block = count(_GATE_S)
    blocks = len(sound) // block
    if blocks == 0:
        return _ABSOLUTE_GATE
    # The weighting is made for each block by itself: what it does to their edges is far below a dB.
    spectra = np.fft.rfft(sound[: blocks * block].reshape(blocks, block), axis=1)
    weighted = (np.abs(spectra) * _weight(np.fft.rfftfreq(block, 1 / RATE))) ** 2
    power = 2 * weighted.sum(axis=1) / block**2
    power = power[_lufs(power) > _ABSOLUTE_GATE]
    if not len(power):
        return _ABSOLUTE_GATE
    power = power[_lufs(power) > _lufs(power.mean()) + _RELATIVE_GATE]
    return float(_lufs(power.mean()))


def limited(sound: Samples, peak: float) -> Samples:
    """The same with no sample above `peak`. It becomes softer before a peak comes, and louder again after
    it, never within less than a few ms."""
    blocks = -(-len(sound) // _BLOCK)
    padded = np.zeros(blocks * _BLOCK, np.float32)
    padded[: len(sound)] = sound
    highest = np.abs(padded.reshape(blocks, _BLOCK)).max(axis=1)
    wanted = np.minimum(1, peak / np.maximum(highest, 1e-9))
    if wanted.min() == 1:
        return sound
    # The least of all that are near, then their mean: never above what the block itself wants.
    edged = np.pad(wanted, 2 * _AHEAD + 1, constant_values=1)
    least = sliding_window_view(edged, 2 * _AHEAD + 3).min(axis=1)
    smooth = np.convolve(least, np.full(2 * _AHEAD + 1, 1 / (2 * _AHEAD + 1)), "valid")
    gain = np.interp(np.arange(len(sound)), (np.arange(blocks) + 0.5) * _BLOCK, smooth[:blocks])
    return samples(sound * gain)


def _lufs(power: Curve | float) -> Curve:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(power, 1e-12)))


def _weight(hz: Curve) -> Curve:
    """Of BS.1770: a high pass at 38 Hz and 4 dB more above 1.7 kHz."""
    high_pass = hz**2 / (hz**2 + 38.1**2)
    shelf = 1 + 0.585 * hz**2 / (hz**2 + 1_500.0**2)
    weighted: Curve = high_pass * shelf
    return weighted
