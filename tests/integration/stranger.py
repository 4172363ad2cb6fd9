"""A client written from `docs/PROTOCOL.md` and nothing else: `websockets`, `json`, and what that page says.

It waits for the server before it shows an edit (section 7), so it needs no transform. It imports nothing of
ours but the Jam's rules, which were written from that page too.
"""

import base64
import hashlib
import json
import re
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.documents.page_jam import follow
from tests.documents.page_jam_words import order

Message = dict[str, Any]

FRAME_BYTES_MAX = 64 * 1024
PIECE_BYTES = 36 * 1024


class Stranger:
    """One room on one socket at a time. `entries` and `attributes` are the state at `version`."""

    def __init__(self, url: str, token: str, client: str, room: str) -> None:
        self.url, self.token, self.client, self.room = url, token, client, room
        self.entries: list[Message] = []
        self.attributes: Message = {}
        self.epoch, self.version, self.seq = "", -1, 0
        self.compared = self.joined_parts = 0
        self._frozen: Message | None = None  # what is in flight, as it was sent
        self._parts = b""
        self._waiting: list[Message] = []

    async def join(self) -> Message:
        """Sections 2 and 8: hello, welcome, open; returns `opened`."""
        self._parts, self._waiting = b"", []
        address = self.url.replace("http", "ws", 1) + "/v1/socket"
        self._socket: ClientConnection = await connect(address, subprotocols=[Subprotocol("tutti.v1.json")])
        await self.send({"type": "hello", "token": self.token, "client": self.client})
        await self.until("welcome")
        have = {"epoch": self.epoch, "version": self.version, "inflight": self.seq if self._frozen else 0}
        await self.send({"type": "open", "room": self.room, **have})
        return await self.until("opened")

    async def leave(self) -> None:
        await self._socket.close()

    async def drop(self) -> None:
        """The line breaks."""
        self._socket.transport.abort()
        await self._socket.wait_closed()

    async def send(self, message: Message) -> None:
        frame = json.dumps([message])
        if len(frame) <= FRAME_BYTES_MAX:
            await self._socket.send(frame)
            return
        for start in range(0, len(frame), PIECE_BYTES):  # section 3; json.dumps writes ASCII
            piece = base64.b64encode(frame[start : start + PIECE_BYTES].encode()).decode()
            part = {"type": "part", "data": piece, "last": start + PIECE_BYTES >= len(frame)}
            await self._socket.send(json.dumps([part]))

    async def submit(self, op: Message) -> None:
        """Section 7: the next seq, against the version held. Its outcome comes later: see `settled`."""
        assert self._frozen is None, "one submission is in flight"
        self.seq += 1
        self._frozen = {"type": "submit", "room": self.room, "seq": self.seq, "base": self.version, "op": op}
        await self.send(self._frozen)

    async def resend(self) -> None:
        if self._frozen is not None:
            await self.send(self._frozen)

    async def settled(self) -> Message:
        """Reads until the submission in flight is settled; returns the message that said so."""
        while self._frozen is not None:
            last = await self.receive()
        return last

    async def until(self, kind: str) -> Message:
        while (message := await self.receive())["type"] != kind:
            pass
        return message

    async def receive(self) -> Message:
        """The next message, after taking in what it says."""
        while not self._waiting:
            self._waiting = json.loads(await self._socket.recv())
        message = self._waiting.pop(0)
        match message["type"]:
            case "part":  # section 3
                self._parts += base64.b64decode(message["data"])
                if message.get("last"):
                    self._waiting = json.loads(self._parts) + self._waiting
                    self._parts = b""
                    self.joined_parts += 1
            case "opened":
                self.epoch = message["epoch"]
                if "snapshot" in message:
                    self._begin(message["snapshot"]["state"])
                    self.version = message["version"]
                self._take(message.get("ops", []))
                if message.get("settled", {}).get("seq") == self.seq:
                    self._frozen = None
            case "ops":
                self._take(message["ops"])
            case "ack" | "refused" if message["seq"] == self.seq and not message.get("retryable"):
                self._frozen = None
            case "digest" if message["version"] == self.version:  # section 9
                assert message["digest"] == self.digest()
                self.compared += 1
        return message

    def _take(self, rows: list[list[Any]]) -> None:
        for version, client, seq, _author, op, count in rows:
            if version <= self.version:
                continue
            assert version - count == self.version, "a row continues the state"
            self._apply(op)
            self.version = version
            if (client, seq) == (self.client, self.seq):
                self._frozen = None

    def _begin(self, state: Message) -> None:
        """Section 4: a snapshot."""
        self.entries, self.attributes = state["entries"], state["attributes"]

    def _apply(self, op: Message) -> None:
        """Section 6."""
        old, at, picked = self.entries, 0, []
        if op.get("l"):
            for letter, n, *more in op["l"]:
                if letter == "p":
                    picked += [_edited(entry, *more) for entry in old[at : at + n]]
                at += n if letter in "krp" else 0
            new: list[Message] = []
            at = 0
            for letter, n, *more in op["l"]:
                if letter == "i":
                    new += n
                elif letter == "d":
                    new += picked[n : n + more[0]]
                elif letter == "k":
                    new += [_edited(entry, *more) for entry in old[at : at + n]]
                at += n if letter in "krp" else 0
            assert at == len(old), "an op covers the list"
            self.entries = new
        self.attributes = _edited(self.attributes, op.get("a", {}))

    def digest(self) -> str:
        parts = [
            hashlib.sha256(_canonical(part).encode()).digest()[:8]
            for part in (*self.entries, self.attributes)
        ]
        return hashlib.sha256(b"".join(parts)).hexdigest()[:16]


class JamStranger(Stranger):
    """The same in a Jam (section 15). `jam` is the state."""

    def __init__(self, url: str, token: str, client: str, room: str) -> None:
        super().__init__(url, token, client, room)
        self.jam: Message = {}
        self.happened: list[Message] = []

    async def command(self, do: str, **members: Any) -> Message:
        """Gives a command and reads until it is settled."""
        await self.submit({"do": do, **members})
        return await self.settled()

    def _begin(self, state: Message) -> None:
        self.jam = state

    def _apply(self, op: Message) -> None:
        follow(self.jam, op)
        self.happened.append(op)
        assert _hash(order(self.jam)) == op["order"]

    def digest(self) -> str:
        return _hash(self.jam)


def _hash(value: Any) -> str:
    return hashlib.sha256(_canonical(value).encode()).hexdigest()[:16]


def _edited(fields: Message, edits: Message | None = None) -> Message:
    return {field: value for field, value in {**fields, **(edits or {})}.items() if value is not None}


def _canonical(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    short = {"\\n": 0x0A, "\\r": 0x0D, "\\t": 0x09, "\\b": 0x08, "\\f": 0x0C}
    return re.sub(r'\\["\\nrtbf]', lambda m: f"\\u{short[m[0]]:04x}" if m[0] in short else m[0], text)
