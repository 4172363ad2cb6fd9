"""XSPF, version 1: https://www.xspf.org/spec, with the two extensions that ListenBrainz writes in JSPF.

Holds what JSPF holds. It is read as it comes, piece by piece, so that what is no part of a playlist costs
nothing; a document type, with which a short file can say something very long or ask for other files, is
refused.
"""

from collections.abc import Iterable
from typing import Final
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape, quoteattr

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from collab.formats.jspf import PLAYLIST, TRACK, named_by, names_and_places
from collab.formats.listing import (
    ARTISTS_MAX,
    PEOPLE_MAX,
    TEXT_CHARS_MAX,
    Entries,
    Listed,
    Listing,
    Person,
    Unreadable,
    iso_of,
    lines,
    moment_of,
    one_line,
    some_lines,
    whole,
)

_NAMESPACE: Final = "http://xspf.org/ns/0/"
_DEPTH_MAX: Final = 32
_NAMES_MAX: Final = 20

# -- reading -----------------------------------------------------------------------------------------------


def read(content: bytes) -> Listing:
    target = _Target()
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    try:
        parser.feed(content)
        parser.close()
    except ParseError as error:
        raise Unreadable("This is no XML.", error.position[0]) from None
    except DefusedXmlException:
        line = parser.parser.CurrentLineNumber
        raise Unreadable("A playlist has no document type and no entities.", line) from None
    except _NoPlaylist:
        raise Unreadable("This is no XSPF: it has no `playlist`.", parser.parser.CurrentLineNumber) from None
    except (LookupError, ValueError):
        raise Unreadable("The encoding of this XML is not known here; save it as UTF-8.") from None
    return target.listing()


class _NoPlaylist(Exception):
    pass


class _Said:
    """The texts of a playlist or of a track, by the name of their element; of each the first few."""

    def __init__(self, line: int = 0) -> None:
        self.line = line
        self._texts: dict[str, list[str]] = {}

    def add(self, name: str, text: str, most: int) -> None:
        texts = self._texts.setdefault(name, [])
        if len(texts) < most:
            texts.append(text)

    def all(self, name: str) -> list[str]:
        return self._texts.get(name, [])

    def first(self, name: str) -> str:
        return next(iter(self._texts.get(name, ())), "")


# What may be said more than once, and how often it counts.
_SEVERAL: Final = {
    "identifier": _NAMES_MAX,
    "location": _NAMES_MAX,
    "artist": ARTISTS_MAX,
    "collaborator": PEOPLE_MAX,
}
# In a playlist, in a track, and in their extensions.
_OF_PLAYLIST: Final = frozenset(("title", "creator", "annotation"))
_OF_TRACK: Final = frozenset(
    ("location", "identifier", "title", "creator", "annotation", "album", "duration", "isrc")
)
_EXTENDED: Final = frozenset(
    ("added_by", "added_at", "added_by_uri", "isrc", "artist", "collaborator", "public")
)


class _Target:
    """Hears of elements and texts in the order of the file."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._entries = Entries()
        self._playlist = _Said()
        self._said = self._playlist
        self._text: list[str] | None = None
        self._chars = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if not self._path and name != "playlist":
            raise _NoPlaylist
        if len(self._path) == _DEPTH_MAX:
            raise Unreadable("The elements stand in each other too deeply.")
        self._path.append(name)
        if self._path[1:] == ["trackList", "track"]:
            self._said = _Said()
        self._text = [] if self._is_wanted() else None
        self._chars = 0

    def data(self, text: str) -> None:
        if self._text is not None and self._chars < TEXT_CHARS_MAX:
            self._text.append(text)
            self._chars += len(text)

    def end(self, tag: str) -> None:
        name = self._path[-1]
        if self._text is not None:
            self._said.add(name, "".join(self._text), _SEVERAL.get(name, 1))
            self._text = None
        elif self._path[1:] == ["trackList", "track"]:
            self._entries.add(_entry(self._said))
            self._said = self._playlist
        self._path.pop()

    def close(self) -> None:
        pass

    def _is_wanted(self) -> bool:
        match self._path[1:]:
            case [name]:
                return name in _OF_PLAYLIST
            case ["extension", name]:
                return name in _EXTENDED
            case ["trackList", "track", name]:
                return name in _OF_TRACK
            case ["trackList", "track", "extension", *_, name]:
                return name in _EXTENDED
        return False

    def listing(self) -> Listing:
        said = self._playlist
        public = said.first("public").strip().lower()
        return Listing(
            title=one_line(said.first("title")),
            description=some_lines(said.first("annotation")),
            creator=one_line(said.first("creator")),
            collaborators=lines(said.all("collaborator"), PEOPLE_MAX),
            public={"true": True, "false": False}.get(public),
            entries=self._entries.all(),
        )


def _entry(said: _Said) -> Listed:
    uri, recording_id = named_by(said.all("identifier"), said.all("location"))
    artists = tuple(said.all("artist"))
    return Listed(
        uri=uri,
        title=said.first("title"),
        artists=artists or (said.first("creator"),),
        album=said.first("album"),
        duration_ms=whole(said.first("duration")),
        isrc=said.first("isrc"),
        recording_id=recording_id,
        added_at=moment_of(said.first("added_at")),
        added_by=Person(said.first("added_by"), said.first("added_by_uri")),
        note=said.first("annotation"),
    )


# -- writing -----------------------------------------------------------------------------------------------


def write(listing: Listing) -> str:
    public = "" if listing.public is None else str(listing.public).lower()
    return "\n".join(
        (
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<playlist version="1" xmlns="{_NAMESPACE}">',
            *_elements(
                " ", title=[listing.title], creator=[listing.creator], annotation=[listing.description]
            ),
            *_extension(" ", PLAYLIST, public=[public], collaborator=listing.collaborators),
            " <trackList>",
            *(line for entry in listing.entries for line in _track(entry)),
            " </trackList>",
            "</playlist>",
            "",
        )
    )


def _track(entry: Listed) -> Iterable[str]:
    identifiers, locations = names_and_places(entry)
    duration = "" if entry.duration_ms is None else str(entry.duration_ms)
    yield "  <track>"
    yield from _elements(
        "   ",
        location=locations,
        identifier=identifiers,
        title=[entry.title],
        creator=[", ".join(entry.artists)],
        annotation=[entry.note],
        album=[entry.album],
        duration=[duration],
    )
    yield from _extension(
        "   ",
        TRACK,
        added_by=[entry.added_by.name],
        added_at=[iso_of(entry.added_at)],
        added_by_uri=[entry.added_by.uri],
        isrc=[entry.isrc],
        artist=entry.artists,
    )
    yield "  </track>"


def _extension(indent: str, application: str, **texts: Iterable[str]) -> Iterable[str]:
    if elements := list(_elements(indent + " ", **texts)):
        yield f"{indent}<extension application={quoteattr(application)}>"
        yield from elements
        yield f"{indent}</extension>"


def _elements(indent: str, **texts: Iterable[str]) -> Iterable[str]:
    """An element for each text that says something."""
    return (
        f"{indent}<{name}>{escape(text)}</{name}>"
        for name, several in texts.items()
        for text in several
        if text
    )
