"""Suggestions over HTTP: the shape, and who is answered."""

import asyncio

import pytest

from ot.build import insert_at
from ot.op import encode
from tests.collab.http_world import HttpWorld, Json, Person, refused


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld()


def song(letter: str) -> Json:
    return {"uid": letter, "track": f"demo:{letter}", "title": letter.upper(), "artists": ["Band"]}


async def playlist(world: HttpWorld, person: Person, letters: str, name: str) -> str:
    document = await person.new_playlist(name)
    op = insert_at(0, 0, [song(letter) for letter in letters])
    await world.documents.edit(document, person.id, encode(op))
    return document


async def looked(world: HttpWorld) -> None:
    await world.services.suggestions.look(lambda: asyncio.sleep(0))


async def test_a_suggestion_says_why(world: HttpWorld) -> None:
    ada, ben = await world.guest("Ada"), await world.guest("Ben")
    asked = await playlist(world, ada, "ab", "Friday")
    for number in range(7):
        await playlist(world, ada, "ax", f"Mine {number}")
    await playlist(world, ben, "ax", "Ben's secret")
    await looked(world)
    response = await ada.get(f"/v1/playlists/{asked}/suggestions")
    assert response.status_code == 200, response.text
    assert "secret" not in response.text
    answer = response.json()
    assert (answer["limit"], answer["considered"], answer["complete"]) == (20, 9, True)
    [item] = answer["items"]
    assert (item["track"]["uri"], item["track"]["name"]) == ("demo:x", "X")
    assert [artist["name"] for artist in item["track"]["artists"]] == ["Band"]
    assert item["reasons"] == [
        {
            "with": {"uri": "demo:a", "name": "A"},
            "lists": 8,
            "mine": 7,
            "names": [f"Mine {number}" for number in range(5)],
        }
    ]


async def test_who_is_answered(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    asked = await playlist(world, ada, "ab", "Friday")
    await playlist(world, ada, "ax", "Mine")
    viewer, stranger = await world.member(ada, asked, "viewer"), await world.guest("Eve")
    await looked(world)
    path = f"/v1/playlists/{asked}/suggestions"
    assert (await viewer.get(path)).json()["items"] == [], "what Ada's other list holds is not said"
    assert refused(await stranger.get(path)) == (404, "not_found")
    assert refused(await ada.get("/v1/playlists/none/suggestions")) == (404, "not_found")
    async with world.client() as client:
        assert refused(await client.get(path)) == (401, "token_missing")


@pytest.mark.parametrize("limit", ["0", "51", "x", "-1"])
async def test_a_limit_that_is_none(world: HttpWorld, limit: str) -> None:
    ada = await world.guest("Ada")
    asked = await ada.new_playlist()
    response = await ada.get(f"/v1/playlists/{asked}/suggestions?limit={limit}")
    assert refused(response) == (400, "bad_request")
