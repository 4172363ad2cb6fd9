from collab.key_ring import KeyRing, RingTimes

TIMES = RingTimes(again_ms=600_000, least_ms=10_000)


def test_one_may_ask_at_first_and_then_only_now_and_then() -> None:
    ring = KeyRing[str](TIMES)
    assert ring.due_ms(0) == ring.wait_ms(0) == 0
    ring.asking(1_000)
    ring.took({"a": "key"})
    assert ring.get("a") == "key"
    assert ring.get("b") is None
    assert ring.wait_ms(1_000) == 10_000
    assert ring.wait_ms(11_000) == 0
    assert ring.due_ms(11_000) == 590_000
    assert ring.due_ms(601_000) == 0


def test_what_was_good_stays_and_who_fails_is_asked_no_oftener() -> None:
    ring = KeyRing[str](TIMES)
    ring.asking(0)
    ring.took({"a": "key"})
    ring.asking(600_000)
    ring.failed()
    assert ring.is_failing
    assert ring.get("a") == "key"
    assert ring.due_ms(600_000) == 600_000
    ring.asking(1_200_000)
    ring.took({"b": "other"})
    assert not ring.is_failing
    assert ring.get("a") is None


def test_without_any_key_one_asks_sooner() -> None:
    ring = KeyRing[str](TIMES)
    ring.asking(0)
    ring.failed()
    assert ring.due_ms(1) == 9_999
