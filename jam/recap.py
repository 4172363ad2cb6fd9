"""What the evening was.

Folds a Jam's events into what people like to look back on: the songs in the order in which they were played,
who brought them and who liked them, who agrees with whom, how long everybody listened and how well all heard
the same. Knows the Jam before and after each event. Does not know where events are kept, nor how the past is
shown. All that it keeps is bounded, however long the Jam goes on.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from msgspec import Struct

from jam import events as e
from jam.agreement import Pair, agreement
from jam.listening import Listening
from jam.recordings import recording
from jam.reduce import reduce
from jam.state import Ending, Entry, Jam, Played
from jam.timeline import duration_of

# The last so many plays are told: two days and nights of music.
PLAYS_MAX: Final = 1_000
# Of a play's voters so many are named; all are counted.
VOTERS_MAX: Final = 64
# Of the people those who listened longest are told.
PEOPLE_MAX: Final = 200
LIKED_MAX: Final = 10
# Somebody did not want to hear these to their end.
SKIPPED: Final[frozenset[Ending]] = frozenset({"skipped", "next", "withdrawn"})
# Readings are kept by their first so many binary digits: within 2 %, in fewer than 2,000 numbers.
_DIGITS: Final = 7


class Play(Struct, frozen=True):
    """One playing of a song. `ending` is `playing` for the one that plays, or at which the Jam ended.

    `track` and `added_by` (empty: the fallback's) are its entry's, as are the votes at its end: `up` and
    `down` count them, `votes` names the first by user id. `heard_ms`: how long it was heard, without pauses.
    """

    play: int
    entry: str
    track: dict[str, Any]
    added_by: str
    added_at: int
    votes: dict[str, int]
    up: int
    down: int
    started_at: int
    ended_at: int
    heard_ms: int
    ending: Ending


class Person(Struct, frozen=True):
    """`added` of the songs played were theirs, on `voted` of them they voted. `closest` is the user whose
    votes were most like theirs, empty if nobody's were."""

    user: str
    name: str
    listened_ms: int
    added: int
    voted: int
    closest: str


class Sync(Struct, frozen=True):
    """How far off devices said that they were whenever a song began, µs."""

    readings: int
    p50_us: int
    p95_us: int


class Recap(Struct, frozen=True):
    """Room times and lengths in ms. `since`: where the look begins, later than `started_at` if older events
    are no longer kept. `skipped` and `liked` name plays, the latter the most liked first; what could not be
    played is in neither. `people_in_all` counts whoever was here; `most_at_once` how many at one time."""

    name: str
    host: str
    started_at: int
    since: int
    until: int
    status: str
    music_ms: int
    played: tuple[Play, ...]
    skipped: tuple[int, ...]
    liked: tuple[int, ...]
    people: tuple[Person, ...]
    people_in_all: int
    most_at_once: int
    pairs: tuple[Pair, ...]
    sync: Sync


@dataclass(frozen=True, slots=True)
class _Heard:
    """A play; `entry` is as it was at the end."""

    play: int
    entry: Entry
    started_at: int
    ended_at: int
    heard_ms: int
    ending: Ending

    @property
    def likes(self) -> int:
        return sum(self.entry.votes.values())


class Recapping:
    """The fold. `jam` is the Jam after the last event observed."""

    def __init__(self, jam: Jam) -> None:
        """`jam` is as it was before the first event; the songs that it remembers are told as well."""
        self.jam = jam
        self._since = jam.at
        self._names = {user: member.name for user, member in jam.members.items()}
        self._listening = Listening(jam)
        # What the meter showed when the present play began.
        self._began_at_ms = 0
        self._plays = deque(map(_remembered, jam.played), PLAYS_MAX)
        self._errors: Counter[int] = Counter()

    def fold(self, events: Iterable[e.Event]) -> None:
        for event in events:
            self.observe(event, reduce(self.jam, event))

    def observe(self, event: e.Event, after: Jam) -> None:
        """`after` is what the event makes of `jam`."""
        self._listening.follow(self.jam, event)
        match event:
            case e.Joined():
                self._names[event.user] = event.name
            case e.Advanced():
                self._advance(event)
            case _:
                pass
        self.jam = after

    def _advance(self, event: e.Advanced) -> None:
        for error_us in event.errors_us:
            rough = max(0, error_us.bit_length() - _DIGITS)
            self._errors[error_us >> rough << rough] += 1
        if not event.again:
            self._plays.extend(self._playing(event.ending, event.at))
        elif self._plays:
            # As in the Jam's own memory: the song before is taken back, and the present one comes again.
            self._plays.pop()
        self._began_at_ms = self._listening.music_ms

    def _playing(self, ending: Ending, at_ms: int) -> list[_Heard]:
        """What plays now, if something does, as a play that is over."""
        timeline = self.jam.timeline
        entry = self.jam.entries.get(timeline.entry)
        if entry is None:
            return []
        heard_ms = self._listening.music_ms - self._began_at_ms
        return [_Heard(timeline.play, entry, timeline.started_at, at_ms, heard_ms, ending)]

    def recap(self) -> Recap:
        jam = self.jam
        plays = [*self._plays, *self._playing("playing", jam.at)][-PLAYS_MAX:]
        heard = [play for play in plays if play.ending != "failed"]
        agreed = agreement([play.entry.votes for play in heard])
        return Recap(
            name=jam.settings.name,
            host=jam.host,
            started_at=jam.started_at,
            since=self._since,
            until=jam.at,
            status=jam.status,
            music_ms=self._listening.music_ms,
            played=tuple(map(_told, plays)),
            skipped=tuple(play.play for play in plays if play.ending in SKIPPED),
            liked=_liked(heard),
            people=self._people(heard, agreed.closest),
            people_in_all=len(self._names),
            most_at_once=self._listening.most,
            pairs=agreed.pairs,
            sync=_sync(self._errors),
        )

    def _people(self, heard: Sequence[_Heard], closest: Mapping[str, str]) -> tuple[Person, ...]:
        added = Counter(play.entry.added_by for play in heard)
        voted = Counter(user for play in heard for user in play.entry.votes)
        listened = {user: self._listening.heard_ms(user) for user in self._names}
        longest = sorted(listened, key=lambda user: (-listened[user], user))[:PEOPLE_MAX]
        return tuple(
            Person(user, self._names[user], listened[user], added[user], voted[user], closest.get(user, ""))
            for user in longest
        )


def _remembered(played: Played) -> _Heard:
    """Whether it was paused meanwhile is no longer known."""
    heard_ms = max(0, played.ended_at - played.started_at)
    duration_ms = duration_of(played.listed)
    if duration_ms is not None:
        heard_ms = min(heard_ms, duration_ms)
    return _Heard(played.play, played.listed, played.started_at, played.ended_at, heard_ms, played.ending)


def _told(play: _Heard) -> Play:
    votes = play.entry.votes
    return Play(
        play=play.play,
        entry=play.entry.id,
        track=play.entry.track,
        added_by=play.entry.added_by,
        added_at=play.entry.added_at,
        votes={user: votes[user] for user in sorted(votes)[:VOTERS_MAX]},
        up=sum(value > 0 for value in votes.values()),
        down=sum(value < 0 for value in votes.values()),
        started_at=play.started_at,
        ended_at=play.ended_at,
        heard_ms=play.heard_ms,
        ending=play.ending,
    )


def _liked(heard: Iterable[_Heard]) -> tuple[int, ...]:
    """The best liked play of each recording."""
    best: dict[str, int] = {}
    for play in sorted(heard, key=lambda play: (-play.likes, play.play)):
        if play.likes > 0:
            best.setdefault(recording(play.entry.track), play.play)
    return tuple(best.values())[:LIKED_MAX]


def _sync(errors: Mapping[int, int]) -> Sync:
    readings = sum(errors.values())
    return Sync(readings, _percentile(errors, readings, 50), _percentile(errors, readings, 95))


def _percentile(counted: Mapping[int, int], total: int, percent: int) -> int:
    """By nearest rank; 0 of nothing."""
    rank = -(-total * percent // 100)
    for value in sorted(counted):
        rank -= counted[value]
        if rank <= 0:
            return value
    return 0
