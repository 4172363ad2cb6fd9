"""Type, delay, deliver, converge: a replica against the real room, when nothing is wrong."""

import pytest

from collab.messages import Open, Opened, Ops, Snapshot, Submit
from ot.apply import apply
from ot.build import permute, remove_range, set_attribute, set_field
from ot.document import Document
from ot.op import COMPONENTS_MAX, Op, OpError
from tests.clients.desk import ROOM, Desk, assert_converged
from tutti_client.errors import PlaylistClosed, QueueFull, ReadOnly
from tutti_client.events import Acknowledged, Change, Refusal, Reloaded, RoleSet
from tutti_client.playlist_replica import PlaylistReplica
from tutti_client.uids import Uids
from tutti_client.unsaved import UNSAVED_EDITS_MAX


def test_a_fresh_open_loads_the_list_and_the_role() -> None:
    desk = Desk()
    ann = desk.person("A")
    assert ann.sent == [Open(ROOM)]
    assert ann.events == [RoleSet("editor"), Reloaded(0)]
    assert ann.replica.document == Document([], {"name": "Friday"})
    assert ann.replica.is_open
    assert ann.replica.is_synced


def test_edits_show_at_once_and_leave_as_one_submission() -> None:
    desk = Desk()
    ann = desk.person("A")
    ann.append("a", "b")
    ann.append("c")
    ann.move(2, 1, 0)
    assert ann.titles == "cab"
    assert not ann.replica.is_synced
    assert (ann.replica.edits_made, ann.replica.edits_settled) == (3, 0)

    ann.sync()
    [submit] = ann.submits()
    assert (submit.seq, submit.base) == (1, 0)
    assert ann.happened(Acknowledged) == [Acknowledged(ann.replica.client, 1, 1, 3, base=0, is_op=True)]
    assert (ann.replica.edits_made, ann.replica.edits_settled) == (3, 3)
    assert_converged(desk)


def test_one_op_is_in_flight_and_the_rest_waits_for_its_ack() -> None:
    desk = Desk()
    ann = desk.person("A")
    ann.append("a")
    ann.write()
    ann.append("b")
    ann.write()
    ann.append("c")
    ann.write()
    assert [submit.seq for submit in ann.submits()] == [1]
    ann.sync()
    assert [(submit.seq, submit.base) for submit in ann.submits()] == [(1, 0), (2, 1)]
    assert_converged(desk)
    assert ann.titles == "abc"


def test_concurrent_edits_meet_and_say_who_made_them() -> None:
    desk = Desk()
    ann, ben = desk.person("A"), desk.person("B")
    ann.append(*"abcd")
    assert_converged(desk)

    ann.move(1, 2, 4)
    ben.insert(2, "x")
    ben.remove(0)
    for person in (ben, ann):
        person.write()
        person.arrive()
    desk.serve()
    [seen] = [event for event in ann.read() if isinstance(event, Change)]
    assert (seen.author, seen.own) == ("B", False)
    assert_converged(desk)
    assert ann.titles == ben.titles == "xdbc"


def test_changes_alone_rebuild_the_visible_list() -> None:
    desk = Desk()
    ann, ben = desk.person("A"), desk.person("B")
    ann.append(*"abc")
    ann.write()
    ben.append("x")
    ann.rename("Saturday")
    ben.sync()
    ann.sync()
    ben.remove(0, 1)
    ann.set_field(1, "note", "mine")
    assert_converged(desk)
    for person in (ann, ben):
        document = Document([], {"name": "Friday"})
        for change in person.happened(Change):
            document = apply(document, change.op)
        assert document == person.replica.document


def test_an_edit_of_which_nothing_is_left_is_acknowledged_without_a_version() -> None:
    desk = Desk()
    ann, ben = desk.person("A"), desk.person("B")
    ann.append("a")
    assert_converged(desk)
    ann.remove(0)
    ben.remove(0)
    ann.sync()
    ben.sync()
    assert ben.happened(Acknowledged) == [Acknowledged(ben.replica.client, 1, 2, 1, base=1, is_op=False)]
    ben.append("b")
    assert_converged(desk)
    assert [submit.seq for submit in ben.submits()] == [1, 2]


