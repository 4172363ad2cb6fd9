"""What is true, and what must never be said.

Follows what the store commits, folds it by itself, and holds against it everything that a server says, a room
holds and a client believes. Knows the promises. Raises `Violation` at the first thing that breaks one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from collab.codec import unpack_body
from collab.messages import Ack, Digest, Opened, Ops, Presence, Refused, Row, ServerMessage
from collab.playlist import PlaylistState
from collab.roles import allowed
from collab.room import Room
from ot.apply import apply, inserted
from ot.check import check
from ot.digest import Digester
from ot.document import Document
from ot.op import Op, decode
from storage.rows import Commit, Head, OpRow, Settled

# Answers about the seq itself; they say nothing of what became of it.
ABOUT_THE_SEQ = frozenset({"seq_gap", "seq_reused", "already_settled"})
# What a replica that makes no mistake is never told. The hand of this world makes some (an unknown
# attribute), roles change, and histories are compacted; but it knows its list, its uids and its versions.
MISTAKES = ABOUT_THE_SEQ | {"op_malformed", "op_length", "op_drops", "base_ahead", "uid_taken", "uid_foreign"}


class Violation(AssertionError):
    """A promise was broken."""


@dataclass(slots=True)
class History:
    """One epoch of the document. `states[v]` is the state at version v; those before `first` came with a
    restored backup or an older epoch."""

    states: list[Document]
    rows: list[OpRow] = field(default_factory=list)
    op_ids: dict[tuple[str, int], int] = field(default_factory=dict)
    settled: dict[tuple[str, int], int | str] = field(default_factory=dict)
    tracks: set[str] = field(default_factory=set)
    uids: set[str] = field(default_factory=set)
    digester: Digester = field(default_factory=Digester)

    @property
    def version(self) -> int:
        return len(self.rows)


class Oracle:
    """The judge of one document."""

    def __init__(self, epoch: str, state: Document, trace: Callable[[str], None]) -> None:
        self.trace = trace
        self.epoch = epoch
        self.histories = {epoch: History([state])}
        # Client ids under which somebody else spoke too: they may be told anything about their seqs, and what
        # was in flight just then may take effect again under another id. By id, and by the maker of tracks.
        self.confused: set[str] = set()
        self._told: dict[str, tuple[str, int]] = {}

    @property
    def history(self) -> History:
        return self.histories[self.epoch]

    @property
    def state(self) -> Document:
        return self.history.states[-1]

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
            expect(
                allowed("submit", members.get(op.author)),
                f"an op of {op.author} was accepted after revocation",
            )
            self._append(history, op)
            self.trace(f"committed {op.version}: {op.client_id[:4]} {op.seq}")
        for row in commit.settled:
            outcome = row.code if row.version is None else row.version
            expect((row.client_id, row.seq) not in history.settled, f"{row.client_id[:4]} {row.seq} twice")
            history.settled[row.client_id, row.seq] = outcome
            if row.version is None:
                self.trace(f"committed the refusal of {row.client_id[:4]} {row.seq}: {row.code}")
        expect(head.version == history.version, "the head names the last version")

    def _append(self, history: History, row: OpRow) -> None:
        op = decode(unpack_body(row.body))
        before = history.states[-1]
        check(op, len(before.entries))
        after = apply(before, op)
        uids = {entry["uid"] for entry in after.entries}
        expect(len(uids) == len(after.entries), "a uid stands twice in the list")
        for entry in inserted(op):
            track, uid = str(entry["track"]), str(entry["uid"])
            # What an undo brings back was there before; it is new by its uid.
            is_new = uid not in history.uids and (track not in history.tracks or "was" in entry)
            is_new = is_new or track.rpartition(":")[0] in self.confused
            expect(is_new, f"the edit that inserts {track} took effect twice")
            history.tracks.add(track)
            history.uids.add(uid)
        history.rows.append(row)
        history.states.append(after)
        history.op_ids[row.client_id, row.seq] = row.version

    def new_epoch(self, epoch: str, after: Head, settled: Iterable[Settled]) -> None:
        """History goes on under another name from where `after` is, which knows these outcomes."""
        old = self.histories[after.epoch]
        rows = old.rows[: after.version]
        last = {row.client_id: row.seq for row in settled}
        self.epoch = epoch
        self.histories[epoch] = History(
            old.states[: after.version + 1],
            rows,
            {(row.client_id, row.seq): row.version for row in rows},
            {name: outcome for name, outcome in old.settled.items() if name[1] <= last.get(name[0], 0)},
        )

    # -- what the server says --------------------------------------------------------------------------------

    def told(self, connection: str, client: str, message: ServerMessage) -> None:
        """A node sends something to a client."""
        if not isinstance(message, Presence | Digest | Ops):
            self.trace(f"{connection} tells {client[:4]}: {_brief(message)}")
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
                digest = history.digester.digest(history.states[message.version])
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
            state = history.states[message.version]
            expect(
                message.snapshot.state == {"entries": state.entries, "attributes": state.attributes},
                f"the snapshot at {message.version} is not the fold",
            )
            expect(not message.ops, "a snapshot needs no ops")
            self._told[connection] = (message.epoch, message.version)
        else:
            first = message.ops[0].version - message.ops[0].count if message.ops else message.version
            self._told[connection] = (message.epoch, first)
            self._told_rows(connection, client, message.ops)
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
        epoch, version = told
        history = self._known(epoch)
        for row in rows:
            expect(row.version - row.count == version, f"{row.version} follows {version}")
            expect(row.version <= history.version, f"version {row.version} was sent before it was committed")
            if row.count == 1:
                known = history.rows[row.version - 1]
                named = (row.client, row.seq, row.author) == (known.client_id, known.seq, known.author)
                expect(named, f"version {row.version} is somebody else's")
                expect(row.op == unpack_body(known.body), f"version {row.version} is not what was committed")
                if row.client == client:
                    self._outcome(connection, client, row.seq, row.version)
            else:
                op = decode(row.op)
                expect(
                    apply(history.states[version], op) == history.states[row.version],
                    f"the ops composed up to {row.version} are not their fold",
                )
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

    def check_room(self, room: Room[Op]) -> None:
        room.check()
        history = self._known(room.head.epoch)
        expect(room.head.version <= history.version, "a room ran ahead of the store")
        state = room.state
        assert isinstance(state, PlaylistState), "the rooms of this world are playlists"
        expect(
            state.document == history.states[room.head.version],
            "a room's state is not the fold",
        )

    def check_client(self, epoch: str, version: int, acked: Document) -> None:
        history = self._known(epoch)
        expect(version <= history.version, "a client ran ahead of the store")
        expect(acked == history.states[version], f"a client's state at {version} is not the fold")

    def check_refusal(self, client: str, message: Refused) -> None:
        """A client hears a refusal on the connection that it uses; since one that it gave up it may have gone
        on elsewhere."""
        is_mistaken = message.code in MISTAKES and client not in self.confused
        expect(not is_mistaken, f"{client[:4]} was told {message.code} of seq {message.seq}")

    def age(self, epoch: str) -> int:
        """How many epochs came before this one."""
        return list(self.histories).index(epoch)

    def check_ack(self, epoch: str, client: str, seq: int) -> None:
        """A client believed this to be durable."""
        history = self._known(epoch)
        known = history.op_ids.get((client, seq), history.settled.get((client, seq)))
        expect(isinstance(known, int), f"{client[:4]} {seq} was acked and is lost")

    def _known(self, epoch: str) -> History:
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
