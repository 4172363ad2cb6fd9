"""What every store promises about members, invites, join codes, users and tokens."""

import asyncio
from dataclasses import replace

import pytest

from storage.store import (
    ApiToken,
    Barred,
    Device,
    DocumentInfo,
    Invite,
    JoinCode,
    RefreshToken,
    StoreError,
    User,
)
from tests.contracts.backends import Backend, FullStore, batch, op
from tests.contracts.test_store import make


def refresh_token(secret_hash: bytes, family: str = "phone") -> RefreshToken:
    return RefreshToken(secret_hash, family, "ada", 1_000, 9_000, used=False, revoked=False)


def join_code(code: str, generation: int = 1, created_ms: int = 1_000, document: str = "doc") -> JoinCode:
    return JoinCode(code, document, generation, "owner", created_ms, created_ms + 5_000)


class TestDocumentsOf:
    async def test_pages_newest_first_with_the_role(self, store: FullStore) -> None:
        for n, name in enumerate(("one", "two", "three")):
            await store.create_document(name, "playlist", "e", "ada", b"", 100 + n)
        await store.create_document("jam", "jam", "e", "ada", b"", 200)
        await store.create_document("not mine", "playlist", "e", "bob", b"", 300)
        await store.create_document("shared", "playlist", "e", "bob", b"", 50)
        head = await store.set_member("shared", "ada", "viewer")
        assert head is not None
        infos, total = await store.documents_of("ada", "playlist", 0, 2)
        assert ([info.head.document for info in infos], total) == (["three", "two"], 4)
        infos, total = await store.documents_of("ada", "playlist", 2, 10)
        assert ([info.head.document for info in infos], total) == (["one", "shared"], 4)
        assert infos[1] == DocumentInfo(head, "bob", "viewer", 50)
        assert await store.documents_of("ada", "playlist", 4, 10) == ([], 4)
        assert await store.documents_of("nobody", "playlist", 0, 10) == ([], 0)

    async def test_one_document(self, store: FullStore) -> None:
        head = await make(store, owner="ada")
        assert await store.document_info("doc") == DocumentInfo(head, "ada", "", 500)


class TestInvites:
    async def test_found_by_the_hash_of_its_secret(self, store: FullStore) -> None:
        await make(store)
        later = Invite("b", "doc", "guest", "owner", 20, 90, revoked=False, generation=3)
        first = Invite("a", "doc", "viewer", "owner", 10, 90, revoked=False)
        await store.add_invite(later, b"hash b")
        await store.add_invite(first, b"hash a")
        assert await store.find_invite(b"hash a") == first
        assert await store.find_invite(b"hash c") is None
        assert await store.invites("doc") == [first, later]
        assert await store.invites("other") == []

    async def test_a_revoked_one_is_still_known(self, store: FullStore) -> None:
        await make(store)
        await store.add_invite(Invite("a", "doc", "viewer", "owner", 10, 90, revoked=False), b"hash")
        assert await store.revoke_invite("other", "a") is False
        assert await store.revoke_invite("doc", "b") is False
        assert await store.revoke_invite("doc", "a") is True
        invite = await store.find_invite(b"hash")
        assert invite is not None
        assert invite.revoked

    async def test_goes_with_its_document(self, store: FullStore) -> None:
        await make(store)
        await store.add_invite(Invite("a", "doc", "viewer", "owner", 10, 90, revoked=False), b"hash")
        await store.delete_document("doc")
        assert await store.find_invite(b"hash") is None

    async def test_needs_a_document(self, store: FullStore) -> None:
        with pytest.raises(StoreError):
            await store.add_invite(Invite("a", "doc", "viewer", "owner", 10, 90, revoked=False), b"hash")


