from random import Random

from ot.apply import apply
from ot.compose import compose_all
from ot.document import Document
from ot.fuzz import generate
from ot.op import IDENTITY, Insert
from ot.queue import PendingQueue


class OthersUids(generate.Uids):
    """Uids of somebody else."""

    def entry(self) -> dict:
        return {"uid": f"other.{super().entry()['uid']}"}


def edits(seed: int, n: int) -> tuple[Document, PendingQueue, Document]:
    """A document, a queue of `n` edits on it, and what they lead to."""
    random, uids = Random(seed), generate.Uids()
    start = document = generate.document(random, uids, 4)
    queue = PendingQueue()
    for _ in range(n):
        op, document = generate.op(random, uids, document)
        queue.push(op)
    return start, queue, document


def test_groups_are_a_binary_counter() -> None:
    for n in range(40):
        _, queue, _ = edits(n, n)
        assert queue.edits == n
        assert len(queue.ops()) == n.bit_count()


def test_taking_all_composes_in_order_and_empties() -> None:
    for n in range(12):
        start, queue, end = edits(n, n)
        assert queue.folded() == compose_all(queue.ops())
        assert apply(start, queue.take_all()) == end
        assert (queue.edits, queue.ops(), queue.folded()) == (0, (), IDENTITY)
        assert not queue


def test_rebase_goes_round_a_diamond() -> None:
    for n in range(12):
        start, queue, end = edits(n, n)
        remote, elsewhere = generate.op(Random(n), OthersUids(), start)
        visible = queue.rebase(remote)
        assert apply(elsewhere, queue.folded()) == apply(end, visible)


def test_what_is_put_back_comes_first() -> None:
    random, uids = Random(5), generate.Uids()
    start = generate.document(random, uids, 4)
    first, middle = generate.op(random, uids, start)
    second, end = generate.op(random, uids, middle)
    queue = PendingQueue()
    queue.push(second)
    queue.push_front(first, 9)
    assert queue.edits == 10
    assert queue.ops() == (first, second)
    assert apply(start, queue.take_all()) == end


def test_taking_inserts_out_leaves_the_effect() -> None:
    for n in range(1, 12):
        start, queue, end = edits(n, n)
        new = [entry["uid"] for entry in end.entries if entry not in start.entries]
        taken = queue.take_inserts(set(new[::2]))
        assert all(type(component) is not Insert or component.entries for component in taken.components)
        assert apply(apply(start, taken), queue.folded()) == end
        still = {
            entry["uid"]
            for op in queue.ops()
            for part in op.components
            if type(part) is Insert
            for entry in part.entries
        }
        assert not still & set(new[::2])
        assert queue.edits == n


def test_renaming_changes_new_entries_only() -> None:
    start, queue, end = edits(7, 7)
    queue.rename(lambda entry: {**entry, "uid": f"new.{entry['uid']}"})
    old = {entry["uid"] for entry in start.entries}
    renamed = [
        entry if entry["uid"] in old else {**entry, "uid": f"new.{entry['uid']}"} for entry in end.entries
    ]
    assert apply(start, queue.folded()).entries == renamed
