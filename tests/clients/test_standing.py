"""When a replica may try again."""

from tutti_client.standing import RETRY_FIRST_MS, RETRY_LAST_MS, Phase, Standing

NOW_MS = 1_000_000


def waits(name: str, attempts: int = 1, retry_after_ms: int = 0) -> int:
    """How long the last of so many waits is."""
    standing = Standing(name)
    standing.connected()
    for _ in range(attempts):
        standing.put_off(NOW_MS, retry_after_ms, is_open=True)
    return standing.due_ms - NOW_MS


def test_those_who_are_put_off_together_do_not_come_back_together() -> None:
    delays = sorted(waits(f"client {n}", retry_after_ms=500) for n in range(1000))
    assert 500 <= delays[0] < 510
    assert 500 + RETRY_FIRST_MS - 10 < delays[-1] <= 500 + RETRY_FIRST_MS
    assert 540 < delays[500] < 560


def test_pauses_grow_up_to_a_bound() -> None:
    longest = [max(waits(f"client {n}", attempts) for n in range(200)) for attempts in range(1, 12)]
    assert longest[:6] == sorted(longest[:6])
    assert RETRY_LAST_MS * 0.9 < longest[-1] <= RETRY_LAST_MS


def test_progress_begins_anew() -> None:
    standing = Standing("somebody")
    standing.connected()
    for _ in range(10):
        standing.put_off(NOW_MS, 0, is_open=True)
    standing.made_progress()
    standing.put_off(NOW_MS, 0, is_open=False)
    assert standing.phase is Phase.DUE
    assert standing.due_ms - NOW_MS <= RETRY_FIRST_MS
