"""PLS: the list of Winamp and of radio stations, written like a Windows settings file.

Holds of an entry its URI, `Artist - Title` in one line, and its length in whole seconds; of the playlist
nothing. http://forums.winamp.com/showthread.php?threadid=65772 is all the specification that there was.
"""

import re
from dataclasses import dataclass
from typing import Final

from collab.formats.listing import (
    URI_CHARS_MAX,
    Entries,
    Listed,
    Listing,
    Unreadable,
    one_line,
    shown,
    told_apart,
    whole,
)
from collab.formats.text import decoded, numbered_lines

_LINE: Final = re.compile(r"\s*(file|title|length)([0-9]{1,9})\s*=(.*)", re.IGNORECASE)


@dataclass
class _Numbered:
    """What was said of an entry so far."""

    uri: str = ""
    display: str = ""
    seconds: str = ""
    line: int = 0


def write(listing: Listing) -> str:
    """Entries without a URI have no place."""
    written = ["[playlist]"]
    entries = [entry for entry in listing.entries if entry.uri]
    for number, entry in enumerate(entries, 1):
        seconds = -1 if entry.duration_ms is None else (entry.duration_ms + 500) // 1000
        written += [f"File{number}={entry.uri}", f"Title{number}={shown(entry)}", f"Length{number}={seconds}"]
    return "\n".join([*written, f"NumberOfEntries={len(entries)}", "Version=2"]) + "\n"


def read(content: bytes) -> Listing:
    """In the order of their numbers, whatever order they stand in."""
    found: dict[int, _Numbered] = {}
    begun = False
    for number, line in numbered_lines(decoded(content)):
        if not begun:
            if line.strip() and line.strip().lower() != "[playlist]":
                raise Unreadable("A PLS file begins with `[playlist]`.", number)
            begun = bool(line.strip())
        elif said := _LINE.fullmatch(line):
            _hear(found.setdefault(int(said[2]), _Numbered()), said[1].lower(), said[3], number)
    entries = Entries()
    for _, about in sorted(found.items()):
        if uri := one_line(about.uri, URI_CHARS_MAX):
            artists, title = told_apart(about.display)
            entries.add(Listed(uri, title, artists, duration_ms=whole(about.seconds, 1000), line=about.line))
    return Listing(entries=entries.all())


def _hear(about: _Numbered, what: str, value: str, line: int) -> None:
    match what:
        case "file":
            about.uri, about.line = value, line
        case "title":
            about.display = value
        case _:
            about.seconds = value
