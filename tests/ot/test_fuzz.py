"""The harness: a seeded slice of its rounds, and that it replays, counts and makes small."""

from dataclasses import replace
from random import Random

from ot.fuzz.algebra import OURS, Algebra
from ot.fuzz.case import Case, decode_case, draw, encode_case
from ot.fuzz.expect import Broken
from ot.fuzz.laws import LAWS, Law, failure
from ot.fuzz.rounds import Rounds
from ot.op import IDENTITY

SEED = 1
ROUNDS = 600


def test_every_law_holds_in_the_first_rounds_and_ops_collide() -> None:
    rounds = Rounds(OURS, LAWS, Random, SEED)
    for _ in range(ROUNDS):
        assert rounds.play() is None
    assert (rounds.next, rounds.tally.rounds) == (ROUNDS, ROUNDS)
    assert rounds.tally.checks == ROUNDS * len(LAWS)
    assert rounds.tally.met >= 0.4 * ROUNDS


def test_a_round_replays_alone() -> None:
    drawn: list[Case] = []
    law = Law("note", lambda _, case: drawn.append(case))
    rounds = Rounds(OURS, [law], Random, 3)
    for _ in range(5):
        rounds.play()
    Rounds(OURS, [law], Random, 3, start=4).play()
    assert drawn[4] == drawn[5]
    assert drawn[4] != drawn[3]


def test_a_case_survives_being_written_down() -> None:
    for number in range(50):
        case = draw(Random(number), 6)
        assert decode_case(encode_case(case)) == case


def nobody_moves(_: Algebra, case: Case) -> None:
    if '"p"' in str(encode_case(case)).replace("'", '"'):
        raise Broken("somebody moves")


def test_a_broken_law_is_found_and_its_case_is_small() -> None:
    rounds = Rounds(OURS, [Law("nobody-moves", nobody_moves)], Random, SEED)
    found = None
    while found is None:
        found = rounds.play()
    smallest = rounds.minimised(found)
    assert smallest.reason == "somebody moves"
    assert (smallest.law, smallest.round) == (found.law, found.round)
    ops = (smallest.case.a, smallest.case.b, smallest.case.a2, smallest.case.a3)
    assert sum(len(op.components) for op in ops) == 2
    assert len(smallest.case.document.entries) <= 1
    assert (smallest.case.cursor, smallest.case.side, smallest.case.document.attributes) == (0, "left", {})


def test_what_follows_is_fitted_when_a_case_is_made_smaller() -> None:
    """Of a chain whose third op must do something, the smallest does one thing, and is a chain still."""

    def third_does_nothing(_: Algebra, case: Case) -> None:
        if case.a3 != IDENTITY:
            raise Broken("it does something")

    rounds = Rounds(OURS, [Law("third-does-nothing", third_does_nothing)], Random, SEED)
    for _ in range(40):
        found = rounds.play()
        if found is not None:
            case = rounds.minimised(found).case
            assert len(str(encode_case(case))) < 260
            assert case.b == IDENTITY
            assert all(failure(law, OURS, case) is None for law in LAWS)


def test_an_algebra_that_raises_breaks_the_law() -> None:
    def fail(*_: object) -> str:
        raise KeyError("no digest today")

    law = next(law for law in LAWS if law.name == "digest")
    assert failure(law, replace(OURS, digest=fail), draw(Random(1), 2)) == "KeyError: 'no digest today'"


def test_laws_have_names_of_their_own() -> None:
    assert len({law.name for law in LAWS}) == len(LAWS)
