"""What happened in a Jam.

An event says all that the reducer needs, so that folding it needs no decision: which entry was chosen, when
the music starts. On the wire and in the log it is a map with its name under `event`; `at` is room time in ms,
`by` the user whose command it was (empty: the room's own), `order` the digest of the queue's order after it.
"""

from typing import Any, Final, get_args

import msgspec
from msgspec import Struct

from jam.state import Ending, Standing


class Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Root of all events."""

    at: int
    by: str
    order: str = ""


# -- the queue ------------------------------------------------------------------------------------------


class Added(Event, frozen=True, tag="added"):
    entry: str
    track: dict[str, Any]


class Merged(Event, frozen=True, tag="merged"):
    """`entry` was there already: adding it as `requested` became a vote."""

    entry: str
    requested: str


class Voted(Event, frozen=True, tag="voted"):
    entry: str
    value: int


class Removed(Event, frozen=True, tag="removed"):
    entry: str


class Cleared(Event, frozen=True, tag="cleared"):
    pass


class Pinned(Event, frozen=True, tag="pinned"):
    entry: str
    before: str


class Unpinned(Event, frozen=True, tag="unpinned"):
    entry: str


class Moved(Event, frozen=True, tag="moved"):
    entry: str
    before: str


class Shuffled(Event, frozen=True, tag="shuffled"):
    seed: str


class FallbackSet(Event, frozen=True, tag="fallback_set"):
    tracks: list[tuple[str, dict[str, Any]]]


# -- the music ------------------------------------------------------------------------------------------


class Advanced(Event, frozen=True, tag="advanced"):
    """Play `play` is over (`ending`); `entry` starts at room time `anchor_ms` from `position_ms`, as the next
    play. An empty `entry`: nothing is left to play."""

    play: int
    ending: Ending
    entry: str
    anchor_ms: int
    position_ms: int = 0
    # `entry` is the one that played before (command `previous`): it is taken out of the past again.
    again: bool = False
    # How far off devices said that they were at that moment, µs, in ascending order; for the recap.
    errors_us: list[int] = []


class Resumed(Event, frozen=True, tag="resumed"):
    anchor_ms: int


class Paused(Event, frozen=True, tag="paused"):
    position_ms: int
    reason: str


class Sought(Event, frozen=True, tag="sought"):
    """Also what a speaker's drift becomes: `by` is empty then."""

    play: int
    position_ms: int
    anchor_ms: int


class NextLocked(Event, frozen=True, tag="next_locked"):
    entry: str


class SkipVoted(Event, frozen=True, tag="skip_voted"):
    """`due_at`: when the play will be skipped; 0: not enough have asked. By nobody: counted anew."""

    play: int
    value: bool
    due_at: int


class Vetoed(Event, frozen=True, tag="vetoed"):
    play: int


# -- people ---------------------------------------------------------------------------------------------


class Knocked(Event, frozen=True, tag="knocked"):
    user: str
    name: str
    role: Standing


class Denied(Event, frozen=True, tag="denied"):
    user: str


class Joined(Event, frozen=True, tag="joined"):
    user: str
    name: str
    role: Standing


class Left(Event, frozen=True, tag="left"):
    user: str


class Kicked(Event, frozen=True, tag="kicked"):
    user: str


class Banned(Event, frozen=True, tag="banned"):
    user: str


class Unbanned(Event, frozen=True, tag="unbanned"):
    user: str


class Promoted(Event, frozen=True, tag="promoted"):
    user: str
    role: Standing


class Locked(Event, frozen=True, tag="locked"):
    locked: bool


class Rotated(Event, frozen=True, tag="rotated"):
    pass


class HandedOver(Event, frozen=True, tag="handed_over"):
    user: str


class Acting(Event, frozen=True, tag="acting"):
    user: str


class WentAway(Event, frozen=True, tag="went_away"):
    users: list[str]


class CameBack(Event, frozen=True, tag="came_back"):
    """`host`, if not empty, is the one who takes the role back with this. Those of the users who are in
    `seen` had not gone: that they are here is nothing that they did, though the log counts it (`idle`)."""

    users: list[str]
    host: str = ""
    seen: list[str] = []


class FellAsleep(Event, frozen=True, tag="fell_asleep"):
    users: list[str]


class FellDormant(Event, frozen=True, tag="fell_dormant"):
    position_ms: int


class Ended(Event, frozen=True, tag="ended"):
    position_ms: int


class SettingsSet(Event, frozen=True, tag="settings_set"):
    settings: dict[str, Any]


class Ticked(Event, frozen=True, tag="ticked"):
    pass


# -- chat -----------------------------------------------------------------------------------------------


class Said(Event, frozen=True, tag="said"):
    text: str


class MessageDeleted(Event, frozen=True, tag="message_deleted"):
    message: int


AnyEvent = (
    Added | Merged | Voted | Removed | Cleared | Pinned | Unpinned | Moved | Shuffled | FallbackSet
    | Advanced | Resumed | Paused | Sought | NextLocked | SkipVoted | Vetoed
    | Knocked | Denied | Joined | Left | Kicked | Banned | Unbanned | Promoted | Locked | Rotated | HandedOver
    | Acting | WentAway | CameBack | FellAsleep | FellDormant | Ended | SettingsSet | Ticked
    | Said | MessageDeleted
)  # fmt: skip


_BY_NAME: Final[dict[str | int | None, type[AnyEvent]]] = {
    kind.__struct_config__.tag: kind for kind in get_args(AnyEvent)
}


def decode_event(body: dict[str, Any]) -> AnyEvent:
    """Raises msgspec.ValidationError."""
    name = body.get("event")
    # A union's types are looked through anew with each call: a hundred times the work of knowing the one.
    known = _BY_NAME.get(name) if isinstance(name, str) else None
    event: AnyEvent = msgspec.convert(body, AnyEvent if known is None else known)
    return event


def encode_event(event: Event) -> dict[str, Any]:
    """The canonical form: the same event always gives the same map."""
    body: dict[str, Any] = msgspec.to_builtins(event)
    return body
