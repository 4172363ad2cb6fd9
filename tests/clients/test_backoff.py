"""When a client comes back."""

from tutti_client.backoff import Backoff, Policy

POLICY = Policy(base_ms=100, cap_ms=1000, healthy_ms=5000, returns_max=2)


def test_the_ceiling_doubles_up_to_the_cap_and_jitter_is_full() -> None:
    backoff = Backoff(POLICY)
    assert [backoff.delay_ms("back_off", 0, 0, 0.999) for _ in range(6)] == [99, 199, 399, 799, 999, 999]
    assert backoff.delay_ms("back_off", 0, 0, 0.0) == 0


def test_the_servers_hint_comes_on_top() -> None:
    backoff = Backoff(POLICY)
    assert backoff.delay_ms("back_off", 5000, 0, 0.5) == 5050
    assert backoff.delay_ms("come_back", 300, 0, 0.5) == 350


def test_only_a_session_that_stood_resets_the_ceiling() -> None:
    backoff = Backoff(POLICY)
    for _ in range(4):
        backoff.delay_ms("back_off", 0, 0, 0.5)
    backoff.stood(1000, 100, 1000)
    assert backoff.delay_ms("back_off", 0, 5999, 0.5) == 500
    backoff.stood(10_000, 100, 1000)
    assert backoff.delay_ms("back_off", 0, 15_000, 0.5) == 50


def test_coming_back_now_is_taken_at_its_word_only_so_often() -> None:
    backoff = Backoff(POLICY)
    assert [backoff.delay_ms("come_back", 0, 0, 0.99) for _ in range(5)] == [99, 99, 99, 198, 396]
    backoff.stood(0, 100, 1000)
    assert backoff.delay_ms("come_back", 0, 5000, 0.99) == 99


def test_the_servers_times_replace_ours() -> None:
    backoff = Backoff(POLICY)
    backoff.stood(0, 10, 20)
    assert [backoff.delay_ms("back_off", 0, 0, 0.5) for _ in range(3)] == [5, 10, 10]
    # Nonsense from a server does no harm.
    backoff.stood(0, 0, 0)
    assert backoff.delay_ms("back_off", 0, 0, 0.5) == 0
