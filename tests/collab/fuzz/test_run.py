"""Rounds for so long: limits, the journal, and what an interruption leaves."""

from pathlib import Path
from random import Random

import pytest

from collab.errors import CannotStart
from collab.fuzz.journal import Progress, read_progress, write_progress
from collab.fuzz.run import FuzzRun, Limits
from ot.fuzz.algebra import OURS, Algebra
from ot.fuzz.case import Case
from ot.fuzz.expect import Broken
from ot.fuzz.laws import Law
from ot.fuzz.rounds import Failure, Rounds

HOLDS = Law("holds", lambda algebra, case: None)


class Seconds:
    """A clock that moves on by one whenever it is read."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def run(progress: Progress, limits: Limits, law: Law = HOLDS, journal: Path | None = None) -> Failure | None:
    rounds = Rounds(OURS, [law], Random, progress.seed, progress.next)
    return FuzzRun(rounds, progress, journal, Seconds()).run(limits, lambda played, seconds: None)


def test_ends_after_so_many_rounds() -> None:
    progress = Progress(1, "holds", "", next=5)
    assert run(progress, Limits(rounds=3)) is None
    assert (progress.next, progress.tally.rounds, progress.tally.checks) == (8, 3, 3)


def test_ends_after_so_many_seconds() -> None:
    progress = Progress(1, "holds", "")
    run(progress, Limits(seconds=4))
    assert (progress.next, progress.seconds) == (4, 4.0)
    run(progress, Limits(rounds=100, seconds=2))
    assert (progress.next, progress.seconds) == (6, 6.0)


def test_ends_with_the_first_failure() -> None:
    def fails_at_last(_: Algebra, case: Case) -> None:
        calls.append(case)
        if len(calls) == 3:
            raise Broken("enough")

    calls: list[Case] = []
    progress = Progress(1, "last", "")
    failure = run(progress, Limits(rounds=9), Law("last", fails_at_last))
    assert failure is not None
    assert (failure.round, failure.reason, progress.next) == (2, "enough", 3)


def test_goes_on_where_the_journal_stopped(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    assert read_progress(journal) is None
    run(Progress(7, "holds", ""), Limits(rounds=3), journal=journal)
    progress = read_progress(journal)
    assert progress is not None
    run(progress, Limits(rounds=2), journal=journal)
    after = read_progress(journal)
    assert after == progress
    assert (after.seed, after.next, after.tally.rounds) == (7, 5, 5)
    assert list(tmp_path.iterdir()) == [journal]


def test_an_interrupted_round_counts_as_not_played(tmp_path: Path) -> None:
    def interrupted(_: Algebra, case: Case) -> None:
        calls.append(case)
        if len(calls) == 3:
            raise KeyboardInterrupt

    calls: list[Case] = []
    journal = tmp_path / "journal"
    with pytest.raises(KeyboardInterrupt):
        run(Progress(1, "holds", ""), Limits(), Law("interrupted", interrupted), journal)
    noted = read_progress(journal)
    assert noted is not None
    assert (noted.next, noted.tally.rounds) == (2, 2)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"seed": 1, "tally": {"songs": 1}}'])
def test_a_file_that_is_no_journal_is_left_alone(tmp_path: Path, content: str) -> None:
    journal = tmp_path / "journal"
    journal.write_text(content)
    with pytest.raises(CannotStart, match="no journal"):
        read_progress(journal)
    assert journal.read_text() == content


def test_a_journal_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="cannot be written"):
        write_progress(tmp_path / "nowhere" / "journal", Progress(1, "all", ""))
