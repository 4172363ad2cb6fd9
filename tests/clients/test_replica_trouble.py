"""Lost connections, refusals, vanished history, new epochs, damage: nothing is lost, nothing comes twice."""

import pytest

from collab.messages import Digest, Open, Opened, Ops, Refused, Row, Snapshot
from ot.document import Document
from storage.memory import CommitFault
from storage.rows import Commit
from storage.store import OutcomeUnknown
from tests.clients.desk import ROOM, Desk, Person, assert_converged, done, settle
from tutti_client.events import (
    Acknowledged,
    Change,
    Closed,
    Delayed,
    Diverged,
    Refusal,
    Renamed,
    Resynced,
    RoleSet,
)
from tutti_client.standing import RETRY_FIRST_MS


def a_desk_with(titles: str, *letters: str) -> tuple[Desk, list[Person]]:
    """A playlist that holds these titles, made by the first of these people."""
    desk = Desk()
    people = [desk.person(letter) for letter in letters]
    people[0].append(*titles)
    assert_converged(desk)
    for person in people:
        person.events.clear()
        person.sent.clear()
    return desk, people


# -- a connection that is lost ------------------------------------------------------------------------------


def test_a_submission_lost_on_its_way_goes_out_again_in_the_same_bytes() -> None:
    desk, [ann, ben] = a_desk_with("ab", "A", "B")
    ann.append("c")
    ann.write()
    ann.lose_connection()
    ben.insert(0, "x")
    ben.sync()
    ann.append("d")
    assert_converged(desk)
    first, again, rest = ann.submits()
    assert first == again
    assert (rest.seq, rest.base) == (3, 3)
    assert ann.titles == "xabcd"


def test_an_ack_lost_on_its_way_is_learnt_from_the_rows_of_resume() -> None:
    desk, [ann, ben] = a_desk_with("ab", "A", "B")
    ann.append("c")
    ann.write()
    ann.arrive()
    desk.serve()
    ann.lose_connection()
    ben.remove(0)
    assert_converged(desk)
    assert len(ann.submits()) == 1
    assert [event.seq for event in ann.happened(Acknowledged)] == [2]
    assert ann.titles == "bc"


def test_an_ack_without_a_version_lost_on_its_way_is_learnt_from_the_outcome() -> None:
    desk, [ann, ben] = a_desk_with("ab", "A", "B")
    ben.remove(0)
    ben.sync()
    ann.remove(0)
    ann.write()
    ann.arrive()
    desk.serve()
    ann.lose_connection()
    assert_converged(desk)
    assert len(ann.submits()) == 1
    assert [event.version for event in ann.happened(Acknowledged)] == [2]


def test_a_refusal_lost_on_its_way_is_learnt_from_the_outcome() -> None:
    desk, [ann] = a_desk_with("ab", "A")
    ann.set_field(0, "colour", "blue")
    ann.write()
    ann.arrive()
    desk.serve()
    ann.lose_connection()
    ann.append("c")
    assert_converged(desk)
    [refusal] = ann.happened(Refusal)
    assert (refusal.seq, refusal.code, refusal.edits) == (2, "entry_invalid", 1)
    assert ann.titles == "abc"


def test_what_is_edited_while_away_comes_back_as_one_submission() -> None:
    desk, [ann, ben] = a_desk_with("abcd", "A", "B")
    ann.lose_connection()
    ann.move(0, 2, 4)
    ann.append("e")
    ann.remove(0)
    ben.insert(1, "x")
    ben.sync()
    assert_converged(desk)
    assert len(ann.submits()) == 1
    assert ann.titles == "xdabe"


def test_a_restarted_server_answers_a_resend_without_doing_it_again() -> None:
    desk, [ann] = a_desk_with("ab", "A")
    ann.append("c")
    ann.write()
    ann.arrive()
    desk.store.fail_next_commit(CommitFault.UNKNOWN_WRITTEN)
    task, _ = desk.room.next_task(desk.now_ms)
    assert isinstance(task, Commit)
    with pytest.raises(OutcomeUnknown):
        done(desk.store.commit([task]))
    desk.restart()
    assert_converged(desk)
    assert ann.titles == "abc"


# -- refusals -----------------------------------------------------------------------------------------------


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


# -- history that is not continuous -------------------------------------------------------------------------


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


# -- damage -------------------------------------------------------------------------------------------------


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


# -- what the scripts do to the world -----------------------------------------------------------------------


def assert_converged_for(desk: Desk, person: Person) -> None:
    person.sync()
    assert person.replica.document.entries == desk.room.state.view()["entries"]


def forget_history(desk: Desk) -> None:
    """The node unloads the room; its ops are compacted away."""
    saved = desk.room._ledger.snapshot()
    done(desk.store.add_snapshot(ROOM, saved.epoch, saved.snapshot))
    done(desk.store.forget_ops(ROOM, desk.room.head.version))
    desk.restart()


def restored(desk: Desk) -> None:
    """A backup came back and `tutti restored` was run."""
    done(desk.store.set_epoch(ROOM, "epoch-2"))
    desk.restart()


def damage(person: Person) -> None:
    """A bit of the replica's committed state flips."""
    engine = person.replica.engine
    assert engine is not None
    entries = list(engine.acked.entries)
    entries[1] = {**entries[1], "title": "?"}
    engine._acked = engine._document = Document(entries, engine.acked.attributes)
