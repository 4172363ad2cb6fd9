"""What a document says about which tracks go together.

A playlist's tracks, and the songs that people brought to a Jam, as a basket for `jam.suggest`. With each
track comes what describes it, so that a suggestion can be shown; what belongs to a person (notes, who added
it when) stays behind. Knows the states of the kinds. Does not know what becomes of a basket. Pure.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce as fold
from typing import Any, Final, TypeAlias

from collab.codec import pack_body, unpack_body
from collab.history import replay
from collab.messages import Body
from jam.events import decode_event
from jam.reduce import reduce
from jam.state import Entry, load
from ot.document import Document
from ot.op import decode
from storage.rows import Loaded

# A longer description is not kept: there may be hundreds of thousands, and no song needs more.
DESCRIPTION_BYTES_MAX: Final = 512
_DESCRIBES: Final = ("title", "artists", "album", "duration_ms", "isrc")


@dataclass(frozen=True, slots=True)
class Basket:
    """`name` of the document; its tracks by URI, each with its description, packed."""

    name: str
    tracks: dict[str, bytes]


Reader: TypeAlias = Callable[[Loaded], Basket]


def playlist_basket(loaded: Loaded) -> Basket:
    state = unpack_body(loaded.snapshot.body)
    ops = (decode(unpack_body(row.body)) for row in loaded.tail)
    document = replay(Document(state["entries"], state["attributes"]), ops)
    return Basket(str(document.attributes.get("name", "")), _described(document.entries))


def jam_basket(loaded: Loaded) -> Basket:
    """What was played or waits; of the fallback, which is some playlist's, only what people voted for."""
    events = (decode_event(unpack_body(row.body)) for row in loaded.tail)
    state = fold(reduce, events, load(unpack_body(loaded.snapshot.body)))
    entries = [*(play.listed for play in state.played), *state.entries.values()]
    return Basket(state.settings.name, _described(entry.track for entry in entries if _is_brought(entry)))


READERS: Final[Mapping[str, Reader]] = {"playlist": playlist_basket, "jam": jam_basket}


def described(description: bytes) -> Body:
    """The fields that describe a track, from what a basket holds of it."""
    return unpack_body(description)


def _is_brought(entry: Entry) -> bool:
    return not entry.fallback or bool(entry.votes)


def _described(entries: Iterable[Mapping[str, Any]]) -> dict[str, bytes]:
    return {str(entry["track"]): _description(entry) for entry in entries}


def _description(entry: Mapping[str, Any]) -> bytes:
    description = pack_body({field: entry[field] for field in _DESCRIBES if field in entry})
    return description if len(description) <= DESCRIPTION_BYTES_MAX else pack_body({})
