"""Who can play: instruments by name, and what they play as sound.

Knows every instrument and how the notes of a part are laid over each other. Does not know rooms, nor the
other parts.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np

from collab.music.pieces import blown, drums, plucked, struck, synths
from collab.music.pieces.score import Part, Score
from collab.music.pieces.wave import RATE, Samples

# Hertz, seconds held, velocity from 0 to 1, and chance for what is noise.
Instrument: TypeAlias = Callable[[float, float, float, np.random.Generator], Samples]

INSTRUMENTS: Final[dict[str, Instrument]] = {
    player.__name__: player
    for player in (
        struck.piano, struck.electric_piano, struck.vibraphone, struck.music_box, struck.bell,
        struck.metallophone, struck.gong, struck.glockenspiel, struck.log_drum,
        plucked.guitar, plucked.double_bass, plucked.pizzicato,
        blown.flute, blown.accordion, blown.melodica, blown.organ,
        synths.pad, synths.strings, synths.drone, synths.stab, synths.arpeggio, synths.acid, synths.lead,
        synths.sub, synths.saw_bass, synths.chip_pulse, synths.chip_triangle,
        drums.kick, drums.soft_kick, drums.snare, drums.gated_snare, drums.brush, drums.hat, drums.open_hat,
        drums.shaker, drums.clap, drums.rim, drums.tom, drums.ride, drums.chip_drum, drums.crackle,
    )
}  # fmt: skip
# One bass drum, in whatever part, is what the others step back for.
BASS_DRUMS: Final = frozenset({"kick", "soft_kick"})
# A note is made once for so many degrees of loudness, and once for lengths that differ by less than this.
_VELOCITY_STEP: Final = 8
_LENGTH_STEP_S: Final = 0.02
# 5 ms: too short to be heard, long enough for no click.
_FADE: Final = 220


def sounded(name: str, pitch: int, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """One note of an instrument, faded where it is cut off."""
    sound = INSTRUMENTS[name](440 * 2 ** ((pitch - 69) / 12), seconds, velocity, rng)
    fade = min(_FADE, len(sound))
    sound[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return sound


def performed(score: Score, part: Part, start_s: float, n: int) -> Samples:
    """The part alone, `n` samples long, the first beat at `start_s`. What comes later is cut."""
    rng = np.random.default_rng([score.seed, *part.instrument.encode()])
    made: dict[tuple[int, int, int], Samples] = {}
    sound = np.zeros(n, np.float32)
    for note in part.notes:
        begin_s = score.seconds(note.start)
        length = round((score.seconds(note.start + note.length) - begin_s) / _LENGTH_STEP_S)
        which = note.pitch, length, note.velocity // _VELOCITY_STEP
        at = round((start_s + begin_s) * RATE)
        if at >= n:
            continue
        if which not in made:
            loud = (which[2] * _VELOCITY_STEP + _VELOCITY_STEP / 2) / 128
            made[which] = sounded(part.instrument, note.pitch, length * _LENGTH_STEP_S, loud, rng)
        one = made[which][: n - at]
        sound[at : at + len(one)] += one * (note.velocity / 127) ** 1.5
    return sound
