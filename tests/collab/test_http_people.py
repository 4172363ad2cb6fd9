from typing import Any

import pytest

from collab.config import Limits, Settings
from tests.collab.http_world import STRANGER, HttpWorld, refused


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld()


async def test_a_guest_in_one_request(world: HttpWorld) -> None:
    response = await world.client().post("/v1/guest", json={"name": " Ada  L "})
    assert response.status_code == 201
    body = response.json()
    assert body.keys() == {"token", "refresh_token", "expires_at", "user"}
    assert body["user"].keys() == {"id", "name"}
    assert body["user"]["name"] == "Ada L"
    assert body["expires_at"] == world.times.now_ms + 15 * 60 * 1000


async def test_me_has_the_shape_of_a_spotify_user(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    assert (await ada.get("/v1/me")).json() == {
        "id": ada.id,
        "display_name": "Ada",
        "name": "Ada",
        "type": "user",
        "uri": f"spotify:user:{ada.id}",
        "href": f"http://localhost:8300/v1/users/{ada.id}",
        "external_urls": {},
        "images": [],
        "followers": {"href": None, "total": 0},
        "account_id": ada.id,
        "country": None,
        "email": None,
        "product": None,
        "explicit_content": {"filter_enabled": False, "filter_locked": False},
    }


async def test_me_may_end_in_a_slash_as_clients_ask(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    response = await ada.get("/v1/me/")
    assert (response.status_code, response.json()) == (200, (await ada.get("/v1/me")).json())
    assert refused(await world.client().get("/v1/me/")) == (401, "token_missing")


async def test_a_new_name_shows_at_once_and_is_in_the_next_token(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    assert (await ada.put("/v1/me", {"name": "Lady Ada"})).json()["display_name"] == "Lady Ada"
    assert (await ada.get("/v1/me")).json()["name"] == "Lady Ada"
    body = {"refresh_token": ada.session["refresh_token"]}
    renewed = (await world.client().post("/v1/token", json=body)).json()
    assert renewed["user"]["name"] == "Lady Ada"
    identity = await world.services.tokens.verify(renewed["token"], world.times.now_ms)
    assert identity.name == "Lady Ada"


async def test_refresh_tokens_are_for_one_use(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    tokens = [ada.session["refresh_token"]]
    for _ in range(2):
        answer = await world.client().post("/v1/token", json={"refresh_token": tokens[-1]})
        assert answer.status_code == 200
        assert answer.json().keys() == ada.session.keys()
        tokens.append(answer.json()["refresh_token"])
    for token in (tokens[0], tokens[-1]):
        answer = await world.client().post("/v1/token", json={"refresh_token": token})
        assert refused(answer) == (401, "token_invalid")


async def test_a_reply_that_was_lost_is_asked_for_again(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    body = {"refresh_token": ada.session["refresh_token"]}
    for _ in range(2):
        answer = await world.client().post("/v1/token", json=body)
        assert answer.status_code == 200
        assert answer.json()["user"] == ada.session["user"]


async def test_revoking_is_the_same_answer_for_every_token(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    for token in (ada.session["refresh_token"], "B" * 22, "x"):
        response = await world.client().post("/v1/token/revoke", json={"refresh_token": token})
        assert (response.status_code, response.content) == (204, b"")
    body = {"refresh_token": ada.session["refresh_token"]}
    assert refused(await world.client().post("/v1/token", json=body)) == (401, "token_invalid")


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, "token_missing"),
        ("", "token_missing"),
        ("Basic abc", "token_missing"),
        ("Bearer ", "token_missing"),
        ("Bearer abc", "token_invalid"),
    ],
)
async def test_who_does_not_say_who_they_are(world: HttpWorld, authorization: str | None, code: str) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    response = await world.client().get("/v1/me", headers=headers)
    assert refused(response) == (401, code)
    assert response.headers["www-authenticate"] == "Bearer"


async def test_a_token_ends(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    world.times.now_ms += 16 * 60 * 1000
    assert refused(await ada.get("/v1/me")) == (401, "token_expired")


async def test_a_token_of_nobody(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    world.store._users.clear()
    assert refused(await ada.get("/v1/me")) == (401, "token_invalid")
    assert refused(await ada.put("/v1/me", {"name": "Ada"})) == (401, "token_invalid")


async def test_an_api_token_stops_at_its_revocation(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    user = await world.store.user(ada.id)
    assert user is not None
    issued = await world.services.tokens.issue_api(user, "bot", 3600, world.times.now_ms)
    ada.session["token"] = issued.token
    assert (await ada.get("/v1/me")).status_code == 200
    [row] = await world.store.api_tokens(ada.id)
    await world.store.revoke_api_token(row.id)
    assert refused(await ada.get("/v1/me")) == (401, "token_invalid")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"name": 5}',
        b'{"name": null}',
        b'{"name": ""}',
        b'{"name": "\xff"}',
        b'{"name": "\\ud800"}',
        b'{"name": NaN}',
        b'{"name": "Ada", "more": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    ],
)
async def test_bodies_that_are_no_guest(world: HttpWorld, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    response = await world.client().post("/v1/guest", content=content, headers=headers)
    assert refused(response) == (400, "bad_request")


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
async def test_only_json_is_read(world: HttpWorld, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    response = await world.client().post("/v1/guest", content=b'{"name": "Ada"}', headers=headers)
    assert refused(response) == (400, "bad_request")


async def test_a_body_has_an_end(world: HttpWorld) -> None:
    body = {"name": "Ada", "more": "x" * (256 * 1024)}
    assert refused(await world.client().post("/v1/guest", json=body)) == (413, "too_large")


class StoppedTime:
    """`time` for the limiter, whose windows would otherwise turn while a test counts."""

    def __init__(self) -> None:
        self.now_s = 600_000.0

    def time(self) -> float:
        return self.now_s


@pytest.fixture
def limiter_time(monkeypatch: pytest.MonkeyPatch) -> StoppedTime:
    stopped = StoppedTime()
    monkeypatch.setattr("collab.limits_http.time", stopped)
    return stopped


async def test_guests_of_one_address_are_counted(limiter_time: StoppedTime) -> None:
    world = HttpWorld(Settings(limits=Limits(guests_per_minute=3)))

    async def ask(address: str) -> Any:
        return await world.client(address).post("/v1/guest", json={"name": "Ada"})

    for _ in range(3):
        assert (await ask(STRANGER)).status_code == 201
    response = await ask(STRANGER)
    assert refused(response) == (429, "rate_limited")
    assert response.headers["retry-after"] == "60"
    assert (await ask("203.0.113.8")).status_code == 201, "another address has its own count"
    for _ in range(5):
        assert (await ask("127.0.0.1")).status_code == 201, "loopback is exempt"
        assert (await ask("::1")).status_code == 201
    limiter_time.now_s += 120
    assert (await ask(STRANGER)).status_code == 201


async def test_requests_of_one_user_are_counted(limiter_time: StoppedTime) -> None:
    world = HttpWorld(Settings(limits=Limits(http_requests=3)))
    ada, bob = await world.guest("Ada"), await world.guest("Bob")
    for _ in range(3):
        assert (await ada.get("/v1/me")).status_code == 200
    assert refused(await ada.get("/v1/me")) == (429, "rate_limited")
    assert (await bob.get("/v1/me")).status_code == 200
    limiter_time.now_s += 10
    assert (await ada.get("/v1/me")).status_code == 200


async def test_guessing_tokens_is_counted_by_address(limiter_time: StoppedTime) -> None:
    world = HttpWorld(Settings(limits=Limits(http_requests=3)))
    client = world.client(STRANGER)
    for _ in range(3):
        assert refused(await client.get("/v1/me")) == (401, "token_missing")
    assert refused(await client.get("/v1/me")) == (429, "rate_limited")
    body = {"refresh_token": "A" * 22}
    assert refused(await client.post("/v1/token", json=body)) == (429, "rate_limited")
