"""Musical keys, as people tag them, on the Camelot wheel.

Programs write keys in three ways: as musicians do (`F#m`, `Bb major`), as hours on the Camelot wheel (`11A`)
and as Open Key (`4m`). Knows how these are spelt. What keys are good for is said in `jam.smooth`. Pure.
"""

import re
from typing import Final

_CAMELOT: Final = re.compile(r"0?(?P<hour>[1-9]|1[0-2])(?P<letter>[ab])", re.IGNORECASE)
_OPEN_KEY: Final = re.compile(r"0?(?P<hour>[1-9]|1[0-2])(?P<mode>[dm])", re.IGNORECASE)
_CLASSICAL: Final = re.compile(
    r"(?P<letter>[A-Ga-g])\s*(?P<accidentals>[#♯b♭]{0,2})\s*(?P<mode>M|m|maj(?:or)?|min(?:or)?)?", re.ASCII
)
_SEMITONES: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS: Final = {"#": 1, "♯": 1, "b": -1, "♭": -1}
# A semitone is seven fifths, a fifth is one hour; C major is 8B, and a minor key stands with its relative.
_HOUR_OF_C: Final = 8
_TO_RELATIVE_MAJOR: Final = 3


def camelot(text: str) -> str:
    """A key such as `8A`, or "" if the text names none."""
    text = text.strip()
    if found := _CAMELOT.fullmatch(text):
        return found["hour"] + found["letter"].upper()
    if found := _OPEN_KEY.fullmatch(text):
        return _key(int(found["hour"]) + _HOUR_OF_C - 1, found["mode"].lower() == "m")
    if found := _CLASSICAL.fullmatch(_without_case(text)):
        pitch = _SEMITONES[found["letter"].upper()] + sum(map(_ACCIDENTALS.__getitem__, found["accidentals"]))
        is_minor = (found["mode"] or "").startswith("m") and not (found["mode"] or "").startswith("maj")
        major = pitch + _TO_RELATIVE_MAJOR if is_minor else pitch
        return _key(7 * major + _HOUR_OF_C, is_minor)
    return ""


def _without_case(text: str) -> str:
    """`A Minor` and `a MIN` as `A minor` and `a min`; a lone `M` and `m` differ and stay."""
    return re.sub(r"(?i)(maj|min)(or)?$", lambda found: found[0].lower(), text)


def _key(hour: int, is_minor: bool) -> str:
    return f"{(hour - 1) % 12 + 1}{'A' if is_minor else 'B'}"
