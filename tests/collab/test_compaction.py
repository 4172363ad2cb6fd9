"""What is forgotten, and what stays."""

import pytest

from collab import compaction as compaction_module
from collab.compaction import Compacted, Compaction
from collab.config import Retention, Settings
from storage.memory import MemoryStore
from storage.rows import Commit, OpRow, Snapshot
from storage.store import Unavailable
from tests.collab.command import refused, tutti

DAY_MS = 24 * 3600 * 1000
NOW_MS = 1_000 * DAY_MS


async def document(store: MemoryStore, name: str, ages: list[int], snapshots: tuple[int, ...] = ()) -> None:
    """A document with a version for each age, in days."""
    head = await store.create_document(name, "playlist", "epoch", "ann", b"", 0)
    rows = tuple(
        OpRow(version, "client", version, "ann", NOW_MS - age * DAY_MS - 1, b"")
        for version, age in enumerate(ages, 1)
    )
    assert await store.commit([Commit(name, head.epoch, 0, 0, rows, ())]) == [True]
    for version in snapshots:
        await store.add_snapshot(name, "epoch", Snapshot(version, b""))


async def horizon(store: MemoryStore, name: str) -> int:
    return (await store.heads([name]))[name].horizon


def compaction(store: MemoryStore, versions: int | None = None, days: int | None = None) -> Compaction:
    return Compaction(store, Retention(versions, days), lambda: NOW_MS)


@pytest.mark.parametrize(
    ("versions", "days", "expected"),
    [
        (4, None, 6),  # versions 7 to 10 stay
        (5, None, 4),  # 6 to 10 stay, and there is no snapshot at 5
        (9, None, 0),
        (10, None, 0),
        (99, None, 0),
        (1, None, 8),
        (None, 3, 6),  # version 7 is three days old
        (None, 9, 0),
        (None, 100, 0),
        (None, 1, 8),
        (4, 5, 4),  # what either keeps
        (6, 3, 4),
    ],
)
async def test_it_forgets_up_to_the_newest_snapshot_that_is_old_enough(
    versions: int | None, days: int | None, expected: int
) -> None:
    store = MemoryStore()
    await document(store, "doc", [9, 8, 7, 6, 5, 4, 3, 2, 1, 0], (2, 4, 6, 8, 10))
    compacted = await compaction(store, versions, days).run()
    assert await horizon(store, "doc") == expected
    assert compacted == Compacted(expected > 0, expected)
    assert await compaction(store, versions, days).run() == Compacted(), "and nothing more the next time"


async def test_with_days_alone_a_playlist_at_rest_keeps_only_what_it_is() -> None:
    store = MemoryStore()
    await document(store, "doc", [9, 8, 7], (3,))
    await compaction(store, days=2).run()
    assert await horizon(store, "doc") == 3
    loaded = await store.load("doc")
    assert loaded is not None
    assert (loaded.snapshot.version, loaded.tail) == (3, ())


async def test_everything_stays_by_default() -> None:
    assert Settings().retention.keeps_everything
    store = MemoryStore()
    await document(store, "doc", [900] * 10, (10,))
    assert await compaction(store).run() == Compacted()
    assert await horizon(store, "doc") == 0


async def test_every_document_is_looked_at_and_much_is_forgotten_in_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compaction_module, "STEP", 3)
    store = MemoryStore()
    for name, length in (("a", 10), ("b", 1), ("c", 20)):
        await document(store, name, [1] * length, tuple(range(0, length + 1, 5)))
    assert await compaction(store, versions=5).run() == Compacted(2, 5 + 15)
    assert [await horizon(store, name) for name in "abc"] == [5, 0, 15]


async def test_a_node_goes_on_when_the_database_was_away() -> None:
    store = MemoryStore()
    await document(store, "doc", [1] * 10, (10,))
    looks = 0

    class Away(MemoryStore):
        async def all_documents(self, after: str = "", limit: int = 1000) -> list:  # type: ignore[type-arg]
            nonlocal looks
            looks += 1
            if looks == 1:
                raise Unavailable("It is away.")
            if looks == 2:
                raise RuntimeError("a bug")
            return await store.all_documents(after, limit)

        async def forget_ops(self, document: str, through: int) -> int:
            return await store.forget_ops(document, through)

    class Stopped(BaseException):
        pass

    async def pause() -> None:
        if await horizon(store, "doc"):
            raise Stopped

    with pytest.raises(Stopped):
        await compaction(Away(), versions=0).keep_running(pause)
    assert await horizon(store, "doc") == 10


def test_the_command_wants_to_be_told_what_stays() -> None:
    assert "--keep-versions" in refused(tutti("compact"))