class TestJoinCodes:
    async def test_found_by_its_symbols_and_by_its_document(self, store: FullStore) -> None:
        await make(store)
        assert await store.join_code("doc") is None
        code = join_code("K7QX2MBD")
        assert await store.set_join_code(code) == code
        assert await store.join_code("doc") == await store.find_join_code("K7QX2MBD") == code
        assert await store.find_join_code("K7QX2MBF") is None
        assert await store.join_code("other") is None

    async def test_a_newer_generation_replaces_it(self, store: FullStore) -> None:
        await make(store)
        await store.set_join_code(join_code("K7QX2MBD"))
        newer = join_code("22222222", generation=2)
        assert await store.set_join_code(newer) == await store.join_code("doc") == newer
        assert await store.find_join_code("K7QX2MBD") is None

    async def test_a_newer_generation_stays(self, store: FullStore) -> None:
        await make(store)
        newer = join_code("22222222", generation=2)
        await store.set_join_code(newer)
        late = join_code("K7QX2MBD", created_ms=9_000)
        assert await store.set_join_code(late) == await store.join_code("doc") == newer
        assert await store.find_join_code("K7QX2MBD") is None

    async def test_in_one_generation_the_first_stays_until_it_expires(self, store: FullStore) -> None:
        await make(store)
        first = join_code("K7QX2MBD", created_ms=1_000)
        await store.set_join_code(first)
        just_before = join_code("22222222", created_ms=first.expires_ms - 1)
        assert await store.set_join_code(just_before) == first
        at_the_end = join_code("33333333", created_ms=first.expires_ms)
        assert await store.set_join_code(at_the_end) == await store.join_code("doc") == at_the_end

    async def test_the_same_symbols_again(self, store: FullStore) -> None:
        await make(store)
        await store.set_join_code(join_code("K7QX2MBD"))
        again = join_code("K7QX2MBD", generation=2)
        assert await store.set_join_code(again) == again

    async def test_symbols_that_another_document_has(self, store: FullStore) -> None:
        await make(store)
        await make(store, "other")
        taken, own = join_code("K7QX2MBD"), join_code("22222222", document="other")
        await store.set_join_code(taken)
        await store.set_join_code(own)
        assert await store.set_join_code(join_code("K7QX2MBD", 2, document="other")) is None
        assert await store.find_join_code("K7QX2MBD") == taken
        assert await store.join_code("other") == own

    async def test_goes_with_its_document(self, store: FullStore) -> None:
        await make(store)
        await store.set_join_code(join_code("K7QX2MBD"))
        await store.delete_document("doc")
        assert await store.find_join_code("K7QX2MBD") is None

    async def test_needs_a_document(self, store: FullStore) -> None:
        with pytest.raises(StoreError):
            await store.set_join_code(join_code("K7QX2MBD"))

    async def test_two_who_make_one_at_once_get_the_same(self, backend: Backend) -> None:
        one, other = await backend.open(), await backend.open()
        await make(one)
        stands = await asyncio.gather(
            *(store.set_join_code(join_code(c * 8)) for c in "23456789" for store in (one, other))
        )
        assert set(stands) == {await one.join_code("doc")}


class TestUsers:
    async def test_added_once_found_and_renamed(self, store: FullStore) -> None:
        ada, bob = User("ada", "Ada", "guest", 10), User("bob", "Bøb 🎵", "account", 20)
        await store.add_user(ada)
        await store.add_user(bob)
        with pytest.raises(StoreError):
            await store.add_user(ada)
        assert await store.user("bob") == bob
        assert await store.user("eve") is None
        assert await store.users(["bob", "eve", "ada"]) == {"ada": ada, "bob": bob}
        assert await store.users([]) == {}
        assert await store.rename_user("ada", "Ada L.") is True
        assert await store.rename_user("eve", "Eve") is False
        assert await store.user("ada") == User("ada", "Ada L.", "guest", 10)


