import pytest

from ot.check import check
from ot.op import IDENTITY, Component, Drop, Insert, Keep, Op, OpError, Pick, Remove

X = {"uid": "x"}
HUGE = 10**9


@pytest.mark.parametrize(
    ("components", "length", "after"),
    [
        ((), 7, 7),
        ((Insert((X,)),), 0, 1),
        ((Keep(2), Remove(3)), 5, 2),
        ((Drop(1, 1), Pick(2), Drop(0, 1)), 2, 2),
        ((Keep(HUGE), Remove(HUGE), Pick(HUGE), Drop(0, HUGE)), 3 * HUGE, 2 * HUGE),
    ],
)
def test_new_length(components: tuple[Component, ...], length: int, after: int) -> None:
    assert check(Op(components), length) == after


@pytest.mark.parametrize(
    ("components", "code"),
    [
        ((Keep(3, {"n": 1}),), "op_length"),
        ((Remove(5),), "op_length"),
        ((Insert((X,)),), "op_length"),
        ((Remove(HUGE),), "op_length"),
        ((Pick(4),), "op_drops"),
        ((Keep(4), Drop(0, 1)), "op_drops"),
        ((Pick(4), Drop(0, 3)), "op_drops"),
        ((Pick(4), Drop(0, 5)), "op_drops"),
        ((Pick(4), Drop(0, 2), Drop(1, 2)), "op_drops"),
        ((Pick(4), Drop(0, 2), Drop(0, 2)), "op_drops"),
        ((Pick(4), Drop(3, 1), Drop(0, 2)), "op_drops"),
        ((Pick(4), Drop(HUGE, HUGE)), "op_drops"),
    ],
)
def test_what_does_not_fit(components: tuple[Component, ...], code: str) -> None:
    with pytest.raises(OpError) as raised:
        check(Op(components), 4)
    assert raised.value.code == code
    assert raised.value.message.endswith(".")


def test_the_identity_fits_any_list() -> None:
    assert check(IDENTITY, 0) == 0
    assert check(IDENTITY, HUGE) == HUGE
