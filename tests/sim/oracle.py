"""What is true, and what must never be said.

Follows what the store commits, folds it by itself, and holds against it everything that a server says, a room
holds and a client believes. Knows the promises that are made for every document; what its content must be is
added for each kind. Raises `Violation` at the first thing that breaks one.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from collab.codec import pack_body, unpack_body
from collab.messages import Ack, Body, Digest, Opened, Ops, Presence, Refused, Row, ServerMessage
from collab.room import Room
from storage.rows import Commit, Head, OpRow, Settled

# Answers about the seq itself; they say nothing of what became of it.
ABOUT_THE_SEQ = frozenset({"seq_gap", "seq_reused", "already_settled"})

State = TypeVar("State")


class Violation(AssertionError):
    """A promise was broken."""


class History(Generic[State]):
    """One epoch of the document. `states[v]` is the state at version v; those before the epoch's first came
    with a restored backup or an older epoch."""

    def __init__(
        self,
        states: list[State],
        rows: list[OpRow],
        op_ids: dict[tuple[str, int], int],
        settled: dict[tuple[str, int], int | str],
    ) -> None:
        self.states = states
        self.rows = rows
        self.op_ids = op_ids
        self.settled = settled
        # As they travel, by version from 1.
        self.bodies = [unpack_body(row.body) for row in rows]
        self._digests: dict[int, str] = {}

    @property
    def version(self) -> int:
        return len(self.rows)

    @property
    def state(self) -> State:
        return self.states[-1]

    def digest(self, version: int, digest: Callable[[State], str]) -> str:
        known = self._digests.get(version)
        if known is None:
            known = self._digests[version] = digest(self.states[version])
        return known


H = TypeVar("H", bound=History[Any])


class Oracle(ABC, Generic[State, H]):
    """The judge of one document."""

    # What a replica that makes no mistake is never told.
    mistakes = ABOUT_THE_SEQ

    def __init__(self, epoch: str, state: State, trace: Callable[[str | Callable[[], str]], None]) -> None:
        self.trace = trace
        self.epoch = epoch
        self.histories: dict[str, H] = {epoch: self._new_history([state], [], {}, {})}
        # Client ids under which somebody else spoke too: they may be told anything about their seqs, and what
        # was in flight just then may take effect again under another id. By id, and by the maker of tracks.
        self.confused: set[str] = set()
        self._told: dict[str, tuple[str, int]] = {}

    @property
    def history(self) -> H:
        return self.histories[self.epoch]

    @property
    def state(self) -> State:
        state: State = self.history.state
        return state

    # -- what its kind knows ---------------------------------------------------------------------------------

    @abstractmethod
    def _new_history(
        self,
        states: list[State],
        rows: list[OpRow],
        op_ids: dict[tuple[str, int], int],
        settled: dict[tuple[str, int], int | str],
    ) -> H: ...

    @abstractmethod
    def _step(self, history: H, row: OpRow, body: Body, members: dict[str, str]) -> State:
        """The state after a row that was just committed with this body, if it may have been accepted there;
        `members` is the table after it."""

    @abstractmethod
    def _view(self, state: State) -> Body:
        """As a client gets it."""

    @abstractmethod
    def _digest(self, state: State) -> str: ...

    @abstractmethod
    def _check_composed(self, before: State, row: Row, after: State) -> None:
        """A row that stands for several."""

    @abstractmethod
    def _holds(self, room: Room[Any], history: H) -> bool:
        """Whether what the room holds is the fold."""

    def _check_told(self, client: str, history: H, version: int) -> None:
        """This client is told what follows on `version`."""

    def _check_commit(self, commit: Commit, members: dict[str, str]) -> None:
        """The commit as a whole."""

    def sent(self, client: str, seq: int, body: Body) -> None:
        """Somebody submits this."""

    def observe_lost(self, commit: Commit) -> None:
        """Somebody was faster; for counting."""

    # -- what the store does ---------------------------------------------------------------------------------

    def written(self, commit: Commit, head: Head, members: dict[str, str]) -> None:
        """A commit took effect."""
        history = self.history
        expect(commit.epoch == self.epoch, "a commit of another epoch took effect")
        expect(commit.expected_version == history.version, "a version was skipped or written twice")
        for op in commit.ops:
            expect(op.version == history.version + 1, "versions follow each other")
            expect(
                (op.client_id, op.seq) not in history.op_ids, f"{op.client_id[:4]} {op.seq} is there twice"
            )
            body = unpack_body(op.body)
            after = self._step(history, op, body, members)
            history.rows.append(op)
            history.bodies.append(body)
            history.states.append(after)
            history.op_ids[op.client_id, op.seq] = op.version
        for row in commit.settled:
            outcome = row.code if row.version is None else row.version
            expect((row.client_id, row.seq) not in history.settled, f"{row.client_id[:4]} {row.seq} twice")
            history.settled[row.client_id, row.seq] = outcome
            if row.version is None:
                self.trace(f"committed the refusal of {row.client_id[:4]} {row.seq}: {row.code}")
        expect(head.version == history.version, "the head names the last version")
        self._check_commit(commit, members)

    def new_epoch(self, epoch: str, after: Head, settled: Iterable[Settled]) -> None:
        """History goes on under another name from where `after` is, which knows these outcomes."""
        old = self.histories[after.epoch]
        rows = old.rows[: after.version]
        last = {row.client_id: row.seq for row in settled}
        self.epoch = epoch
        self.histories[epoch] = self._new_history(
            old.states[: after.version + 1],
            rows,
            {(row.client_id, row.seq): row.version for row in rows},
            {name: outcome for name, outcome in old.settled.items() if name[1] <= last.get(name[0], 0)},
        )

    # -- what the server says --------------------------------------------------------------------------------

    def told(self, connection: str, client: str, message: ServerMessage) -> None:
        """A node sends something to a client."""
        if not isinstance(message, Presence | Digest | Ops):
            self.trace(lambda: f"{connection} tells {client[:4]}: {_brief(message)}")
        match message:
            case Opened():
                self._told_opened(connection, client, message)
            case Ops():
                self._told_rows(connection, client, message.ops)
            case Ack():
                self._outcome(connection, client, message.seq, message.version)
            case Refused():
                self._told_refused(connection, client, message)
            case Digest():
                history = self._known(self._epoch_of(connection))
                expect(message.version <= history.version, "a digest of a version to come")
                digest = history.digest(message.version, self._digest)
                expect(message.digest == digest, f"the digest at {message.version} is not that of the fold")
            case _:
                pass

    def forget(self, connection: str) -> None:
        """The connection is over."""
        self._told.pop(connection, None)

    def _told_opened(self, connection: str, client: str, message: Opened) -> None:
        history = self._known(message.epoch)
        expect(message.version <= history.version, "a room is opened at a version to come")
        if message.snapshot is not None:
            self._check_told(client, history, message.version)
            expect(
                message.snapshot.state == self._view(history.states[message.version]),
                f"the snapshot at {message.version} is not the fold",
            )
            expect(not message.ops, "a snapshot needs no ops")
            self._told[connection] = (message.epoch, message.version)
        else:
            first = message.ops[0].version - message.ops[0].count if message.ops else message.version
            self._told[connection] = (message.epoch, first)
            self._check_told(client, history, message.version)
            self._follow(connection, client, message.ops)
            expect(self._told[connection][1] == message.version, "the missing ops lead to the version")
        settled = message.settled
        if settled is not None and settled.version is not None:
            self._outcome(connection, client, settled.seq, settled.version)
        elif settled is not None:
            self._outcome(connection, client, settled.seq, settled.code)

    def _told_rows(self, connection: str, client: str, rows: Iterable[Row]) -> None:
        told = self._told.get(connection)
        if told is None:
            raise Violation("ops go only to those who opened the room")
        self._check_told(client, self._known(told[0]), told[1])
        self._follow(connection, client, rows)

    def _follow(self, connection: str, client: str, rows: Iterable[Row]) -> None:
        epoch, version = self._told[connection]
        history = self._known(epoch)
        for row in rows:
            expect(row.version - row.count == version, f"{row.version} follows {version}")
            expect(row.version <= history.version, f"version {row.version} was sent before it was committed")
            if row.count == 1:
                known = history.rows[row.version - 1]
                named = (row.client, row.seq, row.author) == (known.client_id, known.seq, known.author)
                expect(named, f"version {row.version} is somebody else's")
                # A tuple travels as a list.
                is_same = row.op == history.bodies[row.version - 1] or pack_body(row.op) == known.body
                expect(is_same, f"version {row.version} is not what was committed")
                if row.client == client:
                    self._outcome(connection, client, row.seq, row.version)
            else:
                self._check_composed(history.states[version], row, history.states[row.version])
                covered = history.rows[version : row.version]
                expect(
                    all(known.client_id != client for known in covered), "an own op was composed with others"
                )
            version = row.version
        self._told[connection] = (epoch, version)

    def _told_refused(self, connection: str, client: str, message: Refused) -> None:
        expect(message.code != "version_ahead", f"{client[:4]} was told that it is ahead of the store")
        if message.seq == 0 or message.retryable:
            return
        if message.code not in ABOUT_THE_SEQ:
            self._outcome(connection, client, message.seq, message.code)

    def _outcome(self, connection: str, client: str, seq: int, outcome: int | str) -> None:
        """The client is told how a seq ended: durable before it is said, and the same for ever."""
        history = self._known(self._epoch_of(connection))
        name = f"{client[:4]} {seq}"
        known = history.op_ids.get((client, seq), history.settled.get((client, seq)))
        expect(known is not None, f"{name} ended as {outcome}, it was said, and nothing is stored")
        expect(known == outcome, f"{name} ended as {known}, not {outcome}")

    # -- what rooms and clients hold -------------------------------------------------------------------------

    def check_room(self, room: Room[Any]) -> None:
        room.check()
        history = self._known(room.head.epoch)
        expect(room.head.version <= history.version, "a room ran ahead of the store")
        expect(self._holds(room, history), "a room's state is not the fold")

    def check_refusal(self, client: str, message: Refused) -> None:
        """A client hears a refusal on the connection that it uses; since one that it gave up it may have gone
        on elsewhere."""
        is_mistaken = message.code in self.mistakes and client not in self.confused
        expect(not is_mistaken, f"{client[:4]} was told {message.code} of seq {message.seq}")

    def age(self, epoch: str) -> int:
        """How many epochs came before this one."""
        return list(self.histories).index(epoch)

    def check_ack(self, epoch: str, client: str, seq: int) -> None:
        """A client believed this to be durable."""
        history = self._known(epoch)
        known = history.op_ids.get((client, seq), history.settled.get((client, seq)))
        expect(isinstance(known, int), f"{client[:4]} {seq} was acked and is lost")

    def _known(self, epoch: str) -> H:
        history = self.histories.get(epoch)
        if history is None:
            raise Violation(f"nobody ever declared the epoch {epoch}")
        return history

    def _epoch_of(self, connection: str) -> str:
        told = self._told.get(connection)
        return self.epoch if told is None else told[0]


def _brief(message: ServerMessage) -> str:
    if isinstance(message, Opened):
        rows = [row.version for row in message.ops]
        return (
            f"opened at {message.version} of {message.epoch[:4]}, {message.reason} {rows} {message.settled}"
        )
    return str(message)


def expect(holds: bool, message: str) -> None:
    if not holds:
        raise Violation(message)