class TestRefreshTokens:
    async def test_taken_as_it_was_before(self, store: FullStore) -> None:
        token = refresh_token(b"secret")
        await store.add_refresh_token(token)
        assert await store.take_refresh_token(b"secret") == token
        again = await store.take_refresh_token(b"secret")
        assert again is not None
        assert again.used
        assert await store.take_refresh_token(b"unknown") is None

    async def test_a_family_is_revoked_whole(self, store: FullStore) -> None:
        for secret, family in ((b"1", "phone"), (b"2", "phone"), (b"3", "laptop")):
            await store.add_refresh_token(refresh_token(secret, family))
        await store.take_refresh_token(b"1")
        await store.revoke_family("phone")
        taken = [await store.take_refresh_token(secret) for secret in (b"1", b"2", b"3")]
        assert [(t.used, t.revoked) for t in taken if t] == [(True, True), (False, True), (False, False)]

    async def test_a_family_is_taken_whole(self, store: FullStore) -> None:
        first, second, other = refresh_token(b"1"), refresh_token(b"2"), refresh_token(b"3", "laptop")
        newer = replace(second, created_ms=first.created_ms + 1, revoked=True)
        for token in (newer, first, other):
            await store.add_refresh_token(token)
        assert await store.take_family("phone") == replace(newer, used=True)
        assert await store.take_refresh_token(b"1") == replace(first, used=True)
        assert await store.take_refresh_token(b"3") == other
        assert await store.take_family("watch") is None

    async def test_a_secret_is_added_once(self, store: FullStore) -> None:
        await store.add_refresh_token(refresh_token(b"secret"))
        with pytest.raises(StoreError):
            await store.add_refresh_token(refresh_token(b"secret", "laptop"))


class TestApiTokens:
    async def test_listed_found_and_revoked(self, store: FullStore) -> None:
        first = ApiToken("t1", "ada", "backup", 10, 90, revoked=False)
        second = ApiToken("t2", "bob", "bot", 20, 90, revoked=False)
        await store.add_api_token(second)
        await store.add_api_token(first)
        with pytest.raises(StoreError):
            await store.add_api_token(first)
        assert await store.api_tokens() == [first, second]
        assert await store.api_tokens("bob") == [second]
        assert await store.api_token("t1") == first
        assert await store.api_token("t3") is None
        assert await store.revoke_api_token("t1") is True
        assert await store.revoke_api_token("t3") is False
        revoked = await store.api_token("t1")
        assert revoked is not None
        assert revoked.revoked


async def test_what_people_do_leaves_histories_alone(store: FullStore) -> None:
    head = await make(store)
    await store.add_user(User("ada", "Ada", "guest", 10))
    await store.add_invite(Invite("a", "doc", "viewer", "owner", 10, 90, revoked=False), b"hash")
    assert await store.commit([batch(head, op(1))]) == [True]


# Roles of those who come by themselves, by the last verdict on them; who was taken out ("") has none.
FOLLOWERS = {None: "editor", "owner": "editor", "editor": "editor", "viewer": "viewer"}


