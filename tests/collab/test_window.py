"""The recent past of a room: big strides say the same as small steps."""

from collections.abc import Callable
from functools import reduce
from itertools import count, pairwise
from random import Random

import pytest

from collab import window as window_module
from collab.messages import Row
from collab.playlist import Playlist
from collab.window import Window
from ot.apply import apply
from ot.build import insert_at, move_range, remove_range, set_field
from ot.compose import compose
from ot.document import Document
from ot.op import IDENTITY, Op, decode, encode
from ot.value import Entry

KIND = Playlist()
CLIENTS = ("a", "b", "c")


class Hand:
    """Ops at random, each of a few things that a person does at once."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self._uids = count()

    def entries(self, n: int) -> list[Entry]:
        return [{"uid": f"u{next(self._uids)}"} for _ in range(n)]

    def op(self, before: Document) -> Op:
        op = IDENTITY
        for _ in range(self.random.choice((1, 1, 2, 3))):
            op = compose(op, self._one(apply(before, op)))
        return op

    def _one(self, before: Document) -> Op:
        draw, length = self.random, len(before.entries)
        kind = draw.choice(("insert", "insert", "remove", "move", "field"))
        if kind == "insert" or not length:
            return insert_at(length, draw.randint(0, length), self.entries(draw.choice((1, 2))))
        start = draw.randrange(length)
        n = min(draw.choice((1, 2)), length - start)
        if kind == "remove":
            return remove_range(length, start, n)
        if kind == "move":
            return move_range(length, start, n, draw.randint(0, length))
        return set_field(length, start, draw.choice(("note", "title")), draw.choice(("x", "y", None)))


def history(hand: Hand, n: int, length: int = 5) -> tuple[list[Document], list[Op]]:
    documents = [Document(hand.entries(length), {})]
    ops: list[Op] = []
    for _ in range(n):
        ops.append(hand.op(documents[-1]))
        documents.append(apply(documents[-1], ops[-1]))
    return documents, ops


def filled(ops: list[Op], start: int = 0, random: Random | None = None) -> Window[Op]:
    window: Window[Op] = Window(KIND, start)
    for version, op in enumerate(ops, start + 1):
        client = random.choice(CLIENTS) if random else "a"
        window.append(op, Row(version, client, version, "ann", encode(op)))
    return window


def check_rebase(window: Window[Op], op: Op, base: int, ops: list[Op]) -> None:
    """Law L: over blocks or step by step, to the letter."""
    assert window.rebase(op, base) == reduce(KIND.rebase, ops, op)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("start", [0, 3, 8])
def test_rebasing_over_blocks_equals_step_by_step(seed: int, start: int) -> None:
    hand = Hand(seed)
    documents, ops = history(hand, 17)
    window = filled(ops, start)
    for back in (0, 1, 5, 13, 17):
        later = hand.op(documents[17 - back])
        check_rebase(window, later, start + 17 - back, ops[17 - back :])


@pytest.mark.parametrize("seed", range(5))
def test_rebasing_over_large_blocks_equals_step_by_step(seed: int) -> None:
    hand = Hand(seed)
    documents, ops = history(hand, 130, 60)
    window = filled(ops)
    for back in (64, 100, 128, 130):
        for _ in range(5):
            check_rebase(window, hand.op(documents[130 - back]), 130 - back, ops[130 - back :])


class Preparing(Playlist):
    """Counts what is prepared for being met by many."""

    def __init__(self) -> None:
        super().__init__()
        self.prepared = 0

    def rebaser(self, over: Op) -> Callable[[Op], Op]:
        self.prepared += 1
        return super().rebaser(over)


def test_a_block_is_prepared_once() -> None:
    hand, kind = Hand(1), Preparing()
    documents, ops = history(hand, 8)
    window: Window[Op] = Window(kind, 0)
    for version, op in enumerate(ops, 1):
        window.append(op, Row(version, "a", version, "ann", encode(op)))
    for _ in range(3):
        window.rebase(hand.op(documents[0]), 0)
    assert kind.prepared == 7, "four blocks of two versions, two of four, one of eight"


@pytest.mark.parametrize("seed", range(20))
def test_composed_rows_are_the_fold_with_the_own_ones_apart(seed: int) -> None:
    hand = Hand(seed)
    documents, ops = history(hand, 20)
    window = filled(ops, 0, hand.random)
    for after in (0, 1, 7, 19, 20):
        rows = window.composed_rows(after, 20, "b")
        edges = [after, *(row.version for row in rows)]
        assert [row.count for row in rows] == [high - low for low, high in pairwise(edges)]
        own = [row for row in window.rows(after, 20) if row.client == "b"]
        assert [row for row in rows if row.client == "b"] == own
        document = documents[after]
        for row in rows:
            document = apply(document, decode(row.op))
            assert document == documents[row.version]
        assert edges[-1] == 20


def test_neighbours_are_composed_as_far_as_they_go() -> None:
    _, ops = history(Hand(1), 6)
    window = filled(ops)
    assert [(row.version, row.count, row.client) for row in window.composed_rows(1, 6, "z")] == [(6, 5, "")]
    assert window.composed_rows(5, 6, "z") == (window.rows(5, 6)[0],), "one alone keeps its author"
    assert window.composed_rows(6, 6, "z") == ()


@pytest.mark.parametrize("seed", range(10))
def test_truncating_forgets_the_tentative_and_their_blocks(seed: int) -> None:
    hand = Hand(seed)
    documents, ops = history(hand, 12)
    window = filled(ops)
    later = hand.op(documents[0])
    window.rebase(later, 0)
    window.truncate(9)
    assert window.end == 9
    check_rebase(window, later, 0, ops[:9])
    _, other = history(hand, 3, len(documents[9].entries))
    for version, op in enumerate(other, 10):
        window.append(op, Row(version, "a", version, "ann", encode(op)))
    check_rebase(window, later, 0, ops[:9] + other)


def test_trimming_keeps_the_last_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_module, "KEEP_OPS", 4)
    hand = Hand(3)
    documents, ops = history(hand, 8)
    window = filled(ops[:7])
    window.trim()
    assert window.start == 0, "not before twice as many have gathered"
    window.append(ops[7], Row(8, "a", 8, "ann", encode(ops[7])))
    later = hand.op(documents[4])
    window.rebase(later, 4)
    window.trim()
    assert (window.start, window.end) == (4, 8)
    check_rebase(window, later, 4, ops[4:])
    with pytest.raises(AssertionError, match="reaches back"):
        window.rebase(later, 3)


def weighed(sizes: list[int]) -> tuple[Window[Op], Hand, list[Document], list[Op]]:
    """A window on ops that take so many bytes where they are stored."""
    hand = Hand(6)
    documents, ops = history(hand, len(sizes))
    window: Window[Op] = Window(KIND, 0)
    for version, (op, size) in enumerate(zip(ops, sizes, strict=True), 1):
        window.append(op, Row(version, "a", version, "ann", encode(op)), size)
    return window, hand, documents, ops


def test_trimming_keeps_no_more_than_so_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_module, "KEEP_BYTES", 100)
    window, hand, documents, ops = weighed([60, 39, 50, 40, 10])
    window.truncate(4)
    window.trim()
    assert window.start == 0, "not before twice as many have gathered"
    window.append(ops[4], Row(5, "a", 5, "ann", encode(ops[4])), 11)
    later = hand.op(documents[3])
    window.rebase(later, 3)
    window.trim()
    assert (window.start, window.end, window.bytes_after(3)) == (3, 5, 51)
    check_rebase(window, later, 3, ops[3:])
    older = [(op, Row(version, "a", version, "ann", encode(op)), 50) for version, op in enumerate(ops[:3], 1)]
    window.prepend(older)
    check_rebase(window, hand.op(documents[0]), 0, ops)
    window.trim()
    assert (window.start, window.bytes_after(3)) == (3, 51), "what was read back goes again"


def test_the_last_one_stays_however_large_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_module, "KEEP_BYTES", 100)
    window, *_ = weighed([1, 500])
    window.trim()
    assert (window.start, window.end) == (1, 2)
    window.trim()
    assert window.rows(1, 2)[0].version == 2


def test_older_versions_are_put_in_front() -> None:
    hand = Hand(4)
    documents, ops = history(hand, 10)
    window = filled(ops[6:], 6)
    older = [(op, Row(version, "a", version, "ann", encode(op)), 9) for version, op in enumerate(ops[2:6], 3)]
    window.prepend(older)
    window.prepend([])
    assert (window.start, window.end) == (2, 10)
    later = hand.op(documents[2])
    check_rebase(window, later, 2, ops[2:])
    with pytest.raises(AssertionError, match="without a gap"):
        window.prepend([(ops[0], Row(1, "a", 1, "ann", encode(ops[0])), 9)])


def test_versions_are_appended_in_order() -> None:
    _, ops = history(Hand(5), 1)
    with pytest.raises(AssertionError, match="in order"):
        Window[Op](KIND, 3).append(ops[0], Row(5, "a", 1, "ann", encode(ops[0])))
