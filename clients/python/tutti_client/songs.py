"""How a Jam reads: songs in order, what plays, who is there.

Values made from the Jam's state at one moment, with names in place of ids and this user's own votes. Knows
the state and the rules that say when a song plays or is skipped. Does not know where the state comes from.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jam.lineup import Lineup
from jam.quorum import electorate, needed
from jam.state import Entry, Jam, Role, role_of
from jam.timeline import duration_of
from jam.waiting import estimates


@dataclass(frozen=True, slots=True)
class Song:
    """A song of the queue. `place` counts from 1, 0 is what plays. `votes` are by user id; `my_vote` is −1, 0
    or 1. `added_by` is a user id, empty for the fallback's; `added_by_name` may be empty, too. `starts_in_ms`
    is a guess, None if it will not play as things stand. `is_next`: it plays next whatever people vote."""

    id: str
    track: Mapping[str, Any]
    place: int
    score: int
    votes: Mapping[str, int]
    my_vote: int
    added_by: str
    added_by_name: str
    starts_in_ms: int | None
    is_next: bool
    is_pinned: bool
    is_fallback: bool

    @property
    def title(self) -> str:
        """The track's title, or its URI."""
        return str(self.track.get("title") or self.track["track"])

    @property
    def artists(self) -> str:
        artists = self.track.get("artists") or ()
        return ", ".join(map(str, artists))


@dataclass(frozen=True, slots=True)
class SkipVote:
    """Of those asked `wanted` want the next song, `needed` would have to; `mine`: we do. `in_ms`: how long
    until it is skipped unless somebody vetoes it; None while too few ask."""

    wanted: int
    needed: int
    mine: bool
    in_ms: int | None


@dataclass(frozen=True, slots=True)
class NowPlaying:
    """`play` names this playing of the song. While it `is_paused`, `reason` says why: `host`, `host_away`,
    `restart`, `empty` or `ended`. `duration_ms` is None if nobody knows."""

    song: Song
    play: int
    duration_ms: int | None
    is_paused: bool
    reason: str
    skip: SkipVote


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the Jam. `is_here`: a device of theirs is connected. `since` is room time, ms."""

    user: str
    name: str
    role: Role
    is_here: bool
    is_typing: bool
    since: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody at the door who waits for approval."""

    user: str
    name: str
    role: str
    since: int


def queue_of(lineup: Lineup, user: str, now_ms: int) -> list[Song]:
    """What waits, in the order in which it will play, at room time `now_ms` as `user` sees it."""
    jam = lineup.jam
    starts = estimates(jam, now_ms)
    order = [id for id in lineup.order() if id != jam.timeline.entry]
    return [_song(jam, jam.entries[id], place, user, starts.get(id)) for place, id in enumerate(order, 1)]


def now_playing(jam: Jam, user: str, now_ms: int) -> NowPlaying | None:
    """What plays, or is paused; None for nothing."""
    timeline = jam.timeline
    entry = jam.entries.get(timeline.entry)
    if entry is None:
        return None
    return NowPlaying(
        song=_song(jam, entry, 0, user, None),
        play=timeline.play,
        duration_ms=duration_of(entry),
        is_paused=timeline.paused,
        reason=timeline.reason,
        skip=_skip_vote(jam, user, now_ms),
    )


def people_of(jam: Jam, typing: Iterable[str]) -> list[Person]:
    """The members, host first, then by how long they have been there. `typing`: the users who are seen to."""
    typists = frozenset(typing)
    people = [
        Person(user, member.name, role, not member.away_at, user in typists, member.since)
        for user, member in jam.members.items()
        if (role := role_of(jam, user)) is not None
    ]
    return sorted(people, key=lambda person: (person.role != "host", person.since, person.user))


def knocking(jam: Jam) -> list[Waiting]:
    """Who waits to be let in, the longest first."""
    knocks = jam.doors.knocks.items()
    waiting = [Waiting(user, knock.name, knock.role, knock.at) for user, knock in knocks]
    return sorted(waiting, key=lambda someone: (someone.since, someone.user))


def _skip_vote(jam: Jam, user: str, now_ms: int) -> SkipVote:
    asked = electorate(jam, now_ms)
    skip = jam.skip
    return SkipVote(
        wanted=len(asked.intersection(skip.voters)),
        needed=needed(len(asked)),
        mine=user in skip.voters,
        in_ms=max(0, skip.due_at - now_ms) if skip.due_at else None,
    )


def _song(jam: Jam, entry: Entry, place: int, user: str, starts_in_ms: int | None) -> Song:
    member = jam.members.get(entry.added_by)
    return Song(
        id=entry.id,
        track=entry.track,
        place=place,
        score=entry.score,
        votes=entry.votes,
        my_vote=entry.votes.get(user, 0),
        added_by="" if entry.fallback else entry.added_by,
        added_by_name="" if entry.fallback or member is None else member.name,
        starts_in_ms=starts_in_ms,
        is_next=entry.id == jam.next,
        is_pinned=entry.pin > 0,
        is_fallback=entry.fallback,
    )
