"""How smoothly one song follows another.

Tempo, key and energy of two songs give one number, their roughness: 0 if nobody hears the change, up to
`ROUGHNESS_MAX`. Integers and fixed tables only, so that every node and every client chooses alike. What is
not known about a song speaks neither for it nor against it. Knows songs in pairs. Does not know queues or
votes, nor how a whole list is put in order: that is `smooth_order`.

Keys are those of the Camelot wheel, a clock face on which neighbours share all notes but one: `8A` is A
minor, `8B` its relative, C major, `9A` E minor.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from msgspec import Struct

# In bpm × 100. Nothing slower or faster is a beat.
TEMPO_MIN: Final = 1_000
TEMPO_MAX: Final = 100_000
ENERGY_MAX: Final = 100
# In the order of a walk around the wheel in which each step is a smooth one.
KEYS: Final = tuple(f"{hour}{letter}" for hour in range(1, 13) for letter in ("AB" if hour % 2 else "BA"))

# What the parts, each out of 100, count: a clash of tempos or keys is heard by everybody.
_TEMPO_WEIGHT: Final = 4
_KEY_WEIGHT: Final = 4
_ENERGY_WEIGHT: Final = 2
ROUGHNESS_MAX: Final = 100 * (_TEMPO_WEIGHT + _KEY_WEIGHT + _ENERGY_WEIGHT)
# For what is not known: worse than what fits, better than what does not.
_NEUTRAL: Final = 50

# Tempos are compared by ratio, in steps of 0.1 %. Up to 6 % a deck's pitch fader brings them together
# unnoticed; what is beyond by 16 % more is as bad as anything.
_STEP: Final = 1_000
_NEAR_STEPS: Final = 59
_FAR_STEPS: Final = 219
# By how many hours keys are apart, for the same letter and for the other one. Same, ±1 and relative are
# smooth; a diagonal step or two hours can be heard; a semitone (five hours) and a tritone (six) clash.
_SAME_LETTER: Final = (0, 10, 45, 75, 80, 90, 100)
_OTHER_LETTER: Final = (10, 40, 65, 75, 85, 95, 100)


class Features(Struct, frozen=True):
    """What is known about a song: `tempo` in bpm × 100, `key` such as `8A`, `energy` from 0 to 100."""

    tempo: int | None = None
    key: str | None = None
    energy: int | None = None


class Spot(NamedTuple):
    """Where a song stands in the tables; -1, the last place of each, for what is not known."""

    tempo: int
    key: int
    energy: int


# What each place of a table costs, that of the unknown last.
_Row: TypeAlias = Sequence[int]


def is_tempo(value: object) -> bool:
    return type(value) is int and TEMPO_MIN <= value <= TEMPO_MAX


def is_key(value: object) -> bool:
    return type(value) is str and value in _KEY_PLACES


def is_energy(value: object) -> bool:
    return type(value) is int and 0 <= value <= ENERGY_MAX


def features_of(entry: Mapping[str, object]) -> Features:
    """What a flat map, such as a playlist's entry, says in its members `tempo`, `key` and `energy`. A value
    that cannot be one counts as not known."""
    tempo, key, energy = entry.get("tempo"), entry.get("key"), entry.get("energy")
    return Features(
        tempo if isinstance(tempo, int) and is_tempo(tempo) else None,
        key if isinstance(key, str) and is_key(key) else None,
        energy if isinstance(energy, int) and is_energy(energy) else None,
    )


def spot_of(features: Features) -> Spot:
    """Raises ValueError for features that `features_of` would not give."""
    tempo, key, energy = features.tempo, features.key, features.energy
    for value, is_valid in ((tempo, is_tempo), (key, is_key), (energy, is_energy)):
        if value is not None and not is_valid(value):
            raise ValueError(f"{value!r} is no tempo in bpm × 100, Camelot key or energy.")
    return Spot(
        bisect_right(_TEMPOS, tempo * _STEP**2) - 1 if tempo is not None else -1,
        _KEY_PLACES[key] if key is not None else -1,
        energy if energy is not None else -1,
    )


def roughness(one: Features, other: Features) -> int:
    """From 0 (smooth) to `ROUGHNESS_MAX`; the same in both directions. Raises ValueError as `spot_of`."""
    [cost] = roughnesses(spot_of(one), [spot_of(other)])
    return cost


def smoothest(playing: Features, candidates: Sequence[Features]) -> int:
    """The index of the candidate that follows most smoothly; the first of equals. Raises ValueError if there
    is none, and as `spot_of`."""
    costs = roughnesses(spot_of(playing), [spot_of(candidate) for candidate in candidates])
    return costs.index(min(costs))


def roughnesses(one: Spot, others: Sequence[Spot]) -> list[int]:
    """Between one song and each of the others, all at once: this is what ordering a long list costs."""
    if one.tempo < 0:
        tempo_row: _Row = _NO_TEMPO_ROW
    else:
        start = len(_TEMPOS) - 1 - one.tempo
        tempo_row = (*_TEMPO_COSTS[start : start + len(_TEMPOS)], _NEUTRAL * _TEMPO_WEIGHT)
    key_row, energy_row = _KEY_ROWS[one.key], _ENERGY_ROWS[one.energy]
    return [tempo_row[tempo] + key_row[key] + energy_row[energy] for tempo, key, energy in others]


# -- the tables ------------------------------------------------------------------------------------------


def _tempos() -> list[int]:
    """The lower bound of each step, in bpm × 100 × _STEP²."""
    bounds = [TEMPO_MIN * _STEP**2]
    while bounds[-1] <= TEMPO_MAX * _STEP**2:
        bounds.append(bounds[-1] + bounds[-1] // _STEP)
    return bounds[:-1]


def _tempo_cost(steps: int) -> int:
    """Of tempos that are so many steps apart, one of which may be counted half or double."""
    apart = min(steps, abs(steps - _OCTAVE))
    if apart <= _NEAR_STEPS:
        return apart * 30 // _NEAR_STEPS
    return min(100, 60 + 40 * (apart - _NEAR_STEPS) // (_FAR_STEPS - _NEAR_STEPS))


def _key_cost(one: str, other: str) -> int:
    apart = abs(int(one[:-1]) - int(other[:-1]))
    return (_SAME_LETTER if one[-1] == other[-1] else _OTHER_LETTER)[min(apart, 12 - apart)]


def _energy_cost(one: int, other: int) -> int:
    return min(100, 2 * abs(one - other))


def _weighted(costs: Sequence[int], weight: int) -> _Row:
    return tuple(cost * weight for cost in (*costs, _NEUTRAL))


_TEMPOS: Final = _tempos()
_OCTAVE: Final = bisect_right(_TEMPOS, 2 * _TEMPOS[0]) - 1
# By how many steps the other tempo is above; the middle is the same tempo.
_TEMPO_COSTS: Final = tuple(
    _TEMPO_WEIGHT * _tempo_cost(abs(steps)) for steps in range(1 - len(_TEMPOS), len(_TEMPOS))
)
_NO_TEMPO_ROW: Final = _weighted([_NEUTRAL] * len(_TEMPOS), _TEMPO_WEIGHT)

_KEY_PLACES: Final = {key: place for place, key in enumerate(KEYS)}
_KEY_ROWS: Final = (
    *(_weighted([_key_cost(one, other) for other in KEYS], _KEY_WEIGHT) for one in KEYS),
    _weighted([_NEUTRAL] * len(KEYS), _KEY_WEIGHT),
)

_ENERGIES: Final = range(ENERGY_MAX + 1)
_ENERGY_ROWS: Final = (
    *(_weighted([_energy_cost(one, other) for other in _ENERGIES], _ENERGY_WEIGHT) for one in _ENERGIES),
    _weighted([_NEUTRAL] * len(_ENERGIES), _ENERGY_WEIGHT),
)
