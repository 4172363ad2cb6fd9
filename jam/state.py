"""What a Jam is at one version.

Immutable values, equal on every node and every client that folded the same events. All is plain data:
`dump` is the snapshot as it travels and is stored, `load` reads it back, `digest` is computed from it. No
floats, and no order in any map that matters: what is ordered is a tuple or has a number to sort by.
"""

from typing import Any, Literal

import msgspec
from msgspec import Struct

from jam.settings import Settings

# Somebody's standing role; who is host is said by `Jam.host`, and nowhere else.
Standing = Literal["cohost", "guest", "listener"]
Role = Literal["host", "cohost", "guest", "listener"]
Status = Literal["live", "dormant", "ended"]
# How a play ended; "playing" while it has not.
Ending = Literal["playing", "finished", "skipped", "next", "failed", "withdrawn"]

NORMAL_RATE_PPM = 1_000_000


class Bucket(Struct, frozen=True, array_like=True):
    """A token bucket as of `at_ms`, in thousandths of a token that have been spent; full when new."""

    spent_milli: int = 0
    at_ms: int = 0


class Member(Struct, frozen=True):
    """One person. `away_at` is 0 while they are here; `asleep`: their votes do not count at present."""

    name: str
    role: Standing
    since: int
    active_at: int
    away_at: int = 0
    asleep: bool = False
    adds: Bucket = Bucket()
    votes: Bucket = Bucket()
    chats: Bucket = Bucket()


class Knock(Struct, frozen=True):
    """Somebody who waits for approval."""

    name: str
    role: Standing
    at: int


class Doors(Struct, frozen=True):
    """Who may come in. Keys (codes and invite links) bear the generation in which they were made; only those
    of the present one open. `banned` people no key lets in."""

    generation: int = 1
    locked: bool = False
    banned: dict[str, int] = {}
    knocks: dict[str, Knock] = {}


class Entry(Struct, frozen=True):
    """One song in the queue.

    `track` is a flat map as in a playlist's entry (`track`, a URI; `title`, `artists`, `duration_ms`, `isrc`
    …). `votes` holds those that are not 0; `score` is the sum of those of people who are awake. `pin` orders
    what the host pinned, 0 for what is not. `rank` is its place where people reorder by hand (modes `queue`
    and `host`), or in a shuffled fallback; `added_seq` until then.
    """

    id: str
    track: dict[str, Any]
    added_by: str
    added_at: int
    added_seq: int
    rank: int
    votes: dict[str, int] = {}
    score: int = 0
    pin: int = 0
    fallback: bool = False


class Timeline(Struct, frozen=True):
    """Where the music is: at room time `anchor_ms` it is (or will start) at `position_ms` of `entry`.

    `play` names this playing of it, which began at `started_at`; 0: nothing was played yet. `paused`: it
    stands at `position_ms`, and `reason` says why: `host`, `host_away`, `restart`, `empty`, `ended`, or
    nothing at the very start. Neither paused nor with an entry: whatever is added next begins at once.
    """

    play: int = 0
    entry: str = ""
    started_at: int = 0
    position_ms: int = 0
    anchor_ms: int = 0
    rate_ppm: int = NORMAL_RATE_PPM
    paused: bool = True
    reason: str = ""
    reign: int = 1


class Skip(Struct, frozen=True):
    """Who wants the play now playing to be skipped; `due_at`, if not 0, is when it will be unless vetoed.
    `vetoed`: not again during this play."""

    voters: dict[str, int] = {}
    due_at: int = 0
    vetoed: bool = False


class Played(Struct, frozen=True):
    """A play that is over. `recording` is what duplicates are told by. `listed` holds its entry as it was."""

    play: int
    recording: str
    listed: Entry
    started_at: int
    ended_at: int
    ending: Ending


class Message(Struct, frozen=True):
    """One line of chat; deleted ones keep their place with an empty text."""

    id: int
    by: str
    name: str
    at: int
    text: str


class Jam(Struct, frozen=True):
    """See the module. `at` is the room time of the last event."""

    host: str
    at: int
    started_at: int
    settings: Settings = Settings()
    status: Status = "live"
    status_at: int = 0
    # The number of the host's term; host and co-host commands name it.
    reign: int = 1
    # The host whose place an acting one holds, and until when they may take it back; "" and 0 for none.
    returning: str = ""
    returning_until: int = 0
    members: dict[str, Member] = {}
    doors: Doors = Doors()
    entries: dict[str, Entry] = {}
    # Counters: adds give `added_seq`, plays give play ids, messages give message ids.
    adds: int = 0
    plays: int = 0
    messages: int = 0
    timeline: Timeline = Timeline()
    # The entry that plays next whatever happens, unless it is removed or cannot be played; "" for none.
    next: str = ""
    skip: Skip = Skip()
    # Start-time fair queueing: the round of what plays, the last round served by person, and what the
    # adder of the playing entry had before it, should it fail to play.
    round: int = 0
    served: dict[str, int] = {}
    served_before: int = 0
    played: tuple[Played, ...] = ()
    chat: tuple[Message, ...] = ()


def role_of(jam: Jam, user: str) -> Role | None:
    """What somebody is here; None: not a member."""
    if user == jam.host and user in jam.members:
        return "host"
    member = jam.members.get(user)
    return member.role if member is not None else None


def load(snapshot: dict[str, Any]) -> Jam:
    """Reads what `dump` wrote. Raises msgspec.ValidationError for anything else."""
    return msgspec.convert(snapshot, Jam)


def dump(jam: Jam) -> dict[str, Any]:
    """The snapshot: plain maps, lists, strings, integers, booleans."""
    plain: dict[str, Any] = msgspec.to_builtins(jam)
    return plain


def new_jam(host: str, name: str, at_ms: int, settings: Settings) -> Jam:
    """A Jam with only its host in it, paused at nothing. `name` is the host's."""
    member = Member(name=name, role="cohost", since=at_ms, active_at=at_ms)
    return Jam(
        host=host,
        at=at_ms,
        started_at=at_ms,
        settings=settings,
        status_at=at_ms,
        members={host: member},
    )