def test_an_ack_counts_only_once_the_rows_before_it_are_here() -> None:
    """A slow connection gets rows merged and later; what is told to it alone overtakes them."""
    desk = Desk()
    ann, ben = desk.person("A"), desk.person("B")
    ann.append("a")
    assert_converged(desk)
    ann.remove(0)
    ann.sync()
    ben.remove(0)
    ben.write()
    ben.arrive()
    desk.serve()
    rows, ack = ben.inbox
    assert isinstance(rows, Ops)
    ben.inbox = [ack]
    assert ben.read() == []
    assert ben.replica.has_inflight
    ben.inbox = [rows]
    ben.read()
    assert ben.happened(Acknowledged) == [Acknowledged(ben.replica.client, 1, 2, 1, base=1, is_op=False)]
    assert_converged(desk)


def test_rows_that_are_here_already_say_nothing() -> None:
    desk = Desk()
    ann, ben = desk.person("A"), desk.person("B")
    ann.append("a")
    ann.sync()
    [rows] = ben.inbox
    ben.inbox = [rows, rows, rows]
    assert len([event for event in ben.read() if isinstance(event, Change)]) == 1
    assert_converged(desk)


def test_many_missed_versions_come_composed() -> None:
    desk = Desk()
    ann, ben = desk.person("A"), desk.person("B")
    ben.lose_connection()
    for number in range(100):
        ann.insert(number % 3 if number > 3 else 0, str(number))
        ann.sync()
    ben.append("x")
    ben.connect()
    ben.sync()
    [change] = [event for event in ben.happened(Change) if not event.own]
    assert (change.author, change.version) == ("", 100)
    assert_converged(desk)


def test_a_viewer_cannot_edit_and_can_once_promoted() -> None:
    desk = Desk()
    ann = desk.person("A", role="viewer")
    with pytest.raises(ReadOnly):
        ann.append("a")
    desk.set_role("A", "editor")
    assert ann.read() == [RoleSet("editor")]
    ann.append("a")
    assert_converged(desk)


def test_an_op_for_another_list_raises_and_changes_nothing() -> None:
    desk = Desk()
    ann = desk.person("A")
    with pytest.raises(OpError):
        ann.edit(remove_range(3, 0))
    assert ann.replica.is_synced


def test_nothing_can_be_edited_before_it_is_loaded() -> None:
    replica = PlaylistReplica(ROOM, "A", Uids("A" * 22))
    with pytest.raises(PlaylistClosed) as raised:
        replica.edit(remove_range(1, 0))
    assert raised.value.code == "not_open"


def test_too_many_unsaved_edits_are_refused_loudly_and_none_is_lost() -> None:
    desk = Desk()
    ann = desk.person("A")
    ann.append("a")
    ann.sync()
    ann.lose_connection()
    for number in range(UNSAVED_EDITS_MAX):
        ann.replica.edit(_note(number))
    with pytest.raises(QueueFull):
        ann.replica.edit(_note(0))
    assert_converged(desk)
    assert ann.replica.document.entries[0]["note"] == str(UNSAVED_EDITS_MAX - 1)
    ann.set_field(0, "note", "there is room again")
    assert_converged(desk)


def test_too_large_unsaved_edits_are_refused_loudly() -> None:
    desk = Desk()
    ann = desk.person("A")
    ann.lose_connection()
    titles = ["x" * 1000] * 1000
    ann.append(*titles)
    ann.append(*titles)
    with pytest.raises(QueueFull):
        ann.append(*titles)
    assert ann.length == 2000


def test_an_op_that_became_too_large_to_send_is_handed_back() -> None:
    """The server would end the session of a client that sends it, for good."""
    replica = PlaylistReplica(ROOM, "A", Uids("A" * 22))
    replica.connected()
    replica.outgoing(0)
    entries = [{"uid": f"B.{number}", "track": "t:t"} for number in range(COMPONENTS_MAX + 2)]
    snapshot = Snapshot({"entries": entries, "attributes": {}})
    replica.receive(Opened(ROOM, "playlist", "epoch-1", 1, "editor", "fresh", snapshot=snapshot), 0)
    replica.edit(permute(range(len(entries))[::-1]))
    assert replica.outgoing(0) == []
    refusal, change = replica.take_events()
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.edits) == ("op_too_large", 1)
    assert isinstance(change, Change)
    assert replica.take_events() == []
    assert replica.document.entries == entries
    assert replica.is_synced
    replica.edit(set_attribute("name", "Friday"))
    [submit] = replica.outgoing(0)
    assert isinstance(submit, Submit)
    assert submit.seq == 1
    replica.check()


def _note(number: int) -> Op:
    return set_field(1, 0, "note", str(number))
