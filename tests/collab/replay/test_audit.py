"""Journals on disk, and what a report makes of them."""

from pathlib import Path

import pytest

from collab.replay.audit import Audit, judge
from collab.replay.journal import Journal, Line, read_journal
from collab.replay.tally import Tally

LINE = Line("doc", "client", 7, 40, True)


def test_a_journal_is_read_back_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "editor-1.jsonl"
    lines = [LINE, Line("doc", "client", 8, 41, False), Line("doc", "client", 9, 42, None)]
    with Journal(path) as journal:
        for line in lines:
            journal.write(line)
            assert list(read_journal(path))[-1] == line
    assert list(read_journal(path)) == lines
    with pytest.raises(FileExistsError):
        Journal(path)


@pytest.mark.parametrize(
    ("is_op", "after", "log", "found", "empty", "unreachable"),
    [
        (True, 0, {7: 40}, 1, 0, 0),
        (None, 0, {7: 40}, 1, 0, 0),
        (False, 0, {}, 0, 1, 0),
        (None, 0, {}, 0, 1, 0),
        (True, 40, {}, 0, 0, 1),
        # Lost, at another version, or committed although nothing of it was left.
        (True, 39, {}, 0, 0, 0),
        (True, 0, {7: 41}, 0, 0, 0),
        (False, 0, {7: 40}, 0, 0, 0),
    ],
)
def test_what_an_ack_is_worth(
    is_op: bool | None, after: int, log: dict[int, int], found: int, empty: int, unreachable: int
) -> None:
    audit = Audit()
    judge(Line("doc", "client", 7, 40, is_op), after, log, audit)
    assert (audit.found, audit.empty, audit.unreachable) == (found, empty, unreachable)
    assert len(audit.findings) == 1 - found - empty - unreachable


def good(editors: int = 8) -> Tally:
    tally = Tally(editors, playlists=2, steps_in_all=5)
    tally.ops = tally.acks = tally.journalled = tally.found = 10
    tally.transformed, tally.equal, tally.as_recorded = 3, 2, 2
    return tally


def test_a_good_replay_has_no_failures() -> None:
    for editors in (1, 2, 8):
        assert good(editors).failures() == []
    assert "lost 0" in "\n".join(good().lines())


@pytest.mark.parametrize(
    ("editors", "field", "value", "failure"),
    [
        (8, "transformed", 2, "Fewer than 30%"),
        (8, "found", 9, "1 acknowledged submissions are not"),
        (8, "equal", 1, "1 playlists did not end equal"),
        (8, "refusals", 1, "1 submissions were refused"),
        (8, "divergences", 1, "diverged 1 times"),
        (8, "findings", ["Something."], "Something."),
        (1, "as_recorded", 1, "1 playlists did not end as last recorded"),
    ],
)
def test_each_broken_promise_fails(editors: int, field: str, value: object, failure: str) -> None:
    tally = good(editors)
    setattr(tally, field, value)
    [found] = tally.failures()
    assert failure in found
    assert tally.lines()[-1] == f"FAILED: {found}"


def test_few_editors_need_not_meet() -> None:
    tally = good(editors=2)
    tally.transformed = 0
    assert tally.failures() == []
