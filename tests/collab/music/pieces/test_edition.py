import io
import os
from pathlib import Path

import pytest
import soundfile
from PIL import Image

from collab.music.bounded_file import BoundedFile
from collab.music.keys import camelot
from collab.music.pieces import edition
from collab.music.pieces.compositions import COMPOSITIONS
from collab.music.pieces.compositions.chiptune import compose
from collab.music.pieces.cover import SIZE
from collab.music.pieces.edition import edition_in, edition_of, file_of
from collab.music.tags import read_picture, read_tags

FILE_BYTES_MAX = 1_000_000


@pytest.fixture(scope="module")
def piece(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pieces") / "piece.ogg"
    path.write_bytes(file_of(compose()))
    return path


def opened(path: Path) -> BoundedFile:
    return BoundedFile(os.open(path, os.O_RDONLY))


def test_the_catalogue_reads_it_like_any_music(piece: Path) -> None:
    score = compose()
    tags = read_tags(opened(piece), "piece")
    assert (tags.title, tags.artists, tags.album) == (score.title, (score.artist,), edition.ALBUM)
    assert (tags.tempo, tags.key) == (score.tempo, camelot(score.key.name))
    assert tags.media_type.startswith("audio/ogg")
    assert 40_000 < tags.duration_ms < 90_000
    assert tags.isrc == tags.recording_id == ""
    picture = read_picture(opened(piece))
    assert picture is not None
    assert Image.open(io.BytesIO(picture)).size == (SIZE, SIZE)


def test_every_key_is_one_of_the_wheel() -> None:
    assert all(camelot(compose().key.name) for compose in COMPOSITIONS)


def test_it_decodes_to_what_was_encoded(piece: Path) -> None:
    sound, rate = soundfile.read(piece, dtype="float32")
    assert rate == 44_100
    assert sound.ndim == 1
    assert abs(sound).max() < 1
    assert piece.stat().st_size <= FILE_BYTES_MAX


def test_it_says_which_edition_it_is(piece: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert edition_in(piece) == edition_of(compose())
    monkeypatch.setattr(edition, "SOUND", edition.SOUND + 1)
    assert edition_in(piece) != edition_of(compose())


def test_what_is_none_of_ours_has_no_edition(tmp_path: Path) -> None:
    other = tmp_path / "other.ogg"
    other.write_bytes(b"not music")
    assert edition_in(other) is None
    soundfile.write(other, [0.0] * 4_410, 44_100, format="OGG", subtype="VORBIS")
    assert edition_in(other) is None
    with pytest.raises(FileNotFoundError):
        edition_in(tmp_path / "missing.ogg")
