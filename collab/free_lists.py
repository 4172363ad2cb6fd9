"""How the memory of a large frame goes back to the system.

CPython keeps the last lists and maps that were freed and hands them out again first. Those of a large frame
lie in memory that was got for it alone; once a room keeps the next list that it makes there, all that memory
stays, though nearly everything in it is free: refused frames made a node 12 MiB larger for good. Knows how
many are kept (`PyList_MAXFREELIST`, `PyDict_MAXFREELIST`). Does not know frames.
"""

from typing import Any, Final

# Of each kind.
KEPT: Final = 80


class Spares:
    """Lists and maps made before something large, to be kept in its stead."""

    def __init__(self) -> None:
        self._spares = _take()

    def restock(self) -> None:
        """Once the large thing is freed: these are kept, and what was kept of it goes back. Some 30 µs."""
        kept = _take()
        self._spares.clear()
        # Its places are taken now.
        kept.clear()


def _take() -> list[Any]:
    taken: list[Any] = []
    for _ in range(KEPT):
        taken.append([])
        taken.append({"": None})
    return taken
