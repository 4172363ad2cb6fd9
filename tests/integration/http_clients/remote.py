"""What is asked of a playlist from afar, in the words of each library.

Both libraries are as their registry gives them, but for the address. spotipy blocks, so each of its calls has
a thread.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

import spotipy
import tekore

from tests.collab.serving import HUNG_S
from tests.integration.http_clients.live import Live, Person
from tests.integration.http_clients.shown import Shown, of_json, of_model

# Of one's playlists; there are more, so that pages are turned.
PLAYLISTS_A_PAGE = 2


class Remote(Protocol):
    async def me(self) -> str: ...

    async def name_of(self, user: str) -> str | None: ...

    async def create(self, user: str, name: str) -> str: ...

    async def share(self, playlist: str, name: str, description: str) -> None:
        """From now on who follows it edits it; it is called so, too."""

    async def about(self, playlist: str) -> tuple[str, str | None]:
        """Name and description."""

    async def follow(self, playlist: str) -> None: ...

    async def unfollow(self, playlist: str) -> None: ...

    async def follows(self, user: str, playlist: str) -> bool: ...

    async def mine(self) -> list[str]:
        """All playlists, page by page, newest first."""

    async def add(self, playlist: str, uris: Sequence[str], position: int | None = None) -> str:
        """The snapshot."""

    async def seen(self, playlist: str) -> tuple[str, list[str]]:
        """The snapshot and the first hundred URIs."""

    async def reorder(self, playlist: str, start: int, count: int, before: int, snapshot: str) -> str: ...

    async def remove(self, playlist: str, uris: Sequence[str], snapshot: str | None = None) -> str: ...

    async def replace(self, playlist: str, uris: Sequence[str]) -> None: ...

    async def put_picture(self, playlist: str, jpeg: str) -> None: ...

    async def pictures(self, playlist: str) -> list[str]: ...

    async def items(self, playlist: str) -> list[Shown]:
        """All of them, page by page."""

    async def status_of(self, request: Any) -> int:
        """That of the error with which a call of this library ends."""


class Spotipy:
    def __init__(self, live: Live, person: Person) -> None:
        self._client = spotipy.Spotify(
            auth=person.token, retries=0, status_retries=0, requests_timeout=HUNG_S
        )
        self._client.prefix = live.base

    async def call(self, method: str, *arguments: Any, **more: Any) -> Any:
        return await asyncio.to_thread(getattr(self._client, method), *arguments, **more)

    async def pages(self, method: str, *arguments: Any, **more: Any) -> list[Any]:
        """The items of all pages, which are the same when they are turned backwards."""
        page = await self.call(method, *arguments, **more)
        pages = [page["items"]]
        while page["next"] is not None:
            page = await self.call("next", page)
            pages.append(page["items"])
        assert sum(map(len, pages)) == page["total"]
        for items in pages[-2::-1]:
            page = await self.call("previous", page)
            assert page["items"] == items
        return [item for items in pages for item in items]

    async def me(self) -> str:
        me = await self.call("me")
        return str(me["id"])

    async def name_of(self, user: str) -> str | None:
        name: str | None = (await self.call("user", user))["display_name"]
        return name

    async def create(self, user: str, name: str) -> str:
        made = await self.call("current_user_playlist_create", name, public=False)
        assert made["owner"]["id"] == user
        return str(made["id"])

    async def share(self, playlist: str, name: str, description: str) -> None:
        await self.call(
            "playlist_change_details", playlist, name=name, description=description, collaborative=True
        )

    async def about(self, playlist: str) -> tuple[str, str | None]:
        about = await self.call("playlist", playlist, fields="name,description")
        assert about.keys() == {"name", "description"}
        return about["name"], about["description"]

    async def follow(self, playlist: str) -> None:
        await self.call("current_user_follow_playlist", playlist)

    async def unfollow(self, playlist: str) -> None:
        await self.call("current_user_unfollow_playlist", playlist)

    async def follows(self, user: str, playlist: str) -> bool:
        [follows] = await self.call("current_user_saved_items", [f"spotify:playlist:{playlist}"])
        return bool(follows)

    async def mine(self) -> list[str]:
        found = await self.pages("current_user_playlists", limit=PLAYLISTS_A_PAGE)
        return [playlist["id"] for playlist in found]

    async def add(self, playlist: str, uris: Sequence[str], position: int | None = None) -> str:
        return _snapshot(await self.call("playlist_add_items", playlist, uris, position))

    async def seen(self, playlist: str) -> tuple[str, list[str]]:
        seen = await self.call("playlist", f"spotify:playlist:{playlist}")
        return seen["snapshot_id"], [item["track"]["uri"] for item in seen["tracks"]["items"]]

    async def reorder(self, playlist: str, start: int, count: int, before: int, snapshot: str) -> str:
        return _snapshot(await self.call("playlist_reorder_items", playlist, start, before, count, snapshot))

    async def remove(self, playlist: str, uris: Sequence[str], snapshot: str | None = None) -> str:
        method = "playlist_remove_all_occurrences_of_items"
        return _snapshot(await self.call(method, playlist, uris, snapshot))

    async def replace(self, playlist: str, uris: Sequence[str]) -> None:
        await self.call("playlist_replace_items", playlist, uris)

    async def put_picture(self, playlist: str, jpeg: str) -> None:
        await self.call("playlist_upload_cover_image", playlist, jpeg)

    async def pictures(self, playlist: str) -> list[str]:
        return [image["url"] for image in await self.call("playlist_cover_image", playlist)]

    async def items(self, playlist: str) -> list[Shown]:
        return list(map(of_json, await self.pages("playlist_items", playlist, limit=100)))

    async def status_of(self, request: Any) -> int:
        try:
            await request
        except spotipy.SpotifyException as error:
            return int(error.http_status)
        raise AssertionError("It was done.")


def _snapshot(answer: Any) -> str:
    return str(answer["snapshot_id"])


class Tekore:
    """Its models are strict: an answer that lacks a member, or has it of another type, raises."""

    def __init__(self, client: tekore.Spotify) -> None:
        self.client = client

    async def me(self) -> str:
        return str((await self.client.current_user()).id)

    async def name_of(self, user: str) -> str | None:
        name: str | None = (await self.client.user(user)).display_name
        return name

    async def create(self, user: str, name: str) -> str:
        made = await self.client.playlist_create(user, name, public=False)
        assert made.owner.id == user
        return str(made.id)

    async def share(self, playlist: str, name: str, description: str) -> None:
        await self.client.playlist_change_details(
            playlist, name=name, description=description, collaborative=True
        )

    async def about(self, playlist: str) -> tuple[str, str | None]:
        about = await self.client.playlist(playlist)
        return about.name, about.description

    async def follow(self, playlist: str) -> None:
        await self.client.playlist_follow(playlist)

    async def unfollow(self, playlist: str) -> None:
        await self.client.playlist_unfollow(playlist)

    async def follows(self, user: str, playlist: str) -> bool:
        [follows] = await self.client.playlist_is_following(playlist, [user])
        return bool(follows)

    async def mine(self) -> list[str]:
        page = await self.client.followed_playlists(limit=PLAYLISTS_A_PAGE)
        return [playlist.id async for playlist in self.client.all_items(page)]

    async def add(self, playlist: str, uris: Sequence[str], position: int | None = None) -> str:
        return str(await self.client.playlist_add(playlist, list(uris), position))

    async def seen(self, playlist: str) -> tuple[str, list[str]]:
        seen = await self.client.playlist(playlist)
        return seen.snapshot_id, [item.track.uri for item in seen.tracks.items]

    async def reorder(self, playlist: str, start: int, count: int, before: int, snapshot: str) -> str:
        return str(await self.client.playlist_reorder(playlist, start, before, count, snapshot))

    async def remove(self, playlist: str, uris: Sequence[str], snapshot: str | None = None) -> str:
        return str(await self.client.playlist_remove(playlist, list(uris), snapshot))

    async def replace(self, playlist: str, uris: Sequence[str]) -> None:
        await self.client.playlist_replace(playlist, list(uris))

    async def put_picture(self, playlist: str, jpeg: str) -> None:
        await self.client.playlist_cover_image_upload(playlist, jpeg)

    async def pictures(self, playlist: str) -> list[str]:
        return [image.url for image in await self.client.playlist_cover_image(playlist)]

    async def items(self, playlist: str) -> list[Shown]:
        page = await self.client.playlist_items(playlist)
        return [of_model(item) async for item in self.client.all_items(page)]

    async def status_of(self, request: Any) -> int:
        try:
            await request
        except tekore.HTTPError as error:
            return int(error.response.status_code)
        raise AssertionError("It was done.")


@asynccontextmanager
async def tekore_of(person: Person) -> AsyncIterator[Tekore]:
    """Large adds and removals go in pieces of a hundred, which is the library's own doing."""
    client = tekore.Spotify(person.token, asynchronous=True, chunked_on=True)
    try:
        yield Tekore(client)
    finally:
        await client.close()
