"""A Jam, as a program sees it: one queue, one timeline, and the people who share them.

    jam = await tutti.start_jam(name="Friday")
    print((await jam.code()).code)
    song = await jam.add({"track": "demo:1", "title": "One", "duration_ms": 180_000})
    await jam.play()
    async with jam.playing_on(player):
        ...

Reads are synchronous and show own commands at once, in so far as they would be taken. A command counts when
it is given; awaiting it tells what became of it, or raises CommandRefused. Those of host and co-host name the
reign that stands here at that moment: a device that is host no longer changes nothing. How commands travel is
`jam_room`'s, how a player is kept in time `conductor`'s.
"""

import secrets
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from jam import commands as c
from jam.lineup import Lineup
from jam.recap import Recap
from jam.recordings import recording
from jam.settings import Settings
from jam.state import Jam as JamState
from jam.state import Message, Role, Standing, Status, role_of
from jam.timeline import position_at
from tutti_client.errors import JamClosed
from tutti_client.given import Done, Given
from tutti_client.jam_requests import INVITE_LIFE_S, JamInvite, JoinCode, Saved
from tutti_client.jam_room import JamRoom
from tutti_client.performance import Performance
from tutti_client.player import Player
from tutti_client.showing import typists
from tutti_client.songs import (
    NowPlaying,
    Person,
    Song,
    Waiting,
    knocking,
    now_playing,
    people_of,
    queue_of,
)
from tutti_client.tracks import Track, as_list, make_song


@dataclass(frozen=True, slots=True)
class Sync:
    """How well this device keeps time with the others, ms.

    The room's clock is ahead of the device's by `offset_ms` (None until it was measured), give or take
    `clock_error_ms` (one sd), and by no more than `bound_ms` besides for what no measurement can see;
    `rtt_ms` is the way there and back. The player is `error_ms` behind where it should be (None while none
    plays), and `is_locked` once it has settled.
    """

    offset_ms: float | None
    clock_error_ms: float
    bound_ms: float
    rtt_ms: float
    error_ms: float | None
    is_locked: bool


