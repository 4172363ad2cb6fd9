"""What an import answers, as a strict type; as `shapes`."""

from typing import Annotated, Literal

from msgspec import Meta

from collab.formats.listing import ARTISTS_MAX, ENTRIES_MAX, LINE_CHARS_MAX, URI_CHARS_MAX
from collab.http_errors import MESSAGE_CHARS_MAX
from collab.imports import TOLD_MAX
from tests.documents.bounds import Count
from tests.documents.shapes import Answer, PlaylistInList

Line = Annotated[str, Meta(max_length=LINE_CHARS_MAX)]
Entries = Annotated[int, Meta(ge=0, le=ENTRIES_MAX)]


class Unmatched(Answer, frozen=True):
    """An entry of the file that is no track of the catalogue; `kept`: it is in the playlist under its own
    URI. `position` counts from 0; `line` from 1, where the format has lines."""

    position: Entries
    line: Count | None
    title: Line
    artists: Annotated[list[Line], Meta(max_length=ARTISTS_MAX)]
    uri: Annotated[str, Meta(max_length=URI_CHARS_MAX)]
    kept: bool
    code: Literal["nothing_said", "no_title", "no_artist", "no_length", "no_uri", "no_catalogue"]
    message: Annotated[str, Meta(max_length=MESSAGE_CHARS_MAX)]


class Matched(Answer, frozen=True):
    """How many tracks were found, by what they were found."""

    uri: Entries
    isrc: Entries
    recording: Entries
    title: Entries


class ImportReport(Answer, frozen=True):
    """What became of the file's entries. `unmatched` are the first of `unmatched_total`, those that were left
    out before the others; `shortened` were longer than an entry may be."""

    entries: Entries
    imported: Entries
    matched: Matched
    kept: Entries
    left_out: Entries
    shortened: Entries
    unmatched: Annotated[list[Unmatched], Meta(max_length=TOLD_MAX)]
    unmatched_total: Entries


class Imported(Answer, frozen=True):
    playlist: PlaylistInList
    report: ImportReport
