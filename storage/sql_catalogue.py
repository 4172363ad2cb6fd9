"""The catalogue on SQL.

Joins the port `storage.catalogue` to the statements of `storage.catalogue_rows` and
`storage.catalogue_search`, each run in one transaction of the store's. Knows what is read and written in how
large pieces. Does not know the database.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Concatenate, Final, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection

from storage import catalogue_rows as rows
from storage.catalogue import BATCH_MAX, Found, KnownFile, TrackRow
from storage.catalogue_search import find
from storage.catalogue_words import query_words, title_key

P = ParamSpec("P")
T = TypeVar("T")

# Reading takes a thousand rows' time from everybody else on the event loop, not a hundred thousand rows'.
_PAGE: Final = 1_000


class Run(Protocol):
    """Runs statements in one transaction, as `SqlStore` does."""

    async def __call__(
        self, statements: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T: ...


class SqlCatalogue:
    """`Catalogue` on a SQL database."""

    def __init__(self, read: Run, write: Run, search: Run) -> None:
        self._read = read
        self._write = write
        self._run_search = search

    async def known(self) -> Mapping[str, KnownFile]:
        files: dict[str, KnownFile] = {}
        after = ""
        while page := await self._read(rows.known, after, _PAGE):
            files.update((path, file) for _, path, file in page)
            after = page[-1][0]
        return files

    async def track_ids(self) -> set[str]:
        ids: set[str] = set()
        after = ""
        while page := await self._read(rows.track_ids, after, _PAGE):
            ids.update(page)
            after = page[-1]
        return ids

    async def put(self, tracks: Sequence[TrackRow]) -> None:
        for start in range(0, len(tracks), BATCH_MAX):
            await self._write(rows.put, tracks[start : start + BATCH_MAX])

    async def remove(self, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), BATCH_MAX):
            await self._write(rows.remove, ids[start : start + BATCH_MAX])

    async def track(self, track_id: str) -> TrackRow | None:
        return (await self.tracks([track_id])).get(track_id)

    async def tracks(self, ids: Sequence[str]) -> dict[str, TrackRow]:
        found: dict[str, TrackRow] = {}
        for start in range(0, len(ids), _PAGE):
            found |= await self._read(rows.tracks, ids[start : start + _PAGE])
        return found

    async def identified(self, isrcs: Collection[str], recording_ids: Collection[str]) -> Sequence[TrackRow]:
        return await self._read(rows.identified, list(isrcs), list(recording_ids))

    async def titled(self, titles: Collection[str]) -> Mapping[str, Sequence[TrackRow]]:
        keys = {key for title in titles if (key := title_key(title))}
        found: defaultdict[str, list[TrackRow]] = defaultdict(list)
        after: str | None = "" if keys else None
        while after is not None:
            page, after = await self._run_search(rows.titled, keys, after, _PAGE)
            for key, row in page:
                found[key].append(row)
        return found

    async def with_artwork(self, artwork: str) -> TrackRow | None:
        return await self._read(rows.with_artwork, artwork)

    async def count(self) -> int:
        return await self._read(rows.count)

    async def search(self, query: str, limit: int, offset: int = 0) -> Found:
        words = query_words(query)
        return await self._run_search(_search, words, limit, offset) if words else Found((), 0)


def _search(connection: Connection, words: Sequence[str], limit: int, offset: int) -> Found:
    places, total = find(connection, words, offset + limit)
    return Found(tuple(rows.at_places(connection, places[offset:])), total)
