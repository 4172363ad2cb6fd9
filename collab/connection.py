"""One socket.

Turns frames into messages for the session, and the session's effects into writes, lookups and calls of the
hub. Holds nothing that outlives the socket. Clock probes are answered here, before anything else in their
frame is looked at, because their worth is in the stamps.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol, assert_never

import structlog

from collab.batch import refused
from collab.brake import Brake, Reason
from collab.breakers import NotNow
from collab.clock import Clock
from collab.closing import CloseCode
from collab.codec import Encoding, decode_client
from collab.depot import Depot, Parcel
from collab.effects import (
    Authenticate,
    Close,
    Enter,
    Exit,
    Pass,
    PassPresence,
    PauseReading,
    Reply,
    SessionEffect,
)
from collab.errors import BadMessage, Refusal
from collab.frames import FrameSink
from collab.free_lists import Spares
from collab.load import NODE_UNDECIDED_BYTES_MAX, UNDECIDED_BYTES_MAX, Load
from collab.messages import (
    Goodbye,
    Hello,
    Open,
    PartFromClient,
    Probe,
    ServerMessage,
    SetPresence,
    Submit,
    Time,
)
from collab.metrics import Metrics
from collab.outbox import STUCK_AFTER_S, Outbox
from collab.session import Session
from storage.store import StoreError

log = structlog.get_logger("tutti.connection")

# A frame from here on may become megabytes while it is looked at.
LARGE_BYTES_MIN = 16 * 1024


@dataclass(frozen=True, slots=True)
class Authenticated:
    """Who a token belongs to, until when (wall ms)."""

    user: str
    name: str
    expires_ms: int


# Raises Refusal when the token or the client id is not good; StoreError when nobody can tell now.
Authenticator = Callable[[str, str], Awaitable[Authenticated]]


class Rooms(Protocol):
    """What a connection asks of the hub."""

    def enter(self, connection: "Connection", request: Open) -> None: ...

    def exit(self, connection: "Connection", room: str) -> None: ...

    def submit(self, connection: "Connection", request: Submit, load: Load | None) -> None: ...

    def set_presence(self, connection: "Connection", request: SetPresence) -> None: ...

    def catch_up(self, connection: "Connection") -> None: ...

    def gone(self, connection: "Connection") -> None: ...


@dataclass(slots=True)
class Node:
    """What the connections of a node share."""

    rooms: Rooms
    authenticate: Authenticator
    clock: Clock
    metrics: Metrics
    tasks: asyncio.TaskGroup
    depot: Depot = field(default_factory=Depot)
    undecided_bytes: int = 0


class Connection:
    """A `collab.listener.Listener` with a socket. Made after accept; lives until `on_disconnect`."""

    __slots__ = (
        "__weakref__",
        "_brake",
        "_is_over",
        "_node",
        "_opens",
        "_parcel",
        "_sink",
        "_stuck",
        "_timer",
        "_undecided_bytes",
        "address",
        "id",
        "outbox",
        "session",
    )

    def __init__(
        self, sink: FrameSink, encoding: Encoding, session: Session, node: Node, address: str = ""
    ) -> None:
        self.id = session.connection
        self.address = address
        self.session = session
        self.outbox = Outbox(sink, encoding, self._clear)
        self._sink = sink
        self._brake = Brake(sink)
        self._node = node
        self._parcel: Parcel | None = None
        self._undecided_bytes = 0
        self._opens: dict[str, Open] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._stuck: asyncio.TimerHandle | None = None
        self._is_over = False
        sink.on_message(self._receive_frame)
        sink.on_disconnect(self._disconnected)
        self._arm()

    @property
    def client(self) -> str:
        return self.session.client

    # -- in ---------------------------------------------------------------------------------------------

    def _receive_frame(self, payload: bytes | str, *, assembled: bool = False) -> None:
        spares = Spares() if len(payload) > LARGE_BYTES_MIN else None
        try:
            decoded = decode_client(payload, self.outbox.encoding, assembled=assembled)
            if decoded.unknown:
                self._node.metrics.unknown_fields.inc(decoded.unknown)
            for message in decoded.messages:
                if isinstance(message, Probe):
                    self._answer(message)
            unpaid_bytes = len(payload)
            load: Load | None = None
            for message in decoded.messages:
                if self._is_over:
                    return
                if isinstance(message, PartFromClient):
                    self._assemble(message, assembled=assembled)
                elif not isinstance(message, Probe):
                    if isinstance(message, Submit) and load is None:
                        load = Load(self._weigh, len(payload))
                    effects = self.session.receive(message, self._node.clock.now_ms(), unpaid_bytes)
                    self._perform(effects, load)
                    if isinstance(message, Submit):
                        unpaid_bytes = 0
                    elif isinstance(message, Hello):
                        self._arm()
        except BadMessage as error:
            if spares is not None:
                # What it became goes before anything is made for the answer.
                error.__traceback__ = None
                spares.restock()
            close_code = CloseCode.TOO_LARGE if error.code == "too_large" else CloseCode.BAD_MESSAGE
            self.close(close_code, error.code, error.message)
        if not (self._is_over or self.outbox.is_clear):
            self._brake.hold(Reason.OUTBOX)
            self.fell_behind()

    def _answer(self, probe: Probe) -> None:
        clock = self._node.clock
        received_us = clock.at_us(self._sink.received_ns())
        self.outbox.send_now(Time(probe.t0, received_us, clock.now_us()))

    def _assemble(self, part: PartFromClient, *, assembled: bool) -> None:
        if not self.session.is_live:
            raise BadMessage("malformed", "Parts come after `welcome`.")
        if assembled:
            raise BadMessage("malformed", "What was put together from parts holds no parts.")
        parcel = self._parcel = self._parcel or Parcel(self._node.depot, self._is_read, self._lost)
        payload = parcel.add(part)
        if payload is not None:
            self._parcel = None
            self._receive_frame(payload, assembled=True)

    def _is_read(self) -> bool:
        return not self._brake.is_held

    def _lost(self, why: str) -> None:
        """A large op will not be put together any more."""
        self.close(CloseCode.OVERLOADED, "busy", why, 1000)

    def _weigh(self, change_bytes: int) -> None:
        """Submissions were taken in, or are decided. Who has too many undecided waits."""
        self._undecided_bytes += change_bytes
        self._node.undecided_bytes += change_bytes
        if self._is_over:
            return
        if self._undecided_bytes > UNDECIDED_BYTES_MAX:
            self._brake.hold(Reason.UNDECIDED)
        else:
            self._brake.release(Reason.UNDECIDED)

    def _submit(self, request: Submit, load: Load | None) -> None:
        if self._node.undecided_bytes > NODE_UNDECIDED_BYTES_MAX:
            self.tell(refused(request.room, request.seq, Refusal("busy", retry_after_ms=1000)))
        else:
            self._node.rooms.submit(self, request, load)

    def _perform(self, effects: list[SessionEffect], load: Load | None = None) -> None:
        rooms = self._node.rooms
        for effect in effects:
            if self._is_over:
                return
            match effect:
                case Pass():
                    self._submit(effect.submission, load)
                case Reply():
                    self.outbox.send(effect.message)
                case PassPresence():
                    rooms.set_presence(self, effect.presence)
                case Enter():
                    self._enter_soon(effect.request)
                case Exit():
                    self._opens.pop(effect.room, None)
                    rooms.exit(self, effect.room)
                case Authenticate():
                    self._brake.hold(Reason.TOKEN)
                    self._node.tasks.create_task(self._authenticate(effect))
                case PauseReading():
                    self._brake.hold_for(effect.for_ms)
                case Close():
                    self.close(effect.close_code, effect.code, effect.message, effect.retry_after_ms)
                case _:
                    assert_never(effect)

    async def _authenticate(self, request: Authenticate) -> None:
        try:
            found = await self._node.authenticate(request.token, request.client)
        except Refusal as refusal:
            effects = self.session.rejected(refusal)
        except NotNow as spared:
            effects = self.session.rejected(Refusal("unavailable", retry_after_ms=spared.retry_after_ms))
        except StoreError:
            log.warning("cannot_authenticate", connection=self.id)
            effects = self.session.rejected(Refusal("unavailable", retry_after_ms=1000))
        except Exception:
            # The node's tasks are one group: whoever dies there takes the node along.
            log.exception("authentication_failed", connection=self.id)
            effects = self.session.rejected(Refusal("internal"))
        else:
            now_ms = self._node.clock.now_ms()
            effects = self.session.authenticated(found.user, found.name, found.expires_ms, now_ms)
            log.info("authenticated", connection=self.id, client=self.client, user=found.user)
        if not self._is_over:
            self._perform(effects)
            self._brake.release(Reason.TOKEN)
            self._arm()

    def _enter_soon(self, request: Open) -> None:
        """Rooms are opened one in a turn of the loop, and the next when the answer to the last is read: an
        answer can be large. A room that is asked for twice meanwhile is opened once."""
        if not self._opens:
            asyncio.get_running_loop().call_soon(self._enter_next)
        self._opens[request.room] = request

    def _enter_next(self) -> None:
        if not self._opens or self._is_over or not self.outbox.is_clear:
            return  # `_clear` comes back to it
        room = next(iter(self._opens))
        request = self._opens.pop(room)
        # It may have been evicted since it asked.
        self.session.rooms.add(room)
        self._node.rooms.enter(self, request)
        if self._opens:
            asyncio.get_running_loop().call_soon(self._enter_next)

    # -- out --------------------------------------------------------------------------------------------

    def tell(self, message: ServerMessage) -> None:
        self.outbox.send(message)

    def evicted(self, document: str) -> None:
        self.session.evicted(document)

    def failed(self, document: str) -> None:
        self.close(CloseCode.INTERNAL, "internal", "Something went wrong on our side; come back.", 200)

    def fell_behind(self) -> None:
        """Something waits for the client: it has a while to take the next of it, then it must resume."""
        if self._stuck is None:
            loop = asyncio.get_running_loop()
            self._stuck = loop.call_later(STUCK_AFTER_S, self._still_behind, self.outbox.parts_sent)

    def _clear(self) -> None:
        self._node.rooms.catch_up(self)
        if self._is_over or not self.outbox.is_clear:
            return
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None
        self._brake.release(Reason.OUTBOX)
        if self._opens:
            asyncio.get_running_loop().call_soon(self._enter_next)

    def _still_behind(self, parts_before: int) -> None:
        self._stuck = None
        if self.outbox.is_clear:
            return
        if self.outbox.parts_sent > parts_before:
            self.fell_behind()
        else:
            self.close_slow()

    def close_slow(self) -> None:
        self._node.metrics.slow_closes.inc()
        self.close(CloseCode.SLOW_CONSUMER, "slow_consumer", "You read too slowly; come back and resume.")

    def close(self, close_code: CloseCode, code: str, message: str, retry_after_ms: int = 0) -> None:
        """Says goodbye and ends the connection."""
        if self._is_over:
            return
        log.info("closing", connection=self.id, client=self.client, code=code)
        self._node.metrics.closes.labels(code=str(int(close_code))).inc()
        self.outbox.send_last(Goodbye(code, message, retry_after_ms))
        self._sink.close(int(close_code), code)
        self._end()

    def _disconnected(self, code: int) -> None:
        if not self._is_over:
            log.info("disconnected", connection=self.id, client=self.client, code=code)
            self._end()

    def _end(self) -> None:
        self._is_over = True
        self.session.closed()
        self.outbox.end()
        self._brake.end()
        for timer in (self._timer, self._stuck):
            if timer is not None:
                timer.cancel()
        self._timer = self._stuck = None
        self._opens.clear()
        if self._parcel is not None:
            self._parcel.end()
            self._parcel = None
        self._node.rooms.gone(self)

    # -- time -------------------------------------------------------------------------------------------

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due_ms = self.session.get_timer()
        if due_ms is not None:
            delay_ms = max(0, due_ms - self._node.clock.now_ms())
            self._timer = asyncio.get_running_loop().call_later(delay_ms / 1000, self._timer_due)

    def _timer_due(self) -> None:
        self._timer = None
        self._perform(self.session.handle_timer(self._node.clock.now_ms()))
        if not self._is_over:
            self._arm()
