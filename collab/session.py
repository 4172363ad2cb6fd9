"""One client's protocol state.

Who are you, and in which order may things be said: hello first and soon, then rooms. Pure: it takes typed
messages and `now_ms`, and returns effects; the connection performs them. What a user may do in a room is
the room's question, because only the room holds the role table that the commit compares.

    NEW ──hello──► CHECKING ──authenticated──► LIVE ──► CLOSED
     └── 10 s ──────────┴──────rejected──────────┴────────┘
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import assert_never

import msgspec

from collab.closing import CloseCode
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
from collab.errors import Refusal
from collab.ids import is_id
from collab.messages import (
    PRESENCE_BYTES_MAX,
    ClientMessage,
    Hello,
    Leave,
    Open,
    PartFromClient,
    Probe,
    Refresh,
    RefreshSoon,
    Refused,
    SetPresence,
    Submit,
    Welcome,
)

HELLO_TIMEOUT_MS = 10_000
ROOMS_MAX = 64
# When to ask again for a room too many; another must have been left by then.
ROOM_RETRY_MS = 1_000
# While a token is looked up a client may go on talking, this much.
BACKLOG_MAX = 64
REFRESH_AHEAD_MS = 60_000
# An op beyond this many components costs rate tokens in proportion.
COMPONENTS_PER_TOKEN = 256
# A frame with submissions costs in proportion beyond this many bytes, whatever makes it large: in the long
# run a connection makes a node decode, store and send on 800 KiB a second; an ordinary frame costs no more.
BYTES_PER_TOKEN = 16 * 1024
# An `open` is answered with a whole playlist; all of a session's rooms fit into the burst.
OPEN_COST = 5


@dataclass(frozen=True, slots=True)
class Rates:
    """Submissions a second on one connection, and how many may come at once; excess waits."""

    submissions_per_s: int = 50
    submissions_burst: int = 500


class _Phase(Enum):
    NEW = auto()
    CHECKING = auto()
    LIVE = auto()
    CLOSED = auto()


class Session:
    """See the module. `user`, `name` and `client` (the client id) are known once the session is live."""

    def __init__(self, connection: str, welcome: Welcome, rates: Rates, now_ms: int) -> None:
        self.connection = connection
        self.user = ""
        self.name = ""
        self.client = ""
        self._expires_ms = 0
        self.rooms: set[str] = set()
        self._welcome = welcome
        self._rates = rates
        self._phase = _Phase.NEW
        self._backlog: list[tuple[ClientMessage, int]] = []
        self._refreshing = False
        self._hello_by_ms = now_ms + HELLO_TIMEOUT_MS
        self._asked_to_refresh = False
        self._tokens = float(rates.submissions_burst)
        self._tokens_at_ms = now_ms

    @property
    def is_live(self) -> bool:
        return self._phase is _Phase.LIVE

    def receive(self, message: ClientMessage, now_ms: int, frame_bytes: int = 0) -> list[SessionEffect]:
        """One message of the client. `frame_bytes` is the length of the frame that it came in, with the first
        `submit` of the frame; 0 with what follows, since a frame is paid for once."""
        if self._phase is _Phase.LIVE:
            return self._receive_live(message, now_ms, frame_bytes)
        if self._phase is _Phase.NEW:
            return self._receive_first(message)
        if self._phase is _Phase.CHECKING:
            if len(self._backlog) >= BACKLOG_MAX:
                return self._close(CloseCode.FLOOD, "flood", "Wait for `welcome` before you say so much.")
            self._backlog.append((message, frame_bytes))
        return []

    def _receive_first(self, message: ClientMessage) -> list[SessionEffect]:
        if not isinstance(message, Hello):
            return self._close(CloseCode.UNAUTHENTICATED, "hello_missing", "Say `hello` first.")
        if not is_id(message.client):
            return self._close(
                CloseCode.BAD_MESSAGE,
                "client_invalid",
                "A client id is 128 random bits as 22 base62 characters.",
            )
        self._phase = _Phase.CHECKING
        self.client = message.client
        return [Authenticate(message.token, message.client)]

    def _receive_live(self, message: ClientMessage, now_ms: int, frame_bytes: int) -> list[SessionEffect]:
        match message:
            case Submit():
                return [Pass(message), *self._spend(_cost(message, frame_bytes), now_ms)]
            case Open():
                if len(self.rooms) >= ROOMS_MAX and message.room not in self.rooms:
                    text = f"A connection may have {ROOMS_MAX} rooms open."
                    return [Reply(Refused(message.room, 0, "rate_limited", text, True, ROOM_RETRY_MS))]
                self.rooms.add(message.room)
                return [Enter(message), *self._spend(OPEN_COST, now_ms)]
            case SetPresence():
                if len(msgspec.json.encode(message.state)) > PRESENCE_BYTES_MAX:
                    text = f"A presence state may have {PRESENCE_BYTES_MAX} bytes."
                    return self._close(CloseCode.TOO_LARGE, "too_large", text)
                return [PassPresence(message)]
            case Leave():
                self.rooms.discard(message.room)
                return [Exit(message.room)]
            case Refresh():
                if self._refreshing:
                    return []
                self._refreshing = True
                return [Authenticate(message.token, self.client)]
            case Hello():
                return self._close(CloseCode.BAD_MESSAGE, "hello_twice", "A session says `hello` once.")
            case Probe() | PartFromClient():
                return []  # the connection answered or assembled it before it came here
        assert_never(message)

    def _spend(self, cost: int, now_ms: int) -> list[SessionEffect]:
        rate = self._rates.submissions_per_s
        refill = (now_ms - self._tokens_at_ms) * rate / 1000
        self._tokens = min(float(self._rates.submissions_burst), self._tokens + refill) - cost
        self._tokens_at_ms = now_ms
        if self._tokens >= 0:
            return []
        return [PauseReading(int(-self._tokens * 1000 / rate) + 1)]

    # -- what the edge found out ------------------------------------------------------------------------

    def authenticated(self, user: str, name: str, expires_ms: int, now_ms: int) -> list[SessionEffect]:
        """The token is good until `expires_ms` (wall time), and the client id is this user's or nobody's."""
        if self._phase is _Phase.CLOSED:
            return []
        self._asked_to_refresh = False
        if self._phase is _Phase.LIVE:
            self._refreshing = False
            if user != self.user:
                return self._close(
                    CloseCode.UNAUTHENTICATED, "token_invalid", "A refreshed token must be of the same user."
                )
            self._expires_ms = expires_ms
            return []
        self._phase = _Phase.LIVE
        self.user, self.name, self._expires_ms = user, name, expires_ms
        welcome = self._welcome
        effects: list[SessionEffect] = [
            Reply(
                Welcome(
                    user=user,
                    name=name,
                    connection=self.connection,
                    limits=welcome.limits,
                    heartbeat_ms=welcome.heartbeat_ms,
                    time_us=now_ms * 1000,
                    retry_base_ms=welcome.retry_base_ms,
                    retry_cap_ms=welcome.retry_cap_ms,
                    token_expires_ms=expires_ms,
                    server=welcome.server,
                )
            )
        ]
        backlog, self._backlog = self._backlog, []
        for message, frame_bytes in backlog:
            effects.extend(self.receive(message, now_ms, frame_bytes))
        return effects

    def rejected(self, refusal: Refusal) -> list[SessionEffect]:
        """The token is not good here, or the client id is another user's, or nobody can tell now."""
        if self._phase is _Phase.CLOSED:
            return []
        if refusal.retryable and self._phase is _Phase.LIVE:
            # The token that stands is still good; the client may ask again before it ends.
            self._refreshing = False
            return []
        if refusal.retryable:
            close_code = CloseCode.OVERLOADED
        elif refusal.code == "client_taken":
            close_code = CloseCode.CLIENT_TAKEN
        elif refusal.code == "token_expired":
            close_code = CloseCode.TOKEN_EXPIRED
        else:
            close_code = CloseCode.UNAUTHENTICATED
        return self._close(close_code, refusal.code, refusal.message, refusal.retry_after_ms)

    def evicted(self, room: str) -> None:
        """The room closed itself to this user."""
        self.rooms.discard(room)

    def closed(self) -> None:
        self._phase = _Phase.CLOSED
        self._backlog.clear()

    # -- time -------------------------------------------------------------------------------------------

    def get_timer(self) -> int | None:
        """When `handle_timer` wants to be called, in wall ms; None: never."""
        match self._phase:
            case _Phase.NEW | _Phase.CHECKING:
                return self._hello_by_ms
            case _Phase.LIVE:
                return self._expires_ms - (0 if self._asked_to_refresh else REFRESH_AHEAD_MS)
            case _Phase.CLOSED:
                return None

    def handle_timer(self, now_ms: int) -> list[SessionEffect]:
        due = self.get_timer()
        if due is None or now_ms < due:
            return []
        if self._phase is not _Phase.LIVE:
            return self._close(CloseCode.HELLO_TIMEOUT, "hello_timeout", "No `hello` came within 10 s.")
        if now_ms >= self._expires_ms:
            return self._close(
                CloseCode.TOKEN_EXPIRED, "token_expired", "The token has expired; get a new one."
            )
        self._asked_to_refresh = True
        return [Reply(RefreshSoon(self._expires_ms - now_ms))]

    def _close(
        self, close_code: CloseCode, code: str, message: str, retry_after_ms: int = 0
    ) -> list[SessionEffect]:
        self.closed()
        return [Close(close_code, code, message, retry_after_ms)]


def _cost(message: Submit, frame_bytes: int) -> int:
    """Of a submission, in rate tokens."""
    components = message.op.get("l", ())
    by_length = len(components) // COMPONENTS_PER_TOKEN if isinstance(components, list) else 0
    return 1 + by_length + frame_bytes // BYTES_PER_TOKEN
