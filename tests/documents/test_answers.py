"""Every HTTP answer has the type that the OpenAPI document states for it."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from collab.errors import CODES
from tests.collab.http_world import STRANGER, HttpWorld
from tests.collab.music.shelf import Shelf, cover
from tests.documents.openapi import BODILESS
from tests.documents.operations import OPERATIONS
from tests.documents.shapes import Error

Json = dict[str, Any]

_BY_NAME = {operation.name: operation for operation in OPERATIONS}


class Tour:
    """Asks, and holds each answer against what is documented. `seen` are the requests that were asked."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.seen: set[tuple[str, str]] = set()

    async def ask(
        self,
        method: str,
        path: str,
        *ids: str,
        body: Json | None = None,
        file: bytes | None = None,
        token: str = "",
        query: str = "",
    ) -> Any:
        """The decoded answer of an operation; `ids` fill the braces of its path, in order."""
        operation = _BY_NAME[method, path]
        self.seen.add(operation.name)
        filled = path
        for part in ids:
            start, end = filled.index("{"), filled.index("}")
            filled = filled[:start] + part + filled[end + 1 :]
        assert operation.needs_token == bool(token), "who is asked for a token brings one"
        assert operation.paged or operation.query or operation.texts or not query
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if operation.takes:
            headers["Content-Type"] = operation.takes[0]
        response = await self._client.request(
            method, filled + query, json=body, content=file, headers=headers
        )
        assert response.status_code == operation.status, response.text
        for name in ("ETag", "Location"):
            assert (name in response.headers) == (name in operation.headers), name
        if "ETag" in operation.headers:
            known = headers | {"If-None-Match": response.headers["ETag"]}
            assert (await self._client.request(method, filled + query, headers=known)).status_code == 304
        if operation.body is not None:
            assert body is not None
            assert body.keys() <= set(operation.body.__struct_fields__), "the body is as documented"
        if operation.array is not None:
            return msgspec.json.decode(response.content, type=operation.array)
        if operation.answer is None:
            media = "" if operation.status in BODILESS else operation.media.partition(" ")[0]
            assert response.headers.get("content-type", "").startswith(media.removesuffix("*"))
            assert bool(response.content) == bool(media)
            return None
        return msgspec.json.decode(response.content, type=operation.answer)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


@pytest.fixture
def world(shelf: Shelf) -> HttpWorld:
    return HttpWorld(library=shelf.library)


@pytest.fixture
async def tour(world: HttpWorld) -> AsyncIterator[Tour]:
    async with world.client() as client:
        yield Tour(client)


