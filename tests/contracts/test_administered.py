"""What every store promises to whoever runs it (`storage.administered.Administered`)."""

import asyncio
from dataclasses import replace

import pytest

from storage.administered import Action, AuditEntry
from storage.rows import Snapshot
from storage.store import ApiToken, Invite, LastOfRole, StoreError, User
from tests.contracts.backends import Backend, FullStore, after, batch, op
from tests.contracts.test_people import refresh_token
from tests.contracts.test_store import grow, make


def entry(action: Action, subject: str, at_ms: int = 7) -> AuditEntry:
    return AuditEntry(at_ms, "root", action, subject, "spam")


async def erase(store: FullStore, user: str, heir: str | None = None) -> bool:
    return await store.erase_user(entry("delete_user", user), kind="playlist", keep="owner", heir=heir)


async def resign(store: FullStore, user: str) -> bool:
    return await store.erase_user(
        entry("delete_user", user), kind="playlist", keep="owner", successors="editor"
    )


class TestBan:
    async def test_the_banned_are_members_nowhere_until_it_is_lifted(self, store: FullStore) -> None:
        await make(store)
        head = await store.set_member("doc", "bob", "editor")
        assert head is not None
        assert await store.ban(entry("ban", "bob"))
        assert await store.banned() == ["bob"]
        assert await store.members("doc") == {"owner": "owner"}
        loaded = await store.load("doc")
        assert loaded is not None
        assert loaded.members == {"owner": "owner"}
        news = await store.news("doc", 0, 0, head.epoch)
        assert news is not None
        assert (news.members, news.head.changes) == ({"owner": "owner"}, head.changes + 1)
        assert await store.listed_members(["doc"]) == {"doc": {"owner": "owner", "bob": "editor"}}

        assert await store.unban(entry("unban", "bob"))
        assert await store.members("doc") == {"owner": "owner", "bob": "editor"}
        assert (await store.heads(["doc"]))["doc"].changes == head.changes + 2
        assert await store.banned() == []

    async def test_what_was_decided_before_it_loses(self, store: FullStore) -> None:
        await make(store)
        head = await store.set_member("doc", "user-of-client-1", "editor")
        assert head is not None
        await store.ban(entry("ban", "user-of-client-1"))
        assert await store.commit([batch(head, op(1))]) == [False]

    async def test_it_ends_invites_to_their_documents_only(self, store: FullStore) -> None:
        for document in ("doc", "other"):
            await make(store, document)
            invite = Invite(f"to-{document}", document, "viewer", "owner", 10, 90, revoked=False)
            await store.add_invite(invite, document.encode())
        await store.set_member("doc", "bob", "editor")
        await store.ban(entry("ban", "bob"))
        assert [invite.revoked for invite in await store.invites("doc")] == [True]
        assert [invite.revoked for invite in await store.invites("other")] == [False]

    async def test_refresh_tokens_are_not_found_and_not_used_up(self, store: FullStore) -> None:
        token = replace(refresh_token(b"secret"), user_id="bob")
        await store.add_refresh_token(token)
        await store.ban(entry("ban", "bob"))
        assert await store.take_refresh_token(b"secret") is None
        assert await store.take_family(token.family) is None
        await store.unban(entry("unban", "bob"))
        assert await store.take_refresh_token(b"secret") == token

    async def test_twice_is_once(self, store: FullStore) -> None:
        assert await store.ban(entry("ban", "bob"))
        assert not await store.ban(entry("ban", "bob"))
        assert await store.unban(entry("unban", "bob"))
        assert not await store.unban(entry("unban", "bob"))
        assert await store.audit_end() == 2

    async def test_the_banned_come_in_pages(self, store: FullStore) -> None:
        for user in ("b", "B", "a"):
            await store.ban(entry("ban", user))
        assert await store.banned(limit=2) == ["B", "a"]
        assert await store.banned("a") == ["b"]


