"""A slice of `make http-mix`."""

import pytest

from tests.integration.http_mix import hurry, play

SEED, REQUESTS, REQUESTS_ON_POSTGRES = 7, 1_000, 600


async def test_no_5xx_hides_a_success(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch.setattr)
    result = await play(SEED, REQUESTS)
    assert result.lies() == []
    answers = result.figures()["answers"]
    assert result.failures > REQUESTS / 50, "the database failed"
    assert answers["201"] > REQUESTS / 5, "and most went well"
    assert sum(count for answer, count in answers.items() if answer.startswith("503")) > 5


async def test_nor_does_one_when_the_way_to_postgresql_loses_answers(
    monkeypatch: pytest.MonkeyPatch, postgres_url: str
) -> None:
    hurry(monkeypatch.setattr)
    result = await play(SEED, REQUESTS_ON_POSTGRES, postgres_url)
    assert result.lies() == []
    # What is lost goes by the clock, and how many requests meet it by the machine.
    assert result.failures > 2, "the way lost some"
    assert result.figures()["answers"]["201"] > REQUESTS_ON_POSTGRES / 20, "and others went well"
