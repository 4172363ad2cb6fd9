"""How people may call themselves.

A name is shown to others, so it must not be able to look empty, to run backwards over its neighbours or to
tower over the line. The rules are RFC 8266 (nicknames: spaces trimmed and joined, compatibility characters
folded, no controls, no bidi overrides, no zero-width characters without a reason), plus a length in
graphemes, which is what a reader counts. One thing is allowed beyond the RFC: the joiners inside an emoji.
Knows text only.
"""

import unicodedata
from typing import Final

import regex
from precis_i18n import get_profile

from collab.errors import Refusal

NAME_GRAPHEMES_MAX = 40
# A grapheme may carry any number of marks; this bounds what 40 of them may weigh.
NAME_CODE_POINTS_MAX = 200

_PROFILE: Final = get_profile("NicknameCasePreserved")
# U+200D between two pictographs and U+FE0F after one: without them 👩‍🚀 and ❤️ fall apart.
_EMOJI_JOINERS: Final = regex.compile(
    r"(?<=\p{Extended_Pictographic}\p{Emoji_Modifier}?\uFE0F?)\u200D(?=\p{Extended_Pictographic})"
    r"|(?<=\p{Extended_Pictographic})\uFE0F"
)
_GRAPHEME: Final = regex.compile(r"\X")


def clean_name(text: str) -> str:
    """`text` as it will be shown. Raises Refusal `bad_request` with the reason if it cannot be a name."""
    if len(text) > NAME_CODE_POINTS_MAX:
        raise Refusal("bad_request", f"A name has at most {NAME_GRAPHEMES_MAX} characters.")
    name = _without_idle_spaces(text)
    if not any(map(_is_visible, name)):
        raise Refusal("bad_request", "A name must have something in it that can be seen.")
    try:
        _PROFILE.enforce(_EMOJI_JOINERS.sub("", name))
    except UnicodeEncodeError as error:
        character = ord(error.object[error.start])
        raise Refusal("bad_request", f"The character U+{character:04X} cannot be part of a name.") from error
    if len(_GRAPHEME.findall(name)) > NAME_GRAPHEMES_MAX:
        raise Refusal("bad_request", f"A name has at most {NAME_GRAPHEMES_MAX} characters.")
    return name


def _without_idle_spaces(text: str) -> str:
    """RFC 8266 section 2.3's mapping: every space plain, none at the ends, one between words, NFKC."""
    plain = "".join(" " if unicodedata.category(character) == "Zs" else character for character in text)
    return " ".join(filter(None, unicodedata.normalize("NFKC", plain).split(" ")))


def _is_visible(character: str) -> bool:
    """Letters, numbers, punctuation and symbols; BRAILLE PATTERN BLANK is a symbol that shows nothing."""
    return unicodedata.category(character)[0] in "LNPS" and character != "\u2800"
