"""One document and the people in it: opening, submitting, losing, hearing of others."""

import pytest

from collab import outcomes
from collab.effects import FetchNews
from collab.hints import is_knock
from collab.messages import Ack, Digest, Ops, Refused, RoleChanged, SetPresence
from collab.waiting import ROUNDS_MAX, WAITING_MAX
from ot.build import insert_at, remove_range, set_attribute, set_field
from storage.rows import Commit
from tests.collab.rooms import ROOM, Table, client_id, entry, run, small_limits
from tests.lookups import outcome

A, B, C = client_id("A"), client_id("B"), client_id("C")


# -- the life of an edit ---------------------------------------------------------------------------------


def test_an_op_is_seen_by_all_once_it_is_committed() -> None:
    table = Table()
    table.enter("a", A)
    table.enter("b", B, "bob")
    table.submit("a", 1, 0, insert_at(0, 0, [entry(A, 1)]))
    commit = table.next()
    assert isinstance(commit, Commit)
    assert [table.versions(connection) for connection in "ab"] == [[], []]
    assert not table.published
    table.do(commit)
    assert [table.versions(connection) for connection in "ab"] == [[1], [1]]
    assert (table.published[0].version, table.published[0].epoch) == (1, "e1")
    assert table.uids == [f"{A}.1"]
    assert not any(isinstance(message, Ack) for message in table.told["a"]), "an own op is its ack"


def test_what_waits_goes_out_as_one_batch_each_rebased_over_those_before() -> None:
    table = Table(1)
    table.enter("a", A)
    table.enter("b", B, "bob")
    table.submit("a", 1, 0, insert_at(1, 0, [entry(A, 1)]))
    table.submit("b", 1, 0, insert_at(1, 0, [entry(B, 1, "bob")]))
    table.submit("a", 2, 0, set_field(1, 0, "note", "of the old one"))
    commit = table.next()
    assert isinstance(commit, Commit)
    assert [row.version for row in commit.ops] == [1, 2, 3]
    table.do(commit)
    assert table.uids == [f"{A}.1", f"{B}.1", "first.0"]
    assert table.room.state.view()["entries"][2]["note"] == "of the old one"


def test_a_submission_that_changes_nothing_is_acked_and_consumes_its_seq() -> None:
    table = Table(1)
    table.enter("a", A)
    table.enter("b", B, "bob")
    table.submit("a", 1, 0, remove_range(1, 0))
    table.submit("b", 1, 0, remove_range(1, 0))
    table.work()
    assert table.last("b") == Ack(ROOM, 1, 1)
    settled = run(outcome(table.store, ROOM, B))
    assert (settled.seq, settled.version, settled.code) == (1, 1, "")
    table.submit("b", 1, 0, remove_range(1, 0))
    table.work()
    assert table.told["b"].count(Ack(ROOM, 1, 1)) == 2


def test_a_refusal_in_the_middle_takes_nobody_with_it() -> None:
    table = Table()
    table.enter("a", A)
    table.enter("b", B, "bob")
    table.submit("a", 1, 0, insert_at(0, 0, [entry(A, 1)]))
    table.submit("b", 1, 0, insert_at(0, 0, [entry(A, 9, "bob")]))
    table.submit("a", 2, 0, set_attribute("name", "y"))
    table.work()
    assert (table.refusal("b").code, table.refusal("b").seq) == ("uid_foreign", 1)
    assert table.room.head.version == 2
    assert run(outcome(table.store, ROOM, B)).code == "uid_foreign"


def test_submitting_without_having_opened() -> None:
    table = Table()
    table.submit("a", 1, 0, set_attribute("name", "y"))
    assert table.refusal("a").code == "not_open"
    assert table.refusal("a").retryable


def test_what_waits_is_bounded() -> None:
    table = Table()
    table.enter("a", A)
    for seq in range(1, WAITING_MAX + 2):
        table.submit("a", seq, 0, set_attribute("name", "y"))
    assert (table.refusal("a").code, table.refusal("a").seq) == ("busy", WAITING_MAX + 1)


@pytest.mark.parametrize(
    ("op", "code"),
    [
        ({"l": [["k", 5], ["r", 1]]}, "op_length"),
        ({"l": [["r", 1], ["r", 10**9]]}, "op_length"),
        ({"l": [["p", 1], ["k", 1]]}, "op_drops"),
        ({"l": [["k", 1], ["p", 1], ["d", 0, 10**9]]}, "op_drops"),
        ({"l": [["x", 1]]}, "op_malformed"),
        ({"l": [["k", 1.5]]}, "op_malformed"),
    ],
)
def test_an_op_that_does_not_fit_is_refused_and_the_room_lives(op: dict[str, object], code: str) -> None:
    table = Table(2)
    table.enter("a", A)
    table.enter("b", B, "bob")
    table.submit("b", 1, 0, insert_at(2, 0, [entry(B, 1, "bob")]))
    table.submit("a", 1, 0, op)
    table.work()
    assert table.refusal("a").code == code
    table.grow("a", A, 1)
    assert table.room.head.version == 2


