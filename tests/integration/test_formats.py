"""Playlists in and out of a running server, as a person does it at a command line."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import Result
from typer.testing import CliRunner

from collab.cli import app
from collab.errors import CannotStart
from collab.formats import FORMATS, read_listing, write_listing
from collab.formats.listing import ENTRIES_MAX, Listed, Listing
from tests.collab.command import Serving, serving, tutti

# 2 s is what is promised of a machine that does nothing else; this one runs tests.
IMPORT_S_MAX = 20.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("formats")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Serving]:
    with serving(folder / "data") as running:
        yield running


@pytest.fixture(scope="module")
def token(server: Serving, folder: Path) -> str:
    run = tutti("token", "--user", "importer", "--data", folder / "data")
    assert run.returncode == 0, run
    return run.stdout.strip()


def run(*arguments: object, **environment: str) -> Result:
    """The command in this process; a process of its own for each would be most of the time."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env=environment)


def refused(*arguments: object) -> str:
    result = run(*arguments)
    assert isinstance(result.exception, CannotStart), result
    return str(result.exception)


def listing(count: int) -> Listing:
    entries = (
        Listed(
            uri=f"spotify:track:{number:022}",
            title=f"Song number {number}",
            artists=("Somebody", "Somebody Else, Jr."),
            album="An album, of them all",
            duration_ms=200_000 + number * 1000,
            added_at=1_500_000_000_000 + number * 1000,
        )
        for number in range(count)
    )
    return Listing("Long", "A playlist.", entries=tuple(entries))


def test_a_full_playlist_is_in_at_once(server: Serving, token: str) -> None:
    content = write_listing(listing(ENTRIES_MAX), "jspf")
    headers = {"Authorization": f"Bearer {token}"}
    start_s = time.perf_counter()
    response = httpx.post(
        f"{server.url}/v1/me/playlists/import", content=content, headers=headers, timeout=60
    )
    took_s = time.perf_counter() - start_s
    assert response.status_code == 201, response.text
    playlist = response.json()["playlist"]
    assert (playlist["tracks"]["total"], playlist["version"]) == (ENTRIES_MAX, 1)
    assert took_s < IMPORT_S_MAX


def test_files_go_in_and_come_out(server: Serving, token: str, folder: Path) -> None:
    files = []
    for format in FORMATS:
        file = folder / f"Friday.{format}"
        file.write_bytes(write_listing(listing(30), format))
        files.append(file)
    online = ("--server", server.url, "--token", token)
    result = run("import", *files, *online)
    assert result.exit_code == 0, result
    told = result.stdout.splitlines()
    assert told[1::2] == ["  30 of 30 songs are in; 0 were found here, 30 keep their own address."] * 5
    assert [line.partition(":")[0] for line in told[::2]] == ["Long", "Long", "Long", "Friday", "Friday"]
    for line, format in zip(told[::2], FORMATS, strict=True):
        playlist = line.rpartition("/")[2]
        out = folder / f"out.{format}"
        assert run("export", playlist, "-o", out, *online).exit_code == 0
        from_server = read_listing(out.read_bytes())
        assert [entry.uri for entry in from_server.entries] == [entry.uri for entry in listing(30).entries]
        result = run("export", line.partition(": ")[2], "--format", format, "--data", folder / "data")
        assert result.stdout == out.read_text()


def test_what_was_left_out_is_told(server: Serving, token: str, folder: Path) -> None:
    paths = folder / "paths.m3u"
    paths.write_text("#EXTM3U\n#EXTINF:1,Ada - One\nmusic/one.mp3\n" + "b.mp3\n" * 25)
    broken = folder / "broken.xspf"
    broken.write_text("<playlist>\n<title></playlist>")
    result = run("import", broken, paths, folder / "none", TUTTI_URL=server.url, TUTTI_TOKEN=token)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"{broken}: Line 2: This is no XML.",
        f"{folder / 'none'}: The file cannot be read: No such file or directory.",
    ]
    told = result.stdout.splitlines()
    assert told[2] == "  left out, line 3: Ada - One. The file has no address for it that works elsewhere."
    assert told[-1] == "  … and 6 more."


def test_what_cannot_be_done_is_a_sentence(server: Serving, token: str, folder: Path) -> None:
    online = ("--server", server.url, "--token", token)
    file = folder / "x.pls"
    file.write_text("[playlist]\n")
    assert "tutti token" in refused("import", file)
    assert "jspf, xspf" in refused("import", file, "--format", "doc", *online)
    assert "There is no such thing" in refused("export", "P" * 22, *online)
    assert "22 letters" in refused("export", "x", *online)
    assert "no such thing" in refused("export", "P" * 22, "--data", folder / "data").lower()
    assert "jspf, xspf" in refused("export", "P" * 22, "-o", "a.doc", *online)
    nowhere = run("import", file, "--server", "http://127.0.0.1:1", "--token", "x")
    assert (nowhere.exit_code, "cannot be asked" in nowhere.stderr) == (1, True)
