from ot.op import Drop, Keep, Pick
from ot.runs import Runs, moves, renumbered


def test_within_cuts_to_what_was_asked() -> None:
    runs = Runs[str]()
    runs.add(10, 5, "c")
    runs.add(0, 3, "a")
    runs.add(3, 2, "b")
    assert runs.within(0, 20) == [(0, 3, "a"), (0, 2, "b"), (0, 5, "c")]
    assert runs.within(1, 3) == [(1, 2, "a"), (0, 1, "b")]
    assert runs.within(12, 2) == [(2, 2, "c")]
    assert runs.within(5, 5) == []
    assert runs.within(4, 7) == [(1, 1, "b"), (0, 1, "c")]


def test_runs_may_be_added_after_a_question() -> None:
    runs = Runs[str]()
    runs.add(5, 1, "b")
    assert runs.within(0, 9) == [(0, 1, "b")]
    runs.add(0, 1, "a")
    assert runs.within(0, 9) == [(0, 1, "a"), (0, 1, "b")]


def test_renumbered_drops_only_what_has_a_number() -> None:
    places = Runs[int]()
    places.add(0, 1, 1)
    places.add(3, 2, 2)
    assert renumbered([Drop(0, 4), Keep(1), Drop(4, 1), Keep(1)], places) == (
        Drop(1, 2),
        Keep(1),
        Drop(3, 1),
        Keep(1),
    )
    assert renumbered([Keep(1), Drop(1, 2), Keep(1)], places) == ()


def test_moves() -> None:
    assert moves((Pick(1), Drop(0, 1)))
    assert not moves((Keep(1),))
