from random import Random

import pytest

from tests.ot import fuzz, laws
from tests.ot.laws import Case


def test_every_law_holds_in_the_first_rounds() -> None:
    assert fuzz.first_failure(seed=1, rounds=600) is None


def test_a_round_replays() -> None:
    assert str(laws.draw(Random("3/14"), 8)) == str(laws.draw(Random("3/14"), 8))


def test_a_broken_law_is_found_and_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody_moves(case: Case) -> None:
        assert '["p"' not in str(case)

    monkeypatch.setattr(fuzz, "LAWS", (nobody_moves,))
    failure = fuzz.first_failure(seed=1, rounds=100)
    assert failure is not None
    _, law, case = failure
    smallest = fuzz.smaller(law, case)
    assert '["p"' in str(smallest)
    assert len(smallest.document.entries) < 4
