"""Every planted fault passes ten ordinary cases, and the harness catches it within its seeded slice."""

from collections.abc import Callable, Sequence
from random import Random

import pytest

from ot.fuzz.algebra import OURS, Algebra
from ot.fuzz.laws import LAWS, Law, failure
from ot.fuzz.rounds import Failure, Rounds
from tests.ot.mutants import BREAK_LAW_L, MUTANTS, Mutant, planted
from tests.ot.ordinary import ORDINARY
from tests.ot.test_fuzz import ROUNDS, SEED

each = pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
each_of_five = pytest.mark.parametrize("mutant", BREAK_LAW_L, ids=lambda mutant: mutant.name)


def caught(mutant: Mutant, laws: Sequence[Law]) -> Failure | None:
    """What the slice of rounds that every test run plays finds."""
    rounds = Rounds(mutant.algebra, laws, Random, SEED)
    return next((found for _ in range(ROUNDS) if (found := rounds.play()) is not None), None)


def named(name: str) -> list[Law]:
    return [law for law in LAWS if law.name == name]


def test_there_are_enough() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 12
    assert len(BREAK_LAW_L) == 5
    assert len(ORDINARY) == 10


@pytest.mark.parametrize("case", ORDINARY, ids=lambda case: case.__name__)
def test_the_ordinary_cases_are_right(case: Callable[[Algebra], None]) -> None:
    case(OURS)
    case(planted())


@each
def test_passes_ten_ordinary_cases(mutant: Mutant) -> None:
    for case in ORDINARY:
        case(mutant.algebra)


@each
def test_is_caught(mutant: Mutant) -> None:
    found = caught(mutant, LAWS)
    assert found is not None
    assert failure(found.law, OURS, found.case) is None


@each_of_five
def test_passes_the_diamond_and_is_caught_by_law_l(mutant: Mutant) -> None:
    assert caught(mutant, named("diamond")) is None
    assert caught(mutant, named("law-l")) is not None


def test_the_second_statement_without_a_fault_keeps_every_law() -> None:
    rounds = Rounds(planted(), LAWS, Random, SEED)
    assert [rounds.play() for _ in range(100)] == [None] * 100