class TestFollowing:
    async def test_whoever_comes_gets_the_role_of_those_who_come(self, store: FullStore) -> None:
        head = await make(store)
        followed = await store.follow("doc", "guest", FOLLOWERS)
        assert followed == replace(head, changes=head.changes + 1)
        assert await store.members("doc") == {"owner": "owner", "guest": "editor"}
        assert await store.commit([batch(head, op(1))]) == [False]
        assert await store.follow("absent", "guest", FOLLOWERS) is None

    async def test_a_member_keeps_their_role(self, store: FullStore) -> None:
        await make(store)
        head = await store.set_member("doc", "guest", "viewer")
        assert await store.follow("doc", "guest", FOLLOWERS) == head
        owner = await store.follow("doc", "owner", {})
        assert owner == head
        assert await store.members("doc") == {"owner": "owner", "guest": "viewer"}

    async def test_whoever_goes_may_come_back(self, store: FullStore) -> None:
        await make(store)
        for _ in range(2):
            await store.follow("doc", "guest", FOLLOWERS)
            await store.set_member("doc", "guest", None)
        assert await store.members("doc") == {"owner": "owner"}

    async def test_whoever_was_taken_out_may_not(self, store: FullStore) -> None:
        await make(store)
        await store.follow("doc", "guest", FOLLOWERS)
        head = await store.set_member("doc", "guest", None, is_verdict=True)
        with pytest.raises(Barred):
            await store.follow("doc", "guest", FOLLOWERS)
        assert await store.members("doc") == {"owner": "owner"}
        assert (await store.heads(["doc"]))["doc"] == head, "nothing was written"

    async def test_the_last_verdict_counts(self, store: FullStore) -> None:
        await make(store)
        for verdict, role in (("editor", "editor"), ("viewer", "viewer"), (None, ""), ("viewer", "viewer")):
            await store.set_member("doc", "guest", verdict, is_verdict=True)
            # Gone by themselves, which is no verdict.
            await store.set_member("doc", "guest", None)
            if role:
                await store.follow("doc", "guest", FOLLOWERS)
                assert (await store.members("doc"))["guest"] == role
            else:
                with pytest.raises(Barred):
                    await store.follow("doc", "guest", FOLLOWERS)

    async def test_a_verdict_that_changes_nothing_is_remembered(self, store: FullStore) -> None:
        await make(store)
        head = await store.set_member("doc", "guest", "viewer")
        assert await store.set_member("doc", "guest", "viewer", is_verdict=True) == head
        await store.set_member("doc", "guest", None)
        await store.follow("doc", "guest", FOLLOWERS)
        assert (await store.members("doc"))["guest"] == "viewer"

    async def test_verdicts_are_about_one_document_and_one_person(self, store: FullStore) -> None:
        await make(store)
        await store.create_document("other", "playlist", "e", "owner", b"", 1)
        await store.set_member("doc", "guest", "editor", is_verdict=True)
        await store.set_member("doc", "guest", None, is_verdict=True)
        await store.follow("doc", "another", FOLLOWERS)
        await store.follow("other", "guest", FOLLOWERS)
        assert (await store.members("doc")).keys() == {"owner", "another"}
        assert (await store.members("other")).keys() == {"owner", "guest"}
        assert await store.delete_document("doc")


class TestPictures:
    async def test_one_is_kept_under_its_id(self, store: FullStore) -> None:
        await make(store)
        await store.create_document("other", "playlist", "e", "owner", b"", 1)
        assert await store.add_picture("doc", "a", b"\xff\xd8a", 1, most=2)
        assert await store.picture("doc", "a") == b"\xff\xd8a"
        assert await store.picture("doc", "b") is None
        assert await store.picture("other", "a") is None
        assert not await store.add_picture("absent", "a", b"a", 1, most=2)

    async def test_the_newest_stay(self, store: FullStore) -> None:
        await make(store)
        for at_ms, picture in enumerate("abac"):
            await store.add_picture("doc", picture, picture.encode(), at_ms, most=2)
        kept = [await store.picture("doc", picture) for picture in "abc"]
        assert kept == [b"a", None, b"c"]
        assert await store.delete_document("doc")
        assert await store.picture("doc", "a") is None


class TestDevices:
    async def test_a_device_is_all_its_generations(self, store: FullStore) -> None:
        for n, family in enumerate(("phone", "phone", "laptop"), 1):
            token = replace(refresh_token(b"%d" % n, family), created_ms=n, expires_ms=100 + n)
            await store.add_refresh_token(token)
        await store.add_refresh_token(replace(refresh_token(b"other"), user_id="bob", family="bobs"))
        await store.revoke_family("laptop")
        laptop, phone = await store.devices("ada")
        assert phone == Device("phone", 1, 2, 102, revoked=False)
        assert laptop == Device("laptop", 3, 3, 103, revoked=True)
        assert await store.devices("ada", "laptop", 1) == [phone]
        assert await store.devices("ada", limit=1) == [laptop]
        assert await store.devices("nobody") == []
