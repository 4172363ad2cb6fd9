"""A hint that fits is as good as the store's answer; any other only makes the room ask."""

from dataclasses import replace

import pytest

from collab.effects import FetchNews, Publish
from collab.hints import bare, joined
from collab.messages import Ack, Ops, Refused
from ot.build import insert_at, set_attribute
from storage.rows import Commit
from tests.collab.rooms import ROOM, Table, client_id, entry, run

A, B, C = client_id("A"), client_id("B"), client_id("C")


@pytest.fixture
def here() -> Table:
    table = Table()
    table.enter("a", A)
    return table


@pytest.fixture
def there(here: Table) -> Table:
    table = here.another()
    table.enter("b", B, "bob")
    return table


def add(table: Table, connection: str, client: str, seq: int) -> Publish:
    """An insert, committed; what was published of it."""
    user = table.room.seats[connection].user
    table.submit(
        connection, seq, table.room.head.version, insert_at(len(table.uids), 0, [entry(client, seq, user)])
    )
    table.work()
    return table.published[-1]


def test_what_was_committed_elsewhere_needs_no_question(here: Table, there: Table) -> None:
    hint = add(here, "a", A, 1)
    there.perform(there.room.follow(hint))
    assert there.next() is None
    assert there.room.head == here.room.head
    assert there.room.state.digest() == here.room.state.digest()
    assert isinstance(there.last("b"), Ops)


def test_a_resend_is_recognised_by_what_the_hint_told(here: Table, there: Table) -> None:
    op = insert_at(0, 0, [entry(A, 1)])
    here.submit("a", 1, 0, op)
    here.work()
    there.perform(there.room.follow(here.published[-1]))
    there.enter("again", A)
    there.submit("again", 1, 0, op)
    there.work()
    assert there.last("again") == Ack(ROOM, 1, 1)
    there.submit("again", 1, 0, set_attribute("name", "other"))
    there.work()
    answer = there.last("again")
    assert isinstance(answer, Refused)
    assert answer.code == "seq_reused"


def test_a_refusal_that_was_committed_is_told_too(here: Table, there: Table) -> None:
    here.submit("a", 1, 0, insert_at(9, 5, [entry(A, 1)]))
    here.work()
    hint = here.published[-1]
    assert (hint.rows, hint.version, hint.since) == ((), 0, hint.changes - 1)
    there.perform(there.room.follow(hint))
    assert (there.next(), there.room.head) == (None, here.room.head)
    there.enter("again", A)
    assert there.opened("again").settled is not None


def test_an_old_or_repeated_hint_changes_nothing(here: Table, there: Table) -> None:
    first, second = add(here, "a", A, 1), add(here, "a", A, 2)
    for hint in (first, second, first, second, bare(first)):
        there.perform(there.room.follow(hint))
    assert (there.next(), there.room.head) == (None, here.room.head)


def test_a_gap_asks_the_store(here: Table, there: Table) -> None:
    add(here, "a", A, 1)
    there.perform(there.room.follow(add(here, "a", A, 2)))
    assert isinstance(there.next(), FetchNews)


def test_a_change_of_members_is_a_gap(here: Table, there: Table) -> None:
    run(here.store.set_member(ROOM, "bob", "viewer"))
    here.room.ask_for_news()
    here.work()
    there.perform(there.room.follow(add(here, "a", A, 1)))
    there.work()
    assert there.room.members["bob"] == "viewer"
    assert there.room.head == here.room.head


@pytest.mark.parametrize("change", ["epoch", "rows", "bare"])
def test_what_does_not_fit_asks_the_store(here: Table, there: Table, change: str) -> None:
    hint = add(here, "a", A, 1)
    wrong = {"epoch": replace(hint, epoch="e2"), "rows": replace(hint, rows=()), "bare": bare(hint)}[change]
    there.perform(there.room.follow(wrong))
    assert there.room.head.version == 0
    there.work()
    assert there.room.head == here.room.head


def test_a_hint_does_not_overtake_a_question(here: Table, there: Table) -> None:
    hint = add(here, "a", A, 1)
    there.room.ask_for_news()
    there.perform(there.room.follow(hint))
    assert there.room.head.version == 0
    there.work()
    assert there.room.head == here.room.head


def test_the_loser_of_a_race_goes_on_after_the_news(here: Table, there: Table) -> None:
    there.submit("b", 1, 0, insert_at(0, 0, [entry(B, 1, "bob")]))
    commit = there.next()
    assert isinstance(commit, Commit)
    hint = add(here, "a", A, 1)
    there.do(commit)
    there.perform(there.room.follow(hint))
    there.work()
    assert there.uids == [f"{A}.1", f"{B}.1"] or there.uids == [f"{B}.1", f"{A}.1"]
    assert there.room.head.version == 2


def test_joined_hints_tell_what_both_told(here: Table, there: Table) -> None:
    first, second, third = (add(here, "a", A, seq) for seq in (1, 2, 3))
    both = joined(first, second)
    there.perform(there.room.follow(both))
    assert there.room.head.version == 2
    # One that stands within the stretch takes what it lacks.
    there.perform(there.room.follow(joined(both, third)))
    assert (there.next(), there.room.head) == (None, here.room.head)
    assert [row.seq for row in joined(both, third).settled] == [3]


def test_hints_that_do_not_follow_each_other_are_not_joined(here: Table) -> None:
    first, second, third = (add(here, "a", A, seq) for seq in (1, 2, 3))
    assert joined(first, third) == third
    assert joined(first, bare(second)) == bare(second)
    assert joined(bare(first), second) == second
    assert joined(first, replace(second, epoch="e2")).rows == second.rows
