"""Gaps, bases that are gone, new epochs, seqs of another life: unsaved edits go on over another history."""

from collab.messages import Open, Refused
from tests.clients.desk import ROOM, Desk, Person, assert_converged, done, settle
from tests.clients.trouble import a_desk_with, assert_converged_for, forget_history, restored
from tutti_client.events import Acknowledged, Closed, Delayed, Refusal, Renamed, Resynced


def test_a_gap_is_filled_by_resuming() -> None:
    desk, [ann, ben] = a_desk_with("ab", "A", "B")
    for title in "cde":
        ben.append(title)
        ben.sync()
    first, second, third = ann.inbox
    ann.inbox = [first, third]
    ann.read()
    assert ann.titles == "abc"
    ann.write()
    assert ann.sent == [Open(ROOM, "epoch-1", 2, 0)]
    ann.inbox.append(second)
    assert_converged(desk)
    assert ann.titles == "abcde"


def test_a_base_that_is_gone_loses_nothing() -> None:
    """The server settles what was in flight as gone and sends a snapshot; it goes out again, newly named."""
    desk, [ann, ben] = a_desk_with("abc", "A", "B")
    ann.append("d")
    ann.write()
    ann.lose_connection()
    ann.move(0, 1, 4)
    for number in range(5):
        ben.set_field(0, "note", str(number))
        ben.sync()
    ben.remove(1)
    assert_converged_for(desk, ben)
    forget_history(desk)
    assert_converged(desk)
    assert [event.reason for event in ann.happened(Resynced)] == ["gone"]
    assert ann.titles == "cda"
    assert [(submit.seq, submit.base) for submit in ann.submits()] == [(2, 1), (3, 7)]
    assert ann.happened(Refusal) == []


def test_a_commit_within_a_snapshot_is_not_made_again() -> None:
    desk, [ann, ben] = a_desk_with("abc", "A", "B")
    ann.append("d")
    ann.write()
    ann.arrive()
    desk.serve()
    ann.lose_connection()
    ann.set_field(3, "note", "mine")
    ben.sync()
    ben.move(3, 1, 0)
    assert_converged_for(desk, ben)
    forget_history(desk)
    assert_converged(desk)
    assert ann.titles == "dabc"
    assert ann.replica.document.entries[0]["note"] == "mine"
    assert [event.seq for event in ann.happened(Acknowledged)] == [2, 3]


def test_a_base_gone_answer_before_the_snapshot_goes_the_same_way() -> None:
    _, [ann] = a_desk_with("abc", "A")
    ann.append("d")
    ann.write()
    ann.outbox.clear()
    ann.inbox.append(Refused(ROOM, 2, "base_gone", "Gone."))
    assert ann.read() == []
    ann.write()
    assert [type(message).__name__ for message in ann.sent] == ["Submit", "Open"]


def test_a_new_epoch_goes_on_under_a_new_client_id() -> None:
    """The backup holds the insert that was in flight, and lacks an acknowledged one."""
    desk, [ann, ben] = a_desk_with("abc", "A", "B")
    ann.insert(0, "x")
    ann.write()
    ann.arrive()
    desk.serve()
    ann.lose_connection()
    ann.insert(2, "y")
    ann.set_field(0, "note", "on x")
    restored(desk)
    settle(desk)
    for person, letter in ((ann, "C"), (ben, "D")):
        assert person.replica.needs_client
        assert not person.replica.has_inflight
        person.renew(letter)
    assert_converged(desk)
    assert ann.titles == "xaybc"
    assert ann.replica.document.entries[0]["note"] == "on x"
    assert [entry["uid"] for entry in ann.replica.document.entries][:3:2] == [
        "A" * 22 + ".4",
        "C" * 22 + ".1",
    ]
    assert ann.happened(Renamed) == [Renamed({"A" * 22 + ".5": "C" * 22 + ".1"})]
    assert [submit.seq for submit in ann.submits()] == [2, 1]


