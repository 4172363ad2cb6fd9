"""The descriptions, as programs and people fetch them."""

import base64
import hashlib
import re

import httpx
import pytest

from collab.http_descriptions import FOLDER
from tests.collab.http_world import HttpWorld

FILES = {"/openapi.json": "openapi.json", "/asyncapi.json": "asyncapi.json", "/reference": "reference.html"}


@pytest.fixture
def client() -> httpx.AsyncClient:
    return HttpWorld().client()


@pytest.mark.parametrize("path", FILES)
async def test_they_are_what_lies_in_the_package(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    media = "text/html; charset=utf-8" if path == "/reference" else "application/json"
    assert answer.headers["content-type"] == media
    assert answer.content == (FOLDER / FILES[path]).read_bytes()


@pytest.mark.parametrize("path", FILES)
async def test_whoever_has_it_fetches_nothing(client: httpx.AsyncClient, path: str) -> None:
    first = await client.get(path)
    assert first.headers["cache-control"] == "public, max-age=300"
    again = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert (await client.get(path, headers={"If-None-Match": '"other"'})).status_code == 200


async def test_the_page_may_look_like_something_and_do_nothing(client: httpx.AsyncClient) -> None:
    page = await client.get("/reference")
    [style] = re.findall(r"<style>(.*?)</style>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert f"style-src 'sha256-{digest}';" in policy
    assert "unsafe" not in policy
    assert "<script" not in page.text
    assert "style=" not in page.text


async def test_every_link_of_the_page_leads_somewhere(client: httpx.AsyncClient) -> None:
    page = (await client.get("/reference")).text
    anchors = re.findall(r'id="([^"]+)"', page)
    assert len(anchors) == len(set(anchors))
    links = set(re.findall(r'href="([^"]+)"', page))
    assert {link for link in links if not link.startswith("#")} == {"/openapi.json", "/asyncapi.json"}
    assert {link.removeprefix("#") for link in links if link.startswith("#")} <= set(anchors)
