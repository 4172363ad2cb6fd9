"""What every request passes: host, origin, headers; and the errors that no endpoint makes."""

import pytest

from collab.config import Settings
from tests.collab.http_world import HttpWorld, refused

APP = "https://app.example.com"


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld(Settings(allow_origin=(APP,), allow_host=("tutti.example.com",)))


@pytest.mark.parametrize(
    "host",
    ["localhost:8300", "LOCALHOST", "127.0.0.1:8300", "[::1]:8300", "192.168.1.7", "tutti.example.com"],
)
async def test_names_of_ours(world: HttpWorld, host: str) -> None:
    assert (await world.client().get("/healthz", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    "host", ["", "evil.example.com", "localhost.evil.com", "[::1", "tutti.example.com.", "a@b c"]
)
async def test_names_of_others(world: HttpWorld, host: str) -> None:
    response = await world.client().get("/healthz", headers={"Host": host})
    assert refused(response) == (400, "bad_request")
    assert "--allow-host" in response.text


async def test_links_lead_to_the_name_that_was_asked(world: HttpWorld) -> None:
    ada = await world.guest()
    response = await ada.send("GET", "/v1/me/playlists", headers={"Host": "tutti.example.com"})
    assert response.json()["href"].startswith("http://tutti.example.com/v1/me/playlists?")


async def test_a_page_on_the_list_may_ask(world: HttpWorld) -> None:
    asked = {
        "Origin": APP,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    response = await world.client().options("/v1/me", headers=asked)
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == APP
    assert "access-control-allow-credentials" not in response.headers
    response = await world.client().get("/v1/me", headers={"Origin": APP})
    assert refused(response) == (401, "token_missing")
    assert response.headers["access-control-allow-origin"] == APP


async def test_a_page_on_the_list_may_fetch_music_in_parts(world: HttpWorld) -> None:
    asked = {
        "Origin": APP,
        "Access-Control-Request-Method": "HEAD",
        "Access-Control-Request-Headers": "authorization, range, if-range, if-none-match",
    }
    assert (await world.client().options("/v1/audio/x", headers=asked)).status_code == 200
    assert {"ETag", "Accept-Ranges", "Content-Range"} <= await shown_headers(world)


async def test_a_page_on_the_list_may_repeat_safely(world: HttpWorld) -> None:
    asked = {
        "Origin": APP,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type, idempotency-key",
    }
    assert (await world.client().options("/v1/me/playlists", headers=asked)).status_code == 200


async def test_a_page_on_the_list_learns_the_servers_time(world: HttpWorld) -> None:
    """With a wrong clock of its own it would not know when its token ends."""
    assert "Date" in await shown_headers(world)


async def shown_headers(world: HttpWorld) -> set[str]:
    shown = (await world.client().get("/v1/me", headers={"Origin": APP})).headers
    return set(shown["access-control-expose-headers"].split(", "))


@pytest.mark.parametrize(
    "origin", ["https://evil.example.com", "http://app.example.com", f"{APP}:444", "null"]
)
async def test_a_page_of_others_may_not(world: HttpWorld, origin: str) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    response = await world.client().options("/v1/guest", headers=asked)
    assert response.status_code == 400
    assert "access-control-allow-origin" not in response.headers
    response = await world.client().get("/v1/me", headers={"Origin": origin})
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("origin", [None, APP, "https://evil.example.com"])
async def test_every_answer_says_that_it_depends_on_the_origin(world: HttpWorld, origin: str | None) -> None:
    for path in ("/", "/v1/me", "/nowhere"):
        asked = {} if origin is None else {"Origin": origin}
        assert (await world.client().get(path, headers=asked)).headers["vary"] == "Origin"


async def test_headers_that_keep_browsers_from_mischief(world: HttpWorld) -> None:
    for path in ("/", "/v1/me", "/nowhere"):
        headers = (await world.client().get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    "path", ["/nowhere", "/v1", "/v1/playlists", "/v1/playlists/a/b/c", "/v1/me/", "/%00"]
)
async def test_paths_that_lead_nowhere(world: HttpWorld, path: str) -> None:
    response = await world.client().get(path, follow_redirects=True)
    assert response.status_code in (401, 404)
    refused(response)


async def test_a_method_that_a_path_does_not_take(world: HttpWorld) -> None:
    response = await world.client().delete("/v1/guest")
    assert refused(response) == (405, "method_not_allowed")
    assert response.headers["allow"] == "POST"
