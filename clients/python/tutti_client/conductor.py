"""What a player must do, and when, so that it plays what the Jam plays.

Compares the Jam's timeline with what the player was told: starts are handed to it before they are due, the
next song while the last one still plays, so that there is no gap and nobody has to be asked at that moment.
In between, `jam.drift.PlaybackController` keeps it in place. Who joins late, or fetches slowly, catches up
alone.

    conduct(jam, offset_ms, now_ms)      now, when something has changed, and at get_timer(now_ms)

Pure but for the player it drives: time is an argument, in ms of the client's own clock, which the room's is
ahead of by `offset_ms`. Does not know sockets, or where the Jam's state comes from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from jam.choice import next_entry
from jam.drift import INTERVAL_MS, START_INTERVAL_MS, Keep, PlaybackController, Seek, Splice
from jam.state import NORMAL_RATE_PPM, Jam
from jam.timeline import duration_of, ends_at
from tutti_client.player import Player, Track

# The next song is fetched this long before it plays, of a short one from its middle on: what is fetched is
# locked, and people should have had time to vote. Who fetches slowly begins earlier.
FETCH_AHEAD_MS: Final = 30_000
FETCH_AHEAD_TIMES: Final = 3
# The next song is handed to the player this long before its start.
HAND_AHEAD_MS: Final = 2_000
# So soon around a start nobody knows which of two songs the player's position is in.
UNSURE_MS: Final = 60.0
# A start that was handed over is corrected if the room's clock turns out to be off by more.
CLOCK_MOVED_MS: Final = 2.0
# A player that does not say where it is for so long has lost its output: it is started anew.
LOST_MS: Final = 3_000.0
# While somebody waits for a track, it is looked for this often.
LOOK_EVERY_MS: Final = 50.0


@dataclass(frozen=True, slots=True)
class Part:
    """Music: `entry` from `position_ms` on, at room time `anchor_ms`; it is over at `ends_at`, if that is
    known."""

    entry: str
    track: Track
    position_ms: int
    anchor_ms: int
    rate_ppm: int
    ends_at: int | None

    def position_at(self, room_ms: float) -> float:
        """Less than `position_ms` before the anchor: an output with a latency is given it by then."""
        return self.position_ms + (room_ms - self.anchor_ms) * self.rate_ppm / NORMAL_RATE_PPM

    def is_over(self, room_ms: float) -> bool:
        return self.ends_at is not None and room_ms >= self.ends_at

    def goes_on_as(self, later: "Part", room_ms: float) -> bool:
        """Whether `later` is this one, corrected: then the player needs no start."""
        return later.entry == self.entry and self.anchor_ms <= room_ms and later.anchor_ms <= room_ms


def part_of(jam: Jam, room_ms: float) -> Part | None:
    """What is to be heard, or will be at its anchor; None for silence. A song that is locked as next follows
    by itself: the event that says so confirms it later."""
    timeline = jam.timeline
    entry = jam.entries.get(timeline.entry)
    if timeline.paused or entry is None:
        return None
    following = following_part(jam)
    if following is not None and room_ms >= following.anchor_ms:
        return None if following.is_over(room_ms) else following
    part = Part(
        entry.id, entry.track, timeline.position_ms, timeline.anchor_ms, timeline.rate_ppm, ends_at(jam)
    )
    return None if part.is_over(room_ms) else part


def following_part(jam: Jam) -> Part | None:
    """What begins without a gap when the present song is over; None if that is not settled."""
    at_ms = ends_at(jam)
    repeats = jam.settings.repeat == "one"
    entry = jam.entries.get(jam.timeline.entry if repeats else jam.next)
    if at_ms is None or entry is None or (entry.id == jam.timeline.entry and not repeats):
        return None
    duration_ms = duration_of(entry)
    over_at = None if duration_ms is None else at_ms + duration_ms
    return Part(entry.id, entry.track, 0, at_ms, NORMAL_RATE_PPM, over_at)


class Conductor:
    """Drives one player. `nudge_ms` is what the listener adds by ear (see the controller)."""

    def __init__(self, player: Player) -> None:
        self._player = player
        self._controller = PlaybackController(seek_only=player.seek_only)
        # What the player was told to play, since when (own clock), and what it was told to play then.
        self._part: Part | None = None
        self._starts_ms = 0.0
        self._next: Part | None = None
        self._next_starts_ms = 0.0
        self._wants_track = False
        self._is_silent = True
        self._decide_ms = 0.0
        self._heard_ms = 0.0
        # By entry: when it was asked for, and how long it took.
        self._fetching: dict[str, float] = {}
        self._ready: dict[str, int] = {}
        self.broken = ""
        self.nudge_ms = 0.0

    # -- for looking -----------------------------------------------------------------------------------------

    @property
    def error_ms(self) -> float | None:
        """How far the player is behind where it should be, smoothed; None while it is silent."""
        return None if self._part is None else self._controller.error_ms

    @property
    def is_locked(self) -> bool:
        """Whether it plays, and where it should."""
        return self._part is not None and self._controller.is_locked

    @property
    def ready(self) -> Mapping[str, int]:
        """The entries that were fetched of late, and how many ms that took."""
        return self._ready

    @property
    def fetching(self) -> str:
        """An entry that is being fetched, or empty."""
        return next(iter(self._fetching), "")

    # -- what it does ----------------------------------------------------------------------------------------

    def conduct(self, jam: Jam, offset_ms: float, now_ms: float, *, leads: bool = False) -> None:
        """Tells the player what to do now. `leads`: it is the speaker that the timeline follows, so it is
        started and stopped but not kept in place."""
        room_ms = now_ms + offset_ms
        self._controller.latency_ms, self._controller.nudge_ms = self._player.latency_ms, self.nudge_ms
        self._go_on(now_ms)
        part = part_of(jam, room_ms)
        self._fetch(jam, part, room_ms, now_ms)
        self._change(part, offset_ms, now_ms)
        self._hand_over(following_part(jam), offset_ms, now_ms)
        if not leads and self._may_decide(now_ms):
            self._decide(room_ms, now_ms)

    def get_timer(self, now_ms: float) -> float | None:
        """When to call `conduct` again, if nothing happens before; None: not by waiting."""
        if self._wants_track:
            return now_ms + LOOK_EVERY_MS
        if self._part is not None or self._fetching:
            is_starting = self._controller.is_starting(now_ms)
            return now_ms + (START_INTERVAL_MS if is_starting else INTERVAL_MS)
        return None

    def stop(self, now_ms: float) -> None:
        """Falls silent; `conduct` begins anew."""
        if not self._is_silent:
            self._player.stop(now_ms)
        self._part = self._next = None
        self._is_silent = True

    # -- songs -----------------------------------------------------------------------------------------------

    def _go_on(self, now_ms: float) -> None:
        """What was handed over has begun by itself."""
        if self._next is not None and now_ms >= self._next_starts_ms:
            self._begun(self._next, self._next_starts_ms)

    def _change(self, part: Part | None, offset_ms: float, now_ms: float) -> None:
        """Makes `part` what the player plays, or will."""
        self._wants_track = False
        room_ms = now_ms + offset_ms
        if part is None:
            self.stop(now_ms)
        elif self._part is not None and part != self._part and self._part.goes_on_as(part, room_ms):
            self._part = part
        elif part != self._part or self._has_moved(part, self._starts_ms, offset_ms, now_ms):
            if self._player.is_ready(part.track, now_ms):
                self._start(part, offset_ms, now_ms)
                return
            self._wants_track = True
            if room_ms >= part.anchor_ms:
                # The others have begun; what played before is over for us, too.
                self.stop(now_ms)
        elif self._is_lost(now_ms):
            self._start(part, offset_ms, now_ms)

    def _hand_over(self, following: Part | None, offset_ms: float, now_ms: float) -> None:
        """Gives the player its next song while it plays the last."""
        if self._part is None or following == self._part or now_ms < self._starts_ms:
            return
        if following is None or now_ms + offset_ms < following.anchor_ms - HAND_AHEAD_MS:
            if self._next is not None:
                # What it was to play then is gone: only another start makes it forget.
                self._start(self._part, offset_ms, now_ms)
            return
        has_moved = self._has_moved(following, self._next_starts_ms, offset_ms, now_ms)
        if (following != self._next or has_moved) and self._player.is_ready(following.track, now_ms):
            self._next, self._next_starts_ms = following, self._local_ms(following, offset_ms)
            self._player.start(following.track, following.position_ms, self._next_starts_ms, now_ms)

    def _start(self, part: Part, offset_ms: float, now_ms: float) -> None:
        at_ms = self._local_ms(part, offset_ms)
        self._player.start(part.track, part.position_ms, at_ms, now_ms)
        self._is_silent = False
        self._begun(part, max(at_ms, now_ms))

    def _begun(self, part: Part, at_ms: float) -> None:
        self._part, self._starts_ms, self._next = part, at_ms, None
        self._decide_ms = self._heard_ms = at_ms
        self._controller.started(at_ms)

    def _local_ms(self, part: Part, offset_ms: float) -> float:
        """When to give it to the output, by our clock."""
        return part.anchor_ms - offset_ms - self._player.latency_ms - self.nudge_ms

    def _has_moved(self, part: Part, starts_ms: float, offset_ms: float, now_ms: float) -> bool:
        """Whether a start that is still to come was handed over for another time than is right by now."""
        return now_ms < starts_ms and abs(self._local_ms(part, offset_ms) - starts_ms) > CLOCK_MOVED_MS

    # -- fetching --------------------------------------------------------------------------------------------

    def _fetch(self, jam: Jam, part: Part | None, room_ms: float, now_ms: float) -> None:
        entries = (jam.timeline.entry, self._upcoming(jam, room_ms), "" if part is None else part.entry)
        wanted = {entry: jam.entries[entry].track for entry in entries if entry}
        self._fetching = {entry: since for entry, since in self._fetching.items() if entry in wanted}
        self._ready = {entry: took_ms for entry, took_ms in self._ready.items() if entry in wanted}
        self.broken = part.entry if part is not None and self._player.is_broken(part.track) else ""
        for entry, track in wanted.items():
            if entry not in self._fetching and entry not in self._ready:
                self._player.prepare(track, now_ms)
                self._fetching[entry] = now_ms
            if entry in self._fetching and self._player.is_ready(track, now_ms):
                self._ready[entry] = round(now_ms - self._fetching.pop(entry))

    def _upcoming(self, jam: Jam, room_ms: float) -> str:
        """The entry to fetch for later, or empty."""
        entry = next_entry(jam)
        if entry is None or (jam.settings.repeat == "one" and jam.timeline.entry):
            return ""
        if entry == jam.next or not jam.timeline.entry:
            return entry
        over_at, duration_ms = ends_at(jam), duration_of(jam.entries[jam.timeline.entry])
        if over_at is None or duration_ms is None:
            return ""
        slowest_ms = max(self._ready.values(), default=0)
        ahead_ms = max(FETCH_AHEAD_MS, FETCH_AHEAD_TIMES * slowest_ms)
        return entry if room_ms >= over_at - min(ahead_ms, duration_ms // 2) else ""

    # -- staying in place ------------------------------------------------------------------------------------

    def _may_decide(self, now_ms: float) -> bool:
        if self._part is None or now_ms < self._starts_ms + UNSURE_MS or now_ms < self._decide_ms:
            return False
        return self._next is None or now_ms < self._next_starts_ms - UNSURE_MS

    def _decide(self, room_ms: float, now_ms: float) -> None:
        assert self._part is not None, "asked before"
        position_ms = self._player.position_ms(now_ms)
        if position_ms is None:
            return
        self._heard_ms = now_ms
        timeline_rate = self._part.rate_ppm / NORMAL_RATE_PPM
        match self._controller.decide(now_ms, self._part.position_at(room_ms), position_ms):
            case Keep(rate):
                if not self._player.seek_only:
                    self._player.set_rate(rate * timeline_rate, now_ms)
            case Splice(place_ms, rate):
                self._player.splice(place_ms, rate * timeline_rate, now_ms)
            case Seek(place_ms):
                self._player.splice(place_ms, timeline_rate, now_ms)
        # A little less, as whoever waits is sometimes early by a hair.
        is_starting = self._controller.is_starting(now_ms)
        self._decide_ms = now_ms + 0.9 * (START_INTERVAL_MS if is_starting else INTERVAL_MS)

    def _is_lost(self, now_ms: float) -> bool:
        return now_ms > max(self._heard_ms, self._starts_ms) + LOST_MS and (
            self._player.position_ms(now_ms) is None
        )
