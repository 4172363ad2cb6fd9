"""Keys as programs write them."""

import pytest

from collab.music.keys import camelot
from jam.smooth import KEYS, is_key

# The Camelot wheel as it is printed: an hour's minor and major key, with the usual spellings.
WHEEL = {
    1: ("Abm G#m", "B Cb"),
    2: ("Ebm D#m", "F# Gb"),
    3: ("Bbm A#m", "Db C#"),
    4: ("Fm", "Ab G#"),
    5: ("Cm", "Eb D#"),
    6: ("Gm", "Bb A#"),
    7: ("Dm", "F E#"),
    8: ("Am", "C B#"),
    9: ("Em", "G"),
    10: ("Bm Cbm", "D"),
    11: ("F#m Gbm", "A"),
    12: ("Dbm C#m", "E Fb"),
}


@pytest.mark.parametrize("hour", WHEEL)
def test_the_wheel(hour: int) -> None:
    for letter, spellings in zip("AB", WHEEL[hour], strict=True):
        for spelling in spellings.split():
            assert camelot(spelling) == f"{hour}{letter}", spelling
        assert camelot(f"{hour}{letter}") == f"{hour}{letter}"
        # Open Key counts from C and A minor.
        assert camelot(f"{(hour - 8) % 12 + 1}{'m' if letter == 'A' else 'd'}") == f"{hour}{letter}"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (" 08a ", "8A"),
        ("12B", "12B"),
        ("A minor", "8A"),
        ("a Min", "8A"),
        ("AM", "11B"),
        ("Am", "8A"),
        ("Bb MAJOR", "6B"),
        ("B♭maj", "6B"),
        ("F♯ minor", "11A"),
        ("F ## minor", "6A"),
        ("c", "8B"),
    ],
)
def test_other_spellings(text: str, key: str) -> None:
    assert camelot(text) == key


@pytest.mark.parametrize(
    "text", ["", "o", "13A", "0B", "H", "A mixolydian", "8C", "Amm", "８A", "A\u0300", "A" * 999]
)
def test_what_is_no_key(text: str) -> None:
    assert camelot(text) == ""


def test_only_keys_come_out() -> None:
    letters = [
        letter + accidental + mode
        for letter in "ABCDEFG"
        for accidental in ("", "#", "b")
        for mode in ("", "m")
    ]
    assert {camelot(text) for text in letters} <= set(KEYS)
    assert all(is_key(camelot(text)) for text in letters)
