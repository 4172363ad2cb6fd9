"""Whoever saves all of one's playlists, as Exportify does, gets what the server's own CSV of them says.

Exportify asks for all playlists and all of their tracks, page by page, and makes cells of what it is shown;
so does this, by spotipy. What it asks of artists and albums beyond names, nobody here knows.
"""

import csv
import io
from typing import Any

import httpx

from collab.formats import write_listing
from collab.formats.listing import Listed, Listing
from tests.collab.serving import HUNG_S
from tests.integration.http_clients.crowd import song
from tests.integration.http_clients.live import Live, Person
from tests.integration.http_clients.remote import Spotipy

Row = dict[str, str]

# Several pages, one, and none.
LENGTHS = (230, 7, 0)


def listing(name: str, count: int) -> Listing:
    entries = []
    for number in range(count):
        known = song(name, number)
        entries.append(
            Listed(
                uri=known["track"],
                title=known.get("title", ""),
                artists=tuple(known.get("artists", ())),
                album=known.get("album", ""),
                duration_ms=known.get("duration_ms"),
                isrc=known.get("isrc", ""),
                added_at=1_500_000_000_000 + number * 1001,
            )
        )
    return Listing(name, entries=tuple(entries))


def of_item(item: dict[str, Any]) -> Row:
    """The cells as Exportify makes them."""
    track = item["track"]
    return {
        "Track URI": track["uri"],
        "Track Name": track["name"],
        "Artist Name(s)": ", ".join(artist["name"].replace(",", "\\,") for artist in track["artists"]),
        "Album Name": track["album"]["name"],
        "Disc Number": str(track["disc_number"] or ""),
        "Track Number": str(track["track_number"] or ""),
        "Track Duration (ms)": str(track["duration_ms"] or ""),
        "Track Preview URL": track["preview_url"] or "",
        "ISRC": track["external_ids"].get("isrc", ""),
        "Added By": item["added_by"]["uri"],
        "Added At": item["added_at"],
    }


def of_cells(cells: Row) -> Row:
    """In a file ours are called `tutti:`, and times have milliseconds."""
    found = {column: cells[column].replace("tutti:", "spotify:", 1) for column in ("Track URI", "Added By")}
    return {**cells, **found, "Added At": cells["Added At"][:19] + "Z"}


async def test_all_playlists_as_exportify_reads_them(live: Live) -> None:
    gil = await live.person("Gil")
    for count in LENGTHS:
        await _send(
            live, gil, "POST", "me/playlists/import", write_listing(listing(f"G{count}x", count), "jspf")
        )
    remote = Spotipy(live, gil)
    lengths = []
    for playlist in await remote.pages("current_user_playlists", limit=2):
        items = await remote.pages("playlist_items", playlist["id"], limit=100)
        file = await _send(live, gil, "GET", f"playlists/{playlist['id']}/export?format=csv")
        rows = [of_cells(cells) for cells in csv.DictReader(io.StringIO(file))]
        shown = [of_item(item) for item in items]
        assert shown == [{column: row[column] for column in of} for row, of in zip(rows, shown, strict=True)]
        assert playlist["tracks"]["total"] == len(shown)
        assert all(row["Track Name"] for row in rows[1:5]), "there was something to compare"
        lengths.append(len(shown))
    assert sorted(lengths, reverse=True) == list(LENGTHS)


async def _send(live: Live, person: Person, method: str, path: str, content: bytes = b"") -> str:
    headers = {"Authorization": f"Bearer {person.token}"}
    async with httpx.AsyncClient(base_url=live.base, headers=headers, timeout=HUNG_S) as http:
        return (await http.request(method, path, content=content)).raise_for_status().text
