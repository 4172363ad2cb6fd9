"""Ops from requests. What they must lead to is said with Python's lists, never with the algebra on trial."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collab.errors import Refusal
from collab.item_edits import Wanted, adding, removing, removing_at, reordering, replacing
from ot.apply import apply, removed
from ot.build import permute
from ot.document import Document
from ot.op import Insert, Op, is_identity
from ot.transform import transform
from tests.collab.rooms import Table, client_id, entry
from tests.ot.strategies import law

# Two names of one track, one of another, and one of elsewhere.
TRACKS = ["tutti:track:" + "A" * 22, "spotify:track:" + "A" * 22, "spotify:track:" + "B" * 22, "mbid:track:1"]
HTTP = client_id("H")


def named(uri: str) -> str:
    return "A" if uri in TRACKS[:2] else uri


def listed(tracks: list[str], client: str = "first") -> list[dict[str, Any]]:
    return [entry(client, n) | {"track": uri} for n, uri in enumerate(tracks)]


def document(tracks: list[str]) -> Document:
    return Document(listed(tracks), {"name": "x"})


def uids(state: Document) -> list[object]:
    return [one["uid"] for one in state.entries]


documents = st.lists(st.sampled_from(TRACKS), max_size=8).map(document)


@law
@given(documents, st.lists(st.sampled_from(TRACKS), min_size=1, max_size=3), st.data())
def test_what_is_added_stands_together_where_it_was_asked_for(
    before: Document, tracks: list[str], data: st.DataObject
) -> None:
    position = data.draw(st.none() | st.integers(0, len(before.entries)))
    new = listed(tracks, HTTP)
    after = apply(before, adding(before, new, position))
    at = len(before.entries) if position is None else position
    assert after.entries == before.entries[:at] + new + before.entries[at:]


@law
@given(documents.filter(lambda it: bool(it.entries)), st.data())
def test_a_range_is_put_before_another_entry(before: Document, data: st.DataObject) -> None:
    length = len(before.entries)
    start = data.draw(st.integers(0, length - 1))
    count = data.draw(st.integers(1, length - start))
    place = data.draw(st.integers(0, length))
    after = apply(before, reordering(before, start, count, place))
    moved = before.entries[start : start + count]
    others = [(i, one) for i, one in enumerate(before.entries) if one not in moved]
    ahead = [one for index, one in others if index < place]
    rest = [one for index, one in others if index >= place]
    assert after.entries == ahead + moved + rest


@law
@given(documents, st.lists(st.sampled_from(TRACKS), max_size=8))
def test_a_replacement_keeps_every_copy_that_it_can(before: Document, tracks: list[str]) -> None:
    op = replacing(before, listed(tracks, HTTP))
    after = apply(before, op)
    assert [named(str(one["track"])) for one in after.entries] == [named(uri) for uri in tracks]
    kept = [one for one in after.entries if str(one["uid"]).startswith("first.")]
    both = Counter(named(str(one["track"])) for one in before.entries) & Counter(map(named, tracks))
    assert len(kept) == both.total()
    assert all(one in before.entries for one in kept), "with all that was known of them"
    if [named(str(one["track"])) for one in before.entries] == [named(uri) for uri in tracks]:
        assert is_identity(op), "the same again changes nothing"


@law
@given(documents, st.lists(st.sampled_from(TRACKS), max_size=3), st.data())
def test_a_name_takes_every_copy_and_a_position_takes_one(
    before: Document, names: list[str], data: st.DataObject
) -> None:
    positions: set[int] = data.draw(
        st.sets(st.integers(0, len(before.entries) - 1)) if before.entries else st.just(set[int]())
    )
    wanted = [Wanted(uri) for uri in names]
    wanted += [Wanted(str(before.entries[at]["track"]), (at, at)) for at in sorted(positions)]
    after = apply(before, removing(before, wanted))
    gone = set(map(named, names))
    assert after.entries == [
        one
        for index, one in enumerate(before.entries)
        if index not in positions and named(str(one["track"])) not in gone
    ]


@law
@given(documents.filter(lambda it: bool(it.entries)), st.data())
def test_positions_alone_take_what_stands_there(before: Document, data: st.DataObject) -> None:
    positions = data.draw(st.lists(st.integers(0, len(before.entries) - 1), min_size=1))
    after = apply(before, removing_at(before, positions))
    assert after.entries == [one for index, one in enumerate(before.entries) if index not in positions]


def test_either_name_finds_a_track() -> None:
    for asked in TRACKS[:2]:
        for stands in TRACKS[:2]:
            before = document([stands])
            assert apply(before, removing(before, [Wanted(asked, (0,))])).entries == []
            assert is_identity(replacing(before, listed([asked], HTTP)))


def test_what_is_gone_already_is_no_change() -> None:
    before = document([TRACKS[2]])
    assert is_identity(removing(before, [Wanted(TRACKS[0]), Wanted("local:file")]))
    assert is_identity(removing(before, []))
    assert is_identity(removing(before, [Wanted(TRACKS[2], ())])), "no copies were named"


@pytest.mark.parametrize(
    "build",
    [
        lambda it: adding(it, [], 3),
        lambda it: reordering(it, 2, 1, 0),
        lambda it: reordering(it, 1, 2, 0),
        lambda it: reordering(it, 0, 1, 3),
        lambda it: removing_at(it, [0, 2]),
        lambda it: removing(it, [Wanted(TRACKS[2], (2,))]),
        lambda it: removing(it, [Wanted(TRACKS[2], (0,))]),
    ],
)
def test_what_does_not_fit_the_list_is_refused(build: Any) -> None:
    with pytest.raises(Refusal) as caught:
        build(document([TRACKS[0], TRACKS[2]]))
    assert caught.value.code == "bad_request"


# -- requests that are late --------------------------------------------------------------------------------


def stale(length: int, data: st.DataObject) -> tuple[Op, str]:
    """An edit of the list as it was, as the API makes it."""
    before = Document([entry("first", n) for n in range(length)], {"name": "x"})
    match data.draw(st.sampled_from(["reorder", "remove", "add", "replace"])):
        case "reorder":
            start = data.draw(st.integers(0, length - 1))
            count = data.draw(st.integers(1, length - start))
            return reordering(before, start, count, data.draw(st.integers(0, length))), "reorder"
        case "remove":
            return removing_at(before, data.draw(st.lists(st.integers(0, length - 1)))), "remove"
        case "add":
            return adding(before, [entry(HTTP, 1)], data.draw(st.integers(0, length))), "add"
        case _:
            return replacing(before, [entry(HTTP, n) | {"track": "mbid:x"} for n in range(2)]), "replace"


@law
@given(st.integers(1, 6), st.data())
def test_what_comes_late_meets_what_happened_as_the_algebra_says(length: int, data: st.DataObject) -> None:
    table = Table(length)
    table.enter("socket", client_id("S"))
    table.enter("http", HTTP)
    seen = Document([entry("first", n) for n in range(length)], {"name": "x"})
    now = seen
    late, deed = stale(length, data)
    expected = late
    for seq in range(1, data.draw(st.integers(0, 3)) + 1):
        does = data.draw(st.sampled_from(["permute", "remove", "add"]))
        if does == "permute":
            op = permute(data.draw(st.permutations(range(len(now.entries)))))
        elif does == "remove" and now.entries:
            op = removing_at(now, [data.draw(st.integers(0, len(now.entries) - 1))])
        else:
            op = adding(now, [entry(client_id("S"), seq)], data.draw(st.integers(0, len(now.entries))))
        table.submit("socket", seq, table.room.head.version, op)
        table.work()
        expected = transform(expected, op, "right")
        now = apply(now, op)
    table.submit("http", 1, 0, late)
    table.work()
    assert table.uids == uids(apply(now, expected))

    # And in words that know nothing of the algebra.
    taken = {one["uid"] for one in removed(seen, late)}
    brought = {one["uid"] for part in late.components if isinstance(part, Insert) for one in part.entries}
    assert set(table.uids) == (set(uids(now)) - taken) | brought, "only what was meant is gone"
    assert len(table.uids) == len(set(table.uids))
    if deed == "remove":
        assert table.uids == [uid for uid in uids(now) if uid not in taken], "the others stay in order"


def test_a_late_reorder_moves_the_entry_that_was_meant() -> None:
    table = Table(4)
    table.enter("socket", client_id("S"))
    table.enter("http", HTTP)
    seen = Document([entry("first", n) for n in range(4)], {"name": "x"})
    table.submit("socket", 1, 0, adding(seen, [entry(client_id("S"), 1)], 0))
    table.work()
    table.submit("http", 1, 0, reordering(seen, 3, 1, 0))
    table.work()
    assert sorted(table.uids[:2]) == sorted(["first.3", f"{client_id('S')}.1"])
    assert table.uids[2:] == ["first.0", "first.1", "first.2"]
