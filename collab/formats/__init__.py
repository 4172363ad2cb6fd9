"""Playlists in and out of files: one implementation for HTTP, the command line and the web app.

Pure: bytes in, a `Listing` out, and back. Knows which formats there are, and by what a file of each is known.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from collab.formats import exportify, jspf, m3u8, pls, xspf
from collab.formats.listing import FILE_BYTES_MAX as FILE_BYTES_MAX
from collab.formats.listing import Listing as Listing
from collab.formats.listing import Unreadable as Unreadable
from collab.formats.listing import tidied


@dataclass(frozen=True, slots=True)
class Format:
    """`write` gives text in UTF-8; what `read` raises is Unreadable. `needs_uris`: an entry without a URI has
    no place in it."""

    name: str
    media_type: str
    read: Callable[[bytes], Listing]
    write: Callable[[Listing], str]
    needs_uris: bool = False


FORMATS: Final = {
    made.name: made
    for made in (
        Format("jspf", "application/jspf+json", jspf.read, jspf.write),
        Format("xspf", "application/xspf+xml", xspf.read, xspf.write),
        Format("m3u8", "application/vnd.apple.mpegurl", m3u8.read, m3u8.write, needs_uris=True),
        Format("pls", "audio/x-scpls", pls.read, pls.write, needs_uris=True),
        Format("csv", "text/csv; charset=utf-8", exportify.read, exportify.write),
    )
}

# As much of a file as tells what it is.
_BEGINNING_BYTES: Final = 4096


def read_listing(content: bytes, format: str | None = None) -> Listing:
    """A file as a listing. Without `format`, one of FORMATS, its contents tell. Raises Unreadable."""
    if len(content) > FILE_BYTES_MAX:
        raise Unreadable(f"A file of a playlist has at most {FILE_BYTES_MAX} bytes.")
    name = recognised(content) if format is None else format
    return FORMATS[name].read(content)


def write_listing(listing: Listing, format: str) -> bytes:
    """A listing as a file of one of FORMATS."""
    return FORMATS[format].write(tidied(listing)).encode()


def recognised(content: bytes) -> str:
    """The name of the format that these are in. Raises Unreadable."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    beginning = content[:_BEGINNING_BYTES].decode(encoding, "replace").lstrip()
    first = beginning.partition("\n")[0].strip().lower()
    if not first:
        raise Unreadable("The file is empty.")
    if first.startswith("{"):
        return "jspf"
    if first.startswith("<"):
        return "xspf"
    if first.startswith("[playlist]"):
        return "pls"
    if first.startswith("#") or not exportify.is_header(first):
        return "m3u8"
    return "csv"
