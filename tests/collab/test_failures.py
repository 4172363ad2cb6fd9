from collab.failures import Failures, Lenience

MINUTE_MS = 60_000
START_MS = 1_700_000_000_000


class Guesser:
    """One key, and a clock."""

    def __init__(self, lenience: Lenience) -> None:
        self.failures = Failures(lenience)
        self.now_ms = START_MS

    def fail(self, times: int = 1) -> int:
        """How long it waits then."""
        for _ in range(times):
            self.failures.add("key", self.now_ms)
        return self.wait_ms()

    def wait_ms(self) -> int:
        return self.failures.wait_ms("key", self.now_ms)


def test_so_many_are_forgiven() -> None:
    guesser = Guesser(Lenience(most=3))
    assert guesser.wait_ms() == 0
    assert guesser.fail(2) == 0
    assert guesser.fail() == MINUTE_MS
    guesser.now_ms += MINUTE_MS - 1
    assert guesser.wait_ms() == 1
    guesser.now_ms += 1
    assert guesser.wait_ms() == 0


def test_whoever_fails_slowly_never_waits() -> None:
    guesser = Guesser(Lenience(most=3))
    for _ in range(100):
        assert guesser.fail() == 0
        guesser.now_ms += MINUTE_MS // 2


def test_no_window_has_more_than_allowed() -> None:
    guesser = Guesser(Lenience(most=5))
    failed_ms = []
    for _ in range(1_000):
        if not guesser.wait_ms():
            guesser.fail()
            failed_ms.append(guesser.now_ms)
        guesser.now_ms += 700
    for first, at_ms in enumerate(failed_ms):
        assert sum(0 <= other - at_ms < MINUTE_MS for other in failed_ms[first:]) <= 5


def test_waits_grow_to_a_bound() -> None:
    guesser = Guesser(Lenience(most=3))
    waits = []
    for _ in range(6):
        waits.append(guesser.fail(3) // MINUTE_MS)
        guesser.now_ms += guesser.wait_ms()
    assert waits == [1, 2, 4, 8, 8, 8]


def test_are_forgotten_after_an_hour_without() -> None:
    guesser = Guesser(Lenience(most=3))
    guesser.fail(3)
    guesser.now_ms += MINUTE_MS + 60 * MINUTE_MS - 1
    assert guesser.fail(3) == 2 * MINUTE_MS
    guesser.now_ms += 2 * MINUTE_MS + 60 * MINUTE_MS
    assert guesser.fail(3) == MINUTE_MS


def test_failing_while_one_waits_prolongs_nothing() -> None:
    guesser = Guesser(Lenience(most=3))
    guesser.fail(3)
    guesser.now_ms += MINUTE_MS // 2
    assert guesser.fail(100) == MINUTE_MS // 2


def test_keys_do_not_wait_for_each_other() -> None:
    guesser = Guesser(Lenience(most=3))
    guesser.fail(3)
    assert guesser.failures.wait_ms("other", guesser.now_ms) == 0


def test_only_so_many_keys_are_kept() -> None:
    failures = Failures(Lenience(most=1, keys_max=3))
    for key in ("a", "b", "c"):
        failures.add(key, START_MS)
    failures.add("a", START_MS + 2 * MINUTE_MS)
    failures.add("d", START_MS + 2 * MINUTE_MS)
    waiting = [key for key in "abcd" if failures.wait_ms(key, START_MS + 1)]
    assert waiting == ["a", "c", "d"], "b failed longest ago"
