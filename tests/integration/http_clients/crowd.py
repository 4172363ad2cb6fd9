"""People at sockets who edit a playlist while an HTTP client does.

They put songs in, move and remove songs of their own, and write notes to anybody's: so the client's entries
keep the order that the client gave them. Knows the Python SDK. Does not know clients.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random
from typing import Any, TypeVar

from ot.digest import digest
from ot.document import Document
from ot.value import Entry
from tests.integration.http_clients.live import Live, Person
from tests.integration.sdk import until
from tutti_client import Playlist, connect

T = TypeVar("T")

# Of each person, beside one request.
EDITS = 3
# Of a person's own songs; more than these are taken out again.
STANDING_MAX = 10


def song(name: str, number: int) -> dict[str, Any]:
    """As different as songs are: with an id of this server's or another's, a file, an address elsewhere."""
    id = f"{name}{number}".rjust(22, "0")
    uris = (
        f"tutti:track:{id}",
        f"spotify:track:{id}",
        f"spotify:local:{name}:Some+Album:{number}:215",
        f"https://example.org/{name}/{number}.mp3",
    )
    known = {
        "title": f'"{number}", by {name} = Ünï\ud55c',
        "artists": [name, "A, and B"],
        "album": f"Album {number % 3}",
        "duration_ms": 100_000 + number,
        "isrc": f"DEZZZ26{number:05}",
    }
    return {"track": uris[number % len(uris)], **(known if number % 5 else {})}


class Editor:
    """One person at one socket."""

    def __init__(self, playlist: Playlist, name: str) -> None:
        self.playlist = playlist
        self._name = name
        self._random = Random(name)
        # The last version that was seen before each of our entries was put in, by uid.
        self.added: dict[str, int] = {}
        self.removed: set[str] = set()

    async def edit(self) -> None:
        for _ in range(EDITS):
            self._edit_once()
            await self.playlist.saved()

    def _edit_once(self) -> None:
        playlist, random = self.playlist, self._random
        length = len(playlist.entries)
        own = [at for at, entry in enumerate(playlist.entries) if entry["uid"] in self.added]
        match random.choice(("add", "add", "move", "note", "remove")):
            case "move" if own:
                playlist.move(random.choice(own), 1, random.randint(0, length))
            case "note" if length:
                playlist.set_field(
                    random.randrange(length), "note", f"{self._name} was here {len(self.added)}"
                )
            case "remove" if len(own) > STANDING_MAX // 2:
                self._remove(random.choice(own))
            case _ if len(own) < STANDING_MAX:
                track = song(self._name, len(self.added))
                [uid] = playlist.insert(random.randint(0, length), track)
                self.added[uid] = playlist.version
            case _:
                self._remove(random.choice(own))

    def _remove(self, at: int) -> None:
        self.removed.add(str(self.playlist.entries[at]["uid"]))
        self.playlist.remove(at)


class Crowd:
    def __init__(
        self, live: Live, playlist: str, people: Sequence[Person], editors: Sequence[Editor]
    ) -> None:
        self._live = live
        self._playlist = playlist
        self._people = people
        self.editors = editors

    async def beside(self, request: Awaitable[T]) -> T:
        """What a request gives, while everybody edits."""
        answer, _ = await asyncio.gather(request, self.edit())
        return answer

    async def edit(self) -> None:
        await asyncio.gather(*(editor.edit() for editor in self.editors))

    async def settled(self, replaced: int) -> list[Entry]:
        """The entries that all agree on, when all is saved: both sockets, and the history that HTTP
        tells. Nothing of anybody at a socket is lost or there twice, but for what was replaced at this
        version, which is all that they had put in before."""
        playlists = [editor.playlist for editor in self.editors]
        reader, path = self._people[0], f"playlists/{self._playlist}"
        version = (await self._live.get(reader, path))["version"]
        for playlist in playlists:
            await _reaches(playlist, version)
        told = await self._live.get(reader, f"{path}/versions/{version}")
        assert {playlist.version for playlist in playlists} == {version}
        replicas = {digest(playlist.replica.document) for playlist in playlists}
        assert replicas == {digest(Document(told["entries"], told["attributes"]))}
        entries: list[Entry] = told["entries"]
        uids = [str(entry["uid"]) for entry in entries]
        assert len(uids) == len(set(uids))
        for editor in self.editors:
            assert editor.removed.isdisjoint(uids)
            missing = editor.added.keys() - editor.removed - set(uids)
            assert all(editor.added[uid] < replaced for uid in missing)
        return entries


async def _reaches(playlist: Playlist, version: int) -> None:
    await until(playlist, lambda: playlist.version >= version)


@asynccontextmanager
async def at_sockets(live: Live, playlist: str, *people: Person) -> AsyncIterator[Crowd]:
    async with AsyncExitStack() as stack:
        editors = []
        for person in people:
            tutti = await stack.enter_async_context(connect(live.url, token=person.token))
            editors.append(Editor(await tutti.open_playlist(playlist), person.name))
        yield Crowd(live, playlist, people, editors)