class TestBannedOwners:
    """Who may do everything in a document is never nobody, but by a ban."""

    async def test_the_only_owner_comes_back_as_one(self, store: FullStore) -> None:
        await make(store)
        await store.set_member("doc", "ann", "editor")
        await store.ban(entry("ban", "owner"))
        assert await store.members("doc") == {"ann": "editor"}
        await store.unban(entry("unban", "owner"))
        assert await store.members("doc") == {"owner": "owner", "ann": "editor"}
        with pytest.raises(LastOfRole):
            await store.set_member("doc", "owner", None, keep="owner")

    async def test_a_banned_one_does_not_count(self, store: FullStore) -> None:
        head = await make(store)
        await store.set_member("doc", "ann", "owner")
        await store.ban(entry("ban", "ann"))
        for role in (None, "editor"):
            with pytest.raises(LastOfRole):
                await store.set_member("doc", "owner", role, keep="owner")
        assert await store.members("doc") == {"owner": "owner"}
        await store.unban(entry("unban", "ann"))
        assert await store.set_member("doc", "owner", None, keep="owner") is not None
        assert await store.members("doc") == {"ann": "owner"}
        assert (await store.heads(["doc"]))["doc"].changes == head.changes + 4


class TestErase:
    async def test_a_document(self, store: FullStore) -> None:
        await grow(store, await make(store), 2)
        assert await store.erase_document(entry("delete_document", "doc"))
        assert not await store.erase_document(entry("delete_document", "doc"))
        assert await store.load("doc") is None
        assert [line.subject for line in await store.audit()] == ["doc"]

    async def test_a_user(self, store: FullStore) -> None:
        await store.add_user(User("bob", "Bob", "guest", 1))
        await store.add_refresh_token(replace(refresh_token(b"secret"), user_id="bob"))
        await store.add_api_token(ApiToken("t", "bob", "", 1, 2, revoked=False))
        await make(store)
        head = await store.set_member("doc", "bob", "editor")
        assert head is not None
        assert await erase(store, "bob")
        assert await store.user("bob") is None
        assert await store.api_tokens() == []
        assert await store.take_refresh_token(b"secret") is None
        assert await store.listed_members(["doc"]) == {"doc": {"owner": "owner"}}
        assert (await store.heads(["doc"]))["doc"].changes > head.changes
        assert await store.banned() == ["bob"]
        assert not await erase(store, "bob")
        assert await store.audit_end() == 1

    async def test_of_a_stranger_nothing(self, store: FullStore) -> None:
        assert not await erase(store, "bob")
        assert await store.banned() == []
        assert await store.audit_end() == 0

    async def test_what_they_were_alone_in_goes_with_them(self, store: FullStore) -> None:
        await make(store, "alone", "bob")
        await make(store, "both", "bob")
        await store.set_member("both", "owner", "owner")
        assert await erase(store, "bob")
        assert sorted(await store.heads(["alone", "both"])) == ["both"]
        assert await store.members("both") == {"owner": "owner"}
        assert [(line.action, line.subject) for line in await store.audit()] == [
            ("delete_user", "bob"),
            ("delete_document", "alone"),
        ]

    async def test_the_last_owner_needs_an_heir(self, store: FullStore) -> None:
        for document in ("b", "a"):
            await make(store, document, "bob")
            await store.set_member(document, "ann", "editor")
            await store.set_member(document, "eve", "owner")
        await store.ban(entry("ban", "eve"))
        with pytest.raises(LastOfRole, match="role owner in a, b"):
            await erase(store, "bob")
        assert await store.members("a") == {"bob": "owner", "ann": "editor"}
        with pytest.raises(StoreError, match="eve"):
            await erase(store, "bob", heir="eve")
        with pytest.raises(StoreError, match="bob"):
            await erase(store, "bob", heir="bob")
        assert await store.audit_end() == 1
        assert await erase(store, "bob", heir="ann")
        assert await store.members("a") == await store.members("b") == {"ann": "owner"}

    async def test_who_was_banned_before(self, store: FullStore) -> None:
        await make(store, "doc", "bob")
        await store.set_member("doc", "ann", "editor")
        await store.ban(entry("ban", "bob"))
        with pytest.raises(LastOfRole):
            await erase(store, "bob")
        assert await erase(store, "bob", heir="ann")
        assert await store.listed_members(["doc"]) == {"doc": {"ann": "owner"}}
        assert await store.banned() == ["bob"]

    async def test_other_kinds_keep_them_in_silence(self, store: FullStore) -> None:
        await store.create_document("jam", "jam", "epoch", "bob", b"", 500, "host")
        await store.add_user(User("bob", "Bob", "guest", 1))
        before = (await store.heads(["jam"]))["jam"]
        assert await erase(store, "bob")
        assert await store.listed_members(["jam"]) == {"jam": {"bob": "host"}}
        assert await store.members("jam") == {}
        assert (await store.heads(["jam"]))["jam"].changes == before.changes + 1
        assert not await erase(store, "bob")


