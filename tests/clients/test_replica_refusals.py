"""What the server refuses is taken out or sent again; the rest lives on."""

from collab.messages import Refused
from tests.clients.desk import ROOM, Person, assert_converged
from tests.clients.trouble import a_desk_with
from tutti_client.events import Closed, Delayed, Refusal, RoleSet
from tutti_client.standing import RETRY_FIRST_MS


def test_a_refusal_takes_out_the_refused_edits_and_nothing_else() -> None:
    desk, [ann, ben] = a_desk_with("ab", "A", "B")
    ann.set_field(0, "colour", "blue")
    ann.write()
    ann.append("c")
    ann.set_field(0, "note", "mine")
    ben.insert(0, "x")
    ben.sync()
    assert_converged(desk)
    [refusal] = ann.happened(Refusal)
    assert refusal.message.startswith("The field 'colour'")
    assert ann.titles == "xabc"
    assert ann.replica.document.entries[1].keys() & {"colour", "note"} == {"note"}
    assert [submit.seq for submit in ann.submits()] == [2, 3]


def test_a_retryable_refusal_is_sent_again_when_the_server_said() -> None:
    desk, [ann] = a_desk_with("ab", "A")
    ann.append("c")
    ann.write()
    ann.outbox.clear()
    ann.inbox.append(Refused(ROOM, 2, "busy", "Busy.", retryable=True, retry_after_ms=700))
    assert ann.read() == [Delayed("busy", "Busy.")]
    ann.write()
    assert ann.outbox == []
    due_ms = ann.replica.get_timer()
    assert due_ms is not None
    assert desk.now_ms + 700 <= due_ms <= desk.now_ms + 700 + RETRY_FIRST_MS
    desk.now_ms = due_ms
    ann.write()
    first, again = ann.submits()
    assert first == again
    assert_converged(desk)


def test_what_waits_goes_out_when_a_copy_of_what_was_put_off_took_effect() -> None:
    desk, [ann] = a_desk_with("ab", "A")
    ann.append("c")
    ann.write()
    ann.append("d")
    ann.inbox.append(Refused(ROOM, 2, "busy", "Busy.", retryable=True, retry_after_ms=700))
    ann.read()
    ann.arrive()
    desk.serve()
    ann.read()
    assert ann.replica.get_timer() is None
    ann.write()
    assert [submit.seq for submit in ann.submits()] == [2, 3], "nothing else would ever wake it"
    assert_converged(desk)


def test_retries_come_ever_more_slowly_without_a_hint() -> None:
    desk, [ann] = a_desk_with("", "A")
    ann.append("a")
    ann.write()
    waits = []
    for _ in range(8):
        ann.inbox.append(Refused(ROOM, 1, "unavailable", "Later.", retryable=True))
        ann.read()
        due_ms = ann.replica.get_timer()
        assert due_ms is not None
        waits.append(due_ms - desk.now_ms)
        desk.now_ms = due_ms
        ann.write()
    bounds = [100, 200, 400, 800, 1600, 3200, 5000, 5000]
    assert all(wait_ms <= bound_ms for wait_ms, bound_ms in zip(waits, bounds, strict=True))
    assert sum(waits) > sum(bounds) / 4


def test_a_room_that_does_not_know_us_is_opened_again() -> None:
    desk, [ann] = a_desk_with("ab", "A")
    assert ann.connection is not None
    desk.room.leave(ann.connection)
    ann.append("c")
    assert_converged(desk)
    assert [type(message).__name__ for message in ann.sent] == ["Submit", "Open", "Submit"]


def test_a_role_withdrawn_hands_back_what_was_under_way() -> None:
    desk, [ann] = a_desk_with("ab", "A")
    ann.append("c")
    ann.write()
    desk.set_role("A", "viewer")
    ann.sync()
    assert ann.happened(RoleSet) == [RoleSet("viewer")]
    assert [refusal.code for refusal in ann.happened(Refusal)] == ["forbidden"]
    assert_converged(desk)
    assert ann.titles == "ab"


def test_a_member_who_is_removed_gets_the_unsaved_edits_back() -> None:
    desk, [ann, _] = a_desk_with("ab", "A", "B")
    ann.append("c")
    desk.set_role("A", None)
    ann.read()
    [closed] = ann.happened(Closed)
    assert closed.code == "not_found"
    assert closed.op.components
    assert ann.replica.closed == closed
    ann.write()
    assert ann.outbox == []
    assert_converged(desk)


def test_a_playlist_that_is_not_ours_is_closed_at_once() -> None:
    desk, _ = a_desk_with("", "B")
    stranger = Person(desk, "S")
    stranger.connect()
    stranger.sync()
    assert [event.code for event in stranger.happened(Closed)] == ["not_found"]
