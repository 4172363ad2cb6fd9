"""Pictures as people have them in their music, and as nobody should."""

import asyncio
import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from collab.music.pictures import PIXELS_MAX, SIZES, NoPicture, Pictures
from storage.catalogue import TrackRow
from tests.clients.sounds import sound
from tests.collab.music.shelf import Shelf, cover


class Desk:
    """A music folder with one song, and a picture in it."""

    def __init__(self, root: Path) -> None:
        self._shelf = Shelf(root)
        self.pictures = Pictures(self._shelf.library)
        self.path = root / "song.flac"

    def song(self, picture: bytes) -> TrackRow:
        return self._shelf.song(self.path.name, picture)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("form", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")]
)
async def test_as_it_is(desk: Desk, form: str, media_type: str) -> None:
    content = cover(form)
    shown = await desk.pictures.picture(desk.song(content), None)
    assert (shown.content, shown.media_type) == (content, media_type)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "content",
    [
        cover("JPEG"),
        cover("JPEG", mode="CMYK"),
        cover("JPEG", mode="L"),
        cover("PNG", mode="RGBA"),
        cover("PNG", mode="P"),
        cover("PNG", mode="I;16"),
        cover("WEBP"),
    ],
)
async def test_no_side_is_longer(desk: Desk, content: bytes, size: int) -> None:
    shown = await desk.pictures.picture(desk.song(content), size)
    assert shown.media_type == "image/webp"
    with Image.open(io.BytesIO(shown.content)) as scaled:
        assert scaled.format == "WEBP"
        width, height = scaled.size
        assert width == size
        assert abs(height - size * 2 / 3) <= 1


async def test_a_small_one_stays_small(desk: Desk) -> None:
    shown = await desk.pictures.picture(desk.song(cover("PNG", 50, 40)), 300)
    with Image.open(io.BytesIO(shown.content)) as scaled:
        assert scaled.size == (50, 40)


async def test_a_photo_stands_upright_and_says_no_more(desk: Desk) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010E] = "taken at home"
    shown = await desk.pictures.picture(desk.song(cover("JPEG", exif=exif)), 300)
    assert b"home" not in shown.content
    with Image.open(io.BytesIO(shown.content)) as scaled:
        assert scaled.size == (200, 300)


def bomb() -> bytes:
    """A PNG that says, in a few bytes, that it has more pixels than are decoded."""
    side = int(PIXELS_MAX**0.5) + 1

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1_000_000))) + chunk(b"IEND", b"")


HOSTILE = {
    "gif": cover("GIF"),
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "page": b"\xff\xd8\xff<script>alert(1)</script>",
    "riff that is sound": sound("WAV"),
    "bomb": bomb(),
    "nothing": b"\x89PNG\r\n\x1a\n",
    "cut off": cover("PNG")[:60],
    "tiff": cover("TIFF"),
}


@pytest.mark.parametrize("size", [None, 300])
@pytest.mark.parametrize("kind", HOSTILE)
async def test_what_is_no_picture_is_not_shown(desk: Desk, kind: str, size: int | None) -> None:
    with pytest.raises(NoPicture):
        await desk.pictures.picture(desk.song(HOSTILE[kind]), size)


async def test_only_the_file_that_the_scan_saw(desk: Desk) -> None:
    row = desk.song(cover("PNG"))
    desk.song(cover("JPEG"))
    for size in (None, 64):
        with pytest.raises(NoPicture):
            await desk.pictures.picture(row, size)
    desk.path.unlink()
    with pytest.raises(NoPicture):
        await desk.pictures.picture(row, None)


async def test_it_is_made_once_however_many_want_it(desk: Desk) -> None:
    row = desk.song(cover("JPEG"))
    shown = await asyncio.gather(*(desk.pictures.picture(row, 64) for _ in range(50)))
    # What is kept is not asked of the disk any more.
    desk.path.unlink()
    assert {one.content for one in [*shown, await desk.pictures.picture(row, 64)]} == {shown[0].content}
