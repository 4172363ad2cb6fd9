"""What tags may say."""

import pytest

from collab.music.text import TEXT_CHARS_MAX, UnfitText, clean


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Für Elise", "Für Elise"),
        ("Fu\u0308r Elise", "Für Elise"),
        ("  a \t b\r\n c\0 ", "a b c"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("שלום\u200f!", "שלום!"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("\u0301" * 3 + "\u2800 \u00ad", ""),
        ("z" + "\u0335" * 50 + "algo", "z" + "\u0335" * 4 + "algo"),
        ("lone \ud800 one", "lone \ufffd one"),
        ("", ""),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert clean(text) == shown


@pytest.mark.parametrize("character", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_nothing_turns_the_line_around(character: str) -> None:
    with pytest.raises(UnfitText, match=f"U\\+{ord(character):04X}"):
        clean(f"gnp.{character}3pm")


def test_length_is_bounded() -> None:
    assert clean("a" * TEXT_CHARS_MAX)
    with pytest.raises(UnfitText, match="1,001 characters"):
        clean("a" * (TEXT_CHARS_MAX + 1))
