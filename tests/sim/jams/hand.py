"""What a person in a Jam does next.

Draws a command, mostly one that makes sense for what they see and what they are, with so few songs and people
that everybody keeps meeting. Knows commands. Does not know how they travel or what becomes of them.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final, TypeAlias

from jam import commands as c
from jam.lineup import Lineup
from jam.rules import is_steering
from jam.state import Jam, role_of

SONGS: Final = 14
# Short, so that a schedule hears many; one in a while nobody knows the length of.
DURATIONS_MS: Final = (900, 1_500, 2_400, 4_000)
# Sometimes somebody goes by what they saw a while ago.
STALE: Final = 0.06


class Hand:
    """Of the person `user`, who looks at `lineup` and takes ids for new entries from `take_uid`."""

    def __init__(self, random: Random, user: str, lineup: Lineup, take_uid: Callable[[], str]) -> None:
        self.random = random
        self.user = user
        self.jam: Jam = lineup.jam
        self.waiting = [id for id in lineup.order() if id != lineup.jam.timeline.entry]
        self.take_uid = take_uid

    def draw(self) -> c.Command:
        role = role_of(self.jam, self.user)
        if is_steering(role) and self.random.random() < 0.5:
            return self._one_of(self._steering())
        return self._one_of(_GUEST)

    def _one_of(self, makers: Mapping["Make", float]) -> c.Command:
        [make] = self.random.choices(list(makers), list(makers.values()))
        return make(self)

    def _steering(self) -> Mapping["Make", float]:
        jam = self.jam
        if jam.timeline.paused and self.entries and self.random.random() < 0.6:
            return {lambda h: c.Play(reign=h.reign): 1}
        if jam.skip.due_at and self.random.random() < 0.4:
            return {lambda h: c.Veto(h.play, reign=h.reign): 1}
        if jam.doors.knocks and self.random.random() < 0.7:
            return {lambda h: c.Approve(h.random.choice(list(h.jam.doors.knocks)), reign=h.reign): 1}
        return _STEERING

    # -- what commands name: mostly what is there ------------------------------------------------------------

    @property
    def entries(self) -> list[str]:
        return list(self.jam.entries)

    @property
    def reign(self) -> int:
        return self.jam.reign - (self.random.random() < STALE)

    @property
    def play(self) -> int:
        return self.jam.timeline.play - (self.random.random() < STALE)

    @property
    def entry(self) -> str:
        if not self.waiting or self.random.random() < STALE:
            return self.random.choice([*self.entries, "gone.1"])
        return self.random.choice(self.waiting)

    @property
    def before(self) -> str:
        return self.entry if self.random.random() < 0.7 else ""

    @property
    def member(self) -> str:
        return self.random.choice(list(self.jam.members))

    @property
    def track(self) -> dict[str, Any]:
        song = self.random.randrange(SONGS)
        track: dict[str, Any] = {"track": f"song:{song}", "title": f"Song {song}"}
        if self.random.random() < 0.95:
            track["duration_ms"] = DURATIONS_MS[song % len(DURATIONS_MS)]
        if song < 2:
            # Another source of the same recording.
            track["isrc"] = "DEZZZ2600000"
        return track

    @property
    def songs(self) -> list[tuple[str, dict[str, Any]]]:
        return [(self.take_uid(), self.track) for _ in range(self.random.randrange(3))]

    @property
    def setting(self) -> dict[str, Any]:
        return self.random.choice(
            (
                {"mode": "votes"}, {"mode": "fair"}, {"mode": "queue"}, {"volume": 20},
                {"guests_skip": self.random.random() < 0.8}, {"down_votes": self.random.random() < 0.5},
                {"repeat": self.random.choice(("off", "one", "all", "all"))},
                {"smooth": self.random.random() < 0.5}, {"colour": "red"},
            )
        )  # fmt: skip


Make: TypeAlias = Callable[[Hand], c.Command]
_GUEST: Final[Mapping[Make, float]] = {
    lambda h: c.Add(h.take_uid(), h.track): 36,
    lambda h: c.Vote(h.entry, h.random.choice((1, 1, 1, 1, 0, -1))): 34,
    lambda h: c.VoteSkip(h.play, h.random.random() < 0.9): 9,
    lambda h: c.Remove(h.entry, reign=h.reign): 3,
    lambda h: c.Say("hm"): 4,
    lambda h: c.Leave(): 0.7,
}
_STEERING: Final[Mapping[Make, float]] = {
    lambda h: c.Play(reign=h.reign): 6,
    lambda h: c.Pause(reign=h.reign): 2,
    lambda h: c.Seek(h.play, h.random.choice((0, 300, 800, 5_000)), reign=h.reign): 4,
    lambda h: c.Next(h.play, reign=h.reign): 4,
    lambda h: c.Previous(h.play, reign=h.reign): 3,
    lambda h: c.PlayNow(h.entry, reign=h.reign): 3,
    lambda h: c.Unplayable(h.play): 2,
    lambda h: c.Pin(h.entry, reign=h.reign): 3,
    lambda h: c.Unpin(h.entry, reign=h.reign): 2,
    lambda h: c.Move(h.entry, h.before, reign=h.reign): 3,
    lambda h: c.Clear(reign=h.reign): 0.5,
    lambda h: c.Shuffle("seed", reign=h.reign): 1,
    lambda h: c.Fallback(h.songs, reign=h.reign): 2,
    lambda h: c.Promote(h.member, h.random.choice(("cohost", "guest", "listener")), reign=h.reign): 3,
    lambda h: c.Lock(h.random.random() < 0.3, reign=h.reign): 1,
    lambda h: c.Rotate(reign=h.reign): 1,
    lambda h: c.Kick(h.member, reign=h.reign): 0.7,
    lambda h: c.Unban(h.random.choice([*h.jam.doors.banned, "nobody"]), reign=h.reign): 0.7,
    lambda h: c.HandOver(h.member, reign=h.reign): 0.8,
    lambda h: c.Set(h.setting, reign=h.reign): 3,
    lambda h: c.DeleteMessage(h.jam.messages, reign=h.reign): 1,
    lambda h: c.End(reign=h.reign): 0.1,
}
