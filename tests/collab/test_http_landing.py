import base64
import hashlib
import re

import pytest

from tests.collab.http_world import HttpWorld


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld()


async def test_a_scanned_code_lands_on_a_page_that_shows_it(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    jam = await world.jam(ada.id)
    url = (await ada.get(f"/v1/jams/{jam}/code")).json()["url"]
    scanned = await world.client().get(url.upper().replace("HTTP://LOCALHOST:8300", ""))
    assert (scanned.status_code, scanned.headers["location"]) == (
        308,
        url.removeprefix("http://localhost:8300"),
    )
    page = await world.client().get(scanned.headers["location"])
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    plain = url.rpartition("/")[2]
    assert f"{plain[:4]}-{plain[4:]}" in page.text


async def test_the_page_does_not_say_whether_a_code_opens_anything(world: HttpWorld) -> None:
    page = await world.client().get("/j/K7QX2MBD")
    assert page.status_code == 200
    assert "K7QX-2MBD" in page.text


@pytest.mark.parametrize("path", ["/j/K7QX-2MBD", "/j/k7qx2mbd", "/J/K7QX2MBD", "/J/k7qx%202mbd"])
async def test_there_is_one_address_for_each_code(world: HttpWorld, path: str) -> None:
    moved = await world.client().get(path)
    assert (moved.status_code, moved.headers["location"]) == (308, "/j/K7QX2MBD")


@pytest.mark.parametrize("path", ["/j/hello", "/J/<script>alert(1)<", "/j/" + "A" * 500, "/j/K7QX2MBDD"])
async def test_what_is_no_code_is_not_shown(world: HttpWorld, path: str) -> None:
    page = await world.client().get(path)
    assert page.status_code == 404
    assert "This is no code" in page.text
    assert "script" not in page.text


async def test_the_page_may_load_its_own_style_and_nothing_else(world: HttpWorld) -> None:
    page = await world.client().get("/j/K7QX2MBD")
    [style] = re.findall("<style>(.*)</style>", page.text)
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = page.headers["content-security-policy"]
    assert policy == f"default-src 'none'; style-src 'sha256-{hashed}'; frame-ancestors 'none'"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"


async def test_the_page_is_isolated(world: HttpWorld) -> None:
    """Without both of these a browser tells the time in steps of 100 µs, and clocks are measured by it."""
    page = await world.client().get("/j/K7QX2MBD")
    assert page.headers["cross-origin-opener-policy"] == "same-origin"
    assert page.headers["cross-origin-embedder-policy"] == "require-corp"
