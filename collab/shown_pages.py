"""Pages of playlists as they were sent last.

People in one playlist read the same pages, and programs ask again and again. A page is the same as long as
the very list is that it was made of: each version has its own. Knows lists and bytes. Does not know what is
on a page.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

# A page of a hundred entries has some 200 KB.
PAGES_MAX: Final = 128


class ShownPages:
    """Lives in one event loop."""

    def __init__(self, most: int = PAGES_MAX) -> None:
        self._most = most
        # The list stands beside its page: while it is here, no other list is the same object.
        self._made: OrderedDict[Hashable, tuple[object, bytes]] = OrderedDict()

    def page(self, key: Hashable, entries: object, make: Callable[[], bytes]) -> bytes:
        """The page under this key of this list, made unless it is here."""
        found = self._made.get(key)
        if found is not None and found[0] is entries:
            self._made.move_to_end(key)
            return found[1]
        content = make()
        self._made[key] = (entries, content)
        self._made.move_to_end(key)
        if len(self._made) > self._most:
            self._made.popitem(last=False)
        return content
