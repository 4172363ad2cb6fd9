"""M3U8: a path or URI a line, and before it what Winamp and its heirs say about it.

    #EXTM3U
    #PLAYLIST:Friday
    #EXTINF:214,James Arthur - Empty Space
    #EXTART:James Arthur
    #EXTALB:Empty Space
    spotify:track:1uru26I2JKd2mQZt0MDCUe

There is no standard; https://en.wikipedia.org/wiki/M3U lists the directives. Holds the playlist's title, and
of an entry its URI, title, artists, album, and its length in whole seconds. An artist a line of `#EXTART`
tells them apart, and from the title: who knows only `#EXTINF` has both in one line.
"""

import re
from typing import Final

from collab.formats.listing import (
    ARTISTS_MAX,
    URI_CHARS_MAX,
    Entries,
    Listed,
    Listing,
    lines,
    one_line,
    shown,
    told_apart,
    whole,
)
from collab.formats.text import decoded, numbered_lines

_SECONDS: Final = re.compile(r"\s*(-?[0-9]{1,16}(?:\.[0-9]{0,9})?)")
_PROPERTY: Final = re.compile(r'\s+[^\s=,"]{1,100}="[^"]*"')
# `01 - `, `1-02. ` before the name of a file.
_NUMBER: Final = re.compile(r"(?:[0-9]{1,2}-)?[0-9]{1,3}(?:\s*[-.]\s*|\s+)(?=\S)")


def write(listing: Listing) -> str:
    """Entries without a URI have no line."""
    written = ["#EXTM3U"]
    if listing.title:
        written.append(f"#PLAYLIST:{listing.title}")
    for entry in listing.entries:
        if entry.uri:
            written.append(f"#EXTINF:{_seconds(entry)},{shown(entry)}")
            # Without artists an empty line keeps a dash in the title from being taken for what follows one.
            written += [
                f"#EXTART:{artist}" for artist in entry.artists or ("",) if artist or " - " in entry.title
            ]
            if entry.album:
                written.append(f"#EXTALB:{entry.album}")
            written.append(entry.uri)
    return "\n".join(written) + "\n"


def _seconds(entry: Listed) -> int:
    return -1 if entry.duration_ms is None else (entry.duration_ms + 500) // 1000


class _About:
    """What was said about the next entry."""

    def __init__(self, album: str = "", artists: tuple[str, ...] = ()) -> None:
        self.is_begun = False
        self.seconds: str | None = None
        self.display = ""
        self.album = album
        self._default = artists
        self._artists: list[str] | None = None

    def add_artist(self, artist: str) -> None:
        if self._artists is None:
            self._artists = []
        if len(self._artists) < ARTISTS_MAX:
            self._artists.append(artist)

    @property
    def artists(self) -> tuple[str, ...]:
        return self._default if self._artists is None else lines(self._artists, ARTISTS_MAX)

    def entry(self, uri: str, line: int) -> Listed:
        artists, title = self._artists_and_title(uri)
        return Listed(
            uri=uri,
            title=title,
            artists=artists,
            album=self.album,
            duration_ms=None if self.seconds is None else whole(self.seconds, 1000),
            line=line,
        )

    def _artists_and_title(self, uri: str) -> tuple[tuple[str, ...], str]:
        if self._artists is not None:
            beginning = ", ".join(self.artists)
            if not beginning or self.display.strip() == beginning:
                return self.artists, self.display if not beginning else ""
            if self.display.startswith(beginning + " - "):
                return self.artists, self.display[len(beginning) + 3 :]
        if not self.display and ":" not in uri[2:]:
            artists, title = told_apart(_name_of_file(uri))
        else:
            artists, title = told_apart(self.display)
        return artists or self.artists, title


def _name_of_file(path: str) -> str:
    name = path.replace("\\", "/").rpartition("/")[2]
    stem = name.rpartition(".")[0] or name
    return _NUMBER.sub("", stem.replace("_", " "), count=1)


def read(content: bytes) -> Listing:
    title = ""
    entries = Entries()
    about = _About()
    # What is said before any entry holds for all: that is how albums are written.
    album = ""
    artists: tuple[str, ...] = ()
    for number, line in numbered_lines(decoded(content)):
        if not line.startswith("#"):
            if uri := one_line(line, URI_CHARS_MAX):
                entries.add(about.entry(uri, number))
                about = _About(album, artists)
            continue
        directive, _, value = line.partition(":")
        match directive.strip().upper():
            case "#PLAYLIST":
                title = title or value
            case "#EXTINF":
                if not about.is_begun:
                    album, artists = about.album, about.artists
                    about = _About(album, artists)
                about.is_begun = True
                about.seconds, about.display = _told(value)
            case "#EXTALB":
                about.album = value
            case "#EXTART":
                about.add_artist(value)
    return Listing(title=one_line(title), entries=entries.all())


def _told(value: str) -> tuple[str | None, str]:
    """Seconds and display title of `214 logo="…",Artist - Title`; -1 seconds means that nobody knows."""
    found = _SECONDS.match(value)
    position = found.end() if found else 0
    while properties := _PROPERTY.match(value, position):
        position = properties.end()
    comma = value.find(",", position)
    display = value[comma + 1 :] if comma >= 0 else value[position:]
    seconds = found[1] if found and not found[1].startswith("-") else None
    return seconds, display
