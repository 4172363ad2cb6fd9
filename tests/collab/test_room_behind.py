"""A room that hears of what it does not know: it asks the store before it answers."""

from collab.effects import FetchNews
from ot.build import insert_at, set_attribute
from tests.collab.rooms import Table, client_id, entry

A, B = client_id("A"), client_id("B")


def test_what_another_node_refused_is_no_gap() -> None:
    table = Table()
    table.enter("a", A)
    table.grow("a", A, 1)
    other = table.another()
    other.enter("x", A)
    table.submit("a", 2, 1, {"h": "nonsense"})
    table.work()
    assert table.refusal("a").code == "op_malformed"
    # No hint came, and a refusal makes no version: the room here knows of seq 1 alone.
    other.submit("x", 3, 1, insert_at(1, 0, [entry(A, 3)]))
    other.work()
    assert other.versions("x") == [2]


def test_a_seq_that_leaves_a_gap_is_refused_once_the_store_was_asked() -> None:
    table = Table()
    table.enter("a", A)
    table.submit("a", 2, 0, insert_at(0, 0, [entry(A, 1)]))
    question = table.next()
    assert isinstance(question, FetchNews)
    assert table.told["a"] == [table.opened("a")]
    table.do(question)
    table.work()
    assert table.refusal("a").code == "seq_gap"
    table.grow("a", A, 1)
    assert table.room.head.version == 1


def test_an_op_on_a_version_that_another_node_made_is_taken() -> None:
    table = Table()
    table.enter("a", A)
    other = table.another()
    other.enter("x", B, "bob")
    table.grow("a", A, 2)
    # No hint came: the client moved here faster than the news of what it saw there.
    other.submit("x", 1, 2, insert_at(2, 2, [entry(B, 1, "bob")]))
    question = other.next()
    assert isinstance(question, FetchNews)
    assert other.told["x"] == [other.opened("x")]
    other.do(question)
    other.work()
    assert other.versions("x") == [1, 2, 3]
    assert other.uids[2] == f"{B}.1"


def test_an_op_on_a_version_of_nobodys_is_refused_once_the_store_was_asked() -> None:
    table = Table()
    table.enter("a", A)
    table.submit("a", 1, 7, set_attribute("name", "y"))
    question = table.next()
    assert isinstance(question, FetchNews)
    assert table.told["a"] == [table.opened("a")]
    table.do(question)
    table.work()
    assert table.refusal("a").code == "base_ahead"
    table.submit("a", 2, 0, set_attribute("name", "z"))
    table.work()
    assert table.versions("a") == [1]


def test_whoever_waits_behind_such_an_op_waits_for_one_question() -> None:
    table = Table()
    table.enter("a", A)
    table.enter("b", B, "bob")
    table.submit("a", 1, 7, set_attribute("name", "y"))
    table.submit("b", 1, 0, insert_at(0, 0, [entry(B, 1, "bob")]))
    tasks = []
    while (task := table.next()) is not None:
        tasks.append(type(task).__name__)
        table.do(task)
    assert tasks == ["FetchNews", "Commit"]
    assert table.versions("b") == [1]
