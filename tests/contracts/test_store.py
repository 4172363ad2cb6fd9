"""What every store promises about documents and their history (`storage.store.Store`)."""

from dataclasses import replace

import pytest

from storage.rows import Commit, Head, Snapshot
from storage.store import StoreError
from tests.contracts.backends import FullStore, after, batch, op
from tests.lookups import outcome, owner


async def make(store: FullStore, document: str = "doc", owner: str = "owner") -> Head:
    return await store.create_document(document, "playlist", f"epoch-of-{document}", owner, b"empty", 500)


async def grow(store: FullStore, head: Head, count: int) -> Head:
    """`count` ops of one client, each in a commit of its own."""
    for _ in range(count):
        commit = batch(head, op(head.version + 1))
        assert await store.commit([commit]) == [True]
        head = after(head, commit)
    return head


class TestMembersOfACommit:
    """Where a document's state holds its members, the table follows in the same transaction."""

    async def test_the_owner_has_the_role_that_the_kind_gives(self, store: FullStore) -> None:
        await store.create_document("doc", "jam", "epoch", "ann", b"", 500, "host")
        assert await store.members("doc") == {"ann": "host"}

    async def test_they_come_change_and_go_with_the_commit(self, store: FullStore) -> None:
        head = await make(store)
        for version, changes, members in (
            (1, (("bob", "guest"), ("cy", "guest")), {"owner": "owner", "bob": "guest", "cy": "guest"}),
            (2, (), {"owner": "owner", "bob": "guest", "cy": "guest"}),
            (3, (("bob", "cohost"), ("cy", None)), {"owner": "owner", "bob": "cohost"}),
            (4, (("cy", None), ("owner", None)), {"bob": "cohost"}),
        ):
            commit = replace(batch(head, op(version)), members=changes)
            assert await store.commit([commit]) == [True]
            head = after(head, commit)
            assert await store.members("doc") == members
        assert (await store.heads(["doc"]))["doc"] == head
        news = await store.news("doc", 0, 0, head.epoch)
        assert news is not None
        assert news.members == {"bob": "cohost"}
        _, mine = await store.documents_of("bob", "playlist", 0, 10)
        assert mine == 1

    async def test_a_commit_that_lost_changes_no_member(self, store: FullStore) -> None:
        one, two, three = await make(store, "one"), await make(store, "two"), await make(store, "three")
        assert await store.commit([batch(one, op(1))]) == [True]
        group = [
            replace(batch(one, op(1, "late")), members=(("bob", "guest"), ("owner", None))),
            replace(batch(two, op(1)), members=(("bob", "guest"),)),
            batch(three, op(1)),
        ]
        assert await store.commit(group) == [False, True, True]
        assert await store.members("one") == {"owner": "owner"}
        assert await store.members("two") == {"owner": "owner", "bob": "guest"}
        assert await store.members("three") == {"owner": "owner"}


