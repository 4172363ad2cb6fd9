"""The words of a track, and of what somebody types.

Both databases index the same words, made here, so that they find the same. Pure: text in, words out. Knows
letters. Does not know rows, databases or what a match is worth.

A word has no diacritics, no capitals and no apostrophe, so that "Bjork", "dont" and "rem" find "Björk",
"Don't" and "R.E.M.". Scripts that put no space between words are read one character a word.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

# What is more than this of a title, or of a query, no person wrote.
TEXT_CHARS_MAX: Final = 1_000
QUERY_CHARS_MAX: Final = 100
QUERY_WORDS_MAX: Final = 8
WORD_CHARS_MAX: Final = 40
# Of a title, of all artists, of an album.
FIELD_WORDS_MAX: Final = 64

TITLE, ARTISTS, ALBUM = "1", "2", "3"

# Titles of more characters than that are equally long.
_LENGTH_MAX: Final = 127
_SPREAD_BYTES: Final = 7
# Letters that Unicode does not take apart, as people without them type them.
_PLAIN: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ı": "i", "ŧ": "t"}
    | dict.fromkeys("'’‘ʼ`´′")
)
_UNSEEN: Final = frozenset(("Mn", "Mc", "Me", "Cf"))
# Kana and Han.
_UNSPACED: Final = "\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD: Final = re.compile(rf"(?=\w)[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_INITIALS: Final = re.compile(r"\b\w(?:\.\w)+\b")


def words_of(text: str) -> list[str]:
    """The words of `text` in its order, each of at most WORD_CHARS_MAX letters and digits."""
    spaced = _INITIALS.sub(lambda initials: initials[0].replace(".", ""), _folded(text))
    return [word[:WORD_CHARS_MAX] for word in _WORD.findall(spaced)]


def query_words(query: str) -> tuple[str, ...]:
    """What is searched for, each word once; the last may be half a word. Any string will do."""
    words = dict.fromkeys(words_of(query[:QUERY_CHARS_MAX]))
    return tuple(words)[:QUERY_WORDS_MAX]


def track_words(title: str, artists: tuple[str, ...], album: str) -> str:
    """What is indexed of a track: its words, each behind the mark of where it stands, and once there."""
    fields = ((TITLE, title), (ARTISTS, " ".join(artists)), (ALBUM, album))
    return " ".join(mark + word for mark, text in fields for word in _field_words(text))


def title_key(title: str) -> str:
    """The same for titles that have the same words: "Song (Live 1999)" and "Song - live, 1999". "" for one
    without a word."""
    return " ".join(sorted(set(_field_words(title))))


def marked_title_key(marked: str) -> str:
    """The `title_key` of a track with these marked words, as either database gives them: PostgreSQL quotes
    each of them."""
    words = marked.replace("'", "").split()
    return " ".join(sorted([word[1:] for word in words if word[0] == TITLE]))


def spellings(marked: str) -> set[str]:
    """The words of `track_words` without their marks."""
    return {word[1:] for word in marked.split()}


def place_of(track_id: str, title: str) -> int:
    """Where a track stands among equal matches: short titles first, then in an order that is nobody's. A
    number of 63 bits and one track's own: among a million tracks two share one with a chance of 1 : 100,000.
    """
    length = min(len(" ".join(_field_words(title))), _LENGTH_MAX)
    spread = hashlib.sha256(track_id.encode()).digest()[:_SPREAD_BYTES]
    return length << (8 * _SPREAD_BYTES) | int.from_bytes(spread, "big")


def _field_words(text: str) -> Iterator[str]:
    return iter(dict.fromkeys(words_of(text[:TEXT_CHARS_MAX])[:FIELD_WORDS_MAX]))


def _folded(text: str) -> str:
    """Without what stands on letters, or between them without being seen."""
    if text.isascii():
        return text.lower().translate(_PLAIN)
    # Folding a case may put a mark beside a letter again, as in "İ".
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(letter for letter in apart if unicodedata.category(letter) not in _UNSEEN).translate(
        _PLAIN
    )
