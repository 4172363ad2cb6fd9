"""Ten ordinary cases, as one writes them by hand: what people do, and what they expect.

They are good tests, and every planted fault passes them all (`mutants`): that is why there is a harness.
"""

from collections.abc import Callable

from ot.build import set_attribute
from ot.document import Document
from ot.fuzz.algebra import Algebra
from ot.op import Op
from tests.ot.letters import edit, insert, letters, move, remove, text

ON = "abcd"


def meeting(algebra: Algebra, first: Op, second: Op) -> Document:
    one = algebra.apply(algebra.apply(letters(ON), first), algebra.transform(second, first, "right"))
    other = algebra.apply(algebra.apply(letters(ON), second), algebra.transform(first, second, "left"))
    assert one == other
    return one


def taken_back(algebra: Algebra, op: Op, before: Document) -> None:
    after = algebra.apply(before, op)
    assert after != before
    assert algebra.apply(after, algebra.invert(op, before)) == before


def both_add(algebra: Algebra) -> None:
    assert text(meeting(algebra, insert("X", "b", ON), insert("Y", "", ON))) == "aXbcdY"


def one_adds_one_removes(algebra: Algebra) -> None:
    assert text(meeting(algebra, remove("a", ON), insert("Y", "d", ON))) == "bcYd"


def both_remove_the_same(algebra: Algebra) -> None:
    assert text(meeting(algebra, remove("bc", ON), remove("c", ON))) == "ad"


def one_moves_one_adds(algebra: Algebra) -> None:
    assert text(meeting(algebra, move("a", "", ON), insert("X", "c", ON))) == "bXcda"


def both_move(algebra: Algebra) -> None:
    assert text(meeting(algebra, move("a", "c", ON), move("d", "b", ON))) == "dbac"


def both_edit(algebra: Algebra) -> None:
    after = meeting(algebra, edit("b", "hm", "note", ON), edit("b", "B", "title", ON))
    assert after.entries[1] == {"uid": "b", "note": "hm", "title": "B"}


def one_renames_one_removes(algebra: Algebra) -> None:
    after = meeting(algebra, set_attribute("name", "Friday"), remove("d", ON))
    assert (text(after), after.attributes) == ("abc", {"name": "Friday"})


def some_edits_as_one(algebra: Algebra) -> None:
    both = algebra.compose(insert("X", "c", ON), edit("X", 1, "note", "abXcd"))
    assert text(algebra.apply(letters(ON), both)) == "abX(1)cd"
    both = algebra.compose(move("a", "", ON), remove("b", "bcda"))
    assert text(algebra.apply(letters(ON), both)) == "cda"


def taking_back(algebra: Algebra) -> None:
    noted = algebra.apply(letters(ON), edit("b", 1, "note", ON))
    for op in (insert("XY", "c", ON), remove("b", ON), move("bc", "", ON), edit("b", 2, "note", ON)):
        taken_back(algebra, op, noted)


def back_from_offline(algebra: Algebra) -> None:
    """Two edits made offline meet two of others, and it does not matter how they are grouped."""
    mine = algebra.compose(insert("X", "b", ON), remove("c", "aXbcd"))
    theirs = algebra.compose(move("d", "a", ON), edit("a", 1, "note", "dabc"))
    assert text(meeting(algebra, theirs, mine)) == "da(1)Xb"
    assert algebra.digest(meeting(algebra, theirs, mine)) == algebra.digest(meeting(algebra, mine, theirs))


ORDINARY: tuple[Callable[[Algebra], None], ...] = (
    both_add,
    one_adds_one_removes,
    both_remove_the_same,
    one_moves_one_adds,
    both_move,
    both_edit,
    one_renames_one_removes,
    some_edits_as_one,
    taking_back,
    back_from_offline,
)
