"""The catalogue's rows as SQL.

As `storage.history`, for tracks. Keeps beside them what a search and its spelling need: each track's words,
how many tracks have a word, and the trigrams of each word. Does not know what is searched for.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, Text, bindparam, cast, delete, func, insert, or_, select, union

from storage import tables
from storage.catalogue import KnownFile, TrackRow
from storage.catalogue_spelling import grams
from storage.catalogue_words import marked_title_key, place_of, spellings, track_words
from storage.engine import among, upsert, wait_for_scanners

_tracks, _words, _grams = tables.tracks, tables.words, tables.word_grams

_COLUMNS: Final = tuple(_tracks.c[name] for name in TrackRow.__slots__)
# What describes a track in words: from these, what is indexed of it can be made again.
_WORDED: Final = (_tracks.c.id, _tracks.c.title, _tracks.c.artists, _tracks.c.album)
_FORGET_GRAM: Final = delete(_grams).where(
    _grams.c.gram == bindparam("gram"), _grams.c.word == bindparam("word")
)


def known(connection: Connection, after: str, limit: int) -> list[tuple[str, str, KnownFile]]:
    """Id, path and file of the next tracks after an id."""
    query = (
        select(_tracks.c.id, _tracks.c.path, _tracks.c.size_bytes, _tracks.c.mtime_ns)
        .where(_tracks.c.id > after)
        .order_by(_tracks.c.id)
        .limit(limit)
    )
    return [
        (track_id, json.loads(path), KnownFile(track_id, size_bytes, mtime_ns))
        for track_id, path, size_bytes, mtime_ns in connection.execute(query)
    ]


def track_ids(connection: Connection, after: str, limit: int) -> list[str]:
    query = select(_tracks.c.id).where(_tracks.c.id > after).order_by(_tracks.c.id).limit(limit)
    return list(connection.scalars(query))


def count(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(_tracks)) or 0


def tracks(connection: Connection, ids: Sequence[str]) -> dict[str, TrackRow]:
    rows = connection.execute(select(*_COLUMNS).where(among(connection, _tracks.c.id, ids))).all()
    return {row[0]: _track(row) for row in rows}


def identified(connection: Connection, isrcs: Sequence[str], recording_ids: Sequence[str]) -> list[TrackRow]:
    """One walk through the table: few tracks are asked for so, and seldom."""
    named = or_(
        among(connection, _tracks.c.isrc, isrcs), among(connection, _tracks.c.recording_id, recording_ids)
    )
    rows = connection.execute(select(*_COLUMNS).where(named).order_by(_tracks.c.id))
    return [_track(row) for row in rows]


def titled(
    connection: Connection, keys: Collection[str], after: str, limit: int
) -> tuple[list[tuple[str, TrackRow]], str | None]:
    """Of the next tracks after an id, those that have one of these `title_key`s, each with its key, and the
    last id that was looked at; None: there are no more."""
    query = (
        select(_tracks.c.id, cast(_tracks.c.words, Text))
        .where(_tracks.c.id > after)
        .order_by(_tracks.c.id)
        .limit(limit)
    )
    page = [(track_id, marked_title_key(marked)) for track_id, marked in connection.execute(query).all()]
    wanted = {track_id: key for track_id, key in page if key in keys}
    found = tracks(connection, list(wanted)) if wanted else {}
    named = [(key, found[track_id]) for track_id, key in wanted.items() if track_id in found]
    return named, page[-1][0] if page else None


def with_artwork(connection: Connection, artwork: str) -> TrackRow | None:
    assert artwork, "asked for by its name"
    row = connection.execute(select(*_COLUMNS).where(_tracks.c.artwork == artwork).limit(1)).first()
    return None if row is None else _track(row)


def at_places(connection: Connection, places: Sequence[int]) -> list[TrackRow]:
    """The tracks of these places, in their order."""
    query = select(*_COLUMNS, _tracks.c.place).where(among(connection, _tracks.c.place, places))
    found = {row.place: _track(row[:-1]) for row in connection.execute(query)}
    return [found[place] for place in places]


def put(connection: Connection, rows: Sequence[TrackRow]) -> None:
    wait_for_scanners(connection)
    ids = [row.id for row in rows]
    assert len(set(ids)) == len(ids), "who puts rows names each track once"
    fresh = [_values(row) for row in rows]
    # Asked for with OR, PostgreSQL would look through the whole table.
    stands_for_one = union(
        select(*_WORDED).where(among(connection, _tracks.c.id, ids)),
        select(*_WORDED).where(among(connection, _tracks.c.path, [row["path"] for row in fresh])),
        select(*_WORDED).where(among(connection, _tracks.c.place, [row["place"] for row in fresh])),
    )
    before = connection.execute(stands_for_one).all()
    # A path leads to one file. And of two tracks that share a place, which hardly happens, one must go.
    displaced = {row.id for row in before}.difference(ids)
    if displaced:
        connection.execute(delete(_tracks).where(among(connection, _tracks.c.id, list(displaced))))
    upsert(connection, _tracks, fresh, key="id", keep=("added_ms",))
    _count_words(
        connection,
        gained=[row["words"] for row in fresh],
        lost=[_words_of(row.title, row.artists, row.album) for row in before],
    )


def remove(connection: Connection, ids: Sequence[str]) -> None:
    wait_for_scanners(connection)
    these = among(connection, _tracks.c.id, ids)
    before = connection.execute(select(*_WORDED).where(these)).all()
    connection.execute(delete(_tracks).where(these))
    _count_words(connection, gained=(), lost=[_words_of(row.title, row.artists, row.album) for row in before])


def _count_words(connection: Connection, gained: Iterable[str], lost: Iterable[str]) -> None:
    """Brings the words up to date after tracks came and went; each is told by its marked words."""
    change: Counter[str] = Counter()
    for marked in gained:
        change.update(spellings(marked))
    for marked in lost:
        change.subtract(spellings(marked))
    changed = [word for word, by in change.items() if by]
    query = select(_words.c.word, _words.c.tracks).where(among(connection, _words.c.word, changed))
    before = {row.word: row.tracks for row in connection.execute(query)}
    after = {word: before.get(word, 0) + change[word] for word in changed}
    new = [word for word in changed if word not in before]
    gone = [word for word in changed if after[word] <= 0]
    stay = [{"word": word, "tracks": count} for word, count in after.items() if count > 0]
    if stay:
        upsert(connection, _words, stay, key="word")
    if new:
        connection.execute(insert(_grams), _grams_of(new))
    if gone:
        connection.execute(delete(_words).where(among(connection, _words.c.word, gone)))
        connection.execute(_FORGET_GRAM, _grams_of(gone))


def _grams_of(words: Sequence[str]) -> list[dict[str, str]]:
    return [{"gram": gram, "word": word} for word in words for gram in grams(word)]


def _words_of(title: str, artists: str, album: str) -> str:
    return track_words(title, tuple(json.loads(artists)), album)


def _values(row: TrackRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in TrackRow.__slots__} | {
        "path": json.dumps(row.path),
        "artists": json.dumps(row.artists, ensure_ascii=False),
        "place": place_of(row.id, row.title),
        "words": track_words(row.title, row.artists, row.album),
    }


def _track(row: Row[Any] | tuple[Any, ...]) -> TrackRow:
    # An import reads tens of thousands: by place, of the columns in the order of the fields.
    track_id, path, size_bytes, mtime_ns, title, artists = row[:6]
    return TrackRow(
        track_id, json.loads(path), size_bytes, mtime_ns, title, tuple(json.loads(artists)), *row[6:]
    )
