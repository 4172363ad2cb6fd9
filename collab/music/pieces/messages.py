"""What the studio tells the server: one JSON object a line.

A file of its own, because the server should not load what renders music.
"""

from typing import TypeAlias

from msgspec import Struct
from msgspec.json import Decoder, Encoder


class Rendered(Struct, frozen=True, tag="rendered"):
    """A piece is there that was not; `name` is that of its file."""

    name: str


class Failed(Struct, frozen=True, tag="failed"):
    """Nothing more is rendered; `why` is a sentence for the operator."""

    why: str


Message: TypeAlias = Rendered | Failed
MESSAGES: Decoder[Message] = Decoder(Message)


def line(message: Message) -> bytes:
    return Encoder().encode(message) + b"\n"