# -- once ------------------------------------------------------------------------------------------------


def test_a_resend_is_answered_whoever_carries_it() -> None:
    table = Table()
    table.enter("a", A)
    op = insert_at(0, 0, [entry(A, 1)])
    table.submit("a", 1, 0, op)
    table.submit("a", 1, 0, op)
    table.work()
    assert table.last("a") == Ack(ROOM, 1, 1)
    other = table.another()
    other.enter("x", A)
    other.submit("x", 1, 0, op)
    other.work()
    assert other.last("x") == Ack(ROOM, 1, 1)
    assert other.room.head.version == 1


def test_a_row_that_was_dropped_is_of_nobody_who_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "SETTLED_KEPT", 1)
    table = Table()
    table.enter("a", A)
    table.grow("a", A, 1)
    for letter in "BCDEFGH":
        table.enter("b", client_id(letter), "bob")
        table.grow("b", client_id(letter), 1, "bob")
        table.room.leave("b")
    assert not table.room.knows(B), "those who left are forgotten"
    table.submit("a", 1, 0, insert_at(0, 0, [entry(A, 1)]))
    table.work()
    assert table.last("a") == Ack(ROOM, 1, 1)


# -- losing, and not knowing -----------------------------------------------------------------------------


def test_a_lost_race_is_decided_again_on_what_others_did() -> None:
    table = Table(1)
    other = table.another()
    table.enter("a", A)
    other.enter("b", B, "bob")
    other.submit("b", 1, 0, insert_at(1, 0, [entry(B, 1, "bob")]))
    table.submit("a", 1, 0, insert_at(1, 0, [entry(A, 1)]))
    other.work()
    table.work()
    assert table.uids == [f"{B}.1", f"{A}.1", "first.0"]
    assert table.versions("a") == [1, 2]


def test_an_unknown_outcome_that_was_committed_is_found() -> None:
    table = Table()
    table.enter("a", A)
    table.submit("a", 1, 0, insert_at(0, 0, [entry(A, 1)]))
    commit = table.next()
    assert isinstance(commit, Commit)
    run(table.store.commit([commit]))
    table.perform(table.room.lost(raced=False))
    assert table.versions("a") == []
    table.work()
    assert table.versions("a") == [1]
    assert table.last("a") == Ack(ROOM, 1, 1)
    assert table.room.head.version == 1


def test_a_hint_of_the_winner_answers_a_lost_race() -> None:
    table = Table(1)
    other = table.another()
    table.enter("a", A)
    other.enter("b", B, "bob")
    other.submit("b", 1, 0, insert_at(1, 0, [entry(B, 1, "bob")]))
    table.submit("a", 1, 0, insert_at(1, 0, [entry(A, 1)]))
    other.work()
    task = table.next()
    assert isinstance(task, Commit)
    table.do(task)
    [knocked] = table.published
    assert is_knock(knocked, other.room.head)
    assert other.room.follow(knocked) == []
    table.perform(table.room.follow(other.published[0]))
    assert isinstance(table.next(), Commit)


def test_a_commit_of_unknown_outcome_is_hinted_at_once_it_is_known() -> None:
    table = Table()
    table.enter("a", A)
    table.submit("a", 1, 0, insert_at(0, 0, [entry(A, 1)]))
    commit = table.next()
    assert isinstance(commit, Commit)
    run(table.store.commit([commit]))
    table.perform(table.room.lost(raced=False))
    assert table.published == []
    table.work()
    assert [(hint.version, hint.changes) for hint in table.published] == [(1, table.room.head.changes)]


def test_an_unknown_outcome_that_is_not_there_is_tried_again() -> None:
    table = Table()
    table.enter("a", A)
    table.submit("a", 1, 0, insert_at(0, 0, [entry(A, 1)]))
    assert isinstance(table.next(), Commit)
    table.perform(table.room.lost(raced=False))
    table.work()
    assert table.versions("a") == [1]


def test_who_loses_too_often_is_told_to_come_again() -> None:
    table = Table()
    table.enter("a", A)
    table.submit("a", 1, 0, set_attribute("name", "y"))
    for _ in range(ROUNDS_MAX):
        run(table.store.set_member(ROOM, "eve", "editor"))
        run(table.store.set_member(ROOM, "eve", "viewer"))
        task = table.next()
        assert isinstance(task, Commit)
        table.do(task)
        news = table.next()
        assert isinstance(news, FetchNews)
        table.do(news)
    assert (table.refusal("a").code, table.refusal("a").retryable) == ("busy", True)
    assert table.next() is None


