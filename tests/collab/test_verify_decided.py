"""Whether one document's rows tell one story, where they are events and its members stand in its state."""

from dataclasses import replace
from typing import Any

import pytest

from collab.codec import pack_body
from collab.verify_document import DocumentCheck
from storage.memory import MemoryStore
from tests.collab.ballot import BallotKind
from tests.collab.rooms import ROOM, client_id, run
from tests.collab.test_decided import BallotTable

H, A = client_id("H"), client_id("A")


class Lived(BallotTable):
    """A ballot after votes, a kick and an event of the room's own."""

    def __init__(self) -> None:
        super().__init__()
        self.all_enter()
        self.say("a", 1, do="vote", value=1)
        self.say("h", 1, do="kick", user="bob")
        self.room.leave("a")
        self.work()
        self.pass_time(5000)


def findings(store: MemoryStore, members: dict[str, str] | None = None, **planted: Any) -> list[str]:
    """Of the rows in the store, with the bodies of versions (`v1`) and the members' table as planted."""
    loaded = run(store.load(ROOM))
    check = DocumentCheck(BallotKind(), loaded.head)
    check.history_begins(run(store.snapshot_at(ROOM, 0)))
    for row in run(store.ops(ROOM, 0, 100)):
        body = planted.get(f"v{row.version}")
        check.op(row if body is None else replace(row, body=pack_body(body)))
    check.history_ends()
    for settled in run(store.all_settled(ROOM)):
        check.settled(settled)
    check.finish(loaded.head, loaded.head.version, loaded.members if members is None else members)
    return check.findings


def test_what_a_room_wrote_is_sound() -> None:
    lived = Lived()
    assert lived.events() == ["voted", "kicked", "away"]
    assert findings(lived.store) == []


@pytest.mark.parametrize(
    ("members", "finding"),
    [
        ({"hal": "host"}, "says nothing of user ann, the ops lead to guest"),
        ({"hal": "host", "ann": "host"}, "says host of user ann, the ops lead to guest"),
        ({"hal": "host", "ann": "guest", "bob": "guest"}, "says guest of user bob, the ops lead to nothing"),
    ],
)
def test_an_index_that_differs_from_the_state_is_found(members: dict[str, str], finding: str) -> None:
    [found] = findings(Lived().store, members)
    assert found.endswith(finding)


def test_an_index_that_may_have_moved_meanwhile_is_not_judged() -> None:
    lived = Lived()
    head = run(lived.store.load(ROOM)).head
    check = DocumentCheck(BallotKind(), head)
    check.history_begins(run(lived.store.snapshot_at(ROOM, 0)))
    for row in run(lived.store.ops(ROOM, 0, 100)):
        check.op(row)
    for settled in run(lived.store.all_settled(ROOM)):
        check.settled(settled)
    lived.enter("a", A, "ann")
    lived.say("h", 2, do="kick", user="ann")
    lived.work()
    check.finish(run(lived.store.load(ROOM)).head, 3, run(lived.store.members(ROOM)))
    assert check.findings == []


def test_an_event_that_cannot_have_been_decided_is_found() -> None:
    store = Lived().store
    [found] = findings(store, v1={"event": "voted", "by": "bob", "value": 1})
    assert "version 1 does not fit (forbidden)" in found
    assert any("is no op" in found for found in findings(store, v1={"do": "vote"}))
