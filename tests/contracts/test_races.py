"""What every store promises when several write at once, or an answer is lost."""

import asyncio

import pytest

from storage.rows import Head
from storage.store import LastOfRole, OutcomeUnknown
from tests.contracts.backends import Backend, FullStore, after, batch, op
from tests.contracts.test_store import make
from tests.lookups import outcome

WRITERS = 3
OPS_EACH = 12
ROUNDS_MAX = 1_000


async def write(store: FullStore, client: str, count: int) -> int:
    """Commits `count` ops of `client` on "doc" as a room does, asking for news when it lost; returns how
    often it lost."""
    lost = 0
    head = (await store.heads(["doc"]))["doc"]
    seq = 1
    for _ in range(ROUNDS_MAX):
        if seq > count:
            return lost
        commit = batch(head, op(head.version + 1, client, seq))
        if (await store.commit([commit]))[0]:
            head, seq = after(head, commit), seq + 1
            continue
        lost += 1
        news = await store.news("doc", head.version, head.changes, head.epoch)
        assert news is not None
        assert news.ops is not None
        assert [row.version for row in news.ops] == list(range(head.version + 1, news.head.version + 1))
        head = news.head
    raise AssertionError("the writer never came through")


async def test_three_writers_make_one_history(backend: Backend) -> None:
    stores = [await backend.open() for _ in range(WRITERS)]
    await make(stores[0])
    clients = [f"client-{n}" for n in range(WRITERS)]
    await asyncio.gather(
        *(write(store, client, OPS_EACH) for store, client in zip(stores, clients, strict=True))
    )
    history = await stores[0].ops("doc", 0, 1_000)
    total = WRITERS * OPS_EACH
    assert [row.version for row in history] == list(range(1, total + 1))
    for client in clients:
        assert [row.seq for row in history if row.client_id == client] == list(range(1, OPS_EACH + 1))
        settled = await outcome(stores[0], "doc", client)
        assert settled is not None
        assert settled.seq == OPS_EACH
    assert (await stores[0].heads(["doc"]))["doc"] == Head("doc", "playlist", "epoch-of-doc", total, total)


async def test_groups_in_opposite_order_never_deadlock(backend: Backend) -> None:
    """Two nodes write to the same documents, one in the order of their names and one against it. Each
    document is won by exactly one of them, each round, or by neither: never both, never an error."""
    stores = [await backend.open() for _ in range(2)]
    names = [f"doc-{n}" for n in range(10)]
    heads = {name: await make(stores[0], name) for name in names}
    for round_ in range(1, 11):
        groups = [
            [batch(heads[name], op(heads[name].version + 1, f"node-{node}", round_)) for name in order]
            for node, order in enumerate((names, names[::-1]))
        ]
        forth, back = await asyncio.gather(
            *(store.commit(group) for store, group in zip(stores, groups, strict=True))
        )
        for one, other in zip(forth, back[::-1], strict=True):
            assert not (one and other)
        moved = await stores[0].heads(names)
        for name, won in zip(names, (a or b for a, b in zip(forth, back[::-1], strict=True)), strict=True):
            assert moved[name].version == heads[name].version + won
        heads = moved
    for name in names:
        history = await stores[0].ops(name, 0, 1_000)
        assert [row.version for row in history] == list(range(1, heads[name].version + 1))
    assert any(head.version > 0 for head in heads.values())


async def test_an_op_and_a_change_of_members_have_an_order(backend: Backend) -> None:
    """Either the op was first, or it was decided on the old table and lost: P14."""
    stores = [await backend.open() for _ in range(2)]
    head = await make(stores[0])
    await stores[0].set_member("doc", "user-of-client-1", "editor")
    head = (await stores[0].heads(["doc"]))["doc"]
    (won,), changed = await asyncio.gather(
        stores[0].commit([batch(head, op(1))]), stores[1].set_member("doc", "user-of-client-1", None)
    )
    assert changed is not None
    assert (await stores[0].heads(["doc"]))["doc"] == Head("doc", "playlist", head.epoch, won, 2 + won)
    assert len(await stores[0].ops("doc", 0, 10)) == won


async def test_who_reads_while_others_write_sees_one_moment(backend: Backend) -> None:
    writer, reader = await backend.open(), await backend.open()
    await make(writer)
    writing = asyncio.create_task(write(writer, "client-1", 60))
    while not writing.done():
        news = await reader.news("doc", 0, 0, "epoch-of-doc")
        assert news is not None
        assert news.ops is not None
        assert len(news.ops) == news.head.version == news.head.changes
        assert [row.version for row in news.settled] == ([news.head.version] if news.head.version else [])
        await asyncio.sleep(0)  # the store in memory never gives way by itself
    assert await writing == 0


async def test_the_same_change_of_members_by_many_happens_once(backend: Backend) -> None:
    stores = [await backend.open() for _ in range(4)]
    await make(stores[0])
    heads = await asyncio.gather(*(store.set_member("doc", "bob", "editor") for store in stores))
    assert {head.changes for head in heads if head} == {1}
    assert await stores[0].members("doc") == {"owner": "owner", "bob": "editor"}


async def test_of_two_owners_who_go_at_once_one_stays(backend: Backend) -> None:
    stores = [await backend.open() for _ in range(2)]
    for round_ in range(10):
        document = f"doc-{round_}"
        await make(stores[0], document)
        await stores[0].set_member(document, "ada", "owner")
        ends = await asyncio.gather(
            stores[0].set_member(document, "owner", None, keep="owner"),
            stores[1].set_member(document, "ada", "viewer", keep="owner"),
            return_exceptions=True,
        )
        assert [type(end) for end in ends].count(LastOfRole) == 1, ends
        assert list((await stores[0].members(document)).values()).count("owner") == 1
        assert (await stores[0].heads([document]))[document].changes == 2


@pytest.mark.parametrize("written", [True, False], ids=["written", "not-written"])
async def test_a_lost_answer_is_unknown_and_can_be_asked_about(backend: Backend, *, written: bool) -> None:
    store = await backend.open()
    one, two = await make(store, "one"), await make(store, "two")
    group = [batch(one, op(1, "a", 1)), batch(two, op(1, "b", 1), refused=(("c", 1, "op_length"),))]
    backend.lose_next_answer(written=written)
    with pytest.raises(OutcomeUnknown):
        await store.commit(group)

    for commit in group:
        news = await store.news(
            commit.document, commit.expected_version, commit.expected_changes, commit.epoch
        )
        assert news is not None
        assert news.settled == (commit.settled if written else ())
        assert news.ops == (commit.ops if written else ())
    # The same group again: lost where it had taken effect, written where it had not, twice nowhere.
    assert await store.commit(group) == [not written, not written]
    assert await store.ops("one", 0, 10) == list(group[0].ops)
    assert await store.ops("two", 0, 10) == list(group[1].ops)


async def test_of_two_who_take_a_refresh_token_one_is_first(backend: Backend) -> None:
    from tests.contracts.test_people import refresh_token

    stores = [await backend.open() for _ in range(4)]
    await stores[0].add_refresh_token(refresh_token(b"secret"))
    taken = await asyncio.gather(*(store.take_refresh_token(b"secret") for store in stores))
    assert sorted(token.used for token in taken if token) == [False, True, True, True]
