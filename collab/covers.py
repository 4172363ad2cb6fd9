"""Pictures that people give to their playlists.

One comes from a stranger and is shown to everybody without a token, so only what Pillow decodes as a JPEG of
a decent size is kept; what a camera wrote down beside it is not. A picture is named by what is in it, and its
address stands in the playlist's attribute `image`: so a change of it is an edit like any other. Knows
pictures and addresses. Does not know who may change one, nor where they are kept.
"""

import base64
import binascii
import hashlib
import io
import re
from collections.abc import Mapping
from typing import Final

from PIL import Image, ImageOps

from collab.errors import Refusal
from collab.ids import ID_BYTES, encode_id

# As Base64, as it travels.
COVER_CHARS_MAX: Final = 256 * 1024
# While it is decoded, four bytes each.
PIXELS_MAX: Final = 16_000_000
# Of one playlist, so that a restore may bring an older one back.
COVERS_KEPT: Final = 5

_QUALITY: Final = 85
_SPACE: Final = re.compile(rb"\s+")
# What a decoder needs, and who reads the colours; anything else was written for people or programs.
_JFIF: Final = frozenset({"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"})
_PLAIN: Final = _JFIF | {"progressive", "progression", "adobe", "adobe_transform", "icc_profile"}


def read_cover(body: bytes) -> bytes:
    """The JPEG that a body is, without what is no picture in it. Takes a core some hundredths of a second.
    Raises Refusal `bad_request`."""
    try:
        content = base64.b64decode(_SPACE.sub(b"", body), validate=True)
    except binascii.Error:
        raise Refusal("bad_request", "Send the picture as Base64.") from None
    try:
        return _decoded(content)
    except Refusal:
        raise
    except Exception:  # damaged pictures make decoders raise whatever they like
        raise Refusal("bad_request", "The picture is no whole JPEG.") from None


def _decoded(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content), formats=("JPEG",)) as picture:
        if picture.width * picture.height > PIXELS_MAX:
            raise Refusal("bad_request", f"A picture has at most {PIXELS_MAX:,} pixels.")
        picture.load()
        if _PLAIN.issuperset(map(str, picture.info)):
            return content
        written = io.BytesIO()
        ImageOps.exif_transpose(picture).convert("RGB").save(written, "JPEG", quality=_QUALITY)
    if written.tell() > COVER_CHARS_MAX:
        raise Refusal("too_large", "The picture is too large without what a camera wrote down beside it.")
    return written.getvalue()


def cover_id(content: bytes) -> str:
    return encode_id(hashlib.sha256(content).digest()[:ID_BYTES])


def cover_path(document: str, cover: str) -> str:
    """What stands in the attribute `image`; it needs no token."""
    return f"/v1/playlists/{document}/images/{cover}"


def image_urls(base: str, attributes: Mapping[str, object]) -> list[str]:
    """Where a playlist's picture is, if it has one: a cover of ours, or what an app has put there itself."""
    image = attributes.get("image")
    if not isinstance(image, str):
        return []
    if image.startswith("/v1/playlists/"):
        return [base + image[1:]]
    return [image] if image.startswith(("https://", "http://")) else []
