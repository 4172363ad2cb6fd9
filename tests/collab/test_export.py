"""All that is known of somebody: what it holds, what it does not, and what it costs."""

import json
import tracemalloc
from typing import Any

import pytest

from collab import export as export_module
from collab.export import Export
from collab.limits_http import EXPORTS_PER_HOUR
from storage.administered import AuditEntry
from storage.store import Unavailable
from tests.collab.http_world import STRANGER, HttpWorld, Person, refused

Json = dict[str, Any]


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld()


def export_of(world: HttpWorld) -> Export:
    of = world.services
    return Export(of.store, of.people, of.documents, of.jams)


async def export(person: Person) -> Json:
    response = await person.get("/v1/me/export")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    assert "attachment" in response.headers["content-disposition"]
    found: Json = response.json()
    return found


async def test_a_new_person_has_little(world: HttpWorld) -> None:
    ada = await world.guest()
    found = await export(ada)
    assert found["profile"] == {
        "id": ada.id,
        "name": "Ada",
        "kind": "guest",
        "created_at": world.times.now_ms,
    }
    assert len(found["devices"]) == 1
    assert (found["tokens"], found["audit"], found["playlists"], found["jams"]) == ([], [], [], [])


async def test_it_holds_what_is_theirs(world: HttpWorld) -> None:
    ada, mia = await world.guest(), await world.guest("Mia")
    mine, hidden = await ada.new_playlist("Mine"), await mia.new_playlist("Hidden")
    theirs = await mia.new_playlist("Theirs")
    await world.store.set_member(theirs, ada.id, "viewer")
    world.documents.entries[mine] = [
        {"uid": f"x.{n}", "track": f"spotify:track:{n}", "added_by": ada.id if n % 2 else mia.id}
        for n in range(5)
    ]
    jam = await world.jam(ada.id)
    await world.in_jam(jam, ada.id, "say", text="Good evening")
    user = await world.store.user(ada.id)
    assert user is not None
    token = await world.services.tokens.issue_api(user, "script", 60, world.times.now_ms)
    await world.store.ban(AuditEntry(5, "root", "ban", ada.id, "spam"))
    await world.store.unban(AuditEntry(6, "root", "unban", ada.id))
    await world.store.ban(AuditEntry(7, "root", "ban", mia.id, "not Ada's business"))

    found = await export(ada)
    by_name = {playlist["attributes"]["name"]: playlist for playlist in found["playlists"]}
    assert by_name.keys() == {"Mine", "Theirs"}
    assert (by_name["Mine"]["role"], by_name["Theirs"]["role"]) == ("owner", "viewer")
    assert (by_name["Mine"]["made_by_me"], by_name["Theirs"]["made_by_me"]) == (True, False)
    assert by_name["Mine"]["added_by_me"] == 2
    assert by_name["Mine"]["entries"] == world.documents.entries[mine]
    [evening] = found["jams"]
    assert (evening["id"], evening["role"]) == (jam, "host")
    assert [said["text"] for said in evening["said"]] == ["Good evening"]
    assert evening["recap"]["jam"] == jam
    assert [(act["action"], act["why"]) for act in found["audit"]] == [("ban", "spam"), ("unban", "")]
    assert [held["label"] for held in found["tokens"]] == ["script"]
    text = json.dumps(found)
    for secret in (hidden, token.token, ada.session["refresh_token"], "root", "not Ada's business"):
        assert secret not in text


async def test_many_large_playlists_cost_no_memory(world: HttpWorld) -> None:
    """Each is let go before the next: what all of them weigh is far more than what is held at once."""
    ada = await world.guest()
    user = await world.store.user(ada.id)
    assert user is not None
    entries = [{"uid": f"x.{n}", "track": f"spotify:track:{n}", "title": "Song" * 20} for n in range(2_000)]
    for n in range(60):
        world.documents.entries[await ada.new_playlist(f"List {n}")] = entries
    total = most_piece = 0
    tracemalloc.start()
    try:
        async for piece in export_of(world).pieces(user, 0):
            total += len(piece)
            most_piece = max(most_piece, len(piece))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert total > 14_000_000
    assert most_piece < 2 * export_module.PIECE_BYTES
    assert peak < 2_000_000


async def test_lists_have_an_end(world: HttpWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_module, "LIST_MAX", 3)
    ada = await world.guest()
    for n in range(5):
        await ada.new_playlist(f"List {n}")
    jam = await world.jam(ada.id)
    for n in range(5):
        await world.in_jam(jam, ada.id, "say", text=f"line {n}")
    found = await export(ada)
    assert len(found["playlists"]) == 3
    assert len(found["jams"][0]["said"]) == 3


async def test_pages_of_playlists_are_joined(world: HttpWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_module, "_PAGE", 2)
    ada = await world.guest()
    ids = {await ada.new_playlist(f"List {n}") for n in range(5)}
    assert {playlist["id"] for playlist in (await export(ada))["playlists"]} == ids


async def test_a_database_that_goes_away_leaves_no_whole_document(
    world: HttpWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await world.guest()
    user = await world.store.user(ada.id)
    assert user is not None

    async def gone(*_: object) -> None:
        raise Unavailable("away")

    monkeypatch.setattr(world.store, "documents_of", gone)
    pieces = bytearray()

    async def read() -> None:
        async for piece in export_of(world).pieces(user, 0):
            pieces.extend(piece)

    with pytest.raises(Unavailable):
        await read()
    with pytest.raises(json.JSONDecodeError):
        json.loads(pieces)


async def test_it_is_asked_for_a_few_times_an_hour(world: HttpWorld) -> None:
    ada, mia = await world.guest(), await world.guest("Mia")
    for _ in range(EXPORTS_PER_HOUR):
        await export(ada)
    answer = await ada.get("/v1/me/export")
    assert refused(answer) == (429, "rate_limited")
    assert int(answer.headers["retry-after"]) <= 3600
    assert (await ada.send("HEAD", "/v1/me/export")).status_code == 200
    await export(mia)
    async with world.client(STRANGER) as client:
        assert refused(await client.get("/v1/me/export")) == (401, "token_missing")