def test_an_unknown_outcome_never_wears_a_submission_out() -> None:
    table = Table()
    table.enter("a", A)
    table.submit("a", 1, 0, set_attribute("name", "y"))
    for _ in range(2 * ROUNDS_MAX):
        assert isinstance(table.next(), Commit)
        table.perform(table.room.lost(raced=False))
        news = table.next()
        assert isinstance(news, FetchNews)
        table.do(news)
    table.work()
    assert table.versions("a") == [1]


# -- roles -----------------------------------------------------------------------------------------------


def test_a_viewer_sees_and_may_not_submit() -> None:
    table = Table()
    table.enter("e", C, "eve")
    table.submit("e", 1, 0, set_attribute("name", "y"))
    table.work()
    assert table.refusal("e").code == "forbidden"
    assert run(outcome(table.store, ROOM, C)).code == "forbidden"


def test_an_op_decided_on_the_old_role_table_loses() -> None:
    table = Table()
    table.enter("b", B, "bob")
    table.submit("b", 1, 0, set_attribute("name", "y"))
    commit = table.next()
    assert isinstance(commit, Commit)
    run(table.store.set_member(ROOM, "bob", "viewer"))
    table.do(commit)
    table.work()
    assert RoleChanged(ROOM, "viewer") in table.told["b"]
    assert table.refusal("b").code == "forbidden"
    assert table.room.head.version == 0


def test_a_removed_member_is_out() -> None:
    table = Table()
    table.enter("b", B, "bob")
    run(table.store.set_member(ROOM, "bob", None))
    table.room.receive_hint("e1", 0, 99)
    table.work()
    assert table.last("b") == RoleChanged(ROOM, "")
    assert table.evicted == ["b"]
    assert not table.room.seats
    table.enter("b", B, "bob", epoch="e1", version=0)
    assert table.refusal("b").code == "not_found"


def test_a_deleted_document_lets_nobody_stay() -> None:
    table = Table()
    table.enter("a", A)
    run(table.store.delete_document(ROOM))
    table.submit("a", 1, 0, set_attribute("name", "y"))
    table.work()
    assert (Refused in map(type, table.told["a"]), table.evicted) == (True, ["a"])
    assert table.room.is_idle


# -- from time to time -----------------------------------------------------------------------------------


def test_a_hint_that_comes_while_the_store_answers_is_not_lost() -> None:
    table = Table()
    other = table.another()
    table.enter("b", B, "bob")
    other.enter("a", A)
    table.room.receive_hint("e1", 0, 99)
    asked = table.next()
    assert isinstance(asked, FetchNews)
    news = run(table.store.news(ROOM, asked.version, asked.changes, asked.epoch))
    other.grow("a", A, 1)
    table.room.receive_hint("e1", 1, 4)
    table.perform(table.room.receive_news(news))
    table.work()
    assert table.versions("b") == [1]


def test_an_old_hint_asks_nothing() -> None:
    table = Table()
    table.enter("a", A)
    table.grow("a", A, 1)
    table.room.receive_hint("e1", 1, table.room.head.changes)
    assert table.next() is None


def test_digests_come_when_idle_and_every_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    small_limits(monkeypatch)
    table = Table()
    table.enter("a", A)
    assert table.room.get_timer() is None
    table.grow("a", A, 1)
    due_ms = table.room.get_timer()
    assert due_ms == table.now_ms + 1000
    assert table.room.handle_timer(due_ms - 1) == []
    table.perform(table.room.handle_timer(due_ms))
    assert table.last("a") == Digest(ROOM, 1, table.room.state.digest())
    assert table.room.get_timer() is None
    table.grow("a", A, 3)
    assert [message.version for message in table.told["a"] if isinstance(message, Digest)] == [1, 4]


def test_snapshots_are_worth_keeping_every_so_often_and_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    small_limits(monkeypatch)
    table = Table()
    table.enter("a", A)
    table.grow("a", A, 4)
    assert [saved.snapshot.version for saved in table.saved] == [3]
    last = table.room.last_snapshot()
    assert last is not None
    assert last.snapshot.version == 4
    assert table.room.last_snapshot() is None


def test_presence_is_for_those_who_are_here() -> None:
    table = Table()
    table.enter("a", A)
    table.room.set_presence("a", SetPresence(ROOM, 1, {"at": 3}))
    table.room.set_presence("x", SetPresence(ROOM, 1, {"at": 4}))
    table.enter("b", B, "bob")
    assert [(member.id, member.state) for member in table.opened("b").members] == [("a", {"at": 3})]


def test_ops_go_only_to_who_is_in_the_room() -> None:
    table = Table()
    table.enter("a", A)
    table.enter("b", B, "bob")
    table.room.leave("b")
    table.grow("a", A, 1)
    assert not [message for message in table.told["b"] if isinstance(message, Ops)]
