"""Each kind of damage, planted by SQL into a history that the real room wrote, is found and named."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from collab import verify as verify_module
from collab.codec import pack_body, unpack_body
from collab.config import Settings
from collab.database import visit_database
from collab.effects import SaveSnapshot
from collab.messages import Open, Submit
from collab.playlist import Playlist, empty_playlist
from collab.room import Room
from collab.seating import Seat
from collab.verify import Verification, Verified
from collab.verify_document import FINDINGS_KEPT
from ot.build import insert_at, move_range, remove_range, set_attribute
from ot.op import Op, encode
from storage.rows import Commit
from storage.sqlite import SqliteStore, open_sqlite
from storage.store import StoreRefused
from tests.collab.command import serving, tutti
from tests.lookups import outcome

PLAYLIST = "playlist00000000000001"
QUIET = "playlist00000000000002"
ADA, BEN = "ada", "ben"
CLIENT = {ADA: "clientofada00000000001", BEN: "clientofben00000000001"}
NOW_MS = 1_700_000_000_000
# More than one page of ops and more than one snapshot.
EDITS = 600


class Writer:
    """A room on a store, and its users' submissions, one commit each."""

    def __init__(self, store: SqliteStore, room: Room[Op]) -> None:
        self.store = store
        self.room = room
        self.seqs: dict[str, int] = {}

    @classmethod
    async def create(cls, store: SqliteStore, document: str) -> "Writer":
        snapshot = pack_body(empty_playlist({"name": document}))
        await store.create_document(document, "playlist", f"epoch of {document}", ADA, snapshot, NOW_MS)
        await store.set_member(document, BEN, "editor")
        return await cls.resume(store, document)

    @classmethod
    async def resume(cls, store: SqliteStore, document: str) -> "Writer":
        loaded = await store.load(document)
        assert loaded is not None
        writer = cls(store, Room(Playlist(), loaded))
        for user, client in CLIENT.items():
            settled = await outcome(store, document, client)
            writer.seqs[user] = settled.seq if settled else 0
            writer.room.enter(Seat(f"socket of {user}", user, user, client), Open(document), settled)
        return writer

    @property
    def length(self) -> int:
        return len(self.room.state.view()["entries"])

    async def submit(self, user: str, op: Op) -> None:
        self.seqs[user] += 1
        request = Submit(self.room.head.document, self.seqs[user], self.room.head.version, encode(op))
        self.room.submit(f"socket of {user}", request)
        task, _ = self.room.next_task(NOW_MS)
        assert isinstance(task, Commit), "one submission is one commit"
        assert await self.store.commit([task]) == [True]
        for effect in self.room.committed():
            if isinstance(effect, SaveSnapshot):
                await self.store.add_snapshot(self.room.head.document, effect.epoch, effect.snapshot)

    async def insert(self, user: str, index: int) -> None:
        entry: dict[str, Any] = {
            "uid": f"{CLIENT[user]}.{self.seqs[user]}",
            "track": "spotify:track:1",
            "added_by": user,
            "added_at": NOW_MS,
        }
        await self.submit(user, insert_at(self.length, index, [entry]))

    async def live(self, edits: int) -> None:
        """Inserts, removes, moves, a refusal and an op that changes nothing, by both users."""
        for number in range(edits):
            user = (ADA, BEN)[number % 3 == 0]
            if self.length < 3 or number % 5 < 3:
                await self.insert(user, number % (self.length + 1))
            elif number % 5 == 3:
                await self.submit(user, remove_range(self.length, number % self.length))
            else:
                await self.submit(user, move_range(self.length, 0, 1, self.length))
        await self.submit(ADA, set_attribute("colour", "red"))
        await self.submit(BEN, Op())


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a sound database; nobody writes to it."""
    return tmp_path_factory.mktemp("pristine")


@pytest.fixture
async def data(pristine: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    if not (pristine / "tutti.db").exists():
        store = await open_sqlite(pristine)
        await (await Writer.create(store, PLAYLIST)).live(EDITS)
        await (await Writer.create(store, QUIET)).live(3)
        await store.close()
    return shutil.copytree(pristine, tmp_path / "data")


async def look(data: Path) -> tuple[Verified, list[str]]:
    lines: list[str] = []
    store = await visit_database(Settings(data=data))
    try:
        verified = await Verification(store, {"playlist": Playlist()}, lines.append).run()
    finally:
        await store.close()
    return verified, lines


def plant(data: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(data / "tutti.db")) as connection, connection:
        cursor = connection.execute(statement, values)
        assert cursor.rowcount != 0, "the damage hit nothing"


def rewrite(data: Path, table: str, version: int, change: Callable[[Any], Any]) -> None:
    """Changes the body of the row of `version`."""
    with closing(sqlite3.connect(data / "tutti.db")) as connection, connection:
        where = "document = ? AND version = ?"
        [(body,)] = connection.execute(
            f"SELECT body FROM {table} WHERE {where}", (PLAYLIST, version)
        ).fetchall()
        changed = pack_body(change(unpack_body(body)))
        assert changed != body, "the damage changed nothing"
        connection.execute(f"UPDATE {table} SET body = ? WHERE {where}", (changed, PLAYLIST, version))


async def test_a_sound_database_has_no_findings(data: Path) -> None:
    assert await look(data) == (Verified(2, 0), [])


async def test_a_horizon_is_no_finding(data: Path) -> None:
    store = await open_sqlite(data)
    assert await store.forget_ops(PLAYLIST, 590) == 512
    await store.close()
    assert await look(data) == (Verified(2, 0), [])


DAMAGE = {
    "a missing op": ("DELETE FROM operations WHERE version = 300", "version 300 is missing"),
    "missing ops at the end": (
        "DELETE FROM operations WHERE version > 590",
        "versions 591 to 600 are missing",
    ),
    "a head set back": (
        "UPDATE documents SET version = version - 1 WHERE version > 100",
        "there are rows of version 600, its head stands at version 599",
    ),
    "changes set back": (
        "UPDATE documents SET changes = 5 WHERE version > 100",
        "its head stands at 5",
    ),
    "no changes": ("UPDATE documents SET changes = 0 WHERE version > 100", "but 0 changes"),
    "a horizon beyond the head": (
        "UPDATE documents SET horizon = 700 WHERE version > 100",
        "but a horizon of 700",
    ),
    "a horizon without a snapshot": (
        "UPDATE documents SET horizon = 10 WHERE version > 100",
        "there is no snapshot at version 10",
    ),
    "an unknown kind": ("UPDATE documents SET kind = 'opera' WHERE version > 100", "kind 'opera' is unknown"),
    "no head": ("DELETE FROM documents WHERE version > 100", "there are ops or settled rows, but no head"),
    "an unreadable op": ("UPDATE operations SET body = x'c1' WHERE version = 20", "op of version 20 cannot"),
    "an op that is none": ("UPDATE operations SET body = x'90' WHERE version = 20", "version 20 is no op"),
    "an unreadable snapshot": (
        "UPDATE snapshots SET body = x'81' WHERE version = 512",
        "snapshot at version 512 cannot",
    ),
    "a snapshot of another shape": (
        "UPDATE snapshots SET body = x'80' WHERE version = 512",
        "snapshot at version 512 cannot",
    ),
    "no oldest snapshot": (
        "DELETE FROM snapshots WHERE version = 0",
        "there is no snapshot at version 0",
    ),
    "a snapshot from the future": (
        "UPDATE snapshots SET version = 9000 WHERE version = 512",
        "rows of version 9000",
    ),
    "a seq that falls": ("UPDATE operations SET seq = 0 WHERE version = 400", "version 400 carries seq 0"),
    "an op of another user": ("UPDATE operations SET author = 'eve' WHERE version = 400", "of two users"),
    "a settled row that lags": (
        f"UPDATE settled SET seq = 3, version = 5 WHERE client_id = '{CLIENT[BEN]}'",
        "ends at seq 3",
    ),
    "a settled row of another version": (
        f"UPDATE settled SET seq = seq - 1, version = 7 WHERE client_id = '{CLIENT[BEN]}'",
        "says version 7 of seq",
    ),
    "a settled row of an older version": (
        f"UPDATE settled SET version = 7 WHERE client_id = '{CLIENT[BEN]}'",
        "says version 7 of seq",
    ),
    "a settled row that refuses what was committed": (
        f"UPDATE settled SET seq = seq - 1, version = NULL, code = 'no' WHERE client_id = '{CLIENT[BEN]}'",
        "says no of seq",
    ),
    "a settled row without an outcome": (
        f"UPDATE settled SET version = NULL, code = '' WHERE client_id = '{CLIENT[ADA]}'",
        "neither a version nor a refusal",
    ),
    "a missing settled row": (
        f"DELETE FROM settled WHERE client_id = '{CLIENT[ADA]}'",
        f"client {CLIENT[ADA]} has no settled row",
    ),
    "a settled row of another user": (
        f"UPDATE settled SET user_id = 'eve' WHERE client_id = '{CLIENT[ADA]}' AND document = '{QUIET}'",
        f"client {CLIENT[ADA]}: it belongs to user {ADA} and to user eve",
    ),
    "a settled row of the future": (
        f"UPDATE settled SET changes = 9000 WHERE client_id = '{CLIENT[ADA]}' AND document = '{PLAYLIST}'",
        "a settled row is of change 9000",
    ),
}


@pytest.mark.parametrize(("statement", "finding"), DAMAGE.values(), ids=DAMAGE)
async def test_damage_is_found(data: Path, statement: str, finding: str) -> None:
    plant(data, statement)
    verified, lines = await look(data)
    assert verified.findings > 0
    assert [line for line in lines if finding in line], lines


def _first_uid_twice(snapshot: Any) -> Any:
    entries = snapshot["entries"]
    return {**snapshot, "entries": [entries[0], *entries[:-1]]}


REWRITTEN: dict[str, tuple[str, int, Callable[[Any], Any], str]] = {
    "an op for a longer list": ("operations", 2, lambda op: {"l": [["k", 9], ["r", 1]]}, "(op_length)"),
    "an op with another's uid": (
        "operations",
        2,
        lambda op: {"l": [[c[0], [{**c[1][0], "uid": "x.1"}]] if c[0] == "i" else c for c in op["l"]]},
        "(uid_foreign)",
    ),
    "an op with a uid that stands already": (
        "operations",
        3,
        lambda op: {
            "l": [[c[0], [{**c[1][0], "uid": f"{CLIENT[ADA]}.0"}]] if c[0] == "i" else c for c in op["l"]]
        },
        "(uid_taken)",
    ),
    "an op with another content": (
        "operations",
        598,
        lambda op: {"a": {"colour": "red"}},
        "(attribute_invalid)",
    ),
    "a snapshot in another order": (
        "snapshots",
        512,
        lambda state: {**state, "entries": state["entries"][::-1]},
        "the snapshot at version 512 has the digest",
    ),
    "a snapshot with an entry twice": ("snapshots", 512, _first_uid_twice, "the snapshot at version 512"),
    "a snapshot without its removals": (
        "snapshots",
        512,
        lambda state: {**state, "removed": state["removed"][1:]},
        "remembers other removals",
    ),
}


@pytest.mark.parametrize(("table", "version", "change", "finding"), REWRITTEN.values(), ids=REWRITTEN)
async def test_damaged_content_is_found(
    data: Path, table: str, version: int, change: Callable[[Any], Any], finding: str
) -> None:
    rewrite(data, table, version, change)
    _, lines = await look(data)
    assert [line for line in lines if finding in line], lines


async def test_a_flood_of_findings_is_counted_and_cut(data: Path) -> None:
    plant(data, "UPDATE operations SET body = x'90' WHERE document = ?", PLAYLIST)
    verified, lines = await look(data)
    assert verified.findings >= EDITS - 2
    assert len(lines) == FINDINGS_KEPT + 1
    assert lines[-1].endswith(f"and {verified.findings - FINDINGS_KEPT} more")


async def test_writing_meanwhile_is_no_finding(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between any two reads the document goes on, forgets, and is deleted at the end."""
    monkeypatch.setattr(verify_module, "OPS_PAGE", 200)
    server = await open_sqlite(data)
    writer = await Writer.resume(server, PLAYLIST)
    visitor: Any = await visit_database(Settings(data=data))
    read = visitor._read
    reads = 0

    async def interleaved(*args: Any) -> Any:
        nonlocal reads
        reads += 1
        if reads < 20:
            await writer.insert((ADA, BEN)[reads % 2], 0)
        elif reads == 20:
            await server.forget_ops(PLAYLIST, writer.room.head.version)
        elif reads == 25:
            await server.delete_document(QUIET)
        return await read(*args)

    monkeypatch.setattr(visitor, "_read", interleaved)
    lines: list[str] = []
    verified = await Verification(visitor, {"playlist": Playlist()}, lines.append).run()
    await visitor.close()
    await server.close()
    assert reads > 25
    assert lines == []
    assert verified.findings == 0


