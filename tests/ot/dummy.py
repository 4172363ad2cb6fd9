"""A server in one list, and clients whose messages arrive when the test says so.

Scripts read: type, delay, deliver, converge. The server does what the room does with an op: transform it over
what was committed since its base, commit it if anything is left of it, tell everybody.
"""

from dataclasses import dataclass, field

from ot.apply import apply
from ot.build import insert_at, move_range, remove_range, set_field
from ot.check import check
from ot.client import Engine, Inflight
from ot.compose import compose_all
from ot.document import Document
from ot.op import Op, decode, encode, is_identity
from ot.transform import transform


@dataclass
class Commit:
    author: str
    seq: int
    op: Op


class DummyServer:
    def __init__(self, text: str = "") -> None:
        self.start = Document([{"uid": letter} for letter in text], {})
        self.document = self.start
        self.history: list[Commit] = []
        # The outcome of each client's last seq: a version, or None for refused.
        self.settled: dict[str, tuple[int, int | None]] = {}

    @property
    def version(self) -> int:
        return len(self.history)

    def submit(self, author: str, inflight: Inflight) -> None:
        """Commits an op; a resend of the last seq changes nothing."""
        if self.settled.get(author, (0, None))[0] == inflight.seq:
            return
        op = decode(encode(inflight.op))
        for commit in self.history[inflight.base :]:
            op = transform(op, commit.op, "right")
        if not is_identity(op):
            check(op, len(self.document.entries))
            self.document = apply(self.document, op)
            self.history.append(Commit(author, inflight.seq, op))
        self.settled[author] = (inflight.seq, self.version)

    def refuse(self, author: str, inflight: Inflight) -> None:
        self.settled[author] = (inflight.seq, None)


@dataclass
class Client:
    name: str
    server: DummyServer
    engine: Engine = field(init=False)
    seq: int = 0
    seen: Document = field(init=False)

    def __post_init__(self) -> None:
        self.engine = Engine(self.server.document, self.server.version)
        self.seen = self.engine.document

    def __str__(self) -> str:
        return text(self.engine.document)

    # -- type ------------------------------------------------------------------------------------------------

    def type(self, letter: str, at: int) -> None:
        self.edit(insert_at(self.length, at, [{"uid": letter}]))

    def remove(self, at: int) -> None:
        self.edit(remove_range(self.length, at))

    def move(self, at: int, before: int) -> None:
        self.edit(move_range(self.length, at, 1, before))

    def note(self, at: int, note: str) -> None:
        self.edit(set_field(self.length, at, "note", note))

    def edit(self, op: Op) -> None:
        self.engine.edit(op)
        self.seen = apply(self.seen, op)
        self.check()

    # -- delay and deliver -----------------------------------------------------------------------------------

    def send(self) -> None:
        """Freezes what waits; it is on its way, and the server does not have it yet."""
        if self.engine.send(self.seq + 1) is not None:
            self.seq += 1
        self.check()

    def arrive(self) -> None:
        """What is on its way reaches the server; if it had arrived already, again."""
        if self.engine.inflight is not None:
            self.server.submit(self.name, self.engine.inflight)

    def deliver(self, through: int | None = None, composed: bool = False) -> None:
        """Everything committed, up to a version, reaches the client; foreign ops in a row as one if asked."""
        through = self.server.version if through is None else through
        waiting: list[Op] = []
        for commit in self.server.history[self.engine.version : through]:
            if commit.author == self.name and self._is_inflight(commit.seq):
                self._deliver_foreign(waiting, composed)
                waiting = []
                self.show(self.engine.receive_own(commit.op))
            else:
                waiting.append(commit.op)
        self._deliver_foreign(waiting, composed)
        seq, version = self.server.settled.get(self.name, (0, None))
        if through == self.server.version and self._is_inflight(seq):
            self._deliver_outcome(refused=version is None)

    def show(self, visible: Op) -> None:
        """What a user interface does with the op that the engine returns."""
        check(visible, len(self.seen.entries))
        self.seen = apply(self.seen, visible)
        self.check()

    def check(self) -> None:
        self.engine.check()
        assert self.seen == self.engine.document, "the ops returned do not lead to the document"

    @property
    def length(self) -> int:
        return len(self.engine.document.entries)

    def _is_inflight(self, seq: int) -> bool:
        return self.engine.inflight is not None and self.engine.inflight.seq == seq

    def _deliver_foreign(self, ops: list[Op], composed: bool) -> None:
        if composed and ops:
            self.show(self.engine.receive(compose_all(ops), len(ops)))
        else:
            for op in ops:
                self.show(self.engine.receive(op))

    def _deliver_outcome(self, refused: bool) -> None:
        self.show(self.engine.refuse() if refused else self.engine.acknowledged_unchanged())


def converge(*clients: Client) -> str:
    """Everybody sends everything and hears of everything; the text that all end on."""
    server = clients[0].server
    while not all(client.engine.is_synced and client.engine.version == server.version for client in clients):
        for client in clients:
            client.send()
            client.arrive()
            client.deliver()
    for client in clients:
        assert client.engine.document == client.engine.acked == server.document
    return text(server.document)


def text(document: Document) -> str:
    return "".join(str(entry["uid"])[0] for entry in document.entries)
