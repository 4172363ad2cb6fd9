"""What files say about themselves, in each format."""

import hashlib
import os
from pathlib import Path

import pytest

from collab.music.bounded_file import BoundedFile
from collab.music.tags import ARTWORK_HEX, Tags, read_picture, read_tags
from tests.collab.music.files import ISRC, RECORDING, picture, tag_mp3, tag_vorbis, whole_album, write


def tags_of(path: Path) -> Tags:
    with BoundedFile(os.open(path, os.O_RDONLY)) as file:
        return read_tags(file, path.stem)


MEDIA_TYPES = {
    "mp3": "audio/mpeg",
    "flac": "audio/flac",
    "ogg": 'audio/ogg; codecs="vorbis"',
    "opus": 'audio/ogg; codecs="opus"',
    "m4a": 'audio/mp4; codecs="mp4a.40.2"',
    "wav": "audio/wav",
}


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return whole_album(tmp_path_factory.mktemp("album"))


@pytest.mark.parametrize("suffix", MEDIA_TYPES)
def test_every_format_says_the_same(album: dict[str, Path], suffix: str) -> None:
    tags = tags_of(album[suffix])
    assert (tags.title, tags.artists, tags.album) == ("Ångström", ("Ada", "Grace"), "Units")
    assert (tags.isrc, tags.recording_id) == (ISRC, RECORDING)
    assert tags.tempo == (12_800 if suffix == "m4a" else 12_850)
    assert tags.key == "11A"
    assert tags.media_type == MEDIA_TYPES[suffix]
    assert abs(tags.duration_ms - 1000) <= 60  # MP3 counts whole frames, and those that fill its encoder
    assert tags.artwork == hashlib.sha256(picture()).hexdigest()[:ARTWORK_HEX]


@pytest.mark.parametrize("suffix", MEDIA_TYPES)
def test_the_picture_can_be_had(album: dict[str, Path], suffix: str) -> None:
    with BoundedFile(os.open(album[suffix], os.O_RDONLY)) as file:
        assert read_picture(file) == picture()


@pytest.mark.parametrize("suffix", MEDIA_TYPES)
def test_without_tags_a_file_is_called_by_its_name(tmp_path: Path, suffix: str) -> None:
    tags = tags_of(write(tmp_path / f"01 Für  Elise.{suffix}"))
    assert tags.title == "01 Für Elise"
    assert (tags.artists, tags.album, tags.isrc, tags.recording_id, tags.key, tags.artwork) == (
        (),
        "",
        "",
        "",
        "",
        "",
    )
    assert tags.tempo is None


def test_what_it_is_counts_not_what_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(write(tmp_path / "a.flac").read_bytes())
    assert tags_of(tmp_path / "a.mp3").media_type == "audio/flac"


@pytest.mark.parametrize("text", ["0", "-5", "1e9", "nan", "inf", "fast", "", "9" * 99])
def test_what_is_no_tempo_is_not_known(tmp_path: Path, text: str) -> None:
    assert tags_of(tag_mp3(write(tmp_path / "a.mp3"), {"TBPM": text})).tempo is None


@pytest.mark.parametrize("text", ["USRC1760783", "USRC176078399", "????????????", "", "x" * 9999])
def test_what_is_no_isrc_is_not_known(tmp_path: Path, text: str) -> None:
    assert tags_of(tag_mp3(write(tmp_path / "a.mp3"), {"TSRC": text})).isrc == ""


def test_the_album_artist_stands_in(tmp_path: Path) -> None:
    assert tags_of(tag_mp3(write(tmp_path / "a.mp3"), {"TPE2": "Ada"})).artists == ("Ada",)


def test_a_credit_of_those_who_are_named_is_not_one_of_them(tmp_path: Path) -> None:
    file = tag_vorbis(write(tmp_path / "a.ogg"), {"artist": "Ada feat. Grace", "artists": ["Ada", "Grace"]})
    assert tags_of(file).artists == ("Ada", "Grace")
    assert tags_of(tag_mp3(write(tmp_path / "a.mp3"), {"TPE1": "AC/DC"})).artists == ("AC/DC",)


def test_a_picture_that_is_none_costs_only_itself(tmp_path: Path) -> None:
    odd = tag_mp3(write(tmp_path / "a.mp3"), {"TIT2": "A"}, [(3, "text/html", b"<script>")])
    assert tags_of(odd).artwork == ""
    # A kind of picture that nobody has heard of.
    strange = tag_mp3(write(tmp_path / "b.mp3"), {"TIT2": "A"}, [(21, "image/jpeg", picture())])
    assert tags_of(strange).title == "A"
