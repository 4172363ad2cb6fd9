"""When a new token is asked for."""

import asyncio

import pytest

from collab.errors import CallerError
from tutti_client.errors import Unreachable
from tutti_client.tokens import MARGIN_MS, PAUSE_FIRST_MS, PAUSE_LAST_MS, TokenSource
from tutti_client.wire import socket_url

LIFE_MS = 900_000


class Issuer:
    """Gives tokens out, at a time that the test says, unless it is away."""

    def __init__(self) -> None:
        self.issued = 0
        self.asked = 0
        self.now_ms = 0
        self.is_away = False

    async def __call__(self) -> str:
        self.asked += 1
        await asyncio.sleep(0)
        if self.is_away:
            raise OSError("away")
        self.issued += 1
        return f"token {self.issued}"

    def tokens(self) -> TokenSource:
        return TokenSource(self, lambda: self.now_ms)


async def test_a_token_is_kept_as_long_as_it_is_good() -> None:
    issuer = Issuer()
    tokens = TokenSource(issuer)
    assert await tokens.current(0) == "token 1"
    tokens.expires(900_000, 0)
    assert await tokens.current(900_000 - MARGIN_MS) == "token 1"
    assert await tokens.current(900_000 - MARGIN_MS + 1) == "token 2"
    # Until the server says when this one ends, it is taken to be good.
    assert await tokens.current(10**12) == "token 2"


async def test_a_refused_token_is_not_used_again() -> None:
    tokens = TokenSource(Issuer())
    await tokens.current(0)
    tokens.forget()
    assert await tokens.current(0) == "token 2"
    assert await tokens.renewed() == "token 3"
    assert tokens.can_renew


async def test_a_fixed_token_stays_what_it_is() -> None:
    tokens = TokenSource("fixed")
    tokens.expires(1, 0)
    tokens.forget()
    assert await tokens.current(10) == await tokens.renewed() == "fixed"
    assert not tokens.can_renew


async def test_many_who_want_one_at_once_share_one() -> None:
    issuer = Issuer()
    tokens = issuer.tokens()
    assert set(await asyncio.gather(*(tokens.renewed() for _ in range(20)))) == {"token 1"}
    assert issuer.asked == 1


async def test_an_issuer_that_is_away_is_left_alone() -> None:
    issuer = Issuer()
    tokens = issuer.tokens()
    issuer.is_away = True
    with pytest.raises(OSError, match="away"):
        await tokens.renewed()
    for _ in range(20):
        with pytest.raises(Unreachable, match="a moment ago: away"):
            await tokens.renewed()
    assert issuer.asked == 1
    for _ in range(300):
        issuer.now_ms += 1_000
        with pytest.raises((OSError, Unreachable)):
            await tokens.renewed()
    # Once for each pause, which is at least a half of what it may be.
    assert issuer.asked <= 6 + 300_000 // (PAUSE_LAST_MS // 2)
    issuer.is_away = False
    issuer.now_ms += PAUSE_LAST_MS
    assert await tokens.renewed() == "token 1"
    issuer.is_away = True
    with pytest.raises(OSError, match="away"):
        await tokens.renewed()
    issuer.now_ms += PAUSE_FIRST_MS
    with pytest.raises(OSError, match="away"):
        await tokens.renewed()


async def test_the_next_one_comes_in_good_time() -> None:
    issuer = Issuer()
    tokens = issuer.tokens()
    await tokens.current(0)
    tokens.expires(LIFE_MS, 0)
    # The time for the first question has come; nobody said that the token ends.
    assert await tokens.next(lambda: 300_000) == "token 2"


async def test_a_question_in_vain_is_asked_again_at_its_pace() -> None:
    issuer = Issuer()
    tokens = issuer.tokens()
    await tokens.current(0)
    tokens.expires(LIFE_MS, 0)
    issuer.is_away = True

    def server_ms() -> int:
        """The time of the first question, and once that was asked, of the second."""
        if issuer.asked == 1:
            return 300_000
        issuer.is_away, issuer.now_ms = False, 600_000
        return 600_000

    assert await tokens.next(server_ms) == "token 2"
    assert issuer.asked == 3


async def test_what_the_server_wants_is_asked_for_until_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tutti_client.tokens.LAST_MINUTE_PAUSE_S", 0.0)
    given = iter(["old", "old", "old", "new"])

    async def cached() -> str:
        return next(given)

    tokens = TokenSource(cached)
    await tokens.current(0)
    tokens.want()
    assert await tokens.next(lambda: 0) == "new"


async def test_it_waits_for_the_server_to_say_when_the_first_one_ends() -> None:
    tokens = Issuer().tokens()
    await tokens.current(0)
    coming = asyncio.create_task(tokens.next(lambda: 300_000))
    await asyncio.sleep(0)
    tokens.expires(LIFE_MS, 0)
    assert await coming == "token 2"


@pytest.mark.parametrize(
    ("url", "socket"),
    [
        ("http://127.0.0.1:8000", "ws://127.0.0.1:8000/v1/socket"),
        ("https://tutti.example.com/", "wss://tutti.example.com/v1/socket"),
        ("wss://example.com/music", "wss://example.com/music/v1/socket"),
    ],
)
def test_where_the_socket_is(url: str, socket: str) -> None:
    assert socket_url(url) == socket


@pytest.mark.parametrize("url", ["", "example.com", "ftp://example.com", "https:///path"])
def test_what_is_no_server(url: str) -> None:
    with pytest.raises(CallerError):
        socket_url(url)
