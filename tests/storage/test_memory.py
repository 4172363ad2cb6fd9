"""What only the store in memory does: going wrong when it is told to."""

import pytest

from storage.memory import CommitFault, MemoryStore
from storage.store import OutcomeUnknown, Unavailable
from tests.contracts.backends import batch, op


async def test_faults_meet_the_next_commits_in_order() -> None:
    store = MemoryStore()
    commit = batch(await store.create_document("doc", "playlist", "epoch", "ada", b"", 1), op(1))
    store.fail_next_commit(CommitFault.UNAVAILABLE)
    store.fail_next_commit(CommitFault.UNKNOWN_NOT_WRITTEN)
    store.fail_next_commit(CommitFault.UNKNOWN_WRITTEN)
    with pytest.raises(Unavailable):
        await store.commit([commit])
    with pytest.raises(OutcomeUnknown):
        await store.commit([commit])
    assert await store.ops("doc", 0, 9) == []
    with pytest.raises(OutcomeUnknown):
        await store.commit([commit])
    assert await store.ops("doc", 0, 9) == list(commit.ops)
    assert await store.commit([commit]) == [False]


def test_nothing_ever_awaits() -> None:
    store = MemoryStore()
    for call in (store.create_document("doc", "playlist", "epoch", "ada", b"", 1), store.commit([])):
        with pytest.raises(StopIteration):
            call.send(None)
