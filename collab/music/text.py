"""What tags may say.

A title is shown to everyone in the room, so it must not be able to turn the writing around it or to tower
over its line. What does no harm but shows nothing (controls, zero-width characters) is taken out; text that
lies about its order is refused as it stands. As for names (`collab.names`), but longer, and with the marks
that titles in all languages need. Pure.
"""

import re
import unicodedata
from typing import Final

# Longer than any honest title; what stands in an entry is bounded in bytes by `collab.fields`.
TEXT_CHARS_MAX: Final = 1_000
# More on one letter is no language.
_MARKS_MAX: Final = 4
# Embeddings, overrides and isolates: they reorder what follows.
_BIDI: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Joiners hold the letters of Persian and the parts of emoji together.
_JOINERS: Final = "\u200c\u200d"


class UnfitText(ValueError):
    """The message completes a sentence that begins with what the text is: "has 5000 characters …"."""


def clean(text: str) -> str:
    """`text` as it may be shown, perhaps empty. Raises UnfitText."""
    if len(text) > TEXT_CHARS_MAX:
        raise UnfitText(f"has {len(text):,} characters, more than {TEXT_CHARS_MAX:,}")
    if found := _BIDI.search(text):
        raise UnfitText(f"has the character U+{ord(found[0]):04X}, which turns the direction of what follows")
    words = "".join(map(_shown, unicodedata.normalize("NFC", text))).split()
    shown = _with_few_marks(" ".join(words))
    return shown if any(map(_is_visible, shown)) else ""


def _shown(character: str) -> str:
    match unicodedata.category(character):
        case "Cc" | "Zs" | "Zl" | "Zp":
            return " "
        case "Cf":
            return character if character in _JOINERS else ""
        case "Cs":
            return "\ufffd"
        case _:
            return character


def _with_few_marks(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= _MARKS_MAX:
            kept.append(character)
    return "".join(kept)


def _is_visible(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNPS" and character != "\u2800"
