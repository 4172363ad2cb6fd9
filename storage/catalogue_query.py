"""What a search asks of an index, best first.

A search is a list of matches: all words in the title, then in title and artists, then anywhere; and in each
of these first whole words, then the last one's beginning, then the beginning of each. What an earlier match
finds comes before what only a later one does. Pure. Knows how SQLite's FTS5 and PostgreSQL's `tsquery` write
a match; words are letters and digits (`catalogue_words`), so nothing that somebody types is ever syntax.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from storage.catalogue_words import ALBUM, ARTISTS, TITLE

# For each word that was typed, what may stand for it: itself, or what it may have been meant to be.
Spelled: TypeAlias = Sequence[tuple[str, ...]]

_FIELDS: Final = (TITLE, TITLE + ARTISTS, TITLE + ARTISTS + ALBUM)
_FIELD_NUMBERS: Final = {TITLE: 0, ARTISTS: 1, ALBUM: 2}
_NOWHERE: Final = len(_FIELD_NUMBERS)


@dataclass(frozen=True, slots=True)
class Match:
    """A track matches if it has each of `words`, in one of its spellings and in one of `fields`: of the first
    `whole` of them the word itself, of the others one that begins so."""

    words: Spelled
    fields: str
    whole: int

    def fts5(self) -> str:
        """https://www.sqlite.org/fts5.html#full_text_query_syntax"""
        return self._written('"{}"', beginning='"{}" *', either=" OR ", both=" AND ")

    def tsquery(self) -> str:
        """https://www.postgresql.org/docs/current/datatype-textsearch.html#DATATYPE-TSQUERY"""
        return self._written("'{}'", beginning="'{}':*", either=" | ", both=" & ")

    def _written(self, word: str, *, beginning: str, either: str, both: str) -> str:
        written = []
        for number, spellings in enumerate(self.words):
            form = word if number < self.whole else beginning
            terms = (form.format(field + spelling) for spelling in spellings for field in self.fields)
            written.append(f"({either.join(terms)})")
        return both.join(written)


def matches(words: Spelled) -> list[Match]:
    """From the narrowest to the widest, which finds all that the others do. `words` holds at least one."""
    assert words, "a search without words finds nothing; the caller sees to it"
    return [Match(words, fields, whole) for fields in _FIELDS for whole in _wholes(words)]


def rank(words: Spelled, marked: str) -> tuple[int, int]:
    """Which of the matches finds a track with these marked words first, as a key for sorting: one of them
    does."""
    # For each of the words the best field in which it stands whole, and in which one begins so.
    whole, begun = [_NOWHERE] * len(words), [_NOWHERE] * len(words)
    for token in marked.split():
        field, word = _FIELD_NUMBERS[token[0]], token[1:]
        for number, spellings in enumerate(words):
            if field < begun[number] and word.startswith(spellings):
                begun[number] = field
            if field < whole[number] and word in spellings:
                whole[number] = field
    wholes = enumerate(_wholes(words))
    return min((max(whole[:count] + begun[count:]), preference) for preference, count in wholes)


def _wholes(words: Spelled) -> Sequence[int]:
    return tuple(dict.fromkeys((len(words), len(words) - 1, 0)))
