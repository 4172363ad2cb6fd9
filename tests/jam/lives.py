"""Random lives of a Jam: any command, at any time, from anybody.

Most are such as people give, some are late, wrong or not theirs. A life is drawn from a `Random` alone, so
that laws, vectors and a person with a seed see the same one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, TypeAlias, get_args

from msgspec.structs import replace

from jam import commands as c
from jam.lineup import Lineup
from jam.refusal import JamRefusal
from jam.rules import By, Source
from jam.scene import Scene
from jam.settings import Limits, Mode, Settings, Times
from jam.state import Entry, Jam, Timeline, new_jam
from jam.step import Decided, step
from tests.vectors.awkward import TEXTS

START = 1_000_000
MODES: tuple[Mode, ...] = ("votes", "fair", "fair", "queue", "host")
HOST = "ann"
USERS = (HOST, "bob", "cem", "dee", "eli", "flo")
# Small enough to be reached by a life of a hundred commands.
LIMITS = Limits(
    seats=4,
    listeners=1,
    queue=9,
    fallback=4,
    waiting=4,
    adds=3,
    votes=1,
    chats=1,
    song_ms=400_000,
    chat_tail=3,
)
TIMES = Times(host_away_ms=5_000, asleep_ms=20_000, empty_ms=5_000, dormant_ms=60_000, recent_ms=900_000)
PAUSES_MS = (0, 0, 40, 900, 900, 3_000, 7_000, 26_000)
_SHOWN = {HOST: {"sync": {"rtt_ms": 300, "error_us": 900, "ready": {}}}}


@dataclass(frozen=True, slots=True)
class Moment:
    """One command of a life, and what became of it."""

    before: Lineup
    command: c.Command
    by: By
    outcome: Decided | JamRefusal | None


def settings(random: Random, mode: Mode | None = None, limits: Limits = LIMITS) -> Settings:
    return Settings(
        mode=random.choice(MODES) if mode is None else mode,
        down_votes=random.random() < 0.5,
        guests_reorder=random.random() < 0.5,
        guests_skip=random.random() < 0.8,
        repeat=random.choice(("off", "off", "off", "one", "all")),
        smooth=random.random() < 0.3,
        times=TIMES,
        limits=limits,
    )


def life(
    random: Random, commands: int, mode: Mode | None = None, limits: Limits = LIMITS
) -> Iterator[Moment]:
    """A new Jam with everybody in it, and what happens then."""
    lineup = Lineup(new_jam(HOST, HOST.title(), START, settings(random, mode, limits)))
    at_ms = START
    for user in USERS[1:5]:
        decided = step(lineup, c.Join(user, user.title(), "guest", 1), By("", at_ms, Source.SERVER))
        assert decided is not None
        lineup = decided.lineup
    for number in range(commands):
        at_ms += random.choice(PAUSES_MS)
        command = draw(random, lineup.jam, number, at_ms)
        by = by_of(random, lineup.jam, command, at_ms)
        outcome: Decided | JamRefusal | None
        try:
            outcome = step(lineup, command, by)
        except JamRefusal as refusal:
            outcome = refusal
        yield Moment(lineup, command, by, outcome)
        if isinstance(outcome, Decided):
            lineup = outcome.lineup


def any_queue(random: Random, mode: Mode) -> Jam:
    """Any queue at all, also such as no life leads to: many equal numbers, and everything at once."""
    numbers = range(1, random.randrange(2, 14))
    seqs, ranks = random.sample(numbers, len(numbers)), random.sample(numbers, len(numbers))
    pins = random.sample([*numbers, *(0,) * 30], len(numbers))
    entries: dict[str, Entry] = {}
    for number, seq, rank, pin in zip(numbers, seqs, ranks, pins, strict=True):
        fallback = random.random() < 0.3
        entries[f"e.{number}"] = Entry(
            id=f"e.{number}",
            track={"track": f"test:{number}"},
            added_by="" if fallback else random.choice(USERS[:3]),
            added_at=START,
            added_seq=seq,
            rank=rank,
            score=random.choice((-1, 0, 0, 1, 1, 2)),
            pin=pin,
            fallback=fallback,
        )
    return replace(
        new_jam(HOST, HOST.title(), START, Settings(mode=mode)),
        entries=entries,
        timeline=Timeline(play=1, entry=random.choice((*entries, "", "gone"))),
        next=random.choice((*entries, "", "", "", "gone")),
        round=random.randrange(4),
        served={user: random.randrange(9) for user in random.sample(USERS, 2)},
    )


def by_of(random: Random, jam: Jam, command: c.Command, at_ms: int) -> By:
    """Mostly who may give it."""
    scene = Scene(shown=_SHOWN) if random.random() < 0.2 else Scene()
    if isinstance(command, get_args(c.ByRoom)):
        return By("", at_ms, Source.ROOM, scene)
    if isinstance(command, c.Join):
        return By("", at_ms, Source.SERVER, scene)
    if isinstance(command, c.Steering) and random.random() < 0.8:
        return By(jam.host, at_ms, Source.CLIENT, scene)
    return By(random.choice(USERS), at_ms, Source.CLIENT, scene)


def draw(random: Random, jam: Jam, number: int, at_ms: int) -> c.Command:
    """The `number`th command of a life, for a Jam as it is now."""
    drawer = _Drawer(random, jam, number, at_ms)
    [make] = random.choices(list(_MAKERS), weights=list(_MAKERS.values()))
    return make(drawer)


class _Drawer:
    """What commands name: mostly what is there."""

    def __init__(self, random: Random, jam: Jam, number: int, at_ms: int) -> None:
        self.random, self.jam, self.number, self.at_ms = random, jam, number, at_ms
        self.chance = random.random

    @property
    def reign(self) -> int:
        return self.jam.reign - (self.chance() < 0.05)

    @property
    def play(self) -> int:
        return self.jam.timeline.play - (self.chance() < 0.1)

    @property
    def user(self) -> str:
        return self.random.choice(USERS)

    @property
    def at_the_door(self) -> str:
        return self.random.choice((*self.jam.doors.knocks, *self.jam.doors.banned, self.user))

    @property
    def users(self) -> list[str]:
        return self.random.choices(USERS, k=self.random.choice((1, 2, 20)))

    @property
    def entry(self) -> str:
        ids = list(self.jam.entries)
        return self.random.choice(ids) if ids and self.chance() < 0.95 else "gone.1"

    @property
    def before(self) -> str:
        return self.entry if self.chance() < 0.7 else ""

    @property
    def track(self) -> dict[str, Any]:
        song = self.random.randrange(40)
        track: dict[str, Any] = {"track": f"test:{song}", "title": self.random.choice(TEXTS)}
        if self.chance() < 0.9:
            track["duration_ms"] = self.random.choice((8_000, 30_000, 180_000, 420_000))
        if song % 5 == 0:
            track["isrc"] = f"DEZZZ26000{song // 10:02d}"
        if song % 3 == 0:
            track |= {"tempo": 9_000 + 300 * song, "key": "8A", "energy": song}
        return track

    @property
    def fallback(self) -> list[tuple[str, dict[str, Any]]]:
        return [(f"fall{self.number}.{n}", self.track) for n in range(self.random.randrange(6))]

    @property
    def setting(self) -> dict[str, Any]:
        return self.random.choice(
            (
                {"mode": "votes"}, {"mode": "fair"}, {"mode": "queue"}, {"mode": "host"},
                {"votes_frozen": self.chance() < 0.3}, {"guests_add": self.chance() < 0.8},
                {"speaker": self.chance() < 0.5}, {"approval": self.chance() < 0.8},
                {"down_votes": self.chance() < 0.5}, {"volume": self.random.randrange(-5, 120)},
                {"limits": {}}, {"colour": "red"},
            )
        )  # fmt: skip


_Make: TypeAlias = Callable[[_Drawer], c.Command]
_MAKERS: dict[_Make, float] = {
    lambda d: c.Add(f"life.{d.number}", d.track, d.chance() < 0.3): 16,
    lambda d: c.Add(d.entry, d.track): 0.3,
    lambda d: c.Vote(d.entry, d.random.choice((-1, 0, 1, 1, 1))): 16,
    lambda d: c.Vote(d.entry, 2): 0.2,
    lambda d: c.Remove(d.entry, reign=d.reign): 2,
    lambda d: c.Clear(reign=d.reign): 0.3,
    lambda d: c.Pin(d.entry, d.before, reign=d.reign): 2,
    lambda d: c.Unpin(d.entry, reign=d.reign): 1,
    lambda d: c.Move(d.entry, d.before, reign=d.reign): 4,
    lambda d: c.Shuffle(f"seed {d.number}", reign=d.reign): 0.7,
    lambda d: c.Fallback(d.fallback, reign=d.reign): 1,
    lambda d: c.Play(reign=d.reign): 4,
    lambda d: c.Pause(reign=d.reign): 1,
    lambda d: c.Seek(d.play, d.random.randrange(-10, 400_000), reign=d.reign): 1,
    lambda d: c.Next(d.play, reign=d.reign): 2,
    lambda d: c.Previous(d.play, reign=d.reign): 1,
    lambda d: c.PlayNow(d.entry, reign=d.reign): 1,
    lambda d: c.VoteSkip(d.play, d.chance() < 0.8): 6,
    lambda d: c.Veto(d.play, reign=d.reign): 1,
    lambda d: c.Unplayable(d.play): 1,
    lambda d: c.Leave(): 0.3,
    lambda d: c.Kick(d.user, reign=d.reign): 0.4,
    lambda d: c.Ban(d.user, reign=d.reign): 0.2,
    lambda d: c.Unban(d.at_the_door, reign=d.reign): 0.7,
    lambda d: c.Promote(d.user, d.random.choice(("cohost", "guest", "guest", "listener")), reign=d.reign): 1,
    lambda d: c.Approve(d.at_the_door, reign=d.reign): 0.5,
    lambda d: c.Deny(d.at_the_door, reign=d.reign): 1,
    lambda d: c.Lock(d.chance() < 0.3, reign=d.reign): 0.3,
    lambda d: c.Rotate(reign=d.reign): 0.3,
    lambda d: c.HandOver(d.user, reign=d.reign): 0.3,
    lambda d: c.End(reign=d.reign): 0.02,
    lambda d: c.Set(d.setting, reign=d.reign): 2,
    lambda d: c.Say(d.random.choice(("hm", "“Ärger”\n\t\\", " ", "\x07")) * d.random.choice((1, 1, 300))): 2,
    lambda d: c.DeleteMessage(d.random.randrange(1, 5), reign=d.reign): 0.7,
    lambda d: c.Join(d.user, "Somebody", "guest", d.jam.doors.generation - (d.chance() < 0.2)): 4,
    lambda d: c.Away(d.users): 2,
    lambda d: c.Back(d.users, d.users if d.chance() < 0.5 else []): 4,
    lambda d: c.Asleep(d.users): 2,
    lambda d: c.Act(): 1,
    lambda d: c.FallDormant(): 0.3,
    lambda d: c.Expire(): 0.3,
    lambda d: c.Tick(): 0.5,
    lambda d: c.Interrupt(): 0.3,
    lambda d: c.Silence(): 0.3,
    lambda d: c.LockNext(): 3,
    lambda d: c.Advance(d.play): 4,
    lambda d: c.SkipNow(d.play): 4,
    lambda d: c.Correct(d.play, d.random.randrange(9_000), d.at_ms - d.random.randrange(3_000)): 0.5,
}