class TestDocuments:
    async def test_a_new_document_stands_at_zero_with_its_owner(self, store: FullStore) -> None:
        head = await make(store)
        assert head == Head("doc", "playlist", "epoch-of-doc", 0, 0, 0)
        loaded = await store.load("doc")
        assert loaded is not None
        assert loaded.head == head
        assert loaded.snapshot == Snapshot(0, b"empty")
        assert loaded.tail == ()
        assert loaded.members == {"owner": "owner"}

    async def test_an_id_is_taken_once(self, store: FullStore) -> None:
        head = await make(store)
        with pytest.raises(StoreError):
            await store.create_document("doc", "jam", "other", "somebody", b"other", 501)
        loaded = await store.load("doc")
        assert loaded is not None
        assert loaded.head == head
        assert loaded.members == {"owner": "owner"}

    async def test_what_is_absent_is_none_or_empty(self, store: FullStore) -> None:
        assert await store.load("doc") is None
        assert await store.news("doc", 0, 0, "epoch") is None
        assert await store.ops("doc", 0, 10) == []
        assert await store.heads(["doc"]) == {}
        assert await store.all_documents() == []
        assert await outcome(store, "doc", "client-1") is None
        assert await store.all_settled("doc") == []
        assert await owner(store, "client-1") is None
        assert await store.snapshots("doc") == []
        assert await store.snapshot_at("doc", 10) is None
        assert await store.members("doc") == {}
        assert await store.document_info("doc") is None
        assert await store.delete_document("doc") is False
        assert await store.forget_ops("doc", 10) == 0
        assert await store.set_member("doc", "user", "editor") is None
        await store.set_epoch("doc", "new")
        await store.add_snapshot("doc", "epoch", Snapshot(0, b"state"))
        await store.ping()

    async def test_delete_takes_everything_along(self, store: FullStore) -> None:
        await grow(store, await make(store), 3)
        assert await store.delete_document("doc") is True
        assert await store.load("doc") is None
        assert await store.all_settled("doc") == []
        assert await owner(store, "client-1") is None
        again = await make(store)
        assert await store.ops("doc", 0, 10) == []
        assert await store.commit([batch(again, op(1))]) == [True]

    async def test_a_commit_to_a_deleted_document_lost(self, store: FullStore) -> None:
        head = await make(store)
        await store.delete_document("doc")
        assert await store.commit([batch(head, op(1))]) == [False]
        assert await store.ops("doc", 0, 10) == []

    async def test_heads_of_many_in_one_call(self, store: FullStore) -> None:
        one, two = await make(store, "one"), await make(store, "two")
        two = await grow(store, two, 2)
        assert await store.heads(["one", "absent", "two"]) == {"one": one, "two": two}
        assert await store.heads([]) == {}

    async def test_all_documents_pages_by_code_point(self, store: FullStore) -> None:
        names = ["a", "B", "b", "A", "0", "aB", "Ab"]
        for name in names:
            await make(store, name)
        seen: list[str] = []
        while page := await store.all_documents(seen[-1] if seen else "", limit=3):
            assert len(page) <= 3
            seen += [head.document for head in page]
        assert seen == sorted(names)


