"""The counters behind the rate limits allow what the library's own do, and cost the same for any crowd."""

import random

import pytest
from limits.aio.storage import MemoryStorage

from collab.limits_http import Windows


class SetTime:
    """`time` for both."""

    def __init__(self) -> None:
        self.now_s = 600_000.0

    def time(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SetTime:
    clock = SetTime()
    for module in ("limits.aio.storage.memory", "collab.limits_http"):
        monkeypatch.setattr(f"{module}.time", clock)
    return clock


@pytest.mark.parametrize("seed", range(10))
async def test_they_allow_what_the_library_allows(clock: SetTime, seed: int) -> None:
    chance = random.Random(seed)
    ours, librarys = Windows(), MemoryStorage()
    allowed = refused = 0
    for _ in range(600):
        # Quarters: no rounding decides. Sometimes nobody comes for longer than two windows.
        clock.now_s += 40 if chance.random() < 0.01 else chance.choice((0, 0, 0, 0.25, 0.25, 0.5))
        key, (most, length_s) = chance.choice("abc"), chance.choice(((3, 4), (8, 16)))
        wanted = await librarys.acquire_sliding_window_entry(f"{length_s}{key}", most, length_s)
        assert await ours.acquire_sliding_window_entry(f"{length_s}{key}", most, length_s) == wanted
        allowed, refused = allowed + wanted, refused + (not wanted)
    assert allowed > 50
    assert refused > 50


async def test_nobody_is_remembered_for_longer_than_two_windows(clock: SetTime) -> None:
    windows = Windows()
    for number in range(1000):
        assert await windows.acquire_sliding_window_entry(f"user {number}", 1, 5)
    assert "user 1" in repr(vars(windows))
    clock.now_s += 10
    assert await windows.acquire_sliding_window_entry("one", 1, 5)
    assert "user 1" not in repr(vars(windows))
