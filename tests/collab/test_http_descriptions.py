"""The descriptions, as programs and people fetch them."""

import httpx
import pytest

from collab.http_descriptions import FOLDER
from tests.collab.http_world import HttpWorld

PATHS = ["/openapi.json", "/asyncapi.json"]


@pytest.fixture
def client() -> httpx.AsyncClient:
    return HttpWorld().client()


@pytest.mark.parametrize("path", PATHS)
async def test_they_are_what_lies_in_the_package(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.headers["content-type"] == "application/json"
    assert answer.content == (FOLDER / path.removeprefix("/")).read_bytes()


@pytest.mark.parametrize("path", PATHS)
async def test_whoever_has_it_fetches_nothing(client: httpx.AsyncClient, path: str) -> None:
    first = await client.get(path)
    assert first.headers["cache-control"] == "public, max-age=300"
    again = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert (await client.get(path, headers={"If-None-Match": '"other"'})).status_code == 200
