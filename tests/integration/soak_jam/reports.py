"""What a device tells the proof, while it goes on.

The same values whether it lives in this process or, as the host does, in one of its own, which writes them as
lines of JSON. Knows their shapes. Does not know what must be true of them: that is the ledger's.
"""

from collections.abc import Callable
from typing import TypeAlias

import msgspec
from msgspec import Struct


class Began(Struct, frozen=True, tag_field="report", tag="began"):
    """The host has started the Jam, and this opens it."""

    jam: str
    code: str


class Folded(Struct, frozen=True, tag_field="report", tag="folded"):
    """A replica folded the event of `version`; `order` is the digest that it made of its own order."""

    who: str
    version: int
    order: str


class Settled(Struct, frozen=True, tag_field="report", tag="settled"):
    """What became of a command (`code`: empty, taken; else why not), and how long it took from giving it,
    including what the same device had given before; None if there was no connection for a while."""

    who: str
    command: str
    code: str
    took_ms: float | None = None


class Pressed(Struct, frozen=True, tag_field="report", tag="pressed"):
    """Two presses that mean the same play, on two devices or one, and their codes."""

    who: str
    play: int
    codes: tuple[str, str]


class Heard(Struct, frozen=True, tag_field="report", tag="heard"):
    """So many samples of the own position were taken since the last such report; `jumps` are the sentences
    about those that did not follow, `steps` how often the room's clock was set anew."""

    who: str
    samples: int
    steps: int
    jumps: tuple[str, ...]


class Troubled(Struct, frozen=True, tag_field="report", tag="troubled"):
    """A snapshot took the place of rows (`resynced`), or the replica was another than the server's
    (`diverged`)."""

    who: str
    what: str


class Rests(Struct, frozen=True, tag_field="report", tag="rests"):
    """The Jam is over, and this is what the replica holds."""

    who: str
    version: int
    digest: str


Report = Began | Folded | Settled | Pressed | Heard | Troubled | Rests
Tell: TypeAlias = Callable[[Report], None]

write = msgspec.json.Encoder().encode
read = msgspec.json.Decoder(Report).decode
