"""Large buffers go back to the system when they are let go.

glibc takes what is larger than a threshold from the system, and raises the threshold to the size of whatever
is given back: after one submission of 4 MiB all of that size would come from its own heap, between small
things that keep it from shrinking. Knows one setting of one C library; elsewhere it does nothing.
"""

import ctypes
from typing import Final

# `malloc.h` of glibc.
_M_MMAP_THRESHOLD: Final = -3
# Twice what it starts with: what requests and frames are made of stays below, a whole submission is above.
LARGE_BYTES: Final = 256 * 1024


def give_large_buffers_back() -> None:
    """Fixes the threshold, for the whole process."""
    try:
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)
    except (AttributeError, OSError, TypeError):
        # Another C library, or none that can be asked.
        return
