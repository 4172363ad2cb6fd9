"""One person in the Jam, on one device: the SDK, a replica that tells what it makes of each version, and an
ear for jumps of the music.

The same in the host's process and in everybody else's. Knows how a device is driven and watched. Does not
know what the others do, nor what must come of it.
"""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

from jam.digest import digest
from jam.lineup import Lineup
from jam.timeline import duration_of, position_at
from tests.integration.soak_jam.moves import Move, next_move
from tests.integration.soak_jam.reports import Folded, Heard, Pressed, Rests, Settled, Tell, Troubled
from tests.integration.soak_jam.timeline import Sample, Watch
from tutti_client import CommandRefused, ConnectionRefused, Event, Given, Happened, Jam, JamClosed, Tutti
from tutti_client.events import Diverged, Resynced
from tutti_client.jam_fold import JamFold
from tutti_client.jam_replica import JamReplica

# Longer than anything here takes; whoever waits so long waits for ever.
HUNG_S: Final = 60.0
SAMPLE_EVERY_S: Final = 0.1
HEARD_EVERY: Final = 50
BURST: Final = 6
# Of the moves, so many are a burst of them.
BURSTS: Final = 0.02


class _Witness(JamFold):
    """The SDK's rules; tells the digest that it makes of its own order after each event."""

    def __init__(self, who: str, tell: Tell) -> None:
        self._who = who
        self._tell = tell
        self.replica: JamReplica[Lineup] | None = None

    def order_digest(self, state: Lineup) -> str:
        order = super().order_digest(state)
        assert self.replica is not None, "it folds nothing before"
        # Asked for the state after the event that comes next, and for nothing else.
        self._tell(Folded(self._who, self.replica.version + 1, order))
        return order


class Person:
    """See the module. Made with a connected client; `enter` before all else."""

    def __init__(self, who: str, tutti: Tutti, tell: Tell, draw: random.Random) -> None:
        self.who = who
        self.tutti = tutti
        self.inside = asyncio.Event()
        self._tell = tell
        self._draw = draw
        self._watch = Watch()
        self._jumps: list[str] = []
        self._jam: Jam | None = None

    @property
    def jam(self) -> Jam:
        assert self._jam is not None, "the caller enters first"
        return self._jam

    async def come_in(self, code: str) -> None:
        """Raises RequestRefused."""
        jam, _ = await self.tutti.jam_requests.join(code)
        await self.enter(jam)

    async def enter(self, jam: str) -> None:
        """Opens a Jam that we are a member of."""
        witness = _Witness(self.who, self._tell)
        # Whoever enters first chooses the rules; `open_jam` finds the replica there.
        witness.replica, _ = self.tutti._link.enter_jam(jam, witness)
        self._watch.reloaded()
        self._jam = await self.tutti.open_jam(jam, timeout_s=HUNG_S)
        self._jam.listen(self._listen)
        self.inside.set()

    async def until(self, is_so: Callable[[Jam], bool], hung_s: float | None = HUNG_S) -> None:
        """Returns when it is so here."""
        async with asyncio.timeout(hung_s):
            while not is_so(self.jam):
                await self.jam.changed()

    # -- what they do ----------------------------------------------------------------------------------------

    async def do(self, command: str, give: Callable[[], Given[Any]]) -> str:
        """Gives a command and waits for its outcome; returns the code of a refusal, or nothing."""
        began_s, code, session = time.perf_counter(), "", self._session
        try:
            await give()
        except CommandRefused as refusal:
            code = refusal.code
        except (JamClosed, ConnectionRefused) as closed:
            code = closed.code
        took_ms = round((time.perf_counter() - began_s) * 1000, 3)
        is_timed = session == self._session != 0
        self._tell(Settled(self.who, command, code, took_ms if is_timed else None))
        return code

    @property
    def _session(self) -> int:
        """Which connection stands; 0: none."""
        return self.tutti.sessions if self.tutti.is_connected else 0

    async def press_twice(self, command: str, play: int, gives: Sequence[Callable[[], Given[Any]]]) -> None:
        """Two presses at the same moment, for the same play."""
        one, two = await asyncio.gather(*(self.do(command, give) for give in gives))
        self._tell(Pressed(self.who, play, (one, two)))

    async def live(self, moves_s: float, is_over: asyncio.Event) -> None:
        """Does something so many times a second, as long as they are in, until it is over."""
        while not is_over.is_set():
            await asyncio.sleep(self._draw.expovariate(moves_s))
            if not self.inside.is_set():
                await self.inside.wait()
                continue
            is_burst = self._draw.random() < BURSTS
            await asyncio.gather(*(self.move() for _ in range(BURST if is_burst else 1)))

    async def move(self, choose: Callable[[Jam, random.Random], Move] = next_move) -> None:
        with suppress(JamClosed):
            move = choose(self.jam, self._draw)
            await self.do(move.name, move.give)

    # -- what they hear --------------------------------------------------------------------------------------

    async def watch(self, is_over: asyncio.Event) -> None:
        """Looks where the music is, again and again, until it is over."""
        while not is_over.is_set():
            await asyncio.sleep(SAMPLE_EVERY_S)
            if self.inside.is_set():
                self._look()
        self._say_heard()

    def _look(self) -> None:
        now_ms, clock = self.tutti.now_ms(), self.tutti.room_clock
        lineup, offset_ms = self.jam.replica.committed, clock.offset_ms(now_ms)
        if lineup is None or offset_ms is None or clock.filter is None:
            return
        timeline, room_ms = lineup.jam.timeline, now_ms + offset_ms
        duration_ms = duration_of(lineup.jam.entries.get(timeline.entry))
        position_ms = position_at(lineup.jam, int(room_ms))
        is_over = duration_ms is not None and position_ms >= duration_ms
        wrong = self._watch.look(
            Sample(
                now_ms=now_ms,
                offset_ms=offset_ms,
                restarts=clock.filter.restarts,
                play=timeline.play,
                position_ms=position_ms,
                duration_ms=duration_ms,
                is_paused=timeline.paused or not timeline.entry,
                is_moving=not timeline.paused and room_ms >= timeline.anchor_ms and not is_over,
            )
        )
        if wrong is not None:
            self._jumps.append(wrong)
        if self._watch.samples >= HEARD_EVERY or wrong is not None:
            self._say_heard()

    def _say_heard(self) -> None:
        watch = self._watch
        self._tell(Heard(self.who, watch.samples, watch.steps, tuple(self._jumps)))
        watch.samples = watch.steps = 0
        self._jumps.clear()

    def _listen(self, event: Event) -> None:
        match event:
            case Happened(event=body):
                self._watch.happened(body)
            case Resynced():
                self._watch.reloaded()
                self._tell(Troubled(self.who, "resynced"))
            case Diverged():
                self._tell(Troubled(self.who, "diverged"))

    # -- the end ---------------------------------------------------------------------------------------------

    async def rest(self) -> None:
        """Waits for the Jam's end and tells what stands here then."""
        await self.until(lambda jam: jam.is_open and jam.status == "ended")
        lineup = self.jam.replica.committed
        assert lineup is not None, "it is open"
        self._tell(Rests(self.who, self.jam.version, digest(lineup.jam)))