class TestSuccession:
    """Somebody deletes themselves: nobody names an heir."""

    async def test_the_editor_who_is_at_work_longest_follows(self, store: FullStore) -> None:
        head = await make(store)
        for editor in ("idle", "user-of-b", "user-of-c"):
            await store.set_member("doc", editor, "editor")
        [head] = (await store.heads(["doc"])).values()
        for version, client in enumerate("cbb", 1):
            commit = batch(head, op(version, client, version if client == "c" else version - 1))
            assert await store.commit([commit]) == [True]
            head = after(head, commit)
        await store.set_member("doc", "user-of-c", "viewer")
        assert await resign(store, "owner")
        assert await store.members("doc") == {"idle": "editor", "user-of-b": "owner", "user-of-c": "viewer"}

    async def test_of_editors_who_did_nothing_the_first_by_id_follows(self, store: FullStore) -> None:
        await make(store)
        for editor in ("zoe", "bob", "cat"):
            await store.set_member("doc", editor, "editor")
        await store.ban(entry("ban", "bob"))
        assert await resign(store, "owner")
        assert await store.members("doc") == {"cat": "owner", "zoe": "editor"}

    async def test_without_an_editor_the_document_goes(self, store: FullStore) -> None:
        await make(store, "seen")
        await make(store, "alone")
        await make(store, "shared")
        await store.set_member("seen", "bob", "viewer")
        await store.set_member("shared", "bob", "owner")
        assert await resign(store, "owner")
        assert set(await store.heads(["seen", "alone", "shared"])) == {"shared"}
        assert await store.members("shared") == {"bob": "owner"}
        deleted = {line.subject for line in await store.audit() if line.action == "delete_document"}
        assert deleted == {"seen", "alone"}


class TestRewrite:
    async def test_bodies_change_and_nothing_else(self, store: FullStore) -> None:
        head = await grow(store, await make(store), 4)
        for version in (2, 3, 4):
            await store.add_snapshot("doc", head.epoch, Snapshot(version, b"state %d" % version))
        anew = {0: b"empty anew", 4: b"state 4 anew"}
        assert await store.rewrite(head, "another epoch", {2: b"op 2 anew"}, anew)
        ops = await store.ops("doc", 0, 4)
        assert [row.body for row in ops] == [b"op 1", b"op 2 anew", b"op 3", b"op 4"]
        assert [(row.client_id, row.seq) for row in ops] == [("client-1", seq) for seq in (1, 2, 3, 4)]
        assert {row.version: row.body for row in await store.snapshots("doc")} == anew
        [now] = (await store.heads(["doc"])).values()
        assert now == replace(head, epoch="another epoch", changes=head.changes + 1)
        assert await store.commit([batch(head, op(5))]) == [False], "what was decided on the old one loses"

    async def test_it_is_left_alone_if_it_moved(self, store: FullStore) -> None:
        head = await grow(store, await make(store), 2)
        for old in (replace(head, version=1), replace(head, epoch="x"), replace(head, horizon=1)):
            assert not await store.rewrite(old, "another", {1: b"anew"}, {})
        assert not await store.rewrite(replace(head, document="nothing"), "another", {}, {})
        assert (await store.heads(["doc"]))["doc"] == head
        assert (await store.ops("doc", 0, 1))[0].body == b"op 1"

    async def test_documents_that_name_somebody(self, store: FullStore) -> None:
        for document in ("made", "member", "wrote", "other"):
            owner = "bob" if document == "made" else "owner"
            head = await make(store, document, owner)
            if document == "wrote":
                await grow(store, head, 1)
        await store.set_member("member", "bob", "viewer")
        await store.set_member("made", "ann", "owner")
        await store.set_member("made", "bob", None)
        assert await store.documents_naming("bob", "playlist") == ["made", "member"]
        assert await store.documents_naming("user-of-client-1", "playlist") == ["wrote"]
        assert await store.documents_naming("bob", "jam") == []


