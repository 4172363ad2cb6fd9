"""A replica that is not what the server has notices, and is repaired."""

import pytest

from collab.messages import Digest, Opened, Ops, Row, Snapshot
from tests.clients.desk import ROOM, Person, assert_converged, done
from tests.clients.trouble import a_desk_with, assert_converged_for, damage
from tutti_client.events import Acknowledged, Change, Diverged, Resynced


def test_a_digest_that_differs_repairs_the_replica() -> None:
    desk, [ann, ben] = a_desk_with("abc", "A", "B")
    damage(ann)
    ann.insert(0, "x")
    ann.write()
    ann.append("y")
    ben.remove(0)
    ben.sync()
    desk.compare()
    assert_converged(desk)
    assert ann.replica.divergences >= 1
    assert ann.happened(Diverged)
    assert ann.titles == "xbcy"


def test_a_commit_that_was_not_predicted_repairs_the_replica() -> None:
    desk, [ann] = a_desk_with("abc", "A")
    ann.append("d")
    ann.write()
    ann.arrive()
    desk.serve()
    [ops] = ann.inbox
    assert isinstance(ops, Ops)
    [row] = ops.ops
    ann.inbox = [Ops(ROOM, (Row(row.version, row.client, row.seq, row.author, {"a": {"name": "?"}}),))]
    assert ann.read() == [Diverged(1)]
    assert_converged(desk)
    assert ann.titles == "abcd"
    assert [event.seq for event in ann.happened(Acknowledged)] == [2]


def test_a_digest_of_another_version_is_no_news() -> None:
    desk, [ann] = a_desk_with("abc", "A")
    ann.inbox = [Digest(ROOM, 0, "?" * 16), Digest(ROOM, 2, "?" * 16)]
    assert ann.read() == []
    desk.compare()
    assert ann.read() == []
    assert ann.replica.divergences == 0


def test_a_replica_that_stays_damaged_does_not_hammer_the_server() -> None:
    desk, [ann] = a_desk_with("abc", "A")
    waits = []
    for _ in range(5):
        ann.inbox.append(Digest(ROOM, 1, "?" * 16))
        ann.read()
        start_ms = desk.now_ms
        ann.sync()
        waits.append(desk.now_ms - start_ms)
    assert waits[0] == 0
    assert all(wait_ms <= bound_ms for wait_ms, bound_ms in zip(waits, [0, 200, 400, 800, 1600], strict=True))
    assert sum(waits) > 500


def test_an_answer_to_an_earlier_open_is_not_taken_for_the_snapshot() -> None:
    desk, [ann] = a_desk_with("abc", "A")
    ann.lose_connection()
    ann.connect()
    ann.write()
    ann.arrive()
    [resumed] = ann.inbox
    ann.read()
    ann.inbox.append(Digest(ROOM, 1, "?" * 16))
    ann.read()
    ann.write()
    ann.inbox.append(resumed)
    ann.read()
    assert not ann.replica.is_open
    assert_converged(desk)


def test_an_unasked_snapshot_is_taken() -> None:
    """A node that finds its history torn sends everybody a snapshot by itself."""
    desk, [ann] = a_desk_with("abc", "A")
    ann.append("d")
    loaded = done(desk.store.load(ROOM))
    desk._perform(desk.room.receive_load(loaded))
    desk.serve()
    assert isinstance(ann.inbox[0], Opened)
    assert_converged(desk)
    assert [event.reason for event in ann.happened(Resynced)] == ["gone"]
    assert ann.happened(Change)[0].own
    assert ann.titles == "abcd"


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"entries": {}, "attributes": {}},
        {"entries": [], "attributes": []},
        {"entries": [], "attributes": {"name": None}},
        {"entries": ["a"], "attributes": {}},
        {"entries": [{"track": "a"}], "attributes": {}},
        {"entries": [{"uid": "u", "track": None}], "attributes": {}},
        {"entries": [{"uid": "u"}, {"uid": "u"}], "attributes": {}},
    ],
)
def test_a_snapshot_that_is_no_playlist_is_asked_for_again(state: dict[str, object]) -> None:
    for is_loaded in (False, True):
        desk, [ann] = a_desk_with("abc", "A")
        if is_loaded:
            ann.append("d")
        else:
            ann = Person(desk, "A")
            ann.connect()
            ann.write()
        ann.inbox.append(Opened(ROOM, "playlist", "epoch-1", 9, "editor", "gone", snapshot=Snapshot(state)))
        ann.read()
        assert len(ann.happened(Diverged)) == 1
        assert_converged_for(desk, ann)
        assert ann.titles == ("abcd" if is_loaded else "abc")