class TestCommit:
    async def test_ops_settled_rows_and_head_together(self, store: FullStore) -> None:
        head = await make(store)
        commit = batch(head, op(1, "a", 1), op(2, "b", 7), refused=(("c", 3, "op_length"),))
        assert await store.commit([commit]) == [True]
        head = after(head, commit)
        assert (head.version, head.changes) == (2, 1)
        loaded = await store.load("doc")
        assert loaded is not None
        assert loaded.head == head
        assert loaded.tail == commit.ops
        assert await store.all_settled("doc") == list(commit.settled)
        assert await outcome(store, "doc", "c") == commit.settled[2]

    async def test_a_refusal_alone_advances_changes_only(self, store: FullStore) -> None:
        head = await make(store)
        commit = batch(head, refused=(("a", 1, "op_malformed"),))
        assert await store.commit([commit]) == [True]
        assert (await store.heads(["doc"]))["doc"] == after(head, commit)
        assert (await store.heads(["doc"]))["doc"].version == 0

    async def test_a_settled_row_replaces_the_older_one(self, store: FullStore) -> None:
        head = await grow(store, await make(store), 3)
        row = await outcome(store, "doc", "client-1")
        assert row is not None
        assert (row.seq, row.version, row.changes) == (3, 3, 3)
        assert len(await store.all_settled("doc")) == 1
        assert head.version == 3

    async def test_who_is_late_writes_nothing(self, store: FullStore) -> None:
        head = await make(store)
        first, late = batch(head, op(1, "a", 1)), batch(head, op(1, "b", 1))
        assert await store.commit([first]) == [True]
        assert await store.commit([late]) == [False]
        assert await store.ops("doc", 0, 10) == list(first.ops)
        assert await outcome(store, "doc", "b") is None
        assert await owner(store, "b") is None
        assert (await store.heads(["doc"]))["doc"] == after(head, first)

    async def test_another_epoch_or_changes_count_lost(self, store: FullStore) -> None:
        head = await grow(store, await make(store), 1)
        for wrong in (
            Head("doc", "playlist", "another", 1, 1),
            Head("doc", "playlist", head.epoch, 1, 0),
            Head("doc", "playlist", head.epoch, 1, 2),
        ):
            assert await store.commit([batch(wrong, op(2))]) == [False]
        assert (await store.heads(["doc"]))["doc"] == head

    async def test_a_lost_document_does_not_spoil_the_group(self, store: FullStore) -> None:
        heads = [await make(store, name) for name in ("one", "two", "three")]
        faster = batch(heads[1], op(1, "fast", 1))
        assert await store.commit([faster]) == [True]
        group = [
            batch(heads[0], op(1, "a", 1)),
            batch(heads[1], op(1, "b", 1)),
            batch(heads[2], op(1, "c", 1), op(2, "d", 1)),
            Commit("absent", "epoch", 0, 0, (op(1),), ()),
        ]
        assert await store.commit(group) == [True, False, True, False]
        assert await store.ops("one", 0, 10) == list(group[0].ops)
        assert await store.ops("two", 0, 10) == list(faster.ops)
        assert await outcome(store, "two", "b") is None
        assert await store.ops("three", 0, 10) == list(group[2].ops)
        assert await store.ops("absent", 0, 10) == []

    async def test_an_empty_group_is_nothing(self, store: FullStore) -> None:
        assert await store.commit([]) == []

    async def test_an_op_id_stands_once_in_a_history(self, store: FullStore) -> None:
        head = await grow(store, await make(store), 2)
        other = await make(store, "other")
        with pytest.raises(StoreError):
            await store.commit([batch(other, op(1)), batch(head, op(3, "client-1", 1))])
        assert (await store.heads(["doc", "other"])) == {"doc": head, "other": other}
        assert await store.ops("doc", 2, 10) == []
        assert await store.ops("other", 0, 10) == []

    async def test_bodies_come_back_byte_for_byte(self, store: FullStore) -> None:
        head = await make(store)
        bodies = [b"\x00", bytes(range(256)) * 1024, "ü𝄞".encode()]
        commit = batch(head, *(op(n, body=body) for n, body in enumerate(bodies, 1)))
        assert await store.commit([commit]) == [True]
        assert [row.body for row in await store.ops("doc", 0, 3)] == bodies

    async def test_ops_gives_the_range_asked_for(self, store: FullStore) -> None:
        await grow(store, await make(store), 5)
        assert [row.version for row in await store.ops("doc", 1, 3)] == [2, 3]
        assert [row.version for row in await store.ops("doc", 3, 99)] == [4, 5]
        assert await store.ops("doc", 5, 5) == []

    async def test_a_client_id_belongs_to_who_first_used_it(self, store: FullStore) -> None:
        one, two = await make(store, "one"), await make(store, "two")
        await store.commit([batch(one, op(1, "a", 1))])
        await store.commit([batch(two, refused=(("b", 1, "op_length"),))])
        assert await owner(store, "a") == "user-of-a"
        assert await owner(store, "b") == "user-of-b"
        assert await owner(store, "c") is None


