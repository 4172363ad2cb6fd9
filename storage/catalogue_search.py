"""A search as SQL.

Runs the matches of `storage.catalogue_query` from the narrowest to the widest until a page is full. What it
reads is bounded, because the first letter of a word finds half of the catalogue: places are read in their
order until there are enough, and counted up to FOUND_MAX. Knows both databases' indexes. Does not know rows:
a track is named by its place.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, TextClause, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import TSQUERY

from storage import tables
from storage.catalogue import FOUND_MAX
from storage.catalogue_query import Spelled, matches, rank
from storage.catalogue_spelling import closest, errors_max, grams, swaps
from storage.catalogue_words import WORD_CHARS_MAX
from storage.engine import among

# The best places, at most as many as were asked for, and how many there are in all.
Places: TypeAlias = tuple[list[int], int]

_tracks, _words, _grams = tables.tracks, tables.words, tables.word_grams

# Of the words that share trigrams with one that was typed, those that share the most.
_CANDIDATES_MAX: Final = 60
# Of a long query the first words: each takes a few milliseconds.
_CORRECTED_MAX: Final = 4
# PostgreSQL looks at as many of the shortest titles before it asks its index for all matches and sorts them:
# that is enough for a first page of what every hundredth track has.
_WALKED: Final = 4_000


def find(connection: Connection, words: Sequence[str], most: int) -> Places:
    """The tracks that have `words`, of which there is one at least; if there are none, those that have what
    may have been meant."""
    found = _find(connection, [(word,) for word in words], most)
    return found if found[0] else _find_meant(connection, words, most)


def _find(connection: Connection, spelled: Spelled, most: int) -> Places:
    return (_find_fts5 if connection.dialect.name == "sqlite" else _find_tsquery)(connection, spelled, most)


def _narrowest(tried: Sequence[str], most: int, first: Callable[[str, int], list[int]]) -> list[int]:
    """The best places of so many that they cannot be ranked one by one."""
    best: dict[int, None] = {}
    for query in tried:
        if len(best) >= most:
            break
        best.update(dict.fromkeys(first(query, most)))
    return list(best)[:most]


# -- SQLite ---------------------------------------------------------------------------------------------


_FTS5: Final = text(
    "SELECT rowid FROM track_search WHERE track_search MATCH :match ORDER BY rowid LIMIT :most"
)


def _find_fts5(connection: Connection, spelled: Spelled, most: int) -> Places:
    def first(query: str, count: int) -> list[int]:
        return list(connection.scalars(_FTS5, {"match": query, "most": count}))

    tried = [match.fts5() for match in matches(spelled)]
    every = first(tried[-1], FOUND_MAX)
    if not every:
        return [], 0
    if len(every) < FOUND_MAX:
        query = select(_tracks.c.place, _tracks.c.words).where(among(connection, _tracks.c.place, every))
        ranked = sorted((rank(spelled, words), place) for place, words in connection.execute(query))
        return [place for _, place in ranked[:most]], len(every)
    return _narrowest(tried, most, first), FOUND_MAX


# -- PostgreSQL -----------------------------------------------------------------------------------------


def _statement(sql: str, queries: int = 1) -> TextClause:
    """`sql` with so many parameters `match_0` … that are queries: parsed once, not for every row."""
    names = [f"match_{number}" for number in range(queries)]
    return text(sql).bindparams(*(bindparam(name, type_=TSQUERY) for name in names))


# By PostgreSQL's own choice of index or table; either ends where there are enough.
_ANY: Final = _statement(
    f"SELECT ARRAY(SELECT place FROM tracks WHERE words @@ :match_0 LIMIT {FOUND_MAX}) AS found"
)
_SHORTEST: Final = _statement(
    "SELECT ARRAY(SELECT place FROM"
    f" (SELECT place, words FROM tracks ORDER BY place LIMIT {_WALKED}) AS shortest"
    " WHERE words @@ :match_0 ORDER BY place LIMIT :most)"
)
_ALL: Final = _statement(
    "WITH found AS MATERIALIZED (SELECT place FROM tracks WHERE words @@ :match_0)"
    " SELECT ARRAY(SELECT place FROM found ORDER BY place LIMIT :most)"
)


@cache
def _ranked(matches: int) -> TextClause:
    rank = " ".join(f"WHEN words @@ :match_{number} THEN {number}" for number in range(matches))
    return _statement(
        "SELECT ARRAY(SELECT place FROM tracks WHERE place = ANY(CAST(:found AS bigint[]))"
        f" ORDER BY CASE {rank} END, place LIMIT :most)",
        matches,
    )


def _find_tsquery(connection: Connection, spelled: Spelled, most: int) -> Places:
    tried = [match.tsquery() for match in matches(spelled)]
    every = _places(connection, _ANY, match_0=tried[-1])
    if not every:
        return [], 0
    if len(every) < FOUND_MAX:
        named = {f"match_{number}": query for number, query in enumerate(tried)}
        return _places(connection, _ranked(len(tried)), found=every, most=most, **named), len(every)
    return _narrowest(tried, most, partial(_first, connection)), FOUND_MAX


def _first(connection: Connection, query: str, most: int) -> list[int]:
    """The first places that match. A rare match is looked up, a common one found among the shortest titles;
    what is common among long ones alone costs most."""
    few = _places(connection, _ANY, match_0=query)
    if len(few) < FOUND_MAX:
        return sorted(few)[:most]
    near = _places(connection, _SHORTEST, match_0=query, most=most)
    return near if len(near) == most else _places(connection, _ALL, match_0=query, most=most)


def _places(connection: Connection, statement: TextClause, **values: Any) -> list[int]:
    return connection.scalar(statement, values) or []


# -- typing errors --------------------------------------------------------------------------------------


def _find_meant(connection: Connection, typed: Sequence[str], most: int) -> Places:
    """A word that no track has, or none begins with while it is typed, may stand for those nearest to it."""
    last = len(typed) - 1
    spelled: list[tuple[str, ...]] = [(word,) for word in typed]
    for number, word in enumerate(typed[:_CORRECTED_MAX]):
        if not _is_known(connection, word, is_beginning=number == last):
            spelled[number] = (word, *_near(connection, word, is_beginning=number == last))
    return _find(connection, spelled, most) if any(len(words) > 1 for words in spelled) else ([], 0)


def _is_known(connection: Connection, word: str, *, is_beginning: bool) -> bool:
    behind = word[:-1] + chr(ord(word[-1]) + 1)
    found = (_words.c.word >= word, _words.c.word < behind) if is_beginning else (_words.c.word == word,)
    return connection.scalar(select(_words.c.word).where(*found).limit(1)) is not None


def _near(connection: Connection, word: str, *, is_beginning: bool) -> tuple[str, ...]:
    """The known words nearest to one, the more common of equals first; none for a short one."""
    if not errors_max(word):
        return ()
    longest = WORD_CHARS_MAX if is_beginning else len(word) + errors_max(word)
    shared = (
        select(_grams.c.word, func.count().label("grams"))
        .where(
            among(connection, _grams.c.gram, grams(word)),
            func.length(_grams.c.word).between(len(word) - errors_max(word), longest),
        )
        .group_by(_grams.c.word)
        .subquery()
    )
    alike = (
        select(_words.c.word)
        .join(shared, shared.c.word == _words.c.word)
        .order_by(shared.c.grams.desc(), _words.c.tracks.desc(), _words.c.word)
        .limit(_CANDIDATES_MAX)
    )
    swapped = (
        select(_words.c.word).where(among(connection, _words.c.word, swaps(word))).order_by(_words.c.word)
    )
    candidates = dict.fromkeys([*connection.scalars(swapped), *connection.scalars(alike)])
    return closest(word, candidates, is_beginning=is_beginning)
