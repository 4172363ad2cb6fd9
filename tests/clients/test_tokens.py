"""When a new token is asked for."""

import pytest

from collab.errors import CallerError
from tutti_client.tokens import MARGIN_MS, TokenSource
from tutti_client.wire import socket_url


class Issuer:
    def __init__(self) -> None:
        self.issued = 0

    async def __call__(self) -> str:
        self.issued += 1
        return f"token {self.issued}"


async def test_a_token_is_kept_as_long_as_it_is_good() -> None:
    issuer = Issuer()
    tokens = TokenSource(issuer)
    assert await tokens.current(0) == "token 1"
    tokens.expires(900_000)
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
    tokens.expires(1)
    tokens.forget()
    assert await tokens.current(10) == await tokens.renewed() == "fixed"
    assert not tokens.can_renew


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
