"""A slice of `make http-mix`."""

import pytest

from tests.integration.http_mix import hurry, play

SEED, REQUESTS = 7, 1_000


async def test_no_5xx_hides_a_success(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch.setattr)
    result = await play(SEED, REQUESTS)
    assert result.lies() == []
    answers = result.figures()["answers"]
    assert result.failures > REQUESTS / 50, "the database failed"
    assert answers["201"] > REQUESTS / 5, "and most went well"
    assert sum(count for answer, count in answers.items() if answer.startswith("503")) > 5
