"""How every refusal looks over HTTP, whatever its code."""

import re
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from collab.breakers import NotNow
from collab.config import Limits, Settings
from collab.errors import CODES, Refusal
from collab.http_errors import EXCEPTION_HANDLERS, MESSAGE_CHARS_MAX
from storage.store import OutcomeUnknown, StoreError, Unavailable
from tests.collab.http_world import HttpWorld, refused

# A client that is told to wait waits so long at most before it gives up or is given up.
WAIT_MAX_S = 60


async def answer(error: Exception) -> httpx.Response:
    async def fail(request: Request) -> Response:
        raise error

    app = Starlette(routes=[Route("/", fail)], exception_handlers=EXCEPTION_HANDLERS)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.get("/")


@pytest.mark.parametrize("code", sorted(CODES))
async def test_every_code_has_one_shape(code: str) -> None:
    response = await answer(Refusal(code, retry_after_ms=1_001))
    assert response.headers["content-type"] == "application/json"
    assert refused(response) == (CODES[code].status, code)
    assert 400 <= response.status_code <= 503
    assert response.headers["retry-after"] == "2", "whole seconds, and never too early"
    assert ("www-authenticate" in response.headers) == (response.status_code == 401)
    bare = await answer(Refusal(code))
    assert bare.headers.get("retry-after") == ("5" if response.status_code == 429 else None)
    if response.status_code == 401:
        assert response.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Unavailable("away"), 503, "unavailable"),
        (OutcomeUnknown("lost"), 503, "unavailable"),
        (StoreError("odd"), 503, "unavailable"),
        (NotNow(1_500), 503, "unavailable"),
        (RuntimeError("a secret that no client may see"), 500, "internal"),
    ],
)
async def test_what_is_no_refusal_has_it_too(error: Exception, status: int, code: str) -> None:
    response = await answer(error)
    assert refused(response) == (status, code)
    assert "secret" not in response.text


async def test_a_sentence_is_bounded() -> None:
    response = await answer(Refusal("bad_request", "x" * 10_000))
    assert len(response.json()["error"]["message"]) == MESSAGE_CHARS_MAX


@pytest.mark.parametrize("status", sorted({code.status for code in CODES.values()}))
def test_only_what_may_come_again_is_a_status_that_clients_repeat(status: int) -> None:
    for name, code in CODES.items():
        if code.status == status and status in (429, 500, 502, 503, 504):
            assert code.retryable or status == 429, name


async def test_who_asks_too_often_waits_whole_small_seconds() -> None:
    world = HttpWorld(Settings(limits=Limits(http_requests=5, guests_per_minute=2)))
    ada = await world.guest()
    answers = [await ada.get("/v1/me") for _ in range(8)]
    [*_, last] = answers
    assert refused(last) == (429, "rate_limited")
    assert re.fullmatch(r"[1-9]\d?", last.headers["retry-after"])
    assert int(last.headers["retry-after"]) <= WAIT_MAX_S
    stranger = world.client("203.0.113.9")
    for _ in range(3):
        guest = await stranger.post("/v1/guest", json={"name": "Eve"})
    assert refused(guest) == (429, "rate_limited")
    assert 1 <= int(guest.headers["retry-after"]) <= WAIT_MAX_S


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "token_missing"),
        ({"Authorization": "Basic eDp5"}, "token_missing"),
        ({"Authorization": "Bearer "}, "token_missing"),
        ({"Authorization": "Bearer nonsense"}, "token_invalid"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_who_is_unknown_is_told_how_to_come(headers: dict[str, str], code: str, method: str) -> None:
    world = HttpWorld()
    path = f"/v1/playlists/{'P' * 22}/items"
    more: dict[str, Any] = {} if method == "GET" else {"json": {}}
    response = await world.client().request(method, path, headers=headers, **more)
    assert refused(response) == (401, code)
    assert response.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_that_is_over_says_so() -> None:
    world = HttpWorld()
    ada = await world.guest()
    world.times.now_ms += 24 * 3600 * 1000
    response = await ada.get("/v1/me")
    assert refused(response) == (401, "token_expired")
    assert response.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nowhere", 404, "not_found"),
        ("PATCH", "/v1/me/playlists", 405, "method_not_allowed"),
        ("POST", "/v1/me/playlists", 400, "bad_request"),
        ("GET", "/v1/playlists/x", 404, "not_found"),
    ],
)
async def test_what_the_router_says(method: str, path: str, status: int, code: str) -> None:
    world = HttpWorld()
    ada = await world.guest()
    response = await ada.send(method, path)
    assert refused(response) == (status, code)
