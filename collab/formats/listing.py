"""A playlist as files of other programs hold it.

What every format is read into and written from, so that no format knows another: texts, numbers and names as
they stood in a file, made harmless but not believed. Knows what a text, an ISRC, a point in time may be. Does
not know any format, nor what this server calls a track or a person.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from collab.errors import TuttiError

# 1.5 KiB for each of as many entries as a playlist may have.
FILE_BYTES_MAX: Final = 16 * 1024 * 1024
ENTRIES_MAX: Final = 11_000
# Of a title or a name, of a description or a note, of a URI: what is more was written by no person.
LINE_CHARS_MAX: Final = 1_000
TEXT_CHARS_MAX: Final = 4_000
URI_CHARS_MAX: Final = 2_000
ARTISTS_MAX: Final = 50
PEOPLE_MAX: Final = 1_000
# What a double holds exactly, as everywhere in a playlist.
_NUMBER_MAX: Final = 2**53 - 1

# What no line of text holds, or no XML: controls, lone surrogates, what is no character.
_BREAKS: Final = "\x00-\x1f\x7f-\x9f\u2028\u2029"
_NEVER: Final = re.compile("[\ud800-\udfff\ufffe\uffff]")
_IN_LINES: Final = re.compile(f"[{_BREAKS}]")
_IN_TEXTS: Final = re.compile(f"(?!\n)[{_BREAKS}]")
_ISRC: Final = re.compile("[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
_RECORDING: Final = re.compile(
    r"(?:https?://musicbrainz\.org/recording/)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/?", re.IGNORECASE
)
_NUMBER: Final = re.compile(r"[0-9]{1,16}(?:\.[0-9]{0,9})?")


class Unreadable(TuttiError):
    """A file cannot be read. The message is one sentence for whoever chose it; `line` is where it went wrong,
    0 if that is nowhere in particular."""

    def __init__(self, message: str, line: int = 0) -> None:
        self.line = line
        super().__init__(f"Line {line}: {message}" if line else message)


class TooManyEntries(Unreadable):
    def __init__(self) -> None:
        super().__init__(f"A playlist holds at most {ENTRIES_MAX} entries, and this file has more.")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as a file names them: what they are called, and what their program calls them."""

    name: str = ""
    uri: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry. What a file does not say is empty, or None. `uri` is whatever names or locates the track:
    also a path. `line` is where the entry stood in a file that has lines."""

    uri: str = ""
    title: str = ""
    artists: tuple[str, ...] = ()
    album: str = ""
    duration_ms: int | None = None
    isrc: str = ""
    recording_id: str = ""
    added_at: int | None = None
    added_by: Person = Person()
    note: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Listing:
    """A whole playlist. `collaborators` are names."""

    title: str = ""
    description: str = ""
    creator: str = ""
    collaborators: tuple[str, ...] = ()
    public: bool | None = None
    entries: tuple[Listed, ...] = ()


# -- what may stand where -----------------------------------------------------------------------------------


def one_line(text: str, chars_max: int = LINE_CHARS_MAX) -> str:
    """Without line breaks and controls, lone surrogates, and spaces around it."""
    return _NEVER.sub("\ufffd", _IN_LINES.sub(" ", text)).strip()[:chars_max].rstrip()


def some_lines(text: str) -> str:
    """As `one_line`, for what may have several."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _NEVER.sub("\ufffd", _IN_TEXTS.sub(" ", text)).strip()[:TEXT_CHARS_MAX].rstrip()


def lines(texts: "tuple[str, ...] | list[str]", most: int) -> tuple[str, ...]:
    """The first of them that say something."""
    return tuple(line for line in map(one_line, texts[:most]) if line)


def whole(value: object, factor: int = 1) -> int | None:
    """A number that is not negative, `factor` times; None for anything else, and for what is too large."""
    if isinstance(value, str):
        value = value.strip()
        value = float(value) if _NUMBER.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 <= value <= _NUMBER_MAX // factor:  # false for what is no number
        return None
    return round(value * factor)


def isrc_of(text: str) -> str:
    """An ISRC without its dashes; "" for what is none."""
    isrc = text.replace("-", "").replace(" ", "").upper()
    return isrc if _ISRC.fullmatch(isrc) else ""


def recording_of(text: str) -> str:
    """The MusicBrainz id of a recording, from the id or from its page's address; "" for anything else."""
    found = _RECORDING.fullmatch(text.strip())
    return found[1].lower() if found else ""


def recording_url(recording_id: str) -> str:
    return f"https://musicbrainz.org/recording/{recording_id}"


def moment_of(text: str) -> int | None:
    """Milliseconds since 1970 of an ISO 8601 time, which is UTC unless it says otherwise."""
    try:
        at = datetime.fromisoformat(text.strip())
        return whole(round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000))
    except (ValueError, OverflowError, OSError):
        return None


def iso_of(at_ms: int | None) -> str:
    """Such as `2019-05-26T00:00:00Z`, with milliseconds if there are; "" for None and after the year 9999."""
    if at_ms is None:
        return ""
    try:
        at = datetime.fromtimestamp(at_ms // 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    decimals = f".{at_ms % 1000:03}" if at_ms % 1000 else ""
    return f"{at:%Y-%m-%dT%H:%M:%S}{decimals}Z"


def is_place(uri: str) -> bool:
    """Whether this says where a file is, and not only what it is called."""
    return "://" in uri or ":" not in uri or uri[1:2] == ":"


# -- how a track is shown in one line -----------------------------------------------------------------------

_DASH: Final = " - "


def shown(entry: Listed) -> str:
    """`Artist, Artist - Title`."""
    return _DASH.join(part for part in (", ".join(entry.artists), entry.title) if part)


def told_apart(display: str) -> tuple[tuple[str, ...], str]:
    """Artist and title of such a line, as well as it can be known."""
    artist, dash, title = display.partition(_DASH)
    if dash and artist.strip() and title.strip():
        return lines([artist], 1), one_line(title)
    return (), one_line(display)


# -- a whole listing ----------------------------------------------------------------------------------------


def tidied(listing: Listing) -> Listing:
    """What is read back of it, from a format that can hold everything."""
    return Listing(
        title=one_line(listing.title),
        description=some_lines(listing.description),
        creator=one_line(listing.creator),
        collaborators=lines(listing.collaborators, PEOPLE_MAX),
        public=listing.public,
        entries=tuple(map(tidied_entry, listing.entries)),
    )


def tidied_entry(entry: Listed) -> Listed:
    return Listed(
        uri=one_line(entry.uri, URI_CHARS_MAX),
        title=one_line(entry.title),
        artists=lines(entry.artists, ARTISTS_MAX),
        album=one_line(entry.album),
        duration_ms=whole(entry.duration_ms),
        isrc=isrc_of(entry.isrc),
        recording_id=recording_of(entry.recording_id),
        added_at=moment_of(iso_of(entry.added_at)),
        added_by=Person(one_line(entry.added_by.name), one_line(entry.added_by.uri, URI_CHARS_MAX)),
        note=some_lines(entry.note),
        line=entry.line,
    )


class Entries:
    """Collects entries up to the most that a playlist may have. Raises TooManyEntries."""

    def __init__(self) -> None:
        self._entries: list[Listed] = []

    def add(self, entry: Listed) -> None:
        if len(self._entries) == ENTRIES_MAX:
            raise TooManyEntries
        self._entries.append(tidied_entry(entry))

    def all(self) -> tuple[Listed, ...]:
        return tuple(self._entries)
