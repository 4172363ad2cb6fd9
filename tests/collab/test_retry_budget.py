from collab.retry_budget import RetryBudget, Thrift

THRIFT = Thrift(share=0.1, per_s=2.0, most=5.0, first=2.0)


def taken(budget: RetryBudget, now_ms: int) -> int:
    count = 0
    while budget.take(now_ms):
        count += 1
    return count


def test_a_tenth_of_what_is_asked_may_be_asked_again() -> None:
    budget = RetryBudget(THRIFT, 0)
    assert taken(budget, 0) == 2
    for _ in range(31):
        budget.asked()
    assert taken(budget, 0) == 3


def test_who_asks_little_may_try_again_now_and_then() -> None:
    budget = RetryBudget(THRIFT, 0)
    assert taken(budget, 0) == 2
    assert taken(budget, 499) == 0
    assert taken(budget, 500) == 1
    assert taken(budget, 1500) == 2


def test_only_so_much_is_saved_up() -> None:
    budget = RetryBudget(THRIFT, 0)
    for _ in range(1000):
        budget.asked()
    assert taken(budget, 0) == 5
    assert taken(budget, 3_600_000) == 5
