"""Coming into a room: from nothing, from before, from too long ago, from another history."""

import pytest

from collab import waiting, window
from collab.effects import FetchHistory, FetchNews, Reload
from collab.messages import Open, Opened, Outcome
from collab.seating import Seat
from ot.build import insert_at, set_attribute
from tests.collab.rooms import ROOM, Table, client_id, entry, run, small_limits

A, B, C = client_id("A"), client_id("B"), client_id("C")


# -- opening ---------------------------------------------------------------------------------------------


def test_a_fresh_open_gets_the_state() -> None:
    table = Table(2)
    table.enter("a", A)
    opened = table.opened("a")
    assert (opened.reason, opened.version, opened.role, opened.epoch) == ("fresh", 0, "owner", "e1")
    assert opened.snapshot is not None
    assert len(opened.snapshot.state["entries"]) == 2
    assert "removed" not in opened.snapshot.state


def test_who_only_submits_gets_no_state() -> None:
    table = Table(2)
    table.perform(table.room.enter(Seat("h", "ann", "", A, is_seen=False), Open(ROOM), None))
    opened = table.opened("h")
    assert (opened.version, opened.role, opened.snapshot) == (0, "owner", None)
    table.perform(table.room.enter(Seat("m", "mallory", "", B, is_seen=False), Open(ROOM), None))
    assert table.refusal("m").code == "not_found"


def test_strangers_hear_that_there_is_nothing() -> None:
    table = Table()
    table.enter("m", A, "mallory")
    assert (table.refusal("m").code, table.refusal("m").seq) == ("not_found", 0)
    assert table.room.is_idle


def test_a_resume_gets_what_is_missing_and_the_last_outcome() -> None:
    table = Table()
    table.enter("a", A)
    table.grow("a", A, 3)
    table.room.leave("a")
    table.enter("a2", A, epoch="e1", version=1)
    opened = table.opened("a2")
    assert (opened.reason, [row.version for row in opened.ops]) == ("resumed", [2, 3])
    assert opened.snapshot is None
    assert opened.settled == Outcome(3, 3)


def test_many_missing_ops_are_composed_around_the_own_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    small_limits(monkeypatch)
    table = Table()
    table.enter("a", A)
    table.enter("b", B, "bob")
    table.grow("b", B, 2, "bob")
    table.grow("a", A, 1)
    table.grow("b", B, 1, "bob")
    table.enter("a2", A, epoch="e1", version=0)
    assert [(row.version, row.count, row.client) for row in table.opened("a2").ops] == [
        (2, 2, ""),
        (3, 1, A),
        (4, 1, B),
    ]


def test_far_behind_gets_a_snapshot_unless_something_is_in_flight(monkeypatch: pytest.MonkeyPatch) -> None:
    small_limits(monkeypatch)
    table = Table()
    table.enter("b", B, "bob")
    table.grow("b", B, 6, "bob")
    table.enter("a", A, epoch="e1", version=0)
    assert table.opened("a").reason == "behind"
    table.enter("a", A, epoch="e1", version=0, inflight=1)
    assert table.opened("a").reason == "resumed"


def test_history_is_read_back_for_who_needs_it() -> None:
    table = Table()
    table.enter("b", B, "bob")
    table.grow("b", B, 4, "bob")
    table.keep_snapshot()
    fresh = table.another()
    assert fresh.room.window.start == 4
    fresh.enter("a", A, epoch="e1", version=1)
    assert not fresh.told["a"]
    task = fresh.next()
    assert task == FetchHistory(1, 4)
    # Somebody who needs more comes while the store is asked.
    fresh.enter("c", C, epoch="e1", version=0)
    fresh.do(task)
    assert [row.version for row in fresh.opened("a").ops] == [2, 3, 4]
    assert not fresh.told["c"]
    fresh.work()
    assert [row.version for row in fresh.opened("c").ops] == [1, 2, 3, 4]
    fresh.enter("b", B, "bob", epoch="e1", version=4)
    fresh.submit("b", 5, 0, set_attribute("name", "y"))
    fresh.work()
    assert fresh.room.head.version == 5


def test_a_version_ahead_of_the_store_is_refused_after_asking_it() -> None:
    table = Table()
    table.enter("a", A, epoch="e1", version=7)
    assert not table.told["a"]
    table.work()
    assert (table.refusal("a").code, table.refusal("a").retryable) == ("version_ahead", True)


def test_a_version_that_another_node_made_is_fetched_first() -> None:
    table = Table()
    other = table.another()
    other.enter("a", A)
    table.room.receive_hint("e1", 0, 99)
    assert isinstance(table.next(), FetchNews)
    news = run(table.store.news(ROOM, 0, 2, "e1"))
    other.grow("a", A, 1)
    # The answer on its way knows nothing of version 1; the one that counts is asked for afterwards.
    table.enter("a2", A, epoch="e1", version=1)
    table.perform(table.room.receive_news(news))
    assert not table.told["a2"]
    table.work()
    assert table.opened("a2").version == 1


def test_opening_again_on_the_same_connection_starts_afresh() -> None:
    table = Table()
    table.enter("a", A)
    table.enter("a", A)
    assert len([message for message in table.told["a"] if isinstance(message, Opened)]) == 2
    assert list(table.room.seats) == ["a"]