async def test_every_answer_is_as_documented(world: HttpWorld, tour: Tour, shelf: Shelf) -> None:
    for path in ("/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/asyncapi.json", "/reference"):
        await tour.ask("GET", path)

    first = await tour.ask("POST", "/v1/guest", body={"name": "Ada"})
    ada = await tour.ask("POST", "/v1/token", body={"refresh_token": first.refresh_token})
    mia = await tour.ask("POST", "/v1/guest", body={"name": "Mia"})
    await tour.ask("GET", "/v1/me", token=ada.token)
    await tour.ask("PUT", "/v1/me", token=ada.token, body={"name": "Ada L."})
    link = await tour.ask("POST", "/v1/me/link", token=ada.token)
    assert (await tour.ask("POST", "/v1/guest/link", body={"code": link.code})).user.id == ada.user.id

    made = await tour.ask("POST", "/v1/me/playlists", token=ada.token, body={"name": "Friday"})
    world.documents.entries[made.id] += [_entry(made.id, 1), {"uid": "x.2", "track": "spotify:track:2"}]
    playlist = "/v1/playlists/{playlist}"
    mine = await tour.ask("POST", "/v1/me/playlists", token=ada.token, body={"name": "Mine"})
    await tour.ask("PUT", playlist, made.id, token=ada.token, body={"description": None, "public": True})
    assert len((await tour.ask("GET", playlist, made.id, token=ada.token)).tracks.items) == 2
    page = await tour.ask("GET", f"{playlist}/tracks", made.id, token=ada.token, query="?limit=1")
    assert page.next is not None
    assert await tour.ask("GET", f"{playlist}/items", made.id, token=ada.token, query="?offset=2") is not None
    for name in ("items", "tracks"):
        there = await tour.ask(
            "POST",
            f"{playlist}/{name}",
            mine.id,
            token=ada.token,
            body={"uris": ["spotify:track:" + "A" * 22]},
        )
        move = {"range_start": 0, "insert_before": 1, "snapshot_id": there.snapshot_id}
        await tour.ask("PUT", f"{playlist}/{name}", mine.id, token=ada.token, body=move)
        await tour.ask("DELETE", f"{playlist}/{name}", mine.id, token=ada.token, body={"positions": [0]})
    person = "/v1/users/{user}"
    assert (await tour.ask("GET", person, ada.user.id, token=mia.token)).display_name == "Ada L."
    await tour.ask("GET", f"{person}/playlists", ada.user.id, token=mia.token, query="?limit=1")
    await tour.ask("POST", f"{person}/playlists", mia.user.id, token=mia.token, body={"name": "Mine"})
    await tour.ask("GET", "/v1/me/playlists", token=ada.token, query="?limit=50&offset=0")

    came = await tour.ask("POST", "/v1/me/playlists/import", token=ada.token, file=b"mbid:b\nno uri\n")
    assert (came.report.kept, came.report.left_out) == (1, 1)
    await tour.ask("GET", f"{playlist}/export", made.id, token=ada.token)

    world.documents.entries[made.id] = []
    appended = {"l": [["i", [_entry(made.id, 3) | {"uid": "x.3"}]]]}
    await world.documents.edit(made.id, ada.user.id, appended)

    version = f"{playlist}/versions/{{version}}"
    assert len((await tour.ask("GET", f"{playlist}/history", made.id, token=ada.token)).items) == 2
    assert (await tour.ask("GET", version, made.id, "0", token=ada.token)).author is None
    assert (await tour.ask("GET", version, made.id, "2", token=ada.token)).author.display_name == "Ada L."
    now = f"?at={world.times.now_ms}"
    assert (await tour.ask("GET", f"{playlist}/versions", made.id, token=ada.token, query=now)).version == 2
    difference = await tour.ask("GET", f"{playlist}/diff", made.id, token=ada.token, query="?from=2&to=0")
    assert difference.counts.removed == 1
    life = await tour.ask("GET", f"{playlist}/history/{{uid}}", made.id, "x.3", token=ada.token)
    assert life.items[0].change == "added"
    restore = {"version": 1}
    await tour.ask("POST", f"{playlist}/restore", made.id, token=ada.token, body=restore)
    took = {"user": ada.user.id, "since": 2}
    await tour.ask("POST", f"{playlist}/take-back", made.id, token=ada.token, body=took)

    await tour.ask("GET", f"{playlist}/events", made.id, token=ada.token, query="?since=epoch.1")

    other = await tour.ask("POST", "/v1/me/playlists", token=ada.token, body={"name": "Saturday"})
    two = [_entry(other.id, 1), _entry(other.id, 2) | {"track": "spotify:track:2"}]
    await world.documents.edit(other.id, ada.user.id, {"l": [["i", two]]})
    await world.services.suggestions.look(lambda: asyncio.sleep(0))
    found = await tour.ask("GET", f"{playlist}/suggestions", made.id, token=ada.token, query="?limit=5")
    assert [item.track.uri for item in found.items] == ["spotify:track:2"]
    assert found.items[0].reasons[0].names == ["Saturday"]

    body = {"role": "editor", "expires_in_s": 3600}
    invite = await tour.ask("POST", f"{playlist}/invites", made.id, token=ada.token, body=body)
    await tour.ask("GET", f"{playlist}/invites", made.id, token=ada.token)
    joined = await tour.ask("POST", "/v1/invites/accept", token=mia.token, body={"secret": invite.secret})
    assert (joined.playlist, joined.role) == (made.id, "editor")
    await tour.ask("DELETE", f"{playlist}/invites/{{invite}}", made.id, invite.id, token=ada.token)

    member = f"{playlist}/members/{{user}}"
    await tour.ask("PUT", member, made.id, mia.user.id, token=ada.token, body={"role": "viewer"})
    assert len((await tour.ask("GET", f"{playlist}/members", made.id, token=mia.token)).members) == 2
    assert (await tour.ask("GET", member, made.id, mia.user.id, token=mia.token)).role == "viewer"
    await tour.ask("DELETE", member, made.id, mia.user.id, token=ada.token)
    picture = base64.b64encode(cover("JPEG"))
    await tour.ask("PUT", f"{playlist}/images", made.id, token=ada.token, file=picture)
    [image] = await tour.ask("GET", f"{playlist}/images", made.id, token=ada.token)
    await tour.ask("GET", f"{playlist}/images/{{image}}", made.id, image.url.rpartition("/")[2])
    followed = (await tour.ask("POST", "/v1/me/playlists", token=ada.token, body={"name": "Open"})).id
    await tour.ask("PUT", playlist, followed, token=ada.token, body={"public": True})
    await tour.ask("PUT", f"{playlist}/followers", followed, token=mia.token)
    asked = f"?ids={mia.user.id},{ada.user.id}"
    await tour.ask("GET", f"{playlist}/followers/contains", followed, token=mia.token, query=asked)
    asked = f"?uris=spotify:playlist:{followed}"
    await tour.ask("DELETE", "/v1/me/library", token=mia.token, query=asked)
    await tour.ask("PUT", "/v1/me/library", token=mia.token, query=asked)
    await tour.ask("GET", "/v1/me/library/contains", token=mia.token, query=asked)
    await tour.ask("DELETE", f"{playlist}/followers", made.id, token=ada.token)

    jam = "/v1/jams/{jam}"
    begun = await tour.ask("POST", "/v1/jams", token=ada.token, body={"name": "Friday", "mode": "votes"})
    doors = begun.id
    code = await tour.ask("GET", f"{jam}/code", doors, token=ada.token)
    await tour.ask("GET", f"{jam}/knock", doors, token=mia.token)
    await tour.ask("GET", f"{jam}/qr.svg", doors, token=ada.token)
    await tour.ask("GET", "/j/{code}", "K7QX2MBD")
    await tour.ask("GET", "/J/{code}", "K7QX2MBD")
    await tour.ask("GET", f"{jam}/qr.png", doors, token=ada.token)
    admission = await tour.ask("POST", "/v1/jams/join", token=mia.token, body={"code": code.code})
    assert (admission.jam, admission.role) == (doors, "guest")
    assert (await tour.ask("POST", f"{jam}/code", doors, token=ada.token)).code != code.code
    body = {"role": "listener", "expires_in_s": 3600}
    link = await tour.ask("POST", f"{jam}/invites", doors, token=ada.token, body=body)
    assert len((await tour.ask("GET", f"{jam}/invites", doors, token=ada.token)).invites) == 1
    await tour.ask("DELETE", f"{jam}/invites/{{invite}}", doors, link.id, token=ada.token)

    add = {"command": {"do": "add", "track": {"track": "demo:1", "title": "One", "duration_ms": 60_000}}}
    assert (await tour.ask("POST", f"{jam}/commands", doors, token=mia.token, body=add)).version == 3
    play = {"command": {"do": "play", "reign": 1}}
    await tour.ask("POST", f"{jam}/commands", doors, token=ada.token, body=play)
    assert (await tour.ask("GET", jam, doors, token=mia.token)).state["timeline"]["play"] == 1
    [listed] = (await tour.ask("GET", "/v1/me/jams", token=mia.token, query="?limit=5")).items
    assert (listed.id, listed.role) == (doors, "guest")
    assert (await tour.ask("GET", f"{jam}/recap", doors, token=mia.token)).played[0].ending == "playing"
    await tour.ask("GET", f"{jam}/recap.svg", doors, token=mia.token)
    saved = await tour.ask("POST", f"{jam}/playlist", doors, token=mia.token, body={"name": "Saved"})
    assert saved.songs == 1
    await tour.ask("DELETE", jam, doors, token=ada.token)

    await tour_of_the_player(world, tour, ada.token, other.id)

    song = shelf.song("song.flac", picture=cover())
    found = await tour.ask("GET", "/v1/search", token=ada.token, query="?q=song&type=track&limit=1")
    assert [track.id for track in found.tracks.items] == [song.id]
    several = await tour.ask("GET", "/v1/tracks", token=ada.token, query=f"?ids={song.id},{made.id}")
    assert several.tracks == [await tour.ask("GET", "/v1/tracks/{track}", song.id, token=ada.token), None]
    await tour.ask("GET", "/v1/audio/{track}", song.id, token=ada.token)
    await tour.ask("GET", "/v1/artwork/{artwork}", song.artwork, query="?size=64")

    export = await tour.ask("GET", "/v1/me/export", token=ada.token)
    assert "Saturday" in [playlist.attributes["name"] for playlist in export.playlists]
    await tour.ask("DELETE", "/v1/me", token=ada.token, body={"confirm": ada.user.id})
    await tour.ask("POST", "/v1/token/revoke", body={"refresh_token": mia.refresh_token})

    assert tour.seen == _BY_NAME.keys(), "the tour leaves nothing out"


