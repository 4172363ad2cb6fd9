"""A playlist's past, and the way back.

    history = tutti.history(playlist.id)
    for version in await history.versions():
        print(version.version, version.author.name, version.counts)
    await history.restore(41)

What it was at any version or time, who changed what, the difference of two versions; for editors and owners,
restoring a version and taking back what one person did. Asked over HTTP, so it needs a connection to the
server but no open room. Restoring is an op like any other: an open playlist shows it as somebody's change.
"""

from urllib.parse import quote

from msgspec import Struct, field

from collab.messages import Body
from ot.document import Document
from ot.op import Op, decode
from tutti_client.asker import Asker
from tutti_client.http import http_url
from tutti_client.tokens import TokenSource


class Author(Struct, frozen=True):
    """Who did it. `name` is None if they are gone."""

    id: str
    name: str | None = field(name="display_name")


class EntryChange(Struct, frozen=True):
    """What happened to one entry: `added`, `removed`, `moved` or `edited`.

    `entry` is the entry after it, or as it was last if it was removed. `before` and `after` are its indexes,
    None where it does not stand; `fields` is what was set, for an edit.
    """

    change: str
    entry: Body
    before: int | None = field(name="from")
    after: int | None = field(name="to")
    fields: Body | None


class PastVersion(Struct, frozen=True):
    """One version, and what it did. `by_server`: the server made it for the author (a restore, a take-back).
    `counts` counts all changes; `changes` are the first of them. `attributes` are those that were set."""

    version: int
    at_ms: int = field(name="at")
    author: Author
    by_server: bool
    counts: dict[str, int]
    changes: tuple[EntryChange, ...]
    attributes: Body


class PastState(Struct, frozen=True):
    """The playlist as it was at a version. Who made the version, and when, is None at the beginning of what
    is kept."""

    version: int
    at_ms: int | None = field(name="at")
    author: Author | None
    attributes: Body
    entries: list[Body]

    @property
    def document(self) -> Document:
        """For the builders of `ot.build`."""
        return Document(self.entries, self.attributes)


class Difference(Struct, frozen=True):
    """What leads from one version to another. `wire` is the op in its wire form."""

    wire: Body = field(name="op")
    counts: dict[str, int]
    changes: tuple[EntryChange, ...]
    attributes: Body

    @property
    def op(self) -> Op:
        return decode(self.wire)


class EntryEvent(Struct, frozen=True):
    """What one version did to one entry; see PastVersion and EntryChange."""

    version: int
    at_ms: int = field(name="at")
    author: Author
    by_server: bool
    change: str
    entry: Body
    before: int | None = field(name="from")
    after: int | None = field(name="to")
    fields: Body | None


class _Versions(Struct, frozen=True):
    items: list[PastVersion]


class _Life(Struct, frozen=True):
    items: list[EntryEvent]


class _Became(Struct, frozen=True):
    version: int


class History:
    """See the module. Made by `Tutti.history`. Everything raises RequestRefused (`not_found` also for a
    version that never was, `history_gone` for one that is no longer kept) and Unreachable."""

    def __init__(self, url: str, playlist_id: str, tokens: TokenSource) -> None:
        self._ask = Asker(f"{http_url(url)}/v1/playlists/{quote(playlist_id, safe='')}", tokens).ask

    async def versions(self, *, before: int | None = None, limit: int = 20) -> list[PastVersion]:
        """What happened, the newest first: at most `limit` versions (of at most 50), those below `before`.
        Fewer, or none, where the history that is kept begins."""
        query = {"limit": limit} if before is None else {"limit": limit, "before": before}
        return (await self._ask("GET", "history", _Versions, query)).items

    async def entry(self, uid: str) -> list[EntryEvent]:
        """What happened to one entry, the oldest first, as far back as it is kept."""
        return (await self._ask("GET", f"history/{quote(uid, safe='')}", _Life)).items

    async def state(self, version: int) -> PastState:
        """The playlist as it was at a version."""
        return await self._ask("GET", f"versions/{version}", PastState)

    async def state_at(self, at_ms: int) -> PastState:
        """The playlist as it was at a time, in ms since 1970."""
        return await self._ask("GET", "versions", PastState, {"at": at_ms})

    async def difference(self, from_version: int, to_version: int) -> Difference:
        """What leads from one version to another, either of which may be the older."""
        return await self._ask("GET", "diff", Difference, {"from": from_version, "to": to_version})

    async def restore(self, version: int) -> int:
        """Makes the playlist what it was at a version, for everybody. Returns the new version. Raises
        RequestRefused `forbidden` for viewers."""
        return (await self._ask("POST", "restore", _Became, body={"version": version})).version

    async def take_back(self, user: str, since: int) -> int:
        """Takes back what a user did after version `since`; what others did stays. Else as `restore`."""
        return (await self._ask("POST", "take-back", _Became, body={"user": user, "since": since})).version
