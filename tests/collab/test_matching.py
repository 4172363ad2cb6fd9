from dataclasses import replace
from pathlib import Path

import pytest

from collab.formats.listing import Listed
from collab.matching import Finding, Lack, Match, Way, matches
from storage.catalogue import TrackRow
from tests.collab.music.shelf import Shelf

RECORDING = "85701f84-c37f-4857-89d3-29625f02d943"
ID = "1uru26I2JKd2mQZt0MDCUe"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def song(shelf: Shelf, path: str, **fields: object) -> TrackRow:
    (shelf.root / path).write_bytes(b"sound")
    return shelf.add(path, **fields)


async def found(shelf: Shelf, *entries: Listed) -> list[Finding]:
    return await matches(entries, shelf.library.catalogue)


async def test_what_identifies_a_recording_comes_before_what_it_is_called(shelf: Shelf) -> None:
    by_isrc = song(shelf, "1", title="One", isrc="USRC17607839")
    by_recording = song(shelf, "2", title="Two", recording_id=RECORDING)
    by_title = song(shelf, "3", title="Three", artists=("Ada",))
    assert await found(
        shelf,
        Listed(f"spotify:track:{by_title.id}", "One", isrc="USRC17607839"),
        Listed(f"tutti:track:{by_title.id}"),
        Listed(title="Three", isrc="USRC17607839", recording_id=RECORDING),
        Listed(f"spotify:track:{ID}", "Three", ("Ada",), recording_id=RECORDING),
        Listed(f"spotify:track:{ID}", "three!", ("ADA", "Bob"), isrc="USRC17600000"),
    ) == [
        Match(by_title, Way.URI),
        Match(by_title, Way.URI),
        Match(by_isrc, Way.ISRC),
        Match(by_recording, Way.RECORDING),
        Match(by_title, Way.TITLE),
    ]


@pytest.mark.parametrize(
    ("entry", "lack"),
    [
        (Listed(), Lack.NOTHING_SAID),
        (Listed(title="…"), Lack.NOTHING_SAID),
        (Listed(title="Why not"), Lack.NO_TITLE),
        (Listed(title="Why", artists=("Ad",)), Lack.NO_ARTIST),
        (Listed(title="Why", artists=("Ada",), duration_ms=200_000), Lack.NO_LENGTH),
        (Listed(title="WHY?", artists=("Ada",), duration_ms=213_000), None),
        (Listed(title="Why", artists=("Ada",)), None),
        (Listed(title="Why"), None),
        (Listed(title="Why", artists=("Bob, Ada & Eve",), duration_ms=0), None),
        (Listed(title="Why", artists=("ada björk",)), None),
    ],
)
async def test_what_is_missing_is_said(shelf: Shelf, entry: Listed, lack: Lack | None) -> None:
    row = song(shelf, "1", title="Why", artists=("Ada", "Zoë"), duration_ms=214_000)
    assert await found(shelf, entry) == [lack or Match(row, Way.TITLE)]


async def test_of_several_the_album_and_then_the_length_decides(shelf: Shelf) -> None:
    near = song(shelf, "1", title="Why", artists=("Ada",), album="Best of", duration_ms=200_000)
    same_album = song(shelf, "2", title="Why", artists=("Ada",), album="First!", duration_ms=203_000)
    song(shelf, "3", title="Why", artists=("Ada",), album="First", duration_ms=204_000)
    entry = Listed(title="Why", artists=("Ada",), album="First", duration_ms=200_000)
    assert await found(shelf, entry, replace(entry, album="Other")) == [
        Match(same_album, Way.TITLE),
        Match(near, Way.TITLE),
    ]
