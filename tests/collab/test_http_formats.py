import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from collab.formats import FORMATS, read_listing, write_listing
from collab.formats.listing import ENTRIES_MAX, FILE_BYTES_MAX, Listed, Listing, Person
from collab.http_formats import disposition
from collab.music.library import Library
from tests.collab.http_world import START_MS, HttpWorld, Json, refused
from tests.collab.http_world import Person as Guest
from tests.collab.music.shelf import Shelf

URI = "spotify:track:1uru26I2JKd2mQZt0MDCUe"
RECORDING = "85701f84-c37f-4857-89d3-29625f02d943"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


@pytest.fixture
def world(shelf: Shelf) -> HttpWorld:
    return HttpWorld(library=shelf.library)


async def imported(guest: Guest, content: bytes | str, query: str = "") -> Json:
    response = await guest.send("POST", f"/v1/me/playlists/import{query}", content=content)
    assert response.status_code == 201, response.text
    answer: Json = response.json()
    assert response.headers["location"].endswith(f"/v1/playlists/{answer['playlist']['id']}")
    return answer


def entries(world: HttpWorld, answer: Json) -> list[Json]:
    return world.documents.entries[answer["playlist"]["id"]]


# -- in ----------------------------------------------------------------------------------------------------


async def test_a_file_becomes_a_playlist_of_whoever_sent_it(world: HttpWorld, shelf: Shelf) -> None:
    (shelf.root / "a").write_bytes(b"sound")
    row = shelf.add("a", title="Empty Space", artists=("James Arthur",), duration_ms=214_400)
    ada = await world.guest("Ada")
    m3u = "#EXTM3U\n#PLAYLIST:Friday\n#EXTINF:214,James Arthur - Empty space\nx/y.mp3\n"
    m3u += f"#EXTINF:1,A - B\n{URI}\n#EXTINF:2,C - D\nmusic/d.mp3\n"
    answer = await imported(ada, m3u, "?name=no")
    playlist, report = answer["playlist"], answer["report"]
    assert (playlist["name"], playlist["owner"]["id"], playlist["public"]) == ("Friday", ada.id, False)
    assert playlist["tracks"]["total"] == 2
    assert report == {
        "entries": 3,
        "imported": 2,
        "matched": {"uri": 0, "isrc": 0, "recording": 0, "title": 1},
        "kept": 1,
        "left_out": 1,
        "shortened": 0,
        "unmatched": [
            {
                "position": 2,
                "line": 8,
                "title": "D",
                "artists": ["C"],
                "uri": "music/d.mp3",
                "kept": False,
                "code": "no_uri",
                "message": "The file has no address for it that works elsewhere.",
            },
            {
                "position": 1,
                "line": 6,
                "title": "B",
                "artists": ["A"],
                "uri": URI,
                "kept": True,
                "code": "no_title",
                "message": "No song here has this title.",
            },
        ],
        "unmatched_total": 2,
    }
    first, second = entries(world, answer)
    assert (first["track"], first["title"], first["duration_ms"]) == (
        f"tutti:track:{row.id}",
        "Empty Space",
        214_400,
    )
    assert (second["track"], second["artists"], second["duration_ms"]) == (URI, ["A"], 1_000)
    assert first["uid"].partition(".")[0] == second["uid"].partition(".")[0]
    assert (first["added_by"], first["added_at"]) == (ada.id, START_MS)


async def test_a_closed_catalogue_takes_nothing_else(world: HttpWorld, shelf: Shelf) -> None:
    world = HttpWorld(library=Library(shelf.root, shelf.library.catalogue, is_closed=True))
    ada = await world.guest()
    answer = await imported(ada, f"Track URI,Track Name\n{URI},One\n")
    assert entries(world, answer) == []
    assert (answer["report"]["left_out"], answer["report"]["unmatched"][0]["code"]) == (1, "no_title")


async def test_who_added_what_when_is_believed_of_people_who_are_here(world: HttpWorld) -> None:
    ada, mia = await world.guest("Ada"), await world.guest("Mia")
    listed = (
        Listed(URI, added_by=Person("Mia", f"tutti:user:{mia.id}"), added_at=1_000),
        Listed(URI, added_by=Person("Mia"), added_at=START_MS + 1),
        Listed(URI, added_by=Person("", f"spotify:user:{'0' * 22}")),
        Listed(recording_id=RECORDING, note="n" * 600, title="t" * 1000),
    )
    answer = await imported(ada, write_listing(Listing("x", entries=listed), "jspf"))
    found = [(entry["added_by"], entry["added_at"]) for entry in entries(world, answer)]
    assert found == [(mia.id, 1_000), (ada.id, START_MS), (ada.id, START_MS), (ada.id, START_MS)]
    last = entries(world, answer)[3]
    assert last["track"] == f"https://musicbrainz.org/recording/{RECORDING}"
    assert (len(last["note"]), len(last["title"]), answer["report"]["shortened"]) == (500, 600, 1)


@pytest.mark.parametrize(("query", "name"), [("", "Imported playlist"), ("?name=Road+trip", "Road trip")])
async def test_a_file_without_a_title_is_called_as_asked(world: HttpWorld, query: str, name: str) -> None:
    ada = await world.guest()
    answer = await imported(ada, "[playlist]\n", query)
    assert (answer["playlist"]["name"], answer["report"]["entries"]) == (name, 0)


