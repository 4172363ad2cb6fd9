"""Another implementation behind a pipe: what it answers, and what it does not."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from collab.errors import CannotStart
from collab.fuzz.other import Other
from ot.document import Document
from ot.fuzz.expect import Broken
from ot.fuzz.laws import LAWS
from ot.fuzz.rounds import Rounds
from ot.op import IDENTITY, Insert, Op, Remove

FAULTY = Path(__file__).parent / "faulty.py"
FILTER_LAWS = [law for law in LAWS if not law.library]
X = Op((Insert(({"uid": "x"},)),))


@pytest.fixture(autouse=True)
def _from_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    root = str(FAULTY.parents[3])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH")))))


@contextmanager
def other(fault: str, patience_s: float = 60.0) -> Iterator[Other]:
    program = Other([sys.executable, str(FAULTY), fault], patience_s)
    try:
        yield program
    finally:
        program.close()


def test_a_faithful_filter_keeps_the_laws() -> None:
    with other("none") as program:
        rounds = Rounds(program.algebra(), FILTER_LAWS, Random, 1)
        assert [rounds.play() for _ in range(15)] == [None] * 15


def test_a_fault_behind_the_pipe_is_found_and_made_small() -> None:
    with other("early") as program:
        rounds = Rounds(program.algebra(), FILTER_LAWS, Random, 1)
        found = None
        while found is None:
            found = rounds.play()
        assert len(str(rounds.minimised(found).case)) < 700


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("mad", "no line of JSON"),
        ("vague", "answered by {}"),
        ("ends", "the program has ended"),
        ("loose", "normal form"),
    ],
)
def test_an_answer_that_is_none_breaks_the_law(fault: str, said: str) -> None:
    with other(fault) as program:
        for _ in range(2):  # the program is started again
            with pytest.raises(Broken, match=said):
                program.algebra().compose(X, IDENTITY)


def test_a_program_that_says_nothing_is_not_waited_for() -> None:
    with other("mute", patience_s=0.01) as program, pytest.raises(Broken, match="nothing for"):
        program.algebra().digest(Document([], {}))


def test_an_op_that_it_refuses_breaks_the_law() -> None:
    with other("none") as program, pytest.raises(Broken, match="op_length"):
        program.algebra().apply(Document([], {}), Op((Remove(1),)))


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(CannotStart, match="cannot be started"):
        Other(["/nowhere/filter"])