def test_the_command(data: Path) -> None:
    run = tutti("verify", "--data", data)
    assert (run.returncode, run.stdout) == (0, "verified 2 documents, 0 findings\n")
    with serving(data):
        assert tutti("verify", "--data", data).returncode == 0
    plant(data, "DELETE FROM operations WHERE version = 300")
    run = tutti("verify", "--data", data)
    assert run.returncode == 1
    assert run.stdout.splitlines()[0] == f"{PLAYLIST}: version 300 is missing"
    assert run.stdout.splitlines()[-1].startswith("verified 2 documents, ")


def test_the_command_without_a_database(tmp_path: Path) -> None:
    run = tutti("verify", "--data", tmp_path / "nowhere")
    assert (run.returncode, run.stdout) == (1, "")
    assert "There is no Tutti database" in run.stderr
    assert not (tmp_path / "nowhere").exists()


async def test_a_damaged_log_is_refused_and_left_alone(data: Path, tmp_path: Path) -> None:
    """Opening it would let SQLite drop every commit after the damage, and the evidence with them."""
    store = await open_sqlite(data)
    writer = await Writer.resume(store, QUIET)
    for _ in range(3):
        await writer.insert(ADA, 0)
    crashed = shutil.copytree(data, tmp_path / "crashed")
    await store.close()
    log = crashed / "tutti.db-wal"
    damaged = bytearray(log.read_bytes())
    damaged[100] ^= 1
    log.write_bytes(damaged)
    with pytest.raises(StoreRefused, match="wal is damaged"):
        await visit_database(Settings(data=crashed))
    assert log.read_bytes() == damaged