class TestAudit:
    async def test_lines_are_numbered_and_paged(self, store: FullStore) -> None:
        given = [entry("ban", f"user-{n}", n) for n in range(1, 5)]
        for line in given:
            await store.ban(line)
        kept = [replace(line, number=n) for n, line in enumerate(given, 1)]
        assert await store.audit() == kept
        assert await store.audit(1, 2) == kept[1:3]

    async def test_numbers_have_no_gap_whoever_writes(self, backend: Backend) -> None:
        stores = [await backend.open() for _ in range(3)]
        bans = [entry("ban", f"user-{n}") for n in range(12)]
        await asyncio.gather(*(stores[n % 3].ban(line) for n, line in enumerate(bans)))
        assert [line.number for line in await stores[0].audit()] == list(range(1, 13))

    async def test_of_one_subject(self, store: FullStore) -> None:
        for user in ("ann", "bob", "ann"):
            await store.ban(entry("ban", user))
            await store.unban(entry("unban", user))
        lines = await store.audit(0, 3, subject="ann")
        assert [(line.number, line.subject) for line in lines] == [(1, "ann"), (2, "ann"), (5, "ann")]
        assert [line.number for line in await store.audit(lines[-1].number, subject="ann")] == [6]


class TestLists:
    async def test_documents_and_what_they_take(self, store: FullStore) -> None:
        head = await grow(store, await make(store, "a"), 2)
        await store.add_snapshot("a", head.epoch, Snapshot(2, b"12345678"))
        await make(store, "b", "bob")
        await store.create_document("c", "jam", "epoch", "bob", b"", 500, "host")
        sizes = await store.document_sizes()
        assert [size.head.document for size in sizes] == ["a", "b", "c"]
        a = sizes[0]
        assert (a.creator, a.created_ms, a.members, a.ops, a.snapshots) == ("owner", 500, 1, 2, 2)
        assert a.body_bytes == len(b"op 1" + b"op 2" + b"empty" + b"12345678")
        assert [size.head.document for size in await store.document_sizes(kind="jam")] == ["c"]
        assert [size.head.document for size in await store.document_sizes(member="bob")] == ["b", "c"]
        assert [size.head.document for size in await store.document_sizes("a", 1)] == ["b"]
        assert await store.document_size("a") == a
        assert await store.document_size("d") is None

    async def test_who_made_a_document_stays_its_creator(self, store: FullStore) -> None:
        """As in a Jam that was handed over: another is host, and the list says who began it."""
        await make(store)
        await store.set_member("doc", "ann", "owner")
        await store.set_member("doc", "owner", None)
        [size] = await store.document_sizes()
        info = await store.document_info("doc")
        assert info is not None
        assert size.creator == info.creator == "owner"
        assert await store.members("doc") == {"ann": "owner"}

    async def test_users(self, store: FullStore) -> None:
        for user, name in (("1", "Ada"), ("2", "100 % Bob"), ("3", "adam")):
            await store.add_user(User(user, name, "guest", 5))
        await make(store, "doc", "1")
        await store.ban(entry("ban", "3"))
        ada, bob, adam = await store.user_summaries()
        assert (ada.user.name, ada.documents, ada.is_banned) == ("Ada", 1, False)
        assert (adam.documents, adam.is_banned) == (0, True)
        assert await store.user_summaries(name="ADA") == [ada, adam]
        assert await store.user_summaries(name="%") == [bob]
        assert await store.user_summaries("1", 1) == [bob]
        assert await store.user_summary("1") == ada
        assert await store.user_summary("4") is None
