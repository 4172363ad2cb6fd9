import pytest

from tests.ot.not_laws import NOT_LAWS, NotLaw, holds_for, size, smaller_than

each = pytest.mark.parametrize("law", NOT_LAWS, ids=lambda law: law.name)


@each
def test_does_not_hold(law: NotLaw) -> None:
    assert not holds_for(law, law.length, law.against)


@each
def test_there_is_no_smaller_case_against_it(law: NotLaw) -> None:
    smaller = list(smaller_than(size(law.length, law.against), law.shape))
    assert smaller
    assert [(length, ops) for length, ops in smaller if not holds_for(law, length, ops)] == []
