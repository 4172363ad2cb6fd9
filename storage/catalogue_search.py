"""A search as SQL.

Runs the matches of `storage.catalogue_query` from the narrowest to the widest until a page is full. What it
reads is bounded, because the first letter of a word finds half of the catalogue: places are read in their
order until there are enough, and counted up to FOUND_MAX. Knows both databases' indexes. Does not know rows:
a track is named by its place.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Final, TypeAlias

from sqlalchemy import Connection, TextClause, func, select, text

from storage import tables
from storage.catalogue import FOUND_MAX
from storage.catalogue_query import Match, Spelled, matches, rank
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


# -- SQLite ---------------------------------------------------------------------------------------------


_FTS5: Final = text(
    "SELECT rowid FROM track_search WHERE track_search MATCH :match ORDER BY rowid LIMIT :most"
)


def _find_fts5(connection: Connection, spelled: Spelled, most: int) -> Places:
    def first(match: Match, count: int) -> list[int]:
        return list(connection.scalars(_FTS5, {"match": match.fts5(), "most": count}))

    tried = matches(spelled)
    every = first(tried[-1], FOUND_MAX)
    if len(every) < FOUND_MAX:
        query = select(_tracks.c.place, _tracks.c.words).where(among(connection, _tracks.c.place, every))
        ranked = sorted((rank(spelled, words), place) for place, words in connection.execute(query))
        return [place for _, place in ranked[:most]], len(every)
    return _narrowest(tried, most, first), FOUND_MAX


def _narrowest(tried: Sequence[Match], most: int, first: Callable[[Match, int], list[int]]) -> list[int]:
    """The best places of so many that none can be looked at by itself."""
    best: dict[int, None] = {}
    for match in tried:
        if len(best) >= most:
            break
        best.update(dict.fromkeys(first(match, most)))
    return list(best)[:most]


# -- PostgreSQL -----------------------------------------------------------------------------------------

# By PostgreSQL's own choice of index or table; either ends where there are enough.
_SOME: Final = "SELECT place, words FROM tracks WHERE words @@ {} LIMIT :bound"


def _query(name: str) -> str:
    return f"CAST(CAST(:{name} AS text) AS tsquery)"


_ANY: Final = text(f"SELECT ARRAY(SELECT place FROM ({_SOME.format(_query('match'))}) AS found)")
_SHORTEST: Final = text(
    "SELECT ARRAY(SELECT place FROM"
    " (SELECT place, words FROM tracks ORDER BY place LIMIT :walked) AS shortest"
    f" WHERE words @@ {_query('match')} ORDER BY place LIMIT :most)"
)
_ALL: Final = text(
    f"WITH found AS MATERIALIZED (SELECT place FROM tracks WHERE words @@ {_query('match')})"
    " SELECT ARRAY(SELECT place FROM found ORDER BY place LIMIT :most)"
)


@cache
def _ranked(matches: int) -> TextClause:
    rank = " ".join(f"WHEN words @@ {_query(f'match_{number}')} THEN {number}" for number in range(matches))
    return text(
        f"WITH found AS MATERIALIZED ({_SOME.format(_query('match'))}) SELECT (SELECT count(*) FROM found),"
        f" ARRAY(SELECT place FROM found ORDER BY CASE {rank} END, place LIMIT :most)"
    )


def _find_tsquery(connection: Connection, spelled: Spelled, most: int) -> Places:
    tried = matches(spelled)
    named = {f"match_{number}": match.tsquery() for number, match in enumerate(tried)}
    rest = {"match": tried[-1].tsquery(), "bound": FOUND_MAX, "most": most}
    total, ranked = connection.execute(_ranked(len(tried)), named | rest).one()
    if total < FOUND_MAX:
        return list(ranked), total
    return _narrowest(tried, most, partial(_first, connection)), total


def _first(connection: Connection, match: Match, most: int) -> list[int]:
    """The first places that match. A rare match is looked up, a common one found among the shortest titles;
    what is common among long ones alone costs most."""
    query = match.tsquery()
    few: list[int] = connection.scalar(_ANY, {"match": query, "bound": FOUND_MAX}) or []
    if len(few) < FOUND_MAX:
        return sorted(few)[:most]
    near: list[int] = connection.scalar(_SHORTEST, {"match": query, "walked": _WALKED, "most": most}) or []
    return near if len(near) == most else connection.scalar(_ALL, {"match": query, "most": most}) or []


# -- typing errors --------------------------------------------------------------------------------------


def _find_meant(connection: Connection, typed: Sequence[str], most: int) -> Places:
    """A word that some track has was meant, unless nothing is found so: then any may be wrong."""
    last = len(typed) - 1
    near = {
        number: _near(connection, word, is_beginning=number == last)
        for number, word in enumerate(typed[:_CORRECTED_MAX])
    }
    unknown = {number for number in near if not _begins_a_word(connection, typed[number])}
    for wrong in (unknown, near.keys()):
        spelled = [
            (near[number] or (word,)) if number in wrong else (word,) for number, word in enumerate(typed)
        ]
        found = _find(connection, spelled, most)
        if found[0]:
            return found
    return [], 0


def _begins_a_word(connection: Connection, beginning: str) -> bool:
    behind = beginning[:-1] + chr(ord(beginning[-1]) + 1)
    found = select(_words.c.word).where(_words.c.word >= beginning, _words.c.word < behind).limit(1)
    return connection.scalar(found) is not None


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
