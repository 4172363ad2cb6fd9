"""What an entry and an attribute of a playlist may hold.

The field table of the wire's "Content" section. Knows names, types and sizes. Does not know lists, uids or
who submits: that is `playlist`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from collab.errors import Refusal
from jam.smooth import is_energy, is_key, is_tempo
from ot.value import Entry, Value

# title, artists, album, duration_ms and isrc together: a catalogue's row, not a document store.
DESCRIPTION_BYTES_MAX = 2048

# Of any uid that can stand in a list: a client id, a dot and a number.
UID_CHARS_MAX = 40
TRACK_CHARS_MAX = 512
NOTE_CHARS_MAX = 500
NAME_CHARS_MAX = 200
TEXT_CHARS_MAX = 2000
ARTISTS_MAX = 50

_DESCRIPTION: Final = ("title", "artists", "album", "duration_ms", "isrc")
# What a song is, wherever it stands: a catalogue's row, and how it sounds.
_SONG: Final = (*_DESCRIPTION, "tempo", "key", "energy")
_EDITABLE: Final = frozenset((*_SONG, "note"))
_INSERTABLE: Final = _EDITABLE | {"uid", "track", "added_by", "added_at", "was"}


def _is_text(value: Value, chars_max: int, chars_min: int = 0) -> bool:
    return isinstance(value, str) and chars_min <= len(value) <= chars_max


def is_time(value: Value) -> bool:
    """Whether this can be a length or a point in time, in ms."""
    return type(value) is int and value >= 0


def _field_is_valid(field: str, value: Value) -> bool:
    match field:
        case "title" | "album":
            return _is_text(value, DESCRIPTION_BYTES_MAX)
        case "artists":
            return (
                isinstance(value, list)
                and len(value) <= ARTISTS_MAX
                and all(_is_text(artist, DESCRIPTION_BYTES_MAX) for artist in value)
            )
        case "duration_ms":
            return is_time(value)
        case "isrc":
            return _is_text(value, 12, 12)
        case "tempo":
            return is_tempo(value)
        case "key":
            return is_key(value)
        case "energy":
            return is_energy(value)
        case "note":
            return _is_text(value, NOTE_CHARS_MAX)
        case "was":
            return _is_text(value, UID_CHARS_MAX, 1)
        case "track":
            return _is_text(value, TRACK_CHARS_MAX, 3) and ":" in str(value)
    return False


def _attribute_is_valid(name: str, value: Value) -> bool:
    match name:
        case "name":
            return _is_text(value, NAME_CHARS_MAX, 1)
        case "description" | "image":
            return value is None or _is_text(value, TEXT_CHARS_MAX)
        case "public" | "collaborative":
            return value is None or isinstance(value, bool)
    return False


def _description_bytes(fields: Mapping[str, Value]) -> int:
    total = 0
    for name in _DESCRIPTION:
        value = fields.get(name)
        if isinstance(value, str):
            total += len(value.encode())
        elif isinstance(value, list):
            total += sum(len(str(artist).encode()) for artist in value)
    return total


def check_attributes(attributes: Mapping[str, Value]) -> None:
    """Raises Refusal(attribute_invalid) unless every attribute is one of the table's and of its type."""
    for name, value in attributes.items():
        if not _attribute_is_valid(name, value):
            raise Refusal("attribute_invalid", f"The attribute {name!r} is unknown or not of its type.")


def check_entry(entry: Entry) -> None:
    """Raises Refusal(entry_invalid) unless this may be inserted, as far as its fields go."""
    if "track" not in entry:
        raise Refusal("entry_invalid", "An entry needs a track.")
    for field, value in entry.items():
        if field not in _INSERTABLE:
            raise Refusal("entry_invalid", f"Entries have no field {field!r}.")
        if (field in _EDITABLE or field in ("track", "was")) and not _field_is_valid(field, value):
            raise Refusal("entry_invalid", f"The field {field!r} cannot hold this value.")
    _check_description(entry)


def check_track(track: Mapping[str, Value]) -> None:
    """Raises Refusal(entry_invalid) unless these are a song's own fields: its URI, and what describes it."""
    if "track" not in track:
        raise Refusal("entry_invalid", "A song needs a track.")
    for field, value in track.items():
        if field not in (*_SONG, "track"):
            raise Refusal("entry_invalid", f"Songs have no field {field!r}.")
        if not _field_is_valid(field, value):
            raise Refusal("entry_invalid", f"The field {field!r} cannot hold this value.")
    _check_description(track)


def song_of(entry: Mapping[str, Value]) -> Entry:
    """Of a playlist's entry, what belongs to the song: a Jam's track, as `check_track` wants it."""
    return {field: value for field, value in entry.items() if field == "track" or field in _SONG}


def check_edits(edits: Mapping[str, Value], entries: Sequence[Entry]) -> None:
    """Raises Refusal(entry_invalid) unless these fields may be set on each of the entries as they are."""
    for field, value in edits.items():
        if field not in _EDITABLE or not (value is None or _field_is_valid(field, value)):
            raise Refusal("entry_invalid", f"The field {field!r} cannot be set to this value.")
    if not edits.keys().isdisjoint(_DESCRIPTION):
        for entry in entries:
            _check_description({**entry, **edits})


def _check_description(fields: Mapping[str, Value]) -> None:
    if _description_bytes(fields) > DESCRIPTION_BYTES_MAX:
        raise Refusal("entry_invalid", f"The description of a track may have {DESCRIPTION_BYTES_MAX} bytes.")
