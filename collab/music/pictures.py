"""The picture in a file of music, as a browser may be given it.

Pictures come from strangers and are shown to everybody without a token, so only what Pillow takes for a JPEG,
a PNG or a WebP of a decent size leaves the server; an SVG could run. Scaled ones are made anew, without what
else a camera wrote down. Knows pictures. Does not know requests, nor which track has which.
"""

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias, TypeVar

from PIL import Image, ImageOps
from PIL.ImageFile import ImageFile

from collab.music.bounded_file import BoundedFile
from collab.music.library import FileGone, Library
from collab.music.shared import Shared
from collab.music.tags import Unfit, artwork_of, read_picture
from storage.catalogue import TrackRow

# As Spotify has them: in a list, beside a song, and large. The longer side, in pixels.
SIZES: Final = (64, 300, 640)
# 64 MB while it is scaled; covers have a tenth of it.
PIXELS_MAX: Final = 16_000_000
CACHE_BYTES_MAX: Final = 32 * 1024 * 1024
# Scaling one takes a core some hundredths of a second.
SCALERS: Final = 2

_MEDIA_TYPES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_QUALITY: Final = 82

# Pillow's own bound is wider, and warns on the terminal.
Image.MAX_IMAGE_PIXELS = None

T = TypeVar("T")
_Key: TypeAlias = tuple[str, int]


class NoPicture(Exception):
    """There is none that could be shown."""


@dataclass(frozen=True, slots=True)
class Picture:
    content: bytes
    media_type: str


class Pictures:
    """Lives in one event loop."""

    def __init__(self, library: Library, bytes_max: int = CACHE_BYTES_MAX) -> None:
        self._library = library
        self._shared = Shared[_Key](SCALERS, bytes_max)

    async def picture(self, row: TrackRow, size: int | None) -> Picture:
        """The picture in this track's file, as it is, or with no side longer than `size`, one of `SIZES`.
        Raises NoPicture."""
        make = partial(self._original, row) if size is None else partial(self._scaled, row, size)
        content = await self._shared.get((row.artwork, size or 0), make)
        return Picture(content, _media_type(content))

    def _original(self, row: TrackRow) -> bytes:
        content = self._read(row)
        with _opened(content) as picture:
            _understood(picture.verify)
        return content

    def _scaled(self, row: TrackRow, size: int) -> bytes:
        with _opened(self._read(row)) as picture:
            return _understood(partial(_thumbnail, picture, size))

    def _read(self, row: TrackRow) -> bytes:
        """The very picture that the catalogue means."""
        try:
            with BoundedFile(self._library.open(row)) as file:
                looked = os.fstat(file.fileno())
                # What the scan has not seen yet is not parsed here: it does so in a process of its own.
                is_known = (looked.st_size, looked.st_mtime_ns) == (row.size_bytes, row.mtime_ns)
                content = read_picture(file) if is_known else None
        except (OSError, FileGone, Unfit) as error:
            raise NoPicture from error
        if content is None or artwork_of(content) != row.artwork:
            raise NoPicture
        return content


def _opened(content: bytes) -> ImageFile:
    """Its pixels are not decoded yet."""
    picture = _understood(lambda: Image.open(io.BytesIO(content), formats=tuple(_MEDIA_TYPES)))
    if picture.width * picture.height > PIXELS_MAX:
        raise NoPicture
    return picture


def _thumbnail(picture: ImageFile, size: int) -> bytes:
    # A JPEG is decoded no larger than is needed.
    picture.draft("RGB", (size, size))
    upright = ImageOps.exif_transpose(picture)
    # Colours can be mixed only if they are no numbers of a palette.
    coloured = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    coloured.thumbnail((size, size))
    scaled = io.BytesIO()
    coloured.save(scaled, "WEBP", quality=_QUALITY)
    return scaled.getvalue()


def _understood(step: Callable[[], T]) -> T:
    try:
        return step()
    except Exception as error:  # damaged pictures make decoders raise whatever they like
        raise NoPicture from error


def _media_type(content: bytes) -> str:
    """Of what Pillow took for one of these."""
    beginnings = {b"\x89PNG": "PNG", b"RIFF": "WEBP"}
    return _MEDIA_TYPES[beginnings.get(content[:4], "JPEG")]