class Jam(JamRoom):
    """See the module. Made by `Tutti.start_jam`, `join_jam` and `open_jam`."""

    _performance: Performance | None = None

    # -- how it stands ---------------------------------------------------------------------------------------

    @property
    def state(self) -> JamState:
        """All of it, as the rules know it, with own commands that wait."""
        return self._lineup.jam

    @property
    def queue(self) -> Sequence[Song]:
        """What waits, in the order in which it will play."""
        return queue_of(self._lineup, self._replica.user, self._room_ms())

    @property
    def now_playing(self) -> NowPlaying | None:
        return now_playing(self.state, self._replica.user, self._room_ms())

    def position(self) -> int:
        """Where the music is at this moment, in ms of what plays; 0 if nothing does."""
        return position_at(self.state, self._room_ms())

    @property
    def members(self) -> Sequence[Person]:
        """Host first."""
        return people_of(self.state, typists(self._roster.members))

    @property
    def present(self) -> int:
        """How many connections the Jam has now, to within a 20th where there are many."""
        return self._roster.present

    @property
    def waiting(self) -> Sequence[Waiting]:
        """Who waits to be let in."""
        return knocking(self.state)

    @property
    def host(self) -> str:
        """The user id of who steers."""
        return self.state.host

    @property
    def role(self) -> Role | None:
        """What we are here; None: no member any more."""
        return role_of(self.state, self._replica.user)

    @property
    def name(self) -> str:
        return self.state.settings.name

    @property
    def settings(self) -> Settings:
        return self.state.settings

    @property
    def chat(self) -> Sequence[Message]:
        """The last messages, oldest first; a deleted one has no text."""
        return self.state.chat

    @property
    def status(self) -> Status:
        """`live`, `dormant` while nobody was here for long, or `ended`."""
        return self.state.status

    @property
    def sync(self) -> Sync:
        measured, now_ms = self._host.room_clock.filter, self._host.now_ms()
        performance = self._performance
        error_ms = None if performance is None else performance.error_ms
        is_locked = performance is not None and performance.is_locked
        if measured is None or not measured.is_set:
            return Sync(None, 0.0, 0.0, 0.0, error_ms, is_locked)
        return Sync(
            offset_ms=measured.offset_ms(now_ms),
            clock_error_ms=measured.sd_ms(now_ms),
            bound_ms=measured.bound_ms,
            rtt_ms=measured.rtt_ms,
            error_ms=error_ms,
            is_locked=is_locked,
        )

    @property
    def _lineup(self) -> Lineup:
        lineup = self._replica.state
        if lineup is None:
            raise JamClosed("not_open", "The Jam is not loaded yet.")
        return lineup

    def _room_ms(self) -> int:
        return int(self._host.room_ms())

    # -- the queue -------------------------------------------------------------------------------------------
    # All commands raise JamClosed, ConnectionRefused and QueueFull when they are given; awaited they raise
    # CommandRefused with the Jam's reason, and how long to wait where that would help.

    def add(self, track: Track, *, override: bool = False) -> Given[str]:
        """Adds a song to the queue, with our vote. Gives the id of its entry: if the recording waits already,
        that one gets our vote instead. `override`: even if it was played lately (host and co-host). Raises
        InvalidEdit if songs cannot have these fields."""
        song = make_song(track)
        entry = self._replica.take_uid()
        return self._give(c.Add(entry, song, override), partial(self._entry_of, song), entry)

    def _entry_of(self, song: dict[str, Any], done: Done) -> str:
        if done.event is not None:
            return str(done.event["entry"])
        entries = self.state.entries
        if done.entry not in entries:
            wanted = recording(song)
            return next((id for id, entry in entries.items() if recording(entry.track) == wanted), done.entry)
        return done.entry

    def vote(self, entry: str, value: int = 1) -> Given[None]:
        """Sets our vote for a song: 1, 0 or, where the Jam allows it, −1."""
        return self.give(c.Vote(entry, value))

    def remove(self, entry: str) -> Given[None]:
        """Takes a song out: one's own, or any for host and co-host."""
        return self.give(c.Remove(entry, reign=self._reign))

    def pin(self, entry: str, *, before: str = "") -> Given[None]:
        """Puts a song above all votes, before another pinned one or behind them all."""
        return self.give(c.Pin(entry, before, reign=self._reign))

    def unpin(self, entry: str) -> Given[None]:
        return self.give(c.Unpin(entry, reign=self._reign))

    def move(self, entry: str, *, before: str = "") -> Given[None]:
        """Reorders by hand, in modes `queue` and `host`: before another song, or to the end."""
        return self.give(c.Move(entry, before, reign=self._reign))

    def clear(self) -> Given[None]:
        """Takes out all that people added and that waits."""
        return self.give(c.Clear(reign=self._reign))

    def set_fallback(self, tracks: Track | Iterable[Track]) -> Given[None]:
        """Replaces the songs that play when people's are out. Raises InvalidEdit."""
        songs = [make_song(track) for track in as_list(tracks)]
        entries = [(self._replica.take_uid(), song) for song in songs]
        return self.give(c.Fallback(entries, reign=self._reign))

    def shuffle(self) -> Given[None]:
        """Reorders the fallback."""
        return self.give(c.Shuffle(secrets.token_hex(8), reign=self._reign))

    # -- the music -------------------------------------------------------------------------------------------

    def play(self) -> Given[None]:
        return self.give(c.Play(reign=self._reign))

    def pause(self) -> Given[None]:
        return self.give(c.Pause(reign=self._reign))

    def seek(self, position_ms: int) -> Given[None]:
        return self.give(c.Seek(self._play, position_ms, reign=self._reign))

    def next(self) -> Given[None]:
        """Ends what plays now; refused if that is over already."""
        return self.give(c.Next(self._play, reign=self._reign))

    def previous(self) -> Given[None]:
        """Starts the song again or, in its first seconds, the one before."""
        return self.give(c.Previous(self._play, reign=self._reign))

    def play_now(self, entry: str) -> Given[None]:
        """Ends what plays and starts this one."""
        return self.give(c.PlayNow(entry, reign=self._reign))

    def skip(self, value: bool = True) -> Given[None]:
        """Asks, or no longer asks, for the next song; who added what plays withdraws it with this."""
        return self.give(c.VoteSkip(self._play, value))

    def veto(self) -> Given[None]:
        """Stops the countdown to a skip that was voted."""
        return self.give(c.Veto(self._play, reign=self._reign))

    def unplayable(self) -> Given[None]:
        """Says that what plays cannot be played."""
        return self.give(c.Unplayable(self._play))

    @asynccontextmanager
    async def playing_on(self, player: Player) -> AsyncIterator[Performance]:
        """Within this block the player plays what the Jam plays, when it plays it. Ends in silence; raises at
        its end what the player raised."""
        performance = Performance(self, player, self._host)
        self._performance = performance
        try:
            async with performance.running():
                yield performance
        finally:
            self._performance = None

    # -- people ----------------------------------------------------------------------------------------------

    def hand_over(self, user: str) -> Given[None]:
        """Makes somebody host who is here and takes part; we become a co-host."""
        return self.give(c.HandOver(user, reign=self._reign))

    def promote(self, user: str, role: Standing) -> Given[None]:
        """Makes somebody a co-host, a guest or a listener."""
        return self.give(c.Promote(user, role, reign=self._reign))

    def kick(self, user: str) -> Given[None]:
        """Throws somebody out and ends all codes and links; by a new one they may return."""
        return self.give(c.Kick(user, reign=self._reign))

    def ban(self, user: str) -> Given[None]:
        """As `kick`, and no key lets them in."""
        return self.give(c.Ban(user, reign=self._reign))

    def unban(self, user: str) -> Given[None]:
        return self.give(c.Unban(user, reign=self._reign))

    def approve(self, user: str) -> Given[None]:
        """Lets somebody in who waits."""
        return self.give(c.Approve(user, reign=self._reign))

    def deny(self, user: str) -> Given[None]:
        return self.give(c.Deny(user, reign=self._reign))

    def lock(self, locked: bool = True) -> Given[None]:
        """Locks or unlocks the door; old codes and links do not open it again."""
        return self.give(c.Lock(locked, reign=self._reign))

    def set(self, **settings: Any) -> Given[None]:
        """Changes settings by name, such as `mode="votes"`; see `jam.settings`."""
        return self.give(c.Set(settings, reign=self._reign))

    async def leave(self) -> None:
        """Leaves for good; the host has to hand over or end first. Raises CommandRefused (`host_leaves`)."""
        try:
            await self.give(c.Leave())
        except JamClosed:
            # The server may show us the door before it says that the command was taken.
            if self.replica.closed is None:
                raise
        self.close()

    def end(self) -> Given[None]:
        """The Jam is over for everybody: it can be read, and nothing else."""
        return self.give(c.End(reign=self._reign))

    # -- chat ------------------------------------------------------------------------------------------------

    def say(self, text: str) -> Given[None]:
        """Writes a line into the chat."""
        if self._showing.typing:
            self.typing(False)
        return self.give(c.Say(text))

    def delete_message(self, message: int) -> Given[None]:
        """One's own, or any for host and co-host."""
        return self.give(c.DeleteMessage(message, reign=self._reign))

    def react(self, text: str) -> None:
        """Shows everybody who is here a reaction, once. Raises CallerError for more than a word."""
        self._showing.react(text)
        self._show()

    def typing(self, is_typing: bool = True) -> None:
        """Shows others that we write something, or no longer."""
        self._showing.typing = is_typing
        self._show()

    # -- keys, and looking back ------------------------------------------------------------------------------
    # Asked over HTTP. All raise RequestRefused and Unreachable.

    async def code(self) -> JoinCode:
        """What people type or scan to come in."""
        return await self._host.jam_requests.code(self.id)

    async def rotate(self) -> JoinCode:
        """A new code; the old one and all invite links open nothing any more."""
        return await self._host.jam_requests.rotate(self.id)

    async def invite(self, role: str = "guest", *, expires_in_s: int = INVITE_LIFE_S) -> JamInvite:
        """The secret of a link that lets people in as `guest` or `listener`."""
        return await self._host.jam_requests.invite(self.id, role, expires_in_s)

    async def qr(self) -> bytes:
        """The code's address as a picture to scan, an SVG document."""
        return await self._host.jam_requests.qr(self.id)

    async def recap(self) -> Recap:
        """What the evening was: plays, likes, people, how well all heard the same."""
        return await self._host.jam_requests.recap(self.id)

    async def recap_picture(self) -> bytes:
        """The same as a picture to share, an SVG document of 1200 × 630."""
        return await self._host.jam_requests.recap_picture(self.id)

    async def save_as_playlist(self, name: str | None = None) -> Saved:
        """What was played, as a playlist of ours; by default it is called as the Jam."""
        return await self._host.jam_requests.save(self.id, name)

    @property
    def _reign(self) -> int:
        return self.state.reign

    @property
    def _play(self) -> int:
        """The one that everybody hears. Not the one that our own `next` will start: two presses mean one."""
        committed = self._replica.committed
        return 0 if committed is None else committed.jam.timeline.play
