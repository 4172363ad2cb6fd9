"""One client's side of a session.

Says hello, then carries many rooms over one connection: their replicas and rosters, the token's refresh, the
server's farewell. When a replica needs a new client id, no new submission is begun anywhere until those under
way are settled; then `renewal_is_due`, and the caller says `renew` and connects anew.

    OFF ──connected──► GREETING ──welcome──► LIVE ──disconnected──► OFF
                                             │  ▲
                                             └──┘ move, to a session that `standby` prepared

Pure: tokens, ids and `now_ms` are arguments. Does not know sockets, or when to come back.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from collab.messages import (
    Ack,
    ClientMessage,
    Digest,
    Drain,
    Goodbye,
    Hello,
    Leave,
    Opened,
    Ops,
    Presence,
    Probe,
    Refresh,
    RefreshSoon,
    Refused,
    RoleChanged,
    ServerMessage,
    Time,
    Welcome,
)
from tutti_client.errors import ConnectionRefused
from tutti_client.fold import Fold, State
from tutti_client.jam_replica import JamReplica
from tutti_client.link_events import (
    InRoom,
    LinkEvent,
    MembersChanged,
    MoveWanted,
    TimeSet,
    TokenWanted,
    Welcomed,
)
from tutti_client.playlist_replica import PlaylistReplica
from tutti_client.replica import Replica
from tutti_client.room_clock import RoomClock
from tutti_client.roster import Roster
from tutti_client.standby import Standby
from tutti_client.store import Journal, Stored, Write
from tutti_client.uids import Uids

SDK = "python"


class _Phase(Enum):
    OFF = auto()
    GREETING = auto()
    LIVE = auto()


@dataclass(slots=True)
class _Room:
    replica: Replica[Any]
    roster: Roster


class Link:
    """See the module. `user`, `name` and `connection` (our member id) are known once it is live."""

    def __init__(
        self,
        client: str,
        user: str = "",
        uids_taken: int = 0,
        *,
        clock_offset_ms: int = 0,
        is_kept: bool = False,
    ) -> None:
        """Goes on where an earlier one stood, if `user` is known. `clock_offset_ms`: what is known of the
        server's clock before the first welcome. `is_kept`: `take_writes` will be asked for."""
        self.user = user
        self.name = ""
        self.connection = ""
        self.token_expires_ms = 0
        self.farewell: Goodbye | None = None
        self._uids = Uids(client, uids_taken)
        self._is_kept = is_kept
        self._phase = _Phase.OFF
        self._rooms: dict[str, _Room] = {}
        self._queue: list[ClientMessage] = []
        # The last seqs of rooms that were left with something in flight.
        self._last_seqs: dict[str, int] = {}
        self._clock_offset_ms = clock_offset_ms
        self._standby: Standby | None = None
        self.room_clock = RoomClock()

    @property
    def client(self) -> str:
        """The client id of the session."""
        return self._uids.client

    @property
    def uids_taken(self) -> int:
        """How many uids this client id has given to entries."""
        return self._uids.taken

    @property
    def is_live(self) -> bool:
        return self._phase is _Phase.LIVE

    def server_ms(self, now_ms: int) -> int:
        """Estimated wall time of the server, in ms; behind by what `welcome` took to arrive, never ahead."""
        return now_ms + self._clock_offset_ms

    def room_ms(self, now_ms: float) -> float:
        """The room's time, as the clock probes have it; before the first answers, and without a Jam, as
        `server_ms`."""
        offset_ms = self.room_clock.offset_ms(now_ms)
        return now_ms + (self._clock_offset_ms if offset_ms is None else offset_ms)

    # -- rooms -----------------------------------------------------------------------------------------------

    @property
    def rooms(self) -> tuple[str, ...]:
        """Those that were entered and not left."""
        return tuple(self._rooms)

    def enter(
        self, room: str, stored: Stored | None = None, *, now_ms: int | None = None
    ) -> tuple[PlaylistReplica, Roster]:
        """The replica and the roster of a playlist; it is opened as soon as the link is live. `stored` is
        where the replica was in an earlier life; raises Unreadable if it cannot go on from there."""
        known = self._rooms.get(room)
        if known is None:
            journal = Journal() if self._is_kept else None
            replica = PlaylistReplica(room, self._who(), self._uids, self._last_seq(room), journal=journal)
            if stored is not None:
                replica.resume(stored)
            return replica, self._enter(replica, now_ms)
        assert isinstance(known.replica, PlaylistReplica), "the caller knows what it entered as what"
        return known.replica, known.roster

    def enter_jam(
        self, room: str, fold: Fold[State], *, now_ms: int | None = None
    ) -> tuple[JamReplica[State], Roster]:
        """As `enter`, for a Jam with these rules."""
        known = self._rooms.get(room)
        if known is None:
            replica = JamReplica(room, self._who(), self._uids, fold, self._last_seq(room))
            return replica, self._enter(replica, now_ms)
        assert isinstance(known.replica, JamReplica), "the caller knows what it entered as what"
        return known.replica, known.roster

    def _who(self) -> str:
        assert self.user, "rooms are entered by somebody: after the first welcome"
        return self.user

    def _last_seq(self, room: str) -> int:
        return self._last_seqs.pop(room, 0)

    def _enter(self, replica: Replica[Any], now_ms: int | None) -> Roster:
        roster = Roster(replica.room)
        self._rooms[replica.room] = _Room(replica, roster)
        self._want_time()
        if self.is_live:
            replica.connected(None if now_ms is None else self.server_ms(now_ms))
        return roster

    def take_writes(self, *, final: bool = False) -> list[Write]:
        """What is to be written now, together; `final`: also what could wait."""
        writes = [room.replica.take_write(final=final) for room in self._rooms.values()]
        return [write for write in writes if write is not None]

    def leave(self, room: str) -> None:
        """Forgets a room, with what was unsaved there."""
        known = self._rooms.pop(room, None)
        if known is None:
            return
        if known.replica.has_inflight:
            self._last_seqs[room] = known.replica.last_seq
        if self.is_live and known.replica.closed is None:
            self._queue.append(Leave(room))
        self._want_time()

    def _want_time(self) -> None:
        self.room_clock.want(any(isinstance(room.replica, JamReplica) for room in self._rooms.values()))

    @property
    def renewal_is_due(self) -> bool:
        """Whether a replica needs a new client id and nothing is under way under the old one."""
        return self._needs_client() and not any(
            room.replica.has_inflight and room.replica.closed is None for room in self._rooms.values()
        )

    def renew(self, client: str) -> list[LinkEvent]:
        """Goes on under a new client id; `connected` comes next."""
        self._uids = Uids(client)
        self._last_seqs.clear()
        self.disconnected()
        return [
            InRoom(name, event)
            for name, room in self._rooms.items()
            if room.replica.closed is None
            for event in room.replica.renew(self._uids)
        ]

    def _needs_client(self) -> bool:
        return any(room.replica.needs_client and room.replica.closed is None for room in self._rooms.values())

    # -- the connection --------------------------------------------------------------------------------------

    def connected(self, token: str) -> None:
        """A socket is open. `token` proves who we are."""
        self._phase = _Phase.GREETING
        self.farewell = None
        self._queue = [Hello(token, self.client, SDK)]

    def disconnected(self) -> None:
        self._phase = _Phase.OFF
        self._standby = None
        self._queue.clear()
        self.room_clock.disconnected()
        for room in self._rooms.values():
            room.replica.disconnected()

    def prepare(self, token: str) -> Standby:
        """A socket to another node is open, while this session goes on: what to say there."""
        self._standby = Standby(
            Hello(token, self.client, SDK),
            lambda: {name: room.replica for name, room in self._rooms.items()},
        )
        return self._standby

    def stay(self) -> None:
        """Nothing came of that."""
        self._standby = None

    def move(self, standby: Standby, now_ms: int) -> list[LinkEvent]:
        """Goes on on the other socket; what the old one still says counts no more. Raises ConnectionRefused
        as `receive` does; then nothing changed."""
        assert standby.welcome is not None, "the caller waits until it is ready"
        self._check_user(standby.welcome)
        self._standby = None
        self.farewell = None
        self._queue = [Leave(room) for room in standby.rooms if room not in self._rooms]
        self.room_clock.disconnected()
        taken_over = [
            room.replica for name, room in self._rooms.items() if standby.takes_over(name, room.replica)
        ]
        for room in self._rooms.values():
            room.replica.disconnected()
        events = self._receive_welcome(standby.welcome, standby.welcomed_ms)
        for replica in taken_over:
            replica.moved()
        for message in standby.messages:
            events += self.receive(message, now_ms)
        return events

    def refresh(self, token: str) -> None:
        """A new token of the same user."""
        if self.is_live:
            self._queue.append(Refresh(token))

    def outgoing(self, now_ms: int) -> list[ClientMessage]:
        """What to send now, in order. Taking it counts as sending it."""
        messages, self._queue = self._queue, []
        if self.is_live:
            holds = self._standby is not None and self._standby.holds(now_ms)
            freeze = not (holds or self._needs_client())
            for room in self._rooms.values():
                messages += room.replica.outgoing(now_ms, freeze=freeze)
                if room.replica.is_open:
                    messages += room.roster.outgoing(now_ms)
        return messages

    def take_events(self) -> list[LinkEvent]:
        """What happened in `outgoing`."""
        return [
            InRoom(name, event) for name, room in self._rooms.items() for event in room.replica.take_events()
        ]

    def take_probe(self, now_ms: float) -> Probe | None:
        """A question for the server's time, stamped with `now_ms`: to be sent at once, by itself. None: not
        now. Asked only while a Jam is here."""
        return self.room_clock.probe(now_ms)

    def get_timer(self) -> float | None:
        """When `outgoing` or `take_probe` has something that it does not have now, in ms; None: not by
        waiting."""
        timers: list[float | None] = [self.room_clock.get_timer()]
        if self.is_live:
            for room in self._rooms.values():
                timers.append(room.replica.get_timer())
                if room.replica.is_open:
                    timers.append(room.roster.get_timer())
        return min((timer for timer in timers if timer is not None), default=None)

    # -- what arrives ----------------------------------------------------------------------------------------

    def receive(self, message: ServerMessage, now_ms: int) -> list[LinkEvent]:
        """One message of the server. Raises ConnectionRefused if the session is now somebody else's."""
        match message:
            case Opened() | Ops() | Ack() | Refused() | Digest() | RoleChanged():
                return self._receive_in_room(message, now_ms)
            case Presence():
                known = self._rooms.get(message.room)
                if known is None:
                    return []
                known.roster.receive(message)
                return [MembersChanged(message.room)]
            case Welcome():
                return self._receive_welcome(message, now_ms)
            case RefreshSoon():
                return [TokenWanted(message.within_ms)]
            case Drain():
                return [MoveWanted(message.after_ms)]
            case Goodbye():
                self.farewell = message
        # Answers to probes, which `receive_time` takes, and parts, which the connection has put together.
        return []

    def receive_time(self, answer: Time, came_ms: float) -> list[LinkEvent]:
        """The answer to a probe, whose bytes came at `came_ms`."""
        return [TimeSet()] if self.room_clock.receive(answer, came_ms) else []

    def _receive_welcome(self, message: Welcome, now_ms: int) -> list[LinkEvent]:
        self._check_user(message)
        self._phase = _Phase.LIVE
        self.room_clock.connected()
        self.user, self.name, self.connection = message.user, message.name, message.connection
        self.token_expires_ms = message.token_expires_ms
        self._clock_offset_ms = message.time_us // 1000 - now_ms
        server_ms = self.server_ms(now_ms)
        return [
            Welcomed(message.retry_base_ms, message.retry_cap_ms),
            *(
                InRoom(name, event)
                for name, room in self._rooms.items()
                for event in room.replica.connected(server_ms)
            ),
        ]

    def _check_user(self, message: Welcome) -> None:
        if self.user and self.user != message.user:
            raise ConnectionRefused("token_invalid", "The token is now another user's.")

    def _receive_in_room(
        self, message: Opened | Ops | Ack | Refused | Digest | RoleChanged, now_ms: int
    ) -> list[LinkEvent]:
        known = self._rooms.get(message.room)
        if known is None:
            return []
        events: list[LinkEvent] = [
            InRoom(message.room, event) for event in known.replica.receive(message, now_ms)
        ]
        if isinstance(message, Opened):
            if known.replica.closed is not None:
                # It is a document of another kind; the server need not keep us up to date.
                self._queue.append(Leave(message.room))
                return events
            known.roster.opened(message.members, message.total)
            events.append(MembersChanged(message.room))
        return events
