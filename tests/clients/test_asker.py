"""What is asked again, and how often."""

import pytest

from tutti_client import asker
from tutti_client.asker import THRIFT, Asker
from tutti_client.errors import RequestRefused
from tutti_client.http import Answer
from tutti_client.tokens import TokenSource


class World:
    """A server that calls all tokens old but those in `good`, and an issuer that numbers its tokens."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_ms = 0
        self.good: set[str] = set()
        self.requests: list[str] = []
        self.issued = 0
        monkeypatch.setattr(asker, "ask", self._answer)
        tokens = TokenSource(self._issue, lambda: self.now_ms)
        self.asker = Asker("http://server", tokens, lambda: self.now_ms)

    async def _issue(self) -> str:
        self.issued += 1
        return f"token {self.issued}"

    async def _answer(self, method: str, url: str, body: object, token: str) -> Answer:
        self.requests.append(token)
        if token not in self.good:
            raise RequestRefused(401, "token_expired", "This token is old.")
        return Answer({}, 0.0)

    async def ask(self) -> None:
        await self.asker.ask("GET", "here", dict[str, str])


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


async def test_an_old_token_is_replaced_once(world: World) -> None:
    world.good = {"token 2"}
    await world.ask()
    await world.ask()
    assert world.requests == ["token 1", "token 2", "token 2"]


async def test_a_server_that_calls_every_token_old_hears_a_tenth_more(world: World) -> None:
    for _ in range(1000):
        with pytest.raises(RequestRefused):
            await world.ask()
    assert 1000 < len(world.requests) <= 1100 + THRIFT.first
    assert world.issued <= 101 + THRIFT.first


async def test_who_asks_once_in_a_while_may_ask_twice_each_time(world: World) -> None:
    for count in range(1, 50):
        world.good = {f"token {2 * count}"}
        await world.ask()
        world.good = set()
        world.now_ms += int(1000 / THRIFT.per_s)
        # The issuer gave a token for each of the two requests.
        world.asker._tokens.forget()
    assert world.issued == 98
