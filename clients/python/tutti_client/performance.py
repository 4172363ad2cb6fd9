"""A player that plays a Jam, while the program does something else.

Asks the conductor whenever the Jam has changed and whenever it wants to be asked, and tells the room how this
device keeps up: how far away it is, what it has fetched, how far off it plays. Knows asyncio. What the player
must do is the conductor's.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final

from collab.errors import CallerError
from collab.messages import Body
from jam.commands import Unplayable
from jam.rules import is_steering
from jam.state import Jam, role_of
from tutti_client.conductor import Conductor
from tutti_client.errors import ClientError
from tutti_client.jam_room import JamHost, JamRoom
from tutti_client.player import Player

# How often the room hears of us when nothing special happens, and from its speaker.
REPORT_EVERY_MS: Final = 5_000
SPEAKER_REPORT_EVERY_MS: Final = 1_000
# Until the room's time is known, nothing can be played in time.
CLOCK_WAIT_MS: Final = 50


class Performance:
    """See the module. Made by `Jam.playing_on`."""

    def __init__(self, room: JamRoom, player: Player, host: JamHost) -> None:
        self._room = room
        self._player = player
        self._host = host
        self._conductor = Conductor(player)
        self._reported: Body = {}
        self._report_ms = 0.0
        self._complained_of = 0

    @property
    def error_ms(self) -> float | None:
        """How far the player is behind where it should be; None while it is silent."""
        return self._conductor.error_ms

    @property
    def is_locked(self) -> bool:
        """Whether it plays, and where it should."""
        return self._conductor.is_locked

    @property
    def ready(self) -> Mapping[str, int]:
        """The entries that are here to be played now or next, and how many ms fetching each took."""
        return self._conductor.ready

    @property
    def nudge_ms(self) -> float:
        """What the listener adds by ear for an output that is later than it says: more plays earlier."""
        return self._conductor.nudge_ms

    @nudge_ms.setter
    def nudge_ms(self, nudge_ms: float) -> None:
        self._conductor.nudge_ms = nudge_ms

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Plays within the block. Raises at its end what the player raised."""
        task = asyncio.create_task(self._run(), name="tutti player")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            self._conductor.stop(self._host.now_ms())
            self._room.show_sync({})

    async def _run(self) -> None:
        """Until cancelled, or the Jam is closed here."""
        with suppress(ClientError):
            while True:
                timer_ms = self._conduct()
                with suppress(TimeoutError):
                    async with asyncio.timeout(None if timer_ms is None else timer_ms / 1000):
                        await self._room.changed()
        self._conductor.stop(self._host.now_ms())

    def _conduct(self) -> float | None:
        """How long to wait for something to happen, ms."""
        now_ms, lineup = self._host.now_ms(), self._room.replica.committed
        offset_ms = self._host.room_clock.offset_ms(now_ms)
        if lineup is None or offset_ms is None:
            return CLOCK_WAIT_MS
        jam, user = lineup.jam, self._room.replica.user
        is_speaker = jam.settings.speaker and jam.host == user
        self._conductor.conduct(jam, offset_ms, now_ms, leads=is_speaker)
        self._complain(jam, user)
        self._report(jam, now_ms, offset_ms if is_speaker else None)
        timer_ms = self._conductor.get_timer(now_ms)
        return None if timer_ms is None else max(0.0, timer_ms - self._host.now_ms())

    def _complain(self, jam: Jam, user: str) -> None:
        """Who steers says once of a play that it cannot be played."""
        play = jam.timeline.play
        is_ours = self._conductor.broken == jam.timeline.entry != ""
        if is_ours and play != self._complained_of and is_steering(role_of(jam, user)):
            self._complained_of = play
            with suppress(CallerError):
                self._room.give(Unplayable(play))

    def _report(self, jam: Jam, now_ms: float, speaker_offset_ms: float | None) -> None:
        fetched: Body = {"ready": dict(self._conductor.ready), "fetching": self._conductor.fetching}
        has_news = any(self._reported.get(name) != value for name, value in fetched.items())
        if now_ms < self._report_ms and not has_news:
            return
        every_ms = REPORT_EVERY_MS if speaker_offset_ms is None else SPEAKER_REPORT_EVERY_MS
        self._report_ms = now_ms + every_ms
        self._reported = {**fetched, **self._quality(now_ms)}
        if speaker_offset_ms is not None:
            self._reported |= self._position(jam, now_ms, speaker_offset_ms)
        self._room.show_sync(self._reported)

    def _quality(self, now_ms: float) -> Body:
        measured, error_ms = self._host.room_clock.filter, self._conductor.error_ms
        if measured is None or not measured.is_set:
            return {}
        quality: Body = {"rtt_ms": round(measured.rtt_ms)}
        if error_ms is not None:
            quality["error_us"] = round((abs(error_ms) + measured.sd_ms(now_ms)) * 1000)
        return quality

    def _position(self, jam: Jam, now_ms: float, offset_ms: float) -> Body:
        """Where the speaker's music is, as it is heard."""
        given_ms = self._player.position_ms(now_ms)
        if given_ms is None or jam.timeline.paused:
            return {}
        heard_ms = max(0, round(given_ms - self._player.latency_ms - self._conductor.nudge_ms))
        at_ms = round(now_ms + offset_ms)
        return {"position": {"play": jam.timeline.play, "position_ms": heard_ms, "at_ms": at_ms}}
