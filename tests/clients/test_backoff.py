"""When a client comes back."""

from random import Random

import pytest

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


def test_the_ceiling_follows_the_age_of_the_absence() -> None:
    backoff = Backoff(Policy())
    for _ in range(10):
        backoff.delay_ms("back_off", 0, 1_000, 0.5)
    assert backoff.delay_ms("back_off", 0, 4_000, 0.5) == 1_000
    assert backoff.delay_ms("back_off", 0, 31_000, 0.5) == 5_000
    assert backoff.delay_ms("back_off", 0, 10_000_000, 0.5) == 10_000


@pytest.mark.parametrize("gone_ms", [0, 500, 1_500, 2_500])
@pytest.mark.parametrize("kills", [1, 5])
def test_a_node_that_is_soon_back_is_found_soon(gone_ms: int, kills: int) -> None:
    """A thousand clients whose node is gone for a while, again and again, each time just healthy before (P7);
    what is left of the 5 s is for the handshake and for opening rooms."""
    chance = Random(7)
    waits = []
    for _ in range(1_000):
        backoff, now_ms = Backoff(Policy()), 0
        for _ in range(kills):
            backoff.stood(now_ms, 250, 20_000)
            lost_ms = now_ms = now_ms + Policy().healthy_ms
            while now_ms <= lost_ms + gone_ms:
                now_ms += max(1, backoff.delay_ms("back_off", 0, now_ms, chance.random()))
            waits.append(now_ms - lost_ms)
    assert sorted(waits)[int(len(waits) * 0.99)] <= 4_500


def test_thousand_clients_do_not_storm() -> None:
    """Attempts of a client in the first minute of an absence."""
    chance = Random(7)
    attempts = []
    for _ in range(1_000):
        backoff, now_ms, made = Backoff(Policy()), 0, 0
        while now_ms < 60_000:
            now_ms += max(1, backoff.delay_ms("back_off", 0, now_ms, chance.random()))
            made += 1
        attempts.append(made)
    assert sum(attempts) / len(attempts) < 25
