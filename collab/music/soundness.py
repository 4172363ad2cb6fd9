"""Whether a file holds the sound that it says it holds.

A reader of tags is content with anything that looks like a header. Whoever wants to hear a track is not: what
is no audio, or was cut off while it was copied, is found out here, as far as that shows without decoding it.
Knows containers. Does not know tags.
"""

import os
from collections.abc import Iterator
from typing import BinaryIO, Final

from mutagen.mp3 import MPEGInfo
from mutagen.mp3 import error as MpegError

# Of the total, what a header may be off by: encoders count their own frames in or out.
_SLACK: Final = 1.05
_SLACK_BYTES: Final = 64 * 1024
# Below is no sound: FLAC needs 1,200 bits a second for silence, Opus 500 with gaps.
_BITS_PER_S_MIN: Final = 300
_ATOM_HEADER_BYTES: Final = 8
# More atoms at the top of a file are no music; pieces of a stream come in pairs of two a few seconds.
_ATOMS_MAX: Final = 100_000


def is_mpeg_audio(file: BinaryIO) -> bool:
    """Whether frames follow each other in it; a sync alone is found in any picture."""
    file.seek(0)
    try:
        return not MPEGInfo(file).sketchy
    except MpegError:
        return False


def is_cut_off(file: BinaryIO, media_type: str, duration_s: float, bitrate_kbps: float | None) -> bool:
    """Whether the file ends before what it announces. `bitrate_kbps` as the header has it."""
    size_bytes = file.seek(0, os.SEEK_END)
    if size_bytes * 8 < duration_s * _BITS_PER_S_MIN:
        return True
    if media_type == "audio/mp4":
        return any(end > size_bytes for end in _atom_ends(file, size_bytes))
    if media_type in ("audio/wav", "audio/mpeg") and bitrate_kbps is not None:
        # Only of these is the rate that of the whole file, and exact.
        return duration_s * bitrate_kbps * 125 > size_bytes * _SLACK + _SLACK_BYTES
    return False


def _atom_ends(file: BinaryIO, size_bytes: int) -> Iterator[int]:
    """Where each top-level atom of an MP4 file says that it ends."""
    start = 0
    for _ in range(_ATOMS_MAX):
        if start + _ATOM_HEADER_BYTES > size_bytes:
            return
        file.seek(start)
        length = int.from_bytes(file.read(4), "big")
        file.seek(4, os.SEEK_CUR)
        if length == 1:
            length = int.from_bytes(file.read(8), "big")
        if length < _ATOM_HEADER_BYTES:
            return  # 0: to the end of the file
        start += length
        yield start
