"""What HTTP answers satisfies the models of a client that checks every member of them.

tekore's are strict: what it wants must be there, with its type. It warns of members that it does not know,
which are ours.
"""

import pytest
from tekore.model import (
    FullPlaylist,
    Image,
    PlaylistTrackPaging,
    PrivateUser,
    PublicUser,
    SimplePlaylistPaging,
)

from tests.collab.http_world import HttpWorld, Json, Person

ID = "4iV5W9uYEdYUVa79Axb7Rh"

pytestmark = pytest.mark.filterwarnings("ignore::tekore.model.UnknownModelAttributeWarning")


def entries(user: str) -> list[Json]:
    """One of each sort, with all that an entry may say of a song, and with nothing but what it must."""
    said: Json = {
        "title": "Song",
        "artists": ["Nina"],
        "album": "Live",
        "duration_ms": 1_000,
        "isrc": "USRC17607839",
        "added_by": user,
        "added_at": 1_700_000_000_000,
        "note": "loud",
    }
    tracks = [f"spotify:track:{ID}", f"tutti:track:{ID}", f"spotify:episode:{ID}", "mbid:track:1"]
    tracks += ["spotify:local:Nina:Live:Song:71", "https://example.org/a b.mp3", "spotify:track:short"]
    return [
        {"uid": f"c.{number}", "track": track, **more}
        for number, (track, more) in enumerate((track, more) for track in tracks for more in (said, {}))
    ]


@pytest.fixture
async def ada() -> Person:
    return await HttpWorld().guest("Ada")


async def test_playlists_and_their_pages() -> None:
    world = HttpWorld()
    ada = await world.guest("Ada")
    made = (await ada.post(f"/v1/users/{ada.id}/playlists", {"name": "Friday", "public": True})).json()
    assert FullPlaylist(**made).name == "Friday"
    playlist = made["id"]
    world.documents.entries[playlist] = entries(ada.id)
    await ada.put(f"/v1/playlists/{playlist}", {"description": "Loud"})
    whole = FullPlaylist(**(await ada.get(f"/v1/playlists/{playlist}")).json())
    assert whole.tracks.items == whole.items.items
    assert whole.followers.total == 0
    for name in ("items", "tracks"):
        page = PlaylistTrackPaging(**(await ada.get(f"/v1/playlists/{playlist}/{name}?limit=50")).json())
        assert page.total == len(page.items) == 14
        assert all(item.track == item.item is not None for item in page.items)
        assert [item.track.id for item in page.items] == [ID] * 6 + [""] * 8
    for url in ("/v1/me/playlists", f"/v1/users/{ada.id}/playlists"):
        [listed] = SimplePlaylistPaging(**(await ada.get(url)).json()).items
        assert listed is not None
        assert (listed.tracks.total, listed.items.total) == (14, 14)


async def test_people(ada: Person) -> None:
    assert PrivateUser(**(await ada.get("/v1/me")).json()).display_name == "Ada"
    assert PublicUser(**(await ada.get(f"/v1/users/{ada.id}")).json()).id == ada.id


async def test_a_picture(ada: Person) -> None:
    playlist = await ada.new_playlist()
    await ada.put(f"/v1/playlists/{playlist}", {"name": "Saturday"})
    images = (await ada.get(f"/v1/playlists/{playlist}/images")).json()
    assert [Image(**image) for image in images] == []