def test_what_was_trimmed_for_its_bytes_is_read_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "KEEP_BYTES", 300)
    table = Table()
    table.enter("a", A)
    table.work()
    table.grow("a", A, 20)
    assert 0 < table.room.window.start < 20
    table.enter("b", B, "bob", epoch="e1", version=0, inflight=1)
    table.work()
    assert table.opened("b").reason == "resumed"
    table.submit("b", 1, 0, insert_at(0, 0, [entry(B, 1, "bob")]))
    table.work()
    assert len(table.uids) == 21
    assert 0 < table.room.window.start < 21


# -- history that is gone --------------------------------------------------------------------------------


def compacted(versions: int) -> Table:
    """A room on a document that has forgotten all but its newest snapshot."""
    table = Table()
    table.enter("b", B, "bob")
    table.grow("b", B, versions, "bob")
    table.keep_snapshot()
    run(table.store.forget_ops(ROOM, versions))
    return table.another()


def test_a_base_that_is_gone_settles_what_is_in_flight_before_the_snapshot() -> None:
    table = compacted(3)
    table.enter("a", A, epoch="e1", version=0, inflight=1)
    assert not table.told["a"]
    table.work()
    opened = next(message for message in table.told["a"] if isinstance(message, Opened))
    assert (opened.reason, opened.settled) == ("gone", Outcome(1, None, "base_gone"))
    # A copy that was still under way is answered, not committed.
    table.submit("a", 1, 0, insert_at(0, 0, [entry(A, 1)]))
    table.work()
    assert table.refusal("a").code == "base_gone"
    assert table.room.head.version == 3


def test_an_inflight_that_leaves_a_gap_settles_nothing() -> None:
    table = compacted(3)
    table.enter("a", A, epoch="e1", version=0, inflight=9)
    table.work()
    assert (table.opened("a").reason, table.opened("a").settled) == ("gone", None)


def test_settling_survives_losing_every_race(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "ROUNDS_MAX", 1)
    table = compacted(3)
    table.enter("a", A, epoch="e1", version=0, inflight=1)
    run(table.store.set_member(ROOM, "eve", None))
    table.work()
    assert any(isinstance(message, Opened) for message in table.told["a"])


def test_compaction_that_the_room_missed_reloads_it_and_keeps_outcomes() -> None:
    table = Table()
    other = table.another()
    table.enter("a", A)
    table.enter("b", B, "bob")
    table.grow("a", A, 1)
    other.enter("a2", A)
    other.grow("a2", A, 2)
    other.keep_snapshot()
    run(table.store.forget_ops(ROOM, 3))
    table.room.receive_hint("e1", 3, 99)
    news = table.next()
    assert isinstance(news, FetchNews)
    table.do(news)
    reload = table.next()
    assert isinstance(reload, Reload)
    # Before the load is answered the other node settles once more.
    other.grow("a2", A, 1)
    table.do(reload)
    table.work()
    opened = table.opened("a")
    assert (opened.reason, opened.version, opened.settled) == ("gone", 4, Outcome(4, 4))
    assert table.opened("b").version == 4
    table.grow("a", A, 1)
    assert table.room.head.version == 5


# -- epochs ----------------------------------------------------------------------------------------------


def test_a_client_of_another_epoch_starts_again() -> None:
    table = Table()
    table.enter("a", A, epoch="e0", version=0)
    assert isinstance(table.next(), FetchNews), "another node may know better"
    table.perform(table.room.receive_news(run(table.store.news(ROOM, 0, table.room.head.changes, "e1"))))
    assert (table.opened("a").reason, table.opened("a").epoch) == ("epoch", "e1")


def test_a_new_epoch_reaches_all_and_takes_nothing_of_the_old() -> None:
    table = Table(2)
    table.enter("a", A)
    table.grow("a", A, 1)
    run(table.store.set_epoch(ROOM, "e2"))
    table.room.receive_hint("e2", 0, 0)
    table.submit("a", 2, 1, set_attribute("name", "old"))
    news = table.next()
    assert isinstance(news, FetchNews)
    table.do(news)
    # Known to be over: an open that comes now waits.
    table.enter("b", B, "bob", epoch="e2", version=1)
    assert not table.told["b"]
    table.work()
    assert (table.opened("a").reason, table.opened("a").epoch) == ("epoch", "e2")
    assert table.opened("b").reason == "resumed"
    table.submit("a", 2, 1, set_attribute("name", "old"))
    assert table.refusal("a").code == "not_open"
    table.enter("a", A, epoch="e2", version=1)
    table.submit("a", 2, 1, set_attribute("name", "new"))
    table.work()
    assert table.room.state.view()["attributes"]["name"] == "new"


def test_a_slow_reader_misses_nothing_of_an_epoch_that_it_does_not_know_yet() -> None:
    table = Table()
    table.enter("a", A)
    table.grow("a", A, 1)
    run(table.store.set_epoch(ROOM, "e2"))
    other = table.another()
    other.enter("b", B)
    other.grow("b", B, 1)
    table.room.receive_hint("e2", 2, 99)
    news = table.next()
    assert isinstance(news, FetchNews)
    table.do(news)
    reload = table.next()
    assert isinstance(reload, Reload)
    table.do(reload)
    assert (table.room.head.epoch, table.room.head.version) == ("e2", 2)
    assert table.room.missed(1, A) == (), "it is at version 1 of e1, and row 2 is of e2"
    table.work()
    assert (table.opened("a").reason, table.opened("a").version) == ("epoch", 2)
    assert table.room.missed(1, A) != ()
