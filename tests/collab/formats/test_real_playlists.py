"""Playlists that people really made, out and in again in every format."""

import pytest

from collab.formats import FORMATS, read_listing, write_listing
from collab.formats.listing import Listed, Listing, Person, tidied
from collab.replay.recordings import read_recordings, read_tracks
from tests.collab.formats.holds import HOLDS, shown_as_pls
from tests.integration.crashing import DATA

HISTORIES, TRACKS = DATA / "histories.jsonl.gz", DATA / "tracks.jsonl.gz"
PLAYLISTS = 200


@pytest.fixture(scope="module")
def listings() -> list[Listing]:
    tracks = read_tracks(TRACKS)
    found = []
    for number, recording in enumerate(read_recordings(HISTORIES, PLAYLISTS)):
        newest = [tracks[index] for index in recording.versions[-1]]
        entries = [
            Listed(
                uri=track.uri,
                title=track.title,
                artists=tuple(track.artists),
                album=track.album,
                duration_ms=track.duration_ms,
                added_at=1_500_000_000_000 + 86_400_000 * number + place,
                added_by=Person(uri=f"tutti:user:{number:022}"),
            )
            for place, track in enumerate(newest)
        ]
        found.append(Listing(recording.name, recording.description, "Ada", entries=tuple(entries)))
    return found


@pytest.mark.skipif(not HISTORIES.exists(), reason=f"the recorded playlists are not here: {HISTORIES}")
@pytest.mark.parametrize("format", FORMATS)
def test_real_playlists_come_back_whole(listings: list[Listing], format: str) -> None:
    assert len(listings) == PLAYLISTS
    for listing in listings:
        read = read_listing(write_listing(listing, format))
        read = shown_as_pls(read) if format == "pls" else read
        assert read == HOLDS[format](tidied(listing)), listing.title
