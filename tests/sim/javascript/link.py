"""Stand-ins for a link, its replica, its roster and its standby that live in JavaScript.

Each has the members that a simulated device uses of the Python class whose name it bears. What changes
something there is a question to the program, with the device's time; the answer tells how everything stands
since, so looking costs nothing. Messages travel as frames of JSON that each side's codec has written.
"""

from typing import Any, cast

from collab.codec import Encoding, decode_client, encode_message, join
from collab.messages import Body, ClientMessage, ServerMessage
from ot.digest import digest
from ot.document import EMPTY, Document
from ot.op import Op, encode
from ot.undo import Direction
from tests.sim.javascript.events import closed_of, event_of, link_events
from tests.sim.javascript.program import Program, program
from tutti_client.events import Closed, Event
from tutti_client.link import Link as PythonLink
from tutti_client.link_events import LinkEvent
from tutti_client.playlist_replica import PlaylistReplica
from tutti_client.roster import Roster
from tutti_client.standby import Standby as PythonStandby
from tutti_client.store import Stored, Write


def javascript_link(
    client: str, user: str, uids_taken: int = 0, *, clock_offset_ms: int = 0, is_kept: bool = False
) -> PythonLink:
    """A link as Python's constructor makes it, to all who use it as a device does."""
    assert is_kept, "devices of a simulation have a disk"
    return cast(PythonLink, Link(client, user, uids_taken, clock_offset_ms))


class _Device:
    """One device of the program, and how it stands."""

    def __init__(self, program: Program, number: int) -> None:
        self._program = program
        self._number = number
        self.standing: dict[str, Any] = {}
        self.document = EMPTY
        self.acked = EMPTY
        self.digest = ""

    def ask(self, fn: str, **arguments: object) -> Any:
        """What came of it; `standing` is the new one."""
        answer = self._program.ask(self._number, fn, arguments)
        self.standing = answer
        replica = answer["replica"]
        if replica is not None:
            if (document := replica["document"]) is not None:
                self.document = Document(document["entries"], document["attributes"])
            if (acked := replica["acked"]) is not None:
                self.acked = Document(acked["entries"], acked["attributes"])
                self.digest = acked["digest"]
        return answer["came"]


class Link:
    """See the module."""

    def __init__(self, client: str, user: str, uids_taken: int, clock_offset_ms: int) -> None:
        birth: dict[str, object] = {
            "client": client,
            "user": user,
            "uids_taken": uids_taken,
            "clock_offset_ms": clock_offset_ms,
        }
        self._device = _Device(program(), program().birth(**birth))
        self._device.standing = birth
        self._events: list[LinkEvent] = []

    def enter(self, room: str, stored: Stored | None = None) -> tuple[PlaylistReplica, Roster]:
        self._device.ask("enter", room=room, stored=None if stored is None else _told(stored))
        replica, roster = Replica(self._device, room), _Roster(self._device)
        return cast(PlaylistReplica, replica), cast(Roster, roster)

    @property
    def client(self) -> str:
        return str(self._device.standing["client"])

    @property
    def uids_taken(self) -> int:
        return int(self._device.standing["uids_taken"])

    @property
    def renewal_is_due(self) -> bool:
        return bool(self._device.standing["renewal_is_due"])

    def server_ms(self, now_ms: int) -> int:
        return now_ms + int(self._device.standing["clock_offset_ms"])

    def get_timer(self) -> float | None:
        timer_ms: float | None = self._device.standing["timer_ms"]
        return timer_ms

    def connected(self, token: str) -> None:
        self._device.ask("connected", token=token)

    def disconnected(self) -> None:
        self._device.ask("disconnected")

    def renew(self, client: str) -> list[LinkEvent]:
        return link_events(self._device.ask("renew", client=client))

    def outgoing(self, now_ms: int) -> list[ClientMessage]:
        came = self._device.ask("outgoing", now_ms=now_ms)
        self._events = link_events(came["events"])
        return _messages(came["frames"])

    def take_events(self) -> list[LinkEvent]:
        """Asked for after `outgoing`, which brought them."""
        events, self._events = self._events, []
        return events

    def receive(self, message: ServerMessage, now_ms: int) -> list[LinkEvent]:
        return link_events(self._device.ask("receive", frame=_frame(message), now_ms=now_ms))

    def prepare(self, token: str) -> PythonStandby:
        self._device.ask("prepare", token=token)
        return cast(PythonStandby, _Standby(self._device))

    def stay(self) -> None:
        self._device.ask("stay")

    def move(self, _: PythonStandby, now_ms: int) -> list[LinkEvent]:
        """On the standby that was prepared last: a device has one."""
        return link_events(self._device.ask("move", now_ms=now_ms))


