"""What a reader of music and its server say to each other.

Lines of JSON over two pipes: a request, then answers up to the one that ends it. Both ends are the same
program, so there are no versions.
"""

from typing import Final, TypeAlias

import msgspec
from msgspec import Struct

from collab.music.tags import Tags

# Of one answer: a page of files whose paths are as long as paths may be, each byte escaped.
LINE_BYTES_MAX: Final = 16 << 20
FILES_A_PAGE: Final = 1_000


class Walk(Struct, frozen=True, tag="walk"):
    """Answered by any number of Page, then Walked."""


class Read(Struct, frozen=True, tag="read"):
    """Answered by Good or Bad."""

    path: str


class Watch(Struct, frozen=True, tag="watch"):
    """Answered by Moved whenever something did, and by Still in between; by Bad if that is not possible."""


class Page(Struct, frozen=True, tag="page"):
    """Files (path, size in bytes, mtime in ns), and faults and blind folders, each with a sentence. The paths
    of faults are fit to be printed."""

    files: list[tuple[str, int, int]]
    faults: list[tuple[str, str]]
    blind: list[tuple[str, str]]


class Walked(Struct, frozen=True, tag="walked"):
    """That was all."""


class Good(Struct, frozen=True, tag="good"):
    tags: Tags


class Bad(Struct, frozen=True, tag="bad"):
    """`is_passing`: it may be otherwise another time, though the file stays as it is."""

    why: str
    is_passing: bool = False


class Moved(Struct, frozen=True, tag="moved"):
    pass


class Still(Struct, frozen=True, tag="still"):
    """Nothing moved. The first one says that the watch has begun."""


Request: TypeAlias = Walk | Read | Watch
Answer: TypeAlias = Page | Walked | Good | Bad | Moved | Still

REQUESTS: Final[msgspec.json.Decoder[Request]] = msgspec.json.Decoder(Request)
ANSWERS: Final[msgspec.json.Decoder[Answer]] = msgspec.json.Decoder(Answer)


def line(message: Request | Answer) -> bytes:
    return msgspec.json.encode(message) + b"\n"
