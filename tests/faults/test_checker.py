"""Each promise can be seen broken: a checker that finds nothing proves nothing by itself."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.checker import LogRow, Replica, Truth, check
from tests.faults.history import History

DOCUMENT = "d"


def told() -> History:
    """Ann's two edits, one after the other, Ben's refused one, and one of Cy's whose fate nobody knows."""
    history = History()
    history.sent(DOCUMENT, "ann", 1, ("a1",), 1.0)
    history.acked(DOCUMENT, "ann", 1, 1, 2.0)
    history.sent(DOCUMENT, "ann", 2, ("a2",), 3.0)
    history.sent(DOCUMENT, "cy", 1, ("c1",), 3.0)
    history.acked(DOCUMENT, "ann", 2, 3, 5.0)
    history.sent(DOCUMENT, "ben", 1, ("b1",), 3.5)
    history.refused(DOCUMENT, "ben", 1, "entry_invalid", 4.0)
    return history


ROWS = (LogRow(1, "ann", 1, ("a1",)), LogRow(2, "cy", 1, ("c1",)), LogRow(3, "ann", 2, ("a2",)))
TRUTH = Truth(DOCUMENT, 3, ROWS, ("a1", "c1", "a2"), "digest")


def broken(truth: Truth, history: History | None = None, *replicas: Replica) -> dict[str, int]:
    """What does not hold, and how often."""
    verdict = check(told() if history is None else history, {DOCUMENT: truth}, replicas)
    names = ("lost", "doubled", "torn", "misordered", "unequal", "waiting")
    counts = {name: getattr(verdict, name) for name in names}
    assert verdict.holds == (not any(counts.values()))
    assert bool(verdict.findings) != verdict.holds
    return {name: count for name, count in counts.items() if count}


def with_rows(*rows: LogRow, markers: Sequence[str] = TRUTH.markers) -> Truth:
    return replace(TRUTH, rows=rows, version=len(rows), markers=markers)


def test_a_true_story_holds() -> None:
    assert broken(TRUTH, None, Replica(DOCUMENT, 3, "digest")) == {}


def test_an_unknown_submission_may_be_absent() -> None:
    truth = with_rows(ROWS[0], LogRow(2, "dan", 1), replace(ROWS[2]))
    history = told()
    history.sent(DOCUMENT, "dan", 1, (), 0.0)
    assert broken(replace(truth, markers=("a1", "a2")), history) == {}


def test_an_acked_op_that_is_missing_is_lost() -> None:
    assert broken(with_rows(ROWS[0], ROWS[1], markers=("a1", "c1"))) == {"lost": 1}


def test_an_op_without_what_it_inserts_is_lost() -> None:
    assert broken(with_rows(*ROWS[:2], replace(ROWS[2], markers=()))) == {"lost": 1}
    assert broken(with_rows(*ROWS, markers=("a1", "c1"))) == {"lost": 1}


def test_a_document_that_is_gone_lost_everything() -> None:
    assert not check(told(), {}).holds


def test_an_op_that_stands_twice_is_doubled() -> None:
    assert broken(with_rows(*ROWS, LogRow(4, "cy", 1, ("c1",)))) == {"doubled": 2}


def test_the_same_entry_under_another_name_is_doubled() -> None:
    history = told()
    history.sent(DOCUMENT, "dan", 1, ("c1",), 6.0)
    again = with_rows(*ROWS, LogRow(4, "dan", 1, ("c1",)), markers=("a1", "c1", "a2", "c1"))
    assert broken(again, history) == {"doubled": 2}


def test_what_was_refused_or_never_sent_may_not_stand() -> None:
    assert broken(with_rows(*ROWS, LogRow(4, "ben", 1, ("b1",)))) == {"doubled": 1}
    assert broken(with_rows(*ROWS, LogRow(4, "nobody", 1))) == {"doubled": 1}


def test_a_version_that_is_missing_tears_the_history() -> None:
    assert broken(replace(TRUTH, rows=(ROWS[0], ROWS[2]), markers=("a1", "a2"))) == {"torn": 1}


def test_an_ack_with_another_version_tears_it() -> None:
    assert broken(with_rows(ROWS[0], replace(ROWS[2], version=2), replace(ROWS[1], version=3))) == {"torn": 1}


def test_what_was_sent_after_an_ack_stands_behind_it() -> None:
    history = History()
    for seq, version in ((1, 2), (2, 1)):
        history.sent(DOCUMENT, "ann", seq, (), 2.0 * seq)
        history.acked(DOCUMENT, "ann", seq, version, 2.0 * seq + 1)
    truth = Truth(DOCUMENT, 2, (LogRow(1, "ann", 2), LogRow(2, "ann", 1)), (), "digest")
    assert broken(truth, history) == {"misordered": 1}


def test_what_was_under_way_together_may_stand_in_any_order() -> None:
    history = History()
    for seq, version in ((1, 2), (2, 1)):
        history.sent(DOCUMENT, "ann", seq, (), float(seq))
        history.acked(DOCUMENT, "ann", seq, version, 3.0)
    truth = Truth(DOCUMENT, 2, (LogRow(1, "ann", 2), LogRow(2, "ann", 1)), (), "digest")
    assert broken(truth, history) == {}


def test_a_replica_that_differs_is_unequal_and_one_that_waits_waits() -> None:
    assert broken(TRUTH, None, Replica(DOCUMENT, 3, "other")) == {"unequal": 1}
    assert broken(TRUTH, None, Replica(DOCUMENT, 2, "digest")) == {"unequal": 1}
    assert broken(TRUTH, None, Replica(DOCUMENT, 3, "digest", is_settled=False)) == {"waiting": 1}


def test_two_answers_to_one_submission_are_an_error() -> None:
    with pytest.raises(AssertionError, match="answered again"):
        told().acked(DOCUMENT, "ann", 1, 2, 9.0)
    with pytest.raises(AssertionError, match="and then refused"):
        told().refused(DOCUMENT, "ann", 1, "busy", 9.0)
    with pytest.raises(AssertionError, match="was refused"):
        told().acked(DOCUMENT, "ben", 1, 2, 9.0)


def test_a_history_is_read_as_it_was_written(tmp_path: Path) -> None:
    history = told()
    history.sent(DOCUMENT, "cy", 1, ("c1",), 9.0)
    history.write(tmp_path / "history.jsonl")
    again = History.read(tmp_path / "history.jsonl")
    assert list(again) == list(history)
    assert again.attempts_ratio == history.attempts_ratio == 5 / 4
