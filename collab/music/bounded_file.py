"""A file that is read only so far.

What reads tags believes their sizes, and reads as much as they say. This file gives it a ration, and ends the
reading when that is used up. Knows bytes. Does not know what they mean.
"""

import io
from typing import Final

MIB: Final = 1 << 20
# The largest honest piece is a picture, and tags of several pictures stay below the other one.
PIECE_BYTES_MAX: Final = 16 * MIB
READ_BYTES_MAX: Final = 64 * MIB


class TooMuch(Exception):
    """The message completes a sentence that begins "Its tags"."""


class BoundedFile(io.BufferedReader):
    """Owns `descriptor`. Every `read` counts with what it asks for. Raises TooMuch."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(io.FileIO(descriptor))
        self._left_bytes = READ_BYTES_MAX

    def renew(self) -> None:
        """Begins again, at the beginning and with a whole ration."""
        self.seek(0)
        self._left_bytes = READ_BYTES_MAX

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0 or size > PIECE_BYTES_MAX:
            said = "everything" if size is None or size < 0 else f"{size / MIB:,.0f} MiB"
            raise TooMuch(
                f"hold a piece of {said}, or say so, and at most {PIECE_BYTES_MAX // MIB} MiB are read"
            )
        self._left_bytes -= size
        if self._left_bytes < 0:
            raise TooMuch(f"are longer than the {READ_BYTES_MAX // MIB} MiB that are read of them")
        return super().read(size)
