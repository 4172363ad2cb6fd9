"""When clients ask for new tokens, in virtual time, with an issuer that may be away."""

import random
from dataclasses import dataclass, field

import pytest

from tutti_client.renewal import Renewal

MINUTE_MS = 60_000
LIFE_MS = 15 * MINUTE_MS


def test_it_is_asked_for_three_times_in_a_life() -> None:
    renewal = Renewal()
    assert renewal.due_ms() is None
    renewal.ends(1_000_000 + LIFE_MS, 1_000_000, random=0.5)
    for due_ms in (1_270_000, 1_540_000, 1_810_000):
        assert renewal.due_ms() == due_ms
        renewal.asked(due_ms)
    assert renewal.due_ms() is None


@pytest.mark.parametrize(
    ("random", "first_ms", "last_ms"), [(0.0, 243_000, 729_000), (1.0, 297_000, 891_000)]
)
def test_each_client_has_its_own_pace(random: float, first_ms: int, last_ms: int) -> None:
    renewal = Renewal()
    renewal.ends(LIFE_MS, 0, random)
    assert renewal.due_ms() == first_ms
    renewal.asked(last_ms - 1)
    assert renewal.due_ms() == last_ms


def test_a_new_token_begins_anew() -> None:
    renewal = Renewal()
    renewal.ends(LIFE_MS, 0, 0.5)
    renewal.asked(270_000)
    renewal.took(280_000, 0.5)
    assert renewal.due_ms() == 550_000


def test_who_comes_back_with_a_used_token_keeps_the_pace() -> None:
    renewal = Renewal()
    renewal.ends(LIFE_MS, 0, 0.5)
    # Eight minutes left: the first question would have been long ago.
    renewal.ends(LIFE_MS, 7 * MINUTE_MS, 0.5)
    assert renewal.due_ms() == 540_000


@dataclass
class Device:
    renewal: Renewal = field(default_factory=Renewal)
    ends_ms: int = 0


def questions(devices: int, away_ms: range, until_ms: int) -> tuple[list[int], int]:
    """When questions came, and how many devices ever stood without a good token."""
    chance = random.Random(5)
    asked: list[int] = []
    stranded = 0
    for _ in range(devices):
        began_ms = chance.randrange(LIFE_MS)
        device = Device(ends_ms=began_ms + LIFE_MS)
        device.renewal.ends(device.ends_ms, began_ms, chance.random())
        while (due_ms := device.renewal.due_ms()) is not None and due_ms < until_ms:
            asked.append(due_ms)
            device.renewal.asked(due_ms)
            if due_ms not in away_ms:
                device.ends_ms = due_ms + LIFE_MS
                device.renewal.took(due_ms, chance.random())
        stranded += device.renewal.due_ms() is None
    return asked, stranded


def most_in(asked: list[int], window_ms: int, from_ms: int, until_ms: int) -> int:
    return max(
        sum(start_ms <= at_ms < start_ms + window_ms for at_ms in asked)
        for start_ms in range(from_ms, until_ms - window_ms, MINUTE_MS)
    )


def test_five_minutes_without_an_issuer_cost_no_session_and_no_more_questions() -> None:
    from_ms, until_ms = 2 * LIFE_MS, 4 * LIFE_MS
    calm, _ = questions(1_000, range(0), until_ms)
    away_ms = range(from_ms, from_ms + 5 * MINUTE_MS)
    asked, stranded = questions(1_000, away_ms, until_ms)
    assert stranded == 0
    for window_ms in (MINUTE_MS, 5 * MINUTE_MS, LIFE_MS):
        most = most_in(asked, window_ms, from_ms, until_ms)
        assert most <= 1.2 * most_in(calm, window_ms, from_ms, until_ms), window_ms
