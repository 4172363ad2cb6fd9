"""What each format holds of a listing, said apart from how it is written.

The docstrings of `collab.formats` once more: a format that loses what it could hold is seen.
"""

from collections.abc import Callable
from dataclasses import replace

from collab.formats.listing import Listed, Listing, Person


def everything(listing: Listing) -> Listing:
    return listing


def m3u8(listing: Listing) -> Listing:
    entries = [
        Listed(entry.uri, entry.title, entry.artists, entry.album, whole_seconds(entry.duration_ms))
        for entry in listing.entries
    ]
    return Listing(title=listing.title, entries=tuple(entries))


def pls(listing: Listing) -> Listing:
    entries = [
        Listed(entry.uri, in_one_line(entry), duration_ms=whole_seconds(entry.duration_ms))
        for entry in listing.entries
    ]
    return Listing(entries=tuple(entries))


def csv(listing: Listing) -> Listing:
    entries = [
        replace(entry, recording_id="", note="", added_by=one_name(entry.added_by))
        for entry in listing.entries
    ]
    return Listing(entries=tuple(entries))


HOLDS: dict[str, Callable[[Listing], Listing]] = {
    "jspf": everything,
    "xspf": everything,
    "m3u8": m3u8,
    "pls": pls,
    "csv": csv,
}


def shown_as_pls(listing: Listing) -> Listing:
    """A listing that was read from PLS, with artist and title in one line again: only that is in the file."""
    return pls(listing)


def whole_seconds(duration_ms: int | None) -> int | None:
    return None if duration_ms is None else (duration_ms + 500) // 1000 * 1000


def in_one_line(entry: Listed) -> str:
    return " - ".join(part for part in (", ".join(entry.artists), entry.title) if part)


def one_name(person: Person) -> Person:
    """The one that programs know comes first."""
    name = person.uri or person.name
    return Person(uri=name) if ":" in name else Person(name=name)