def test_what_the_restored_history_knows_is_settled_by_it() -> None:
    """The ack was lost; others removed the entry and set another note before the history got a new name."""
    for refused in (False, True):
        desk, [ann, ben] = a_desk_with("abc", "A", "B")
        ann.insert(0, "x")
        if refused:
            ann.edit_badly()
        ann.write()
        ann.arrive()
        desk.serve()
        ann.lose_connection()
        ann.append("y")
        ben.sync()
        ben.remove(0)
        ben.sync()
        restored(desk)
        settle(desk)
        ann.renew("C")
        ben.renew("D")
        assert_converged(desk)
        assert ann.titles == ("bcy" if refused else "abcy")
        assert [refusal.edits for refusal in ann.happened(Refusal)] == ([2] if refused else [])
        assert [event.seq for event in ann.happened(Acknowledged)] == ([1] if refused else [2, 1])


def test_edits_between_the_new_epoch_and_the_new_client_id_keep_their_place() -> None:
    desk, [ann] = a_desk_with("abc", "A")
    restored(desk)
    settle(desk)
    ann.append("d")
    ann.remove(0)
    ann.sync()
    assert ann.submits() == []
    ann.renew("C")
    ann.append("e")
    assert_converged(desk)
    assert ann.titles == "bcde"
    assert ann.replica.role == "editor"


def test_a_seq_that_cannot_be_settled_goes_on_under_a_new_client_id() -> None:
    for code in ("seq_gap", "seq_reused", "already_settled"):
        desk, [ann] = a_desk_with("abc", "A")
        ann.append("d")
        ann.write()
        ann.append("e")
        ann.outbox.clear()
        ann.inbox.append(Refused(ROOM, 2, code, "Trouble."))
        ann.sync()
        assert ann.replica.needs_client
        assert ann.titles == "abcde"
        ann.renew("C")
        assert_converged(desk)
        assert ann.titles == "abcde"
        assert [str(entry["uid"])[0] for entry in ann.replica.document.entries] == list("AAACC")


def test_an_open_refused_with_a_code_about_a_seq_closes_the_room() -> None:
    """No server of ours says that: an `open` has no seq."""
    for is_loaded in (False, True):
        desk = Desk()
        ann = desk.person("A")
        if is_loaded:
            ann.lose_connection()
        else:
            ann = Person(desk, "A")
        ann.connect()
        ann.write()
        ann.inbox.append(Refused(ROOM, 0, "seq_gap", "Trouble."))
        ann.read()
        assert [event.code for event in ann.happened(Closed)] == ["seq_gap"]


def test_a_client_id_whose_seqs_were_used_elsewhere_is_given_up() -> None:
    desk, [ann] = a_desk_with("a", "A")
    ann.append("b")
    ann.write()
    ann.lose_connection()
    twin = Person(desk, "A")
    twin.connect()
    twin.sync()
    for title in ("not this one", "nor this", "t", "u", "v"):
        uid = twin.replica.take_uid()
        if len(title) == 1:
            twin.append(title)
            twin.sync()
        assert uid.startswith(ann.replica.client)
    settle(desk)
    assert ann.replica.needs_client
    assert ann.titles == "atuvb"
    ann.renew("C")
    assert_converged(desk)
    assert ann.titles == "atuvb"


def test_being_ahead_of_the_server_waits_and_keeps_everything() -> None:
    _, [ann] = a_desk_with("ab", "A")
    ann.append("c")
    ann.lose_connection()
    empty = Desk()
    done(empty.store.set_member(ROOM, "A", "editor"))
    empty.room.ask_for_news()
    empty.serve()
    ann.desk = empty
    ann.connect()
    ann.write()
    ann.arrive()
    empty.serve()
    assert [event.code for event in ann.read() if isinstance(event, Delayed)] == ["version_ahead"]
    ann.write()
    assert ann.outbox == []
    assert ann.titles == "abc"
    due_ms = ann.replica.get_timer()
    assert due_ms is not None
    assert due_ms >= empty.now_ms + 5000
