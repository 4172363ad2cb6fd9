import pytest
from hypothesis import given
from hypothesis import strategies as st

from jam.limits import Rate, adds, chats, spend, votes, wait_ms
from jam.settings import Limits
from jam.state import Bucket
from tests.ot.strategies import law

FIVE_ONE_A_MINUTE = Rate(5, 1, 60_000)


def test_five_at_once_then_one_a_minute() -> None:
    bucket = Bucket()
    for _ in range(5):
        assert wait_ms(bucket, FIVE_ONE_A_MINUTE, 1_000) == 0
        bucket = spend(bucket, FIVE_ONE_A_MINUTE, 1_000)
    assert wait_ms(bucket, FIVE_ONE_A_MINUTE, 1_000) == 60_000
    assert wait_ms(bucket, FIVE_ONE_A_MINUTE, 60_999) == 1
    assert wait_ms(bucket, FIVE_ONE_A_MINUTE, 61_000) == 0
    bucket = spend(bucket, FIVE_ONE_A_MINUTE, 61_000)
    assert wait_ms(bucket, FIVE_ONE_A_MINUTE, 61_000) == 60_000


def test_a_bucket_is_never_more_than_full() -> None:
    bucket = spend(spend(Bucket(), FIVE_ONE_A_MINUTE, 0), FIVE_ONE_A_MINUTE, 10**9)
    assert bucket == Bucket(1_000, 10**9)


@pytest.mark.parametrize(
    ("rate", "wanted"),
    [
        (adds(Limits()), FIVE_ONE_A_MINUTE),
        (votes(Limits()), Rate(20, 20, 10_000)),
        (chats(Limits()), Rate(5, 5, 10_000)),
    ],
)
def test_the_rates_of_a_room(rate: Rate, wanted: Rate) -> None:
    assert rate == wanted


@law
@given(
    st.builds(Rate, st.integers(1, 9), st.integers(1, 9), st.integers(1, 99_999)),
    st.lists(st.integers(0, 20_000), max_size=60),
)
def test_what_it_says_is_what_it_does(rate: Rate, pauses_ms: list[int]) -> None:
    """Waiting as long as it says is enough and no more than needed; and no more comes out than goes in."""
    bucket, at_ms, taken = Bucket(), 0, 0
    for pause_ms in pauses_ms:
        at_ms += pause_ms
        wait = wait_ms(bucket, rate, at_ms)
        assert wait_ms(bucket, rate, at_ms + wait) == 0
        assert wait == 0 or wait_ms(bucket, rate, at_ms + wait - 1) > 0
        if not wait:
            bucket, taken = spend(bucket, rate, at_ms), taken + 1
        assert 0 <= bucket.spent_milli <= rate.size * 1_000
    assert taken <= rate.size + at_ms * rate.tokens // rate.per_ms
