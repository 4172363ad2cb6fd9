"""What a link tells whoever owns it.

Plain values, in the order of the wire. Knows nothing but their names.
"""

from dataclasses import dataclass

from tutti_client.events import Event


@dataclass(frozen=True, slots=True)
class InRoom:
    """Something happened in a room."""

    room: str
    event: Event


@dataclass(frozen=True, slots=True)
class MembersChanged:
    room: str


@dataclass(frozen=True, slots=True)
class Welcomed:
    """The session stands. The server wants attempts to come back to be spread by these times."""

    retry_base_ms: int
    retry_cap_ms: int


@dataclass(frozen=True, slots=True)
class TokenWanted:
    """The token ends in `within_ms`: say `refresh` with a new one."""

    within_ms: int


@dataclass(frozen=True, slots=True)
class MoveWanted:
    """The node is about to stop: connect anew in `after_ms`."""

    after_ms: int


@dataclass(frozen=True, slots=True)
class TimeSet:
    """The room's time is known now, or it stepped: what was reckoned by it before is void."""


LinkEvent = InRoom | MembersChanged | Welcomed | TokenWanted | MoveWanted | TimeSet