async def tour_of_the_player(world: HttpWorld, tour: Tour, token: str, playlist: str) -> None:
    player = "/v1/me/player"
    body = {"context_uri": f"spotify:playlist:{playlist}"}
    await tour.ask("PUT", f"{player}/play", token=token, body=body)
    whole = await tour.ask("GET", player, token=token)
    assert (whole.item.uri, whole.is_playing) == ("spotify:track:1", True)
    await tour.ask("PUT", player, token=token, body={"device_ids": [whole.device.id], "play": True})
    await tour.ask("POST", f"{player}/queue", token=token, query="?uri=demo:3")
    await tour.ask("POST", f"{player}/queue", token=token, query="?uri=demo:4")
    coming = (await tour.ask("GET", f"{player}/queue", token=token)).queue
    assert [track.uri for track in coming] == ["demo:3", "demo:4"]
    world.times.now_ms += 1_000
    await tour.ask("POST", f"{player}/next", token=token, query=f"?device_id={whole.device.id}")
    await tour.ask("POST", f"{player}/previous", token=token)
    await tour.ask("POST", f"{player}/next", token=token)
    await tour.ask("PUT", f"{player}/seek", token=token, query="?position_ms=5000")
    await tour.ask("PUT", f"{player}/pause", token=token)
    await tour.ask("PUT", f"{player}/repeat", token=token, query="?state=context")
    await tour.ask("PUT", f"{player}/shuffle", token=token, query="?state=false")
    await tour.ask("PUT", f"{player}/volume", token=token, query="?volume_percent=30")
    playing = await tour.ask("GET", f"{player}/currently-playing", token=token)
    assert (playing.progress_ms, playing.is_playing) == (5000, False)
    assert len((await tour.ask("GET", f"{player}/devices", token=token)).devices) == 1
    heard = await tour.ask("GET", f"{player}/recently-played", token=token, query="?limit=1")
    assert heard.items[0].track.uri == "spotify:track:1"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nowhere"), ("POST", "/v1/me"), ("GET", "/v1/me"), ("GET", "/metrics"), ("POST", "/v1/guest")],
)
async def test_every_error_is_as_documented(world: HttpWorld, method: str, path: str) -> None:
    async with world.client(STRANGER) as client:
        response = await client.request(method, path)
    error = msgspec.json.decode(response.content, type=Error).error
    assert error.status == response.status_code == CODES[error.code].status


def _entry(playlist: str, number: int) -> Json:
    return {
        "uid": f"{playlist}.{number}",
        "track": "spotify:track:1",
        "added_by": playlist,
        "added_at": 1_700_000_000_000,
        "title": "Teardrop",
        "artists": ["Massive Attack"],
        "album": "Mezzanine",
        "duration_ms": 330_000,
        "isrc": "GBAAA9800322",
        "note": "loud",
    }