class TestNews:
    async def test_what_was_missed(self, store: FullStore) -> None:
        head = await grow(store, await make(store), 2)
        commit = batch(head, op(3, "b", 1), op(4, "c", 1))
        await store.commit([commit])
        await store.set_member("doc", "guest", "viewer")
        news = await store.news("doc", 2, 2, head.epoch)
        assert news is not None
        assert news.head == Head("doc", "playlist", head.epoch, 4, 4)
        assert news.ops == commit.ops
        assert news.settled == commit.settled
        assert news.members == {"owner": "owner", "guest": "viewer"}

    async def test_nothing_missed(self, store: FullStore) -> None:
        head = await grow(store, await make(store), 2)
        news = await store.news("doc", head.version, head.changes, head.epoch)
        assert news is not None
        assert (news.head, news.ops, news.settled) == (head, (), ())

    async def test_another_epoch_means_load_anew(self, store: FullStore) -> None:
        head = await grow(store, await make(store), 2)
        await store.set_epoch("doc", "restored")
        news = await store.news("doc", 1, 1, head.epoch)
        assert news is not None
        assert news.ops is None
        assert news.head == Head("doc", "playlist", "restored", 2, 3)
        assert [row.seq for row in news.settled] == [2]

    async def test_a_version_that_never_was_means_load_anew(self, store: FullStore) -> None:
        head = await grow(store, await make(store), 2)
        news = await store.news("doc", 3, 3, head.epoch)
        assert news is not None
        assert news.ops is None

    async def test_forgotten_ops_mean_load_anew(self, store: FullStore) -> None:
        head = await grow(store, await make(store), 4)
        await store.add_snapshot("doc", head.epoch, Snapshot(3, b"at 3"))
        await store.forget_ops("doc", 3)
        assert (await store.news("doc", 2, 2, head.epoch)).ops is None  # type: ignore[union-attr]
        at_horizon = await store.news("doc", 3, 3, head.epoch)
        assert at_horizon is not None
        assert at_horizon.ops is not None
        assert [row.version for row in at_horizon.ops] == [4]