@pytest.mark.parametrize(
    ("content", "query", "refusal"),
    [
        (b"<playlist>\n<title></playlist>", "", (400, "file_unreadable")),
        (b"", "", (400, "file_unreadable")),
        (b"{}", "?format=xspf", (400, "file_unreadable")),
        (b"{}", "?format=doc", (400, "bad_request")),
        (b"{}", f"?name={'x' * 201}", (400, "bad_request")),
        (b"x" * (FILE_BYTES_MAX + 1), "", (413, "too_large")),
        (b"a:b\n" * (ENTRIES_MAX + 1), "", (400, "file_unreadable")),
    ],
)
async def test_what_is_no_playlist_makes_none(
    world: HttpWorld, content: bytes, query: str, refusal: tuple[int, str]
) -> None:
    ada = await world.guest()
    response = await ada.send("POST", f"/v1/me/playlists/import{query}", content=content)
    assert refused(response) == refusal
    assert world.documents.entries == {}


async def test_of_many_unmatched_the_first_are_told(world: HttpWorld) -> None:
    ada = await world.guest()
    answer = await imported(ada, f"{URI}\n" * 1_500 + "no/uri\n" * 10)
    report = answer["report"]
    assert (report["unmatched_total"], len(report["unmatched"])) == (1_510, 1_000)
    assert [one["kept"] for one in report["unmatched"][:11]] == [False] * 10 + [True]


async def test_a_file_that_is_sent_again_makes_one_playlist(world: HttpWorld) -> None:
    ada = await world.guest()
    m3u = f"{URI}\n" * 2_000  # its report is longer than an answer that is kept
    again = {"Idempotency-Key": "once"}
    answers = []
    for _ in range(2):
        response = await ada.send("POST", "/v1/me/playlists/import", content=m3u, headers=again)
        assert response.status_code == 201, response.text
        answers.append(response.json())
    assert answers[0] == answers[1]
    assert len(world.documents.entries) == 1
    assert len(entries(world, answers[0])) == 2_000


# -- out ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", FORMATS)
async def test_a_playlist_goes_out_and_comes_in_again(world: HttpWorld, shelf: Shelf, format: str) -> None:
    (shelf.root / "a").write_bytes(b"sound")
    row = shelf.add("a", title="=One", artists=("Ada", "Bob, Jr."), album="Live", recording_id=RECORDING)
    ada, mia = await world.guest("Ada"), await world.guest("Mia")
    file = write_listing(
        Listing(
            "Löve / \u202e.exe",
            entries=(
                Listed(f"tutti:track:{row.id}", added_by=Person("", f"tutti:user:{mia.id}"), added_at=5_000),
                Listed(URI, "Two", ("Eve",), "B-sides", 61_000, "USRC17607839", note="loud"),
            ),
        ),
        "jspf",
    )
    playlist = (await imported(ada, file))["playlist"]["id"]
    response = await ada.get(f"/v1/playlists/{playlist}/export?format={format}")
    assert response.status_code == 200
    assert response.headers["content-type"] == FORMATS[format].media_type
    assert response.headers["content-disposition"] == (
        f"attachment; filename=\"L_ve__exe.{format}\"; filename*=UTF-8''L%C3%B6ve%20.exe.{format}"
    )
    again = await imported(ada, response.content)
    assert [entry["track"] for entry in entries(world, again)] == [f"tutti:track:{row.id}", URI]
    assert again["report"]["matched"]["uri"] == 1
    before, after = world.documents.entries[playlist], entries(world, again)
    if format in ("jspf", "xspf"):
        assert [without_uid(entry) for entry in after] == [without_uid(entry) for entry in before]
        listing = read_listing(response.content)
        assert listing.entries[0].recording_id == RECORDING
        assert listing.entries[0].added_by == Person("Mia", f"tutti:user:{mia.id}")
        assert (listing.creator, listing.public) == ("Ada", False)


def without_uid(entry: Json) -> Json:
    return {name: value for name, value in entry.items() if name != "uid"}


async def test_collaborators_are_named_to_members(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    await world.member(ada, playlist, "editor", "Mia")
    await world.member(ada, playlist, "viewer", "Tom")
    response = await ada.get(f"/v1/playlists/{playlist}/export")
    assert read_listing(response.content).collaborators == ("Mia",)


async def test_only_readers_get_a_playlist(world: HttpWorld) -> None:
    ada, bob = await world.guest(), await world.guest()
    playlist = await ada.new_playlist()
    assert refused(await bob.get(f"/v1/playlists/{playlist}/export")) == (404, "not_found")
    assert refused(await ada.get(f"/v1/playlists/{playlist}/export?format=doc")) == (400, "bad_request")


@pytest.mark.parametrize(
    ("title", "header"),
    [
        ("Friday", "attachment; filename=\"Friday.csv\"; filename*=UTF-8''Friday.csv"),
        ("../../etc/x", "attachment; filename=\"etc_x.csv\"; filename*=UTF-8''etc%20x.csv"),
        ('a"\r\nb;', "attachment; filename=\"a_b.csv\"; filename*=UTF-8''a%20b%3B.csv"),
        ("...", "attachment; filename=\"playlist.csv\"; filename*=UTF-8''playlist.csv"),
        ("", "attachment; filename=\"playlist.csv\"; filename*=UTF-8''playlist.csv"),
        ("音", "attachment; filename=\"playlist.csv\"; filename*=UTF-8''%E9%9F%B3.csv"),
    ],
)
def test_the_name_of_a_file_is_safe(title: str, header: str) -> None:
    assert disposition(title, "csv") == header


async def test_somebody_sends_one_file_at_a_time(world: HttpWorld) -> None:
    ada = await world.guest()
    held, go = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield b"[playlist]\n"
        held.set()
        await go.wait()

    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(ada.send("POST", "/v1/me/playlists/import", content=slowly()))
        await asyncio.wait([first, tasks.create_task(held.wait())], return_when=asyncio.FIRST_COMPLETED)
        response = await ada.send("POST", "/v1/me/playlists/import", content=b"a:b")
        assert refused(response) == (503, "busy")
        assert response.headers["retry-after"] == "2"
        go.set()
    assert first.result().status_code == 201
