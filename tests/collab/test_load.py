"""A frame's submissions weigh until the last of them is decided, however that comes about."""

import gc

import pytest

from collab.load import Load
from collab.messages import Submit
from collab.waiting import ROUNDS_MAX
from ot.build import set_attribute
from ot.op import encode
from tests.collab.rooms import ROOM, Table, client_id, run

A = client_id("A")


class Weighed(Table):
    """A table whose submissions are weighed."""

    undecided_bytes = 0

    def weigh(self, change_bytes: int) -> None:
        self.undecided_bytes += change_bytes

    def send(self, *seqs: int, base: int = 0) -> None:
        """One frame of a hundred bytes."""
        load = Load(self.weigh, 100)
        for seq in seqs:
            request = Submit(ROOM, seq, base, encode(set_attribute("name", "y")))
            self.perform(self.room.submit("a", request, load))


@pytest.fixture
def table() -> Weighed:
    table = Weighed()
    table.enter("a", A)
    return table


def test_what_waits_and_what_is_in_flight_weighs(table: Weighed) -> None:
    table.send(1, 2)
    table.send(3)
    assert table.undecided_bytes == 200
    task = table.next()
    assert table.undecided_bytes == 200
    assert task is not None
    table.do(task)
    assert table.undecided_bytes == 0


def test_a_frame_weighs_until_its_last_submission_is_decided(table: Weighed) -> None:
    """The second names a gap, about which the store is asked; the first was answered before."""
    table.send(1)
    table.work()
    table.send(1, 3)
    task = table.next()
    assert task is not None, "the store is asked about the gap"
    assert table.undecided_bytes == 100
    table.do(task)
    table.work()
    assert table.undecided_bytes == 0


def test_what_is_no_change_is_not_kept_by_its_refusal(table: Weighed) -> None:
    """An exception holds the frames that it went through; nobody waits for a search for garbage."""
    gc.disable()
    try:
        request = Submit(ROOM, 1, 0, {"l": [["k", 10**9], ["?"]]})
        table.perform(table.room.submit("a", request, Load(table.weigh, 100)))
        table.work()
        assert table.refusal("a").seq == 1
        assert table.undecided_bytes == 0
    finally:
        gc.enable()


def test_every_other_end_ends_it(table: Weighed) -> None:
    table.send(1, base=99)
    table.work()
    assert table.undecided_bytes == 0, "refused"

    table.send(2)
    for _ in range(ROUNDS_MAX):
        assert table.undecided_bytes == 100
        run(table.store.set_member(ROOM, "eve", "editor"))
        run(table.store.set_member(ROOM, "eve", "viewer"))
        for _ in ("commit", "news"):
            task = table.next()
            assert task is not None
            table.do(task)
            del task
    assert table.undecided_bytes == 0, "too often lost"

    table.send(2)
    table.perform(table.room.leave("a"))
    assert table.undecided_bytes == 100, "who left is decided like everyone"
    table.work()
    assert table.undecided_bytes == 0

    table.enter("a", A)
    table.send(3)
    run(table.store.delete_document(ROOM))
    table.room.ask_for_news()
    table.work()
    assert table.undecided_bytes == 0, "deleted"
