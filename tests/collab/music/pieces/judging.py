"""What a piece must be to be shipped: as its tags say, and without a technical fault."""

import numpy as np

from collab.music.pieces.loudness import loudness
from collab.music.pieces.mix import LOUDNESS
from collab.music.pieces.score import Score
from tests.collab.music.pieces.listening import Impression, Sound, heard, key_of, tempo_of

# dB between what is heard of any two in the first two seconds. Two takes of one piece, with other noise, are
# 0.1 to 2.5 apart.
DIFFERENCE_MIN = 3.0
_TEMPO_PERCENT = 1.0
_LOUDNESS_DB = 1.0
# After the encoder has added what it adds, samples stay below 1.
_PEAK_MAX = 0.86
_DC_MAX = 1e-3
# From one sample to the next: a click is a jump, and the sharpest drum here moves by half of that.
_STEP_MAX = 0.6
# Without any swing it would be a wall, with too much nobody hears the soft parts on a train.
_CREST_DB = (7.0, 20.0)
_RELATIVES = {"Dm": "F", "Cm": "Eb", "Am": "C", "Bm": "D", "F#m": "A", "Em": "G", "C#m": "E"}


def difference(one: Impression, other: Impression) -> float:
    """Between two first impressions, in dB."""
    return float(np.sqrt(np.mean((one - other) ** 2)))


def faults_of(score: Score, sound: Sound) -> list[str]:
    """Sentences; none is well. `sound` is the piece or its beginning."""
    hear = heard(sound)
    tempo = score.tempo / 100
    # A beat may be counted half or double, so one looks near the tag only.
    tempo_heard = tempo_of(sound, 0.72 * tempo, 1.39 * tempo)
    key, key_heard = _RELATIVES.get(score.key.name, score.key.name), key_of(sound)
    loud = loudness(sound)
    faults = {
        f"Its tempo is {tempo_heard:.1f}.": abs(tempo_heard / tempo - 1) > _TEMPO_PERCENT / 100,
        f"It has the notes of {key_heard}, not of {key}.": key_heard != key,
        f"Its loudness is {loud:.1f} LUFS.": abs(loud - LOUDNESS) > _LOUDNESS_DB,
        f"Its peak is {hear.peak:.3f}.": hear.peak > _PEAK_MAX,
        f"Its crest is {hear.crest:.1f} dB.": not _CREST_DB[0] < hear.crest < _CREST_DB[1],
        "It is not centred.": abs(float(sound.mean(dtype=np.float64))) > _DC_MAX,
        "It clicks.": float(np.abs(np.diff(sound)).max()) > _STEP_MAX,
        "It begins with a click.": float(np.abs(sound[:20]).max()) > 1e-3,
        "It is no sound.": not bool(np.isfinite(sound).all()),
    }
    return [sentence for sentence, is_so in faults.items() if is_so]