class TestSnapshots:
    async def test_load_starts_at_the_newest(self, store: FullStore) -> None:
        head = await grow(store, await make(store), 5)
        await store.add_snapshot("doc", head.epoch, Snapshot(4, b"at 4"))
        await store.add_snapshot("doc", head.epoch, Snapshot(2, b"at 2"))
        loaded = await store.load("doc")
        assert loaded is not None
        assert loaded.snapshot == Snapshot(4, b"at 4")
        assert [row.version for row in loaded.tail] == [5]
        assert await store.snapshots("doc") == [
            Snapshot(0, b"empty"),
            Snapshot(2, b"at 2"),
            Snapshot(4, b"at 4"),
        ]

    async def test_repeating_one_changes_nothing(self, store: FullStore) -> None:
        head = await grow(store, await make(store), 2)
        await store.add_snapshot("doc", head.epoch, Snapshot(2, b"first"))
        await store.add_snapshot("doc", head.epoch, Snapshot(2, b"second"))
        assert (await store.snapshots("doc"))[-1] == Snapshot(2, b"first")
        assert (await store.heads(["doc"]))["doc"] == head

    async def test_wrong_ones_are_ignored(self, store: FullStore) -> None:
        head = await grow(store, await make(store), 4)
        await store.add_snapshot("doc", "another epoch", Snapshot(2, b"foreign"))
        await store.add_snapshot("doc", head.epoch, Snapshot(5, b"of the future"))
        assert await store.snapshots("doc") == [Snapshot(0, b"empty")]
        await store.add_snapshot("doc", head.epoch, Snapshot(3, b"at 3"))
        await store.forget_ops("doc", 4)
        await store.add_snapshot("doc", head.epoch, Snapshot(2, b"before the horizon"))
        assert await store.snapshots("doc") == [Snapshot(3, b"at 3")]

    async def test_the_state_at_a_version_begins_at_the_newest_not_above(self, store: FullStore) -> None:
        head = await grow(store, await make(store), 5)
        await store.add_snapshot("doc", head.epoch, Snapshot(4, b"at 4"))
        await store.add_snapshot("doc", head.epoch, Snapshot(2, b"at 2"))
        found = [await store.snapshot_at("doc", version) for version in range(6)]
        assert [snapshot.version for snapshot in found if snapshot] == [0, 0, 2, 2, 4, 4]
        assert found[3] == Snapshot(2, b"at 2")
        await store.forget_ops("doc", 2)
        assert await store.snapshot_at("doc", 1) is None

    async def test_thinning_keeps_some_as_far_apart_as_wanted(self, store: FullStore) -> None:
        head = await grow(store, await make(store), 12)
        for version in range(1, 13):
            await store.add_snapshot("doc", head.epoch, Snapshot(version, b"state"))
            await store.thin_snapshots("doc", version, 4)
        assert [snapshot.version for snapshot in await store.snapshots("doc")] == [0, 4, 8, 12]
        await store.thin_snapshots("nobody", 12, 4)

    async def test_thinning_leaves_the_beginning_of_history(self, store: FullStore) -> None:
        head = await grow(store, await make(store), 6)
        for version in (2, 4, 6):
            await store.add_snapshot("doc", head.epoch, Snapshot(version, b"state"))
        await store.forget_ops("doc", 4)
        await store.thin_snapshots("doc", 6, 100)
        assert [snapshot.version for snapshot in await store.snapshots("doc")] == [4, 6]

    async def test_forget_goes_to_the_newest_snapshot_not_above(self, store: FullStore) -> None:
        head = await grow(store, await make(store), 6)
        await store.add_snapshot("doc", head.epoch, Snapshot(2, b"at 2"))
        await store.add_snapshot("doc", head.epoch, Snapshot(5, b"at 5"))
        assert await store.forget_ops("doc", 1) == 0
        assert await store.forget_ops("doc", 4) == 2
        assert (await store.heads(["doc"]))["doc"] == Head("doc", "playlist", head.epoch, 6, 6, horizon=2)
        assert [row.version for row in await store.ops("doc", 0, 10)] == [3, 4, 5, 6]
        assert [snapshot.version for snapshot in await store.snapshots("doc")] == [2, 5]
        assert await store.forget_ops("doc", 1) == 2
        loaded = await store.load("doc")
        assert loaded is not None
        assert loaded.snapshot == Snapshot(5, b"at 5")

    async def test_settled_rows_and_the_next_commit_outlive_forgetting(self, store: FullStore) -> None:
        head = await grow(store, await make(store), 3)
        await store.add_snapshot("doc", head.epoch, Snapshot(3, b"at 3"))
        assert await store.forget_ops("doc", 3) == 3
        row = await outcome(store, "doc", "client-1")
        assert row is not None
        assert row.seq == 3
        assert await store.commit([batch(head, op(4))]) == [True]
        loaded = await store.load("doc")
        assert loaded is not None
        assert [row.version for row in loaded.tail] == [4]


class TestWhatElseAdvancesChanges:
    async def test_a_new_epoch(self, store: FullStore) -> None:
        head = await make(store)
        await store.set_epoch("doc", "restored")
        assert (await store.heads(["doc"]))["doc"] == Head("doc", "playlist", "restored", 0, 1)
        assert await store.commit([batch(head, op(1))]) == [False]

    async def test_a_change_of_members(self, store: FullStore) -> None:
        head = await make(store)
        changed = await store.set_member("doc", "guest", "editor")
        assert changed == Head("doc", "playlist", head.epoch, 0, 1)
        assert await store.commit([batch(head, op(1))]) == [False]
        assert await store.commit([batch(changed, op(1))]) == [True]

    async def test_no_change_of_members_advances_nothing(self, store: FullStore) -> None:
        head = await make(store)
        assert await store.set_member("doc", "owner", "owner") == head
        assert await store.set_member("doc", "stranger", None) == head
        assert await store.commit([batch(head, op(1))]) == [True]

    async def test_members_come_change_and_go(self, store: FullStore) -> None:
        await make(store)
        await store.set_member("doc", "guest", "viewer")
        await store.set_member("doc", "guest", "editor")
        assert await store.members("doc") == {"owner": "owner", "guest": "editor"}
        head = await store.set_member("doc", "guest", None)
        assert head is not None
        assert head.changes == 3
        assert await store.members("doc") == {"owner": "owner"}
