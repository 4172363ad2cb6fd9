"""What every store promises to whoever declares that it was put back (`storage.store.Restorable`)."""

from storage.rows import Head
from storage.store import Invite, KeysEnded
from tests.contracts.backends import FullStore, batch, op
from tests.contracts.test_people import join_code
from tests.contracts.test_store import grow, make


async def test_documents_begin_anew_where_they_stand(store: FullStore) -> None:
    one = await grow(store, await make(store, "one"), 2)
    two, three = await make(store, "two"), await make(store, "three")
    assert await store.begin_anew([("one", "a"), ("two", "b"), ("gone", "c")]) == KeysEnded(0, 0)
    assert await store.heads(["one", "two", "three"]) == {
        "one": Head("one", "playlist", "a", 2, 3),
        "two": Head("two", "playlist", "b", 0, 1),
        "three": three,
    }
    assert await store.commit([batch(one, op(3)), batch(two, op(1)), batch(three, op(1))]) == [
        False,
        False,
        True,
    ]
    news = await store.news("one", 2, 2, one.epoch)
    assert news is not None
    assert news.ops is None


async def test_no_key_from_before_opens_them(store: FullStore) -> None:
    for document in ("one", "two", "three"):
        await make(store, document)
        await store.set_join_code(join_code(document.upper(), document=document))
        for name in ("a", "b"):
            invite = Invite(f"{document}.{name}", document, "guest", "owner", 10, 90, revoked=False)
            await store.add_invite(invite, invite.id.encode())
    await store.revoke_invite("one", "one.a")
    assert await store.begin_anew([("one", "a"), ("two", "b")]) == KeysEnded(codes=2, invites=3)
    assert [await store.join_code(document) for document in ("one", "two")] == [None, None]
    assert await store.find_join_code("ONE") is None
    for document, revoked in (("one", True), ("two", True), ("three", False)):
        assert [invite.revoked for invite in await store.invites(document)] == [revoked, revoked]
    assert await store.join_code("three") is not None

    # What is made afterwards is good, of the same generation too, and a repetition ends it as well.
    code = join_code("AGAIN", document="one")
    assert await store.set_join_code(code) == code
    assert await store.begin_anew([("one", "c")]) == KeysEnded(codes=1, invites=0)


async def test_of_nothing(store: FullStore) -> None:
    assert await store.begin_anew([]) == KeysEnded(0, 0)
