"""CSV with the columns of Exportify, which many programs read: https://github.com/watsonbox/exportify.

Holds of an entry its URI, title, artists, album, length, ISRC, and who added it when; of the playlist
nothing. It is read by the names of its columns, whatever their order and number.

A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, and a title may be somebody
else's: such cells are written behind an apostrophe, which spreadsheets hide and which is taken off again here
(https://owasp.org/www-community/attacks/CSV_Injection).
"""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import Final

from collab.formats.listing import (
    Entries,
    Listed,
    Listing,
    Person,
    Unreadable,
    iso_of,
    moment_of,
    whole,
)
from collab.formats.text import LINE_CHARS_MAX, decoded, numbered_lines

COLUMNS: Final = (
    "Track URI",
    "Track Name",
    "Artist URI(s)",
    "Artist Name(s)",
    "Album URI",
    "Album Name",
    "Album Artist URI(s)",
    "Album Artist Name(s)",
    "Album Release Date",
    "Album Image URL",
    "Disc Number",
    "Track Number",
    "Track Duration (ms)",
    "Track Preview URL",
    "Explicit",
    "Popularity",
    "ISRC",
    "Added By",
    "Added At",
)

# What columns are called, by Exportify in all its versions and by others; the first that is there counts.
_NAMES: Final = {
    "uri": ("track uri", "spotify uri", "uri", "url", "track url", "location"),
    "title": ("track name", "title", "name", "track", "song"),
    "artists": ("artist name(s)",),
    "artist": ("artist name", "artist", "artists"),
    "album": ("album name", "album"),
    "duration_ms": ("track duration (ms)", "duration (ms)", "duration_ms"),
    "isrc": ("isrc",),
    "added_by": ("added by", "added_by"),
    "added_at": ("added at", "added_at"),
    "note": ("note", "comment"),
}
_DELIMITERS: Final = ",;\t"
# A note may have some; a quote that is never closed would take the whole file into one cell.
_ROW_LINES_MAX: Final = 200

_FORMULA: Final = re.compile(r"'*[=+\-@]")
_GUARDED: Final = re.compile(r"'+[=+\-@]")
# Exportify writes a comma within a name as `\,`.
_BETWEEN_NAMES: Final = re.compile(r"(?<!\\),\s*")


# -- writing -----------------------------------------------------------------------------------------------


def write(listing: Listing) -> str:
    """Every cell in quotes, as Exportify does it."""
    rows = [COLUMNS, *map(_row, listing.entries)]
    return "".join(",".join(map(_quoted, row)) + "\n" for row in rows)


def _row(entry: Listed) -> Sequence[str]:
    cells = {
        "Track URI": entry.uri,
        "Track Name": entry.title,
        "Artist Name(s)": ", ".join(artist.replace(",", "\\,") for artist in entry.artists),
        "Album Name": entry.album,
        "Track Duration (ms)": "" if entry.duration_ms is None else str(entry.duration_ms),
        "ISRC": entry.isrc,
        "Added By": entry.added_by.uri or entry.added_by.name,
        "Added At": iso_of(entry.added_at),
    }
    return [_guarded(cells.get(column, "")) for column in COLUMNS]


def _guarded(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


# -- reading -----------------------------------------------------------------------------------------------


def is_header(line: str) -> bool:
    """Whether a file that begins with this line may be such CSV."""
    cells = [cell.strip(' "') for cell in line.split(_delimiter(line))]
    return len(cells) > 1 and not _columns(cells).keys().isdisjoint(("uri", "title"))


def read(content: bytes) -> Listing:
    rows = _rows(decoded(content))
    _, header = next(rows, (0, []))
    columns = _columns(header)
    if "uri" not in columns and "title" not in columns:
        raise Unreadable("No column is called `Track URI` or `Track Name`, nor anything like it.", 1)
    entries = Entries()
    for line, row in rows:
        cells = {what: row[place] for what, place in columns.items() if place < len(row)}
        if any(map(str.strip, row)):
            entries.add(_entry({what: _unguarded(cell) for what, cell in cells.items()}, line))
    return Listing(entries=entries.all())


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row, and the line in which it begins."""
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=_delimiter(text))
    while True:
        begin = lines.begin_row()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Unreadable("This is no CSV: a cell is too long or not closed.", begin) from None
        yield begin, row


class _Lines:
    """The lines of a file for `csv`, of which no row takes too many."""

    def __init__(self, text: str) -> None:
        self._lines = numbered_lines(text)
        self._number = 0
        self._begin = 1

    def begin_row(self) -> int:
        self._begin = self._number + 1
        return self._begin

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        self._number, line = next(self._lines)
        if self._number - self._begin >= _ROW_LINES_MAX:
            raise Unreadable("A quote that opens here is not closed.", self._begin)
        return line + "\n"


def _delimiter(text: str) -> str:
    end = text.find("\n", 0, LINE_CHARS_MAX)
    header = text[: end if end >= 0 else LINE_CHARS_MAX]
    return max(_DELIMITERS, key=header.count)


def _columns(header: list[str]) -> dict[str, int]:
    """What is known here of the columns, and where it stands."""
    places: dict[str, int] = {}
    for place, name in enumerate(header):
        places.setdefault(" ".join(name.split()).lower(), place)
    found = {
        what: next((places[name] for name in names if name in places), None) for what, names in _NAMES.items()
    }
    return {what: place for what, place in found.items() if place is not None}


def _entry(cells: dict[str, str], line: int) -> Listed:
    by = cells.get("added_by", "").strip()
    return Listed(
        uri=cells.get("uri", ""),
        title=cells.get("title", ""),
        artists=_artists(cells),
        album=cells.get("album", ""),
        duration_ms=whole(cells.get("duration_ms", "")),
        isrc=cells.get("isrc", ""),
        added_at=moment_of(cells.get("added_at", "")),
        added_by=Person(uri=by) if ":" in by else Person(name=by),
        note=cells.get("note", ""),
        line=line,
    )


def _artists(cells: dict[str, str]) -> tuple[str, ...]:
    if "artists" not in cells:
        return (cells.get("artist", ""),)
    return tuple(name.replace("\\,", ",") for name in _BETWEEN_NAMES.split(cells["artists"]))


def _unguarded(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell
