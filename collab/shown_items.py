"""Entries as they were written to JSON last.

An entry never changes, and is the same object in every version of a list that holds it, so its JSON is made
once for all who read it. Knows objects. Does not know lists, nor masks: a part of an entry is made anew.
"""

from collections import OrderedDict
from typing import Final

import msgspec

from collab.http_json import encoded
from collab.http_ports import EntryFields
from collab.http_track_shapes import item_json

# Some 2 KiB each, and what keeps the entry itself alive.
ITEMS_MAX: Final = 8_192


class ShownItems:
    """Lives in one event loop."""

    def __init__(self, most: int = ITEMS_MAX) -> None:
        self._most = most
        # The entry stands beside its JSON: while it is here, nothing else has its id.
        self._made: OrderedDict[tuple[int, str], tuple[EntryFields, msgspec.Raw]] = OrderedDict()

    def item(self, base: str, entry: EntryFields) -> msgspec.Raw:
        """The entry as it is shown under this address of the server."""
        key = (id(entry), base)
        found = self._made.get(key)
        if found is not None:
            self._made.move_to_end(key)
            return found[1]
        made = msgspec.Raw(encoded(item_json(base, entry)))
        self._made[key] = (entry, made)
        if len(self._made) > self._most:
            self._made.popitem(last=False)
        return made
