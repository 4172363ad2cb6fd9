"""Who may give which command.

One table, command × role, default deny; the switches of the settings open single cells to guests. Whoever
acts as host or co-host must name the reign it is done in, so that a device that still believes to be host
changes nothing. Knows roles; what a command means stands in the file of its subject.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Final, TypeAlias, get_args

from jam import commands as c
from jam.events import Event
from jam.lineup import Lineup
from jam.refusal import JamRefusal
from jam.scene import Scene
from jam.state import Jam, Role, Status, role_of


class Source(Enum):
    """Where a command comes from."""

    CLIENT = auto()
    SERVER = auto()
    ROOM = auto()


@dataclass(frozen=True, slots=True)
class By:
    """Who gives a command, at what room time, and what this node sees at that moment. `lineup`: the Jam's, if
    it is at hand; it says nothing that the Jam does not."""

    user: str
    at_ms: int
    source: Source = Source.CLIENT
    scene: Scene = field(default_factory=Scene)
    lineup: Lineup | None = None


# What a command becomes; `by.at_ms` is the event's time. None: nothing changes. Raises JamRefusal.
Rule: TypeAlias = Callable[[Jam, Any, By], Event | None]
# What an event makes of a Jam, whose `at` is the event's time already.
Step: TypeAlias = Callable[[Jam, Any], Jam]

_LISTENER: Final[frozenset[type[c.Command]]] = frozenset({c.Say, c.DeleteMessage, c.Leave})
_GUEST: Final[frozenset[type[c.Command]]] = _LISTENER | {c.Add, c.Vote, c.VoteSkip, c.Remove}
_COHOST: Final[frozenset[type[c.Command]]] = _GUEST | {
    c.Clear, c.Pin, c.Unpin, c.Move, c.Shuffle, c.Fallback,
    c.Play, c.Pause, c.Seek, c.Next, c.Previous, c.PlayNow, c.Veto, c.Unplayable,
    c.Kick, c.Ban, c.Unban, c.Promote, c.Approve, c.Deny, c.Lock, c.Rotate, c.Set,
}  # fmt: skip
_HOST: Final[frozenset[type[c.Command]]] = _COHOST | {c.HandOver, c.End}
TABLE: Final[dict[Role, frozenset[type[c.Command]]]] = {
    "listener": _LISTENER,
    "guest": _GUEST,
    "cohost": _COHOST,
    "host": _HOST,
}
# While nobody was there, and after the end.
_WHILE: Final[dict[Status, frozenset[type[c.Command]] | None]] = {
    "live": None,
    "dormant": None,
    "ended": frozenset({c.Leave}),
}
_BY_ROOM: Final[frozenset[type[c.Command]]] = frozenset(get_args(c.ByRoom))


def check(jam: Jam, command: c.Command, by: By) -> None:
    """Raises JamRefusal(forbidden, old_reign, jam_ended)."""
    kind = type(command)
    if by.source is Source.ROOM or kind in _BY_ROOM:
        if by.source is not Source.ROOM or kind not in _BY_ROOM:
            raise JamRefusal("forbidden")
        if jam.status == "ended":
            raise JamRefusal("jam_ended")
        return
    allowed = _WHILE[jam.status]
    if allowed is not None and kind not in allowed:
        raise JamRefusal("jam_ended")
    if by.source is Source.SERVER or kind is c.Join:
        if by.source is not Source.SERVER:
            raise JamRefusal("forbidden")
        return
    role = role_of(jam, by.user)
    if role is None or not (kind in TABLE[role] or _is_open_to_guests(jam, command, role)):
        raise JamRefusal("forbidden")
    if isinstance(command, c.Steering) and is_steering(role) and command.reign != jam.reign:
        raise JamRefusal("old_reign")
    if kind is c.Add and role == "guest" and not jam.settings.guests_add:
        raise JamRefusal("forbidden", "Guests cannot add songs here at present.")
    if kind is c.VoteSkip and role == "guest" and not jam.settings.guests_skip and not _plays_own(jam, by):
        raise JamRefusal("forbidden", "Guests cannot ask for a skip here at present.")


def is_steering(role: Role | None) -> bool:
    """Whether this role is exempt from the limits of guests and steers the Jam."""
    return role in ("host", "cohost")


def _plays_own(jam: Jam, by: By) -> bool:
    """Whether what plays is this person's song, which they may withdraw whatever the switches say."""
    playing = jam.entries.get(jam.timeline.entry)
    return playing is not None and playing.added_by == by.user


def _is_open_to_guests(jam: Jam, command: c.Command, role: Role) -> bool:
    if role != "guest":
        return False
    settings = jam.settings
    if isinstance(command, c.Move):
        return settings.guests_reorder
    return isinstance(command, c.Set) and settings.guests_volume and set(command.settings) == {"volume"}
