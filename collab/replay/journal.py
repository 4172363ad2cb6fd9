"""What the server promised, on our own disk.

Each editor writes every ack down, synced like a promise: document, client, seq and version. Whatever happens
to the server then, each line must be found in its log. Knows a file of JSON lines. Does not know how acks
come about.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import msgspec


class Line(msgspec.Struct, frozen=True, array_like=True):
    """One ack; `is_op` as `tutti_client.Acknowledged` says it."""

    document: str
    client: str
    seq: int
    version: int
    is_op: bool | None


class Journal:
    """Appends to a new file. Used as a context manager; `read_journal` reads it afterwards."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("xb", buffering=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, line: Line) -> None:
        self._file.write(msgspec.json.encode(line) + b"\n")
        os.fsync(self._file.fileno())


def read_journal(path: Path) -> Iterator[Line]:
    decoder = msgspec.json.Decoder(Line)
    with path.open("rb") as file:
        for line in file:
            yield decoder.decode(line)
