"""Whether SQLite's write-ahead log can be trusted.

SQLite replays the log up to the first frame whose checksum is wrong and says nothing of what follows: right
for a write that a power cut tore, wrong for a log that was damaged later, where acknowledged transactions
would vanish. The two can be told apart: with `synchronous=FULL` a transaction is begun only after the one
before it was synced, so behind a torn write nothing can follow its commit frame. Knows the log's format
(https://www.sqlite.org/fileformat2.html#walformat). Does not know what is in it. What it cannot see is
damage to the very last transaction, which looks like a torn write, or to all of the frame before that one.
"""

import struct
from array import array
from pathlib import Path
from sys import byteorder
from typing import BinaryIO, NamedTuple

_HEADER = struct.Struct(">8I")  # magic, format, page size, checkpoint, salt 1, salt 2, checksum 1, checksum 2
_FRAME = struct.Struct(">6I")  # page number, pages after commit or 0, salt 1, salt 2, checksum 1, checksum 2
_CHECKSUMMED_OF_HEADER = 24
_CHECKSUMMED_OF_FRAME = 8
_PAGE_SIZE_OFFSET = 16
_MAGICS = {0x377F0682: "little", 0x377F0683: "big"}

_Checksum = tuple[int, int]


class _Frame(NamedTuple):
    commits: bool
    salts: tuple[int, int]
    stored: _Checksum
    checked: bytes


def is_damaged(database: Path) -> bool:
    """Whether the log beside `database` holds a committed transaction that SQLite would silently drop.

    To be asked while nobody has the database open; reads the whole log."""
    log = database.with_name(database.name + "-wal")
    if not log.exists():
        return False
    with log.open("rb") as file:
        head = file.read(_HEADER.size)
        if len(head) < _HEADER.size:
            return False
        magic, _, _, _, *salts, first, second = _HEADER.unpack(head)
        order = _MAGICS.get(magic, "little")
        intact = magic in _MAGICS and _checksum((0, 0), head[:_CHECKSUMMED_OF_HEADER], order) == (
            first,
            second,
        )
        seeds = {(first, second)}
        generation = (salts[0], salts[1]) if intact else None
        after_commit = False
        while frame := _next_frame(file, _page_size(database)):
            generation = generation or frame.salts
            # Frames of an earlier generation lie behind the end of this one; they are no part of it.
            computed = {_checksum(seed, frame.checked, order) for seed in seeds}
            chained = frame.salts == generation and frame.stored in computed
            if not intact and chained and after_commit:
                return True
            intact = intact and chained
            # Behind a frame that does not fit, either its content is wrong or the checksum it carries is.
            seeds = {frame.stored} if chained else {frame.stored, *computed}
            after_commit = frame.commits
    return False


def _page_size(database: Path) -> int:
    with database.open("rb") as file:
        file.seek(_PAGE_SIZE_OFFSET)
        size = int.from_bytes(file.read(2), "big")
    return 65536 if size == 1 else size


def _next_frame(file: BinaryIO, page_size: int) -> _Frame | None:
    head = file.read(_FRAME.size)
    page = file.read(page_size)
    if len(head) < _FRAME.size or len(page) < page_size:
        return None
    _, pages, salt_1, salt_2, first, second = _FRAME.unpack(head)
    return _Frame(pages != 0, (salt_1, salt_2), (first, second), head[:_CHECKSUMMED_OF_FRAME] + page)


def _checksum(seed: _Checksum, data: bytes, order: str) -> _Checksum:
    words = array("I", data)
    if order != byteorder:
        words.byteswap()
    first, second = seed
    pairs = iter(words)
    for even, odd in zip(pairs, pairs, strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second
