"""Where sockets come in: `/v1/socket`.

Decides before anything is said whether this peer may have a connection at all: a page of a foreign origin is
turned away before the socket is accepted; who speaks no protocol of ours, comes while the node has too much
to do, or from an address with too many sockets, is accepted and told so by a close code, because browsers
hide any other answer.
"""

import secrets
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from collab.admission import RETRY_MS, Admission, Reason
from collab.clock import Clock
from collab.closing import CloseCode
from collab.codec import Encoding
from collab.config import Limits
from collab.connection import Connection, Node
from collab.frames import FrameSink
from collab.hub import Hub
from collab.ids import ID_BYTES, encode_id
from collab.messages import FRAME_BYTES_MAX, PART_BYTES_MAX, SUBMISSION_BYTES_MAX, Goodbye, Welcome
from collab.origins import Origins, is_loopback
from collab.outbox import build_frames
from collab.plain_frames import accept_frames
from collab.session import ROOMS_MAX, Rates, Session
from ot.op import COMPONENTS_MAX

PATH = "/v1/socket"
HEARTBEAT_MS = 9_000
RETRY_BASE_MS = 250
RETRY_CAP_MS = 20_000


@dataclass(slots=True)
class SocketEndpoint:
    """An ASGI application for the route of the socket."""

    hub: Hub
    admission: Admission
    node: Node
    clock: Clock
    limits: Limits
    origins: Origins
    server_name: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        if not self.origins.origin_is_allowed(headers.get("origin"), headers.get("host", "")):
            await receive()
            await send({"type": "websocket.close", "code": int(CloseCode.FORBIDDEN_ORIGIN)})
            return
        encoding = _choose(scope["subprotocols"])
        address = scope["client"][0] if scope.get("client") else ""
        sink = await accept_frames(scope, receive, send, encoding.value if encoding else None)
        if encoding is None:
            names = " or ".join(known.value for known in Encoding)
            goodbye = Goodbye("bad_subprotocol", f"Ask for the subprotocol {names}.")
            await _turn_away(sink, Encoding.JSON, CloseCode.BAD_SUBPROTOCOL, goodbye)
        elif (refusal := self._refusal(address)) is not None:
            reason, close_code, goodbye = refusal
            self.admission.count(reason)
            await _turn_away(sink, encoding, close_code, goodbye)
        else:
            await self._serve(sink, encoding, address)

    def _refusal(self, address: str) -> tuple[Reason, CloseCode, Goodbye] | None:
        """Why no new session begins here now, if so."""
        limits = self.limits
        if self.hub.is_draining:
            goodbye = Goodbye("drain", "This node stops; come back to another.")
            return "draining", CloseCode.DRAIN, goodbye
        if not self.admission.admits_sessions:
            goodbye = Goodbye("overloaded", "This node has too much to do; try again soon.", RETRY_MS)
            return "overloaded", CloseCode.OVERLOADED, goodbye
        if self.hub.socket_count >= limits.sockets_max:
            goodbye = Goodbye("overloaded", "This node is full; try again soon.", RETRY_MS)
            return "sockets_max", CloseCode.OVERLOADED, goodbye
        if not is_loopback(address) and self.hub.sockets_from(address) >= limits.sockets_per_address:
            goodbye = Goodbye("too_many_sockets", "Too many sockets from this address.", RETRY_MS)
            return "sockets_per_address", CloseCode.TOO_MANY_SOCKETS, goodbye
        return None

    async def _serve(self, sink: FrameSink, encoding: Encoding, address: str) -> None:
        connection_id = encode_id(secrets.token_bytes(ID_BYTES))
        rates = Rates(self.limits.submissions_per_s, self.limits.submissions_burst)
        session = Session(connection_id, self._welcome(), rates, self.clock.now_ms())
        self.hub.came(Connection(sink, encoding, session, self.node, address))
        await sink.run()

    def _welcome(self) -> Welcome:
        return Welcome(
            user="",
            name="",
            connection="",
            limits={
                "frame_bytes": FRAME_BYTES_MAX,
                "part_bytes": PART_BYTES_MAX,
                "submission_bytes": SUBMISSION_BYTES_MAX,
                "components": COMPONENTS_MAX,
                "entries": self.limits.entries_max,
                "rooms": ROOMS_MAX,
                "submissions_per_s": self.limits.submissions_per_s,
                "submissions_burst": self.limits.submissions_burst,
            },
            heartbeat_ms=HEARTBEAT_MS,
            time_us=0,
            retry_base_ms=RETRY_BASE_MS,
            retry_cap_ms=RETRY_CAP_MS,
            token_expires_ms=0,
            server=self.server_name,
        )


def _choose(offered: list[str]) -> Encoding | None:
    """The client's first choice that we speak."""
    known = {encoding.value: encoding for encoding in Encoding}
    return next((known[name] for name in offered if name in known), None)


async def _turn_away(sink: FrameSink, encoding: Encoding, close_code: CloseCode, goodbye: Goodbye) -> None:
    for frame in build_frames((goodbye,), encoding):
        sink.write(frame)
    sink.close(int(close_code), goodbye.code)
    await sink.run()