class Replica:
    """Of the one playlist that a device opens."""

    def __init__(self, device: _Device, room: str) -> None:
        self.room = room
        self._device = device
        self._checked = EMPTY

    def _get(self, name: str) -> Any:
        return self._device.standing["replica"][name]

    @property
    def client(self) -> str:
        return str(self._get("client"))

    @property
    def epoch(self) -> str:
        return str(self._get("epoch"))

    @property
    def version(self) -> int:
        return int(self._get("version"))

    @property
    def role(self) -> str:
        return str(self._get("role"))

    @property
    def closed(self) -> Closed | None:
        told = self._get("closed")
        return None if told is None else closed_of(told)

    @property
    def is_open(self) -> bool:
        return bool(self._get("is_open"))

    @property
    def is_synced(self) -> bool:
        return bool(self._get("is_synced"))

    @property
    def needs_client(self) -> bool:
        return bool(self._get("needs_client"))

    @property
    def has_inflight(self) -> bool:
        return bool(self._get("has_inflight"))

    @property
    def edits_made(self) -> int:
        return int(self._get("edits_made"))

    @property
    def edits_settled(self) -> int:
        return int(self._get("edits_settled"))

    @property
    def engine(self) -> "Replica | None":
        """What there is to see of it; None until it is loaded."""
        return None if self._get("undecided") is None else self

    @property
    def undecided(self) -> set[str]:
        return set(self._get("undecided"))

    @property
    def document(self) -> Document:
        return self._device.document

    @property
    def acked(self) -> Document:
        return self._device.acked

    def edit(self, op: Op) -> list[Event]:
        return [event_of(told) for told in self._device.ask("edit", op=encode(op))]

    def take_back(self, direction: Direction) -> list[Event]:
        return [event_of(told) for told in self._device.ask("take_back", direction=direction)]

    def take_uid(self) -> str:
        return str(self._device.ask("take_uid"))

    def take_write(self) -> Write | None:
        told = self._device.ask("take_write")
        if told is None:
            return None
        whole = None if told["whole"] is None else told["whole"].encode()
        return Write(self.room, whole, tuple(map(str.encode, told["records"])), told["isUnsaved"])

    def check(self) -> None:
        """JavaScript has looked at itself before it answered. What it acknowledges has the same digest in
        both languages."""
        if self._checked is not self.acked:
            self._checked = self.acked
            here = digest(self.acked)
            assert here == self._device.digest, f"JavaScript has the digest {self._device.digest}, not {here}"


class _Roster:
    def __init__(self, device: _Device) -> None:
        self._device = device

    def show(self, state: Body) -> None:
        self._device.ask("show", state=state)


class _Standby:
    """Named by nothing: the newest of its device is meant."""

    def __init__(self, device: _Device) -> None:
        self._device = device

    def outgoing(self, now_ms: int) -> list[ClientMessage]:
        return _messages(self._device.ask("standby_outgoing", now_ms=now_ms))

    def receive(self, message: ServerMessage, now_ms: int) -> None:
        self._device.ask("standby_receive", frame=_frame(message), now_ms=now_ms)

    def is_ready(self, now_ms: int) -> bool:
        return bool(self._device.ask("standby_look", now_ms=now_ms)["is_ready"])

    def get_timer(self, now_ms: int) -> int | None:
        timer_ms: int | None = self._device.ask("standby_look", now_ms=now_ms)["timer_ms"]
        return timer_ms


def _frame(message: ServerMessage) -> str:
    return join([encode_message(message, Encoding.JSON)], Encoding.JSON).decode()


def _messages(frames: list[str]) -> list[ClientMessage]:
    decoded = (decode_client(frame, Encoding.JSON) for frame in frames)
    return [message for frame in decoded for message in frame.messages]


def _told(stored: Stored) -> dict[str, object]:
    records = [record.decode() for record in stored.records]
    return {"room": stored.room, "whole": stored.whole.decode(), "records": records}
