"""The web app's files, as a browser asks for them."""

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from collab.http_health import ABOUT
from collab.http_web import WebEndpoints
from tests.collab.http_world import HttpWorld

PAGE = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def client(tmp_path: Path) -> httpx.AsyncClient:
    (tmp_path / "index.html").write_text("<!doctype html><title>Tutti</title>")
    (tmp_path / "icon.svg").write_text("<svg/>")
    (tmp_path / "app.webmanifest").write_text("{}")
    (tmp_path / "sw.js").write_text("self;")
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "letters-77ab.woff2").write_bytes(b"wOF2")
    (tmp_path / "assets" / "index-4f2a.js").write_text("export {};")
    app = Starlette(routes=WebEndpoints(tmp_path).routes())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tutti.test:8300")


@pytest.mark.parametrize(
    "path", ["/", "/p/4mXk0a9Vb2Qz7RtYpLwNcE", "/jam/4mXk0a9Vb2Qz7RtYpLwNcE/recap", "/invite"]
)
async def test_every_page_is_the_app(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path, headers=PAGE)
    assert page.status_code == 200
    assert "<title>Tutti" in page.text
    assert page.headers["cache-control"] == "no-cache"


async def test_a_page_may_load_and_ask_only_us(client: httpx.AsyncClient) -> None:
    policy = (await client.get("/", headers=PAGE)).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "connect-src 'self' ws://tutti.test:8300 wss://tutti.test:8300;" in policy
    assert "unsafe" not in policy


async def test_programs_are_told_in_a_line(client: httpx.AsyncClient) -> None:
    assert (await client.get("/")).text == ABOUT


async def test_what_has_its_hash_in_its_name_is_kept_for_ever(client: httpx.AsyncClient) -> None:
    script = await client.get("/assets/index-4f2a.js")
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    # A worker lives under the policy of its own file.
    assert "connect-src 'self'" in script.headers["content-security-policy"]
    icon = await client.get("/icon.svg")
    assert (icon.status_code, icon.headers["cache-control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/app.webmanifest", "application/manifest+json"),
        ("/sw.js", "text/javascript; charset=utf-8"),
        ("/icon.svg", "image/svg+xml"),
        ("/assets/index-4f2a.js", "text/javascript; charset=utf-8"),
        ("/assets/letters-77ab.woff2", "font/woff2"),
    ],
)
async def test_files_say_what_they_are(client: httpx.AsyncClient, path: str, what: str) -> None:
    assert (await client.get(path)).headers["content-type"] == what


async def test_the_service_worker_is_asked_for_each_time_and_has_a_policy(client: httpx.AsyncClient) -> None:
    worker = await client.get("/sw.js")
    assert worker.headers["cache-control"] == "no-cache"
    assert "connect-src 'self'" in worker.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/assets/../index.html", "/assets/%2e%2e/index.html", "/assets/none.js", "/etc/passwd"]
)
async def test_nothing_else_is_served(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path, headers=PAGE)).status_code == 404


async def test_a_scanned_code_leads_to_its_one_address(client: httpx.AsyncClient) -> None:
    scanned = await client.get("/J/K7QX-2MBD", headers=PAGE)
    assert (scanned.status_code, scanned.headers["location"]) == (308, "/j/K7QX2MBD")
    assert "<title>Tutti" in (await client.get("/j/K7QX2MBD", headers=PAGE)).text


async def test_without_the_app_people_are_told_how_to_build_it() -> None:
    client = HttpWorld().client()
    assert "make run" in (await client.get("/", headers=PAGE)).text
    assert (await client.get("/")).text == ABOUT
