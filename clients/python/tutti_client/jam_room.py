"""A Jam's room, as a program sees it: what was asked of it, and what happens in it.

Gives commands and tells what became of each; lets programs follow what is committed; ends when the room does.
Knows commands as values of `jam.commands`. What people may ask, and how the state reads, is `jam`'s.
"""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar
from weakref import WeakSet

from collab.messages import Body
from jam.commands import Command, encode_command
from jam.lineup import Lineup
from tutti_client.changes import JAM_CHANGES, Changes, JamChange
from tutti_client.errors import ClientError, CommandRefused, JamClosed
from tutti_client.events import Accepted, Closed, Event, Happened, Rejected, Renamed
from tutti_client.given import Done, Given
from tutti_client.host import Host
from tutti_client.jam_replica import JamReplica
from tutti_client.jam_requests import JamRequests
from tutti_client.room_clock import RoomClock
from tutti_client.roster import Roster
from tutti_client.showing import Showing
from tutti_client.signal import Signal

T = TypeVar("T")


class JamHost(Host, Protocol):
    """What a Jam asks of the client besides."""

    @property
    def room_clock(self) -> RoomClock:
        """How the time in the rooms is measured."""

    @property
    def jam_requests(self) -> JamRequests:
        """What is asked of Jams over HTTP."""

    def now_ms(self) -> float:
        """The client's own monotonic clock."""


class JamRoom:
    """See the module. Keeps `host.View`."""

    def __init__(self, replica: JamReplica[Lineup], roster: Roster, host: JamHost) -> None:
        self._replica = replica
        self._roster = roster
        self._host = host
        self._showing = Showing()
        self._signal = Signal()
        self._presence = Signal()
        self._changes: WeakSet[Changes[JamChange]] = WeakSet()
        self._listeners: list[Callable[[Event], None]] = []
        # By number, as many as may wait.
        self._given: dict[int, Given[Any]] = {}
        # The event of our own that was folded last: what its command became is told next.
        self._own_event: Body | None = None
        self._was_thrown_out = False
        self._is_closed = False

    @property
    def id(self) -> str:
        return self._replica.room

    @property
    def replica(self) -> JamReplica[Lineup]:
        """What is behind it, for looking."""
        return self._replica

    @property
    def version(self) -> int:
        """The last version that arrived from the server."""
        return self._replica.version

    @property
    def is_open(self) -> bool:
        """Whether the server keeps this Jam up to date here at this moment."""
        return self._replica.is_open

    @property
    def is_settled(self) -> bool:
        """Whether no command waits for its outcome."""
        return self._replica.is_synced

    # -- commands --------------------------------------------------------------------------------------------

    def give(self, command: Command) -> Given[None]:
        """Any command, as `jam.commands` has them; what this class has names for is better asked by these.
        Raises JamClosed, ConnectionRefused, QueueFull and InvalidEdit at once; then nothing changed."""
        return self._give(command, lambda done: None)

    def _give(self, command: Command, result: Callable[[Done], T], entry: str = "") -> Given[T]:
        self._raise_failure()
        number = self._replica.give(encode_command(command), int(self._host.room_ms()))
        given = Given(result, entry)
        self._given[number] = given
        self._host.wake()
        self._signal.notify()
        return given

    async def saved(self) -> None:
        """Returns when every command given before this call has an outcome; each tells its own. Raises
        JamClosed or ConnectionRefused."""
        wanted = self._replica.made
        while self._replica.settled < wanted:
            self._raise_failure()
            await self._signal.wait()

    # -- following it ----------------------------------------------------------------------------------------

    def changes(self) -> Changes[JamChange]:
        """An asynchronous iterator over what is committed from now on, as `Happened`, own commands included,
        with `Reacted` for reactions and `Reloaded` where everything is to be read anew."""
        changes = Changes(JAM_CHANGES)
        failure = self._failure()
        if failure is None:
            self._changes.add(changes)
        else:
            changes.end(failure)
        return changes

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Calls `listener` with every event of this Jam, outcomes of commands included, while it happens; it
        must not block."""
        self._listeners.append(listener)

    async def changed(self) -> None:
        """Returns when something may have changed. Raises JamClosed or ConnectionRefused."""
        self._raise_failure()
        await self._signal.wait()
        self._raise_failure()

    async def members_changed(self) -> None:
        """Returns when somebody came or went, or shows something else. Raises JamClosed or
        ConnectionRefused."""
        self._raise_failure()
        await self._presence.wait()
        self._raise_failure()

    async def loaded(self) -> None:
        """Returns when there is something to read, up to date if the server is there. Raises JamClosed or
        ConnectionRefused."""
        while self._replica.version < 0 or (self._host.is_connected and not self._replica.is_open):
            self._raise_failure()
            await self._signal.wait()

    # -- what we show of ourselves ---------------------------------------------------------------------------

    def show_sync(self, sync: Body) -> None:
        """Tells the room how this device keeps up; for `performance`."""
        self._showing.sync = sync
        self._show()

    def _show(self) -> None:
        self._roster.show(self._showing.state())
        self._host.wake()

    # -- its end ---------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Closes the Jam here; one stays a member, who is away once no other device of theirs has it open.
        Commands that wait are dropped."""
        if self._is_closed or self._replica.closed is not None:
            return
        self._is_closed = True
        self._host.forget(self.id, for_good=False)
        self.fail()

    def fail(self) -> None:
        """The Jam, or the connection, is gone for good: everybody who waits learns why."""
        failure = self._failure()
        for changes in self._changes:
            changes.end(None if self._is_closed else failure)
        if failure is not None:
            for given in self._given.values():
                given.fail(failure)
            self._given.clear()
        self._signal.notify()
        self._presence.notify()

    # -- what the client tells -------------------------------------------------------------------------------

    def receive(self, event: Event) -> None:
        match event:
            case Happened():
                self._own_event = event.event if event.own else None
                self._was_thrown_out = _throws_out(event.event, self._replica.user)
            case Accepted(number, is_event=is_event):
                given = self._given.pop(number, None)
                if given is not None:
                    given.settle(self._own_event if is_event else None)
            case Rejected():
                self._reject(event)
            case Renamed(names):
                for given in self._given.values():
                    given.rename(names)
            case _:
                pass
        self._tell(event)
        if isinstance(event, Closed):
            self._host.forget(self.id, for_good=True)
            self.fail()
        self._signal.notify()

    def receive_members(self) -> None:
        for reaction in self._showing.reactions_of(self._roster.members):
            self._tell(reaction)
        self._presence.notify()
        self._signal.notify()

    def sent(self) -> None:
        self._signal.notify()

    def _tell(self, event: Event) -> None:
        for changes in self._changes:
            changes.receive(event, self.version)
        for listener in self._listeners:
            listener(event)

    def _reject(self, event: Rejected) -> None:
        given = self._given.pop(event.number, None)
        if given is None:
            return
        if event.seq:
            given.fail(CommandRefused(event.code, event.message, event.retry_after_ms))
        else:
            given.fail(JamClosed(event.code, event.message))

    def _failure(self) -> ClientError | None:
        closed = self._replica.closed
        if closed is not None and self._was_thrown_out:
            return JamClosed("kicked", "You were taken out of this Jam.")
        if closed is not None:
            return JamClosed(closed.code, closed.message)
        if self._is_closed:
            return JamClosed("closed", "This Jam was closed here.")
        return self._host.failure

    def _raise_failure(self) -> None:
        failure = self._failure()
        if failure is not None:
            raise failure


def _throws_out(event: Body, user: str) -> bool:
    return event["event"] in ("kicked", "banned") and event["user"] == user
