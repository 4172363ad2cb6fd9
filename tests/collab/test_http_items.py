from pathlib import Path
from typing import Any

import pytest

from storage.catalogue import TrackRow
from tests.collab.http_world import HttpWorld, Json, Person, refused
from tests.collab.music.shelf import Shelf

A, B, C, D = (f"spotify:track:{letter * 22}" for letter in "ABCD")


class List:
    """A playlist, and its owner who writes to it."""

    def __init__(self, world: HttpWorld, owner: Person, id: str) -> None:
        self.world = world
        self.owner = owner
        self.id = id
        self.path = f"/v1/playlists/{id}/items"

    @property
    def tracks(self) -> str:
        """What stands in it, one letter each."""
        return "".join(entry["track"][-1] for entry in self.world.documents.entries[self.id])

    @property
    def uids(self) -> list[str]:
        return [entry["uid"] for entry in self.world.documents.entries[self.id]]

    async def add(self, *uris: str) -> str:
        response = await self.owner.post(self.path, {"uris": list(uris)})
        assert response.status_code == 201, response.text
        return str(response.json()["snapshot_id"])

    async def delete(self, body: Json) -> Any:
        return await self.owner.send("DELETE", self.path, json=body)


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld()


@pytest.fixture
async def friday(world: HttpWorld) -> List:
    ada = await world.guest("Ada")
    return List(world, ada, await ada.new_playlist())


# -- adding --------------------------------------------------------------------------------------------------


async def test_an_added_track_is_there_with_its_author_and_time(friday: List) -> None:
    response = await friday.owner.post(friday.path, {"uris": [A, "mbid:recording:1"]})
    assert (response.status_code, response.json()) == (201, {"snapshot_id": "epoch.1"})
    page = (await friday.owner.get(friday.path)).json()
    assert [item["track"]["uri"] for item in page["items"]] == [A, "mbid:recording:1"]
    assert page["items"][0]["added_by"]["id"] == friday.owner.id
    assert page["items"][0]["added_at"] == "2023-11-14T22:13:20Z"
    one, two = friday.uids
    assert one.partition(".")[0] == two.partition(".")[0]
    assert one != two


@pytest.mark.parametrize("name", ["items", "tracks"])
@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("?position=1", [C, D]),
        ("", {"uris": [C, D], "position": 1}),
        ("?position=0", {"uris": [C, D], "position": 1}),
        (f"?uris={C},{D}&position=1", None),
        (f"?uris={C},{D}", {"uris": [A], "position": 1}),
        (f"?uris={C},{D}&position=1", [A]),
    ],
)
async def test_every_way_to_add(friday: List, name: str, query: str, body: Any) -> None:
    await friday.add(A, B)
    path = friday.path.replace("items", name) + query
    response = await friday.owner.send("POST", path, **({} if body is None else {"json": body}))
    assert (response.status_code, response.json()) == (201, {"snapshot_id": "epoch.2"})
    assert friday.tracks == "ACDB"


async def test_a_hundred_fit_and_may_be_copies(friday: List) -> None:
    await friday.add(*[A] * 100)
    assert friday.tracks == "A" * 100


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def song(shelf: Shelf) -> TrackRow:
    (shelf.root / "song").write_bytes(b"")
    return shelf.add("song", title="Teardrop", artists=("Massive Attack",), album="Mezzanine")


async def test_the_catalogue_says_what_a_track_is_under_either_name(shelf: Shelf) -> None:
    world = HttpWorld(library=shelf.library)
    ada = await world.guest()
    friday = List(world, ada, await ada.new_playlist())
    id = song(shelf).id
    await friday.add(f"spotify:track:{id}", f"tutti:track:{id}", A)
    ours, same, foreign = world.documents.entries[friday.id]
    assert (ours["track"], ours["title"], ours["album"]) == (f"tutti:track:{id}", "Teardrop", "Mezzanine")
    assert {**same, "uid": ours["uid"]} == ours
    assert foreign.keys() == {"uid", "track", "added_by", "added_at"}
    response = await friday.delete({"tracks": [{"uri": f"spotify:track:{id}", "positions": [1]}]})
    assert response.status_code == 200
    await friday.delete({"tracks": [{"uri": f"spotify:track:{id}"}]})
    assert friday.tracks == "A"


# -- moving, replacing, removing -----------------------------------------------------------------------------


async def test_a_range_moves(friday: List) -> None:
    await friday.add(A, B, C, D)
    uids = friday.uids
    body = {"range_start": 2, "range_length": 2, "insert_before": 0}
    response = await friday.owner.put(friday.path, body)
    assert (response.status_code, response.json()) == (200, {"snapshot_id": "epoch.2"})
    assert friday.tracks == "CDAB"
    assert friday.uids == uids[2:] + uids[:2], "the same entries"
    await friday.owner.put(friday.path, {"range_start": 0, "insert_before": 4, "snapshot_id": None})
    assert friday.tracks == "DABC", "one, if nothing else is said"


async def test_a_replacement_keeps_what_stays(friday: List) -> None:
    await friday.add(A, B, C)
    a, _, c = friday.uids
    response = await friday.owner.put(friday.path, {"uris": [C, D, A]})
    assert (response.status_code, response.json()) == (200, {"snapshot_id": "epoch.2"})
    assert friday.tracks == "CDA"
    assert (friday.uids[0], friday.uids[2]) == (c, a)
    response = await friday.owner.send("PUT", f"{friday.path}?uris={A},{B}")
    assert (response.status_code, friday.tracks) == (200, "AB")
    await friday.owner.put(friday.path, {"uris": []})
    assert friday.tracks == ""


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ({"items": [{"uri": A}]}, "BC"),
        ({"tracks": [{"uri": A}, {"uri": C}]}, "B"),
        ({"tracks": [{"uri": A, "positions": [2]}]}, "ABC"),
        ({"tracks": [{"uri": A, "positions": [0, 2, 2]}, {"uri": B}]}, "C"),
        ({"positions": [3, 0]}, "BA"),
        ({"items": [{"uri": D}]}, "ABAC"),
        ({"items": [{"uri": "local:gone"}]}, "ABAC"),
        ({"items": []}, "ABAC"),
    ],
)
async def test_every_way_to_remove(friday: List, body: Json, left: str) -> None:
    await friday.add(A, B, A, C)
    response = await friday.delete(body)
    version = 1 if left == "ABAC" else 2
    assert (response.status_code, response.json()) == (200, {"snapshot_id": f"epoch.{version}"})
    assert friday.tracks == left


# -- snapshots -----------------------------------------------------------------------------------------------


async def test_what_is_asked_of_an_old_snapshot_means_what_stood_there(friday: List) -> None:
    snapshot = await friday.add(A, B, C)
    await friday.owner.post(friday.path, {"uris": [D], "position": 0})
    body = {"tracks": [{"uri": B, "positions": [1]}], "snapshot_id": snapshot}
    assert (await friday.delete(body)).json() == {"snapshot_id": "epoch.3"}
    assert friday.tracks == "DAC"
    response = await friday.delete({**body, "snapshot_id": snapshot})
    assert (response.status_code, friday.tracks) == (200, "DAC"), "gone already"
    move = {"range_start": 2, "insert_before": 0, "snapshot_id": snapshot}
    await friday.owner.put(friday.path, move)
    assert friday.tracks.replace("D", "") == "CA"
    await friday.delete({"positions": [0], "snapshot_id": snapshot})
    assert friday.tracks.replace("D", "") == "C"


async def test_a_snapshot_answered_is_the_one_that_is_read_next(friday: List) -> None:
    for _ in range(3):
        snapshot = await friday.add(A)
        read = (await friday.owner.get(f"/v1/playlists/{friday.id}")).json()
        assert read["snapshot_id"] == snapshot


@pytest.mark.parametrize(
    "snapshot", ["epoch.9", "other.1", "epoch", "epoch.x", "epoch.-1", ".", "x" * 65, ""]
)
async def test_a_snapshot_that_is_none_changes_nothing(friday: List, snapshot: str) -> None:
    await friday.add(A)
    for method, body in (
        ("POST", {"uris": [B]}),
        ("PUT", {"uris": [B]}),
        ("PUT", {"range_start": 0, "insert_before": 1}),
        ("DELETE", {"positions": [0]}),
    ):
        response = await friday.owner.send(method, friday.path, json={**body, "snapshot_id": snapshot})
        assert refused(response) == (400, "bad_request")
    assert friday.tracks == "A"


async def test_a_snapshot_whose_history_is_gone_says_so(friday: List) -> None:
    snapshot = await friday.add(A)
    await friday.add(B)
    world = friday.world
    view = await world.documents.read(friday.id, friday.owner.id)
    kept = await world.store.snapshot_at(friday.id, 0)
    assert kept is not None
    await world.store.add_snapshot(friday.id, "epoch", type(kept)(view.head.version, kept.body))
    await world.store.forget_ops(friday.id, view.head.version)
    response = await friday.delete({"positions": [0], "snapshot_id": snapshot})
    assert refused(response) == (400, "base_gone")


# -- what is refused -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "query", "body"),
    [
        ("POST", "", {}),
        ("POST", "", {"uris": []}),
        ("POST", "", []),
        ("POST", "?uris=", None),
        ("POST", "", {"uris": [A] * 101}),
        ("POST", "", [A] * 101),
        ("POST", "?uris=" + ",".join(["a:b"] * 101), None),
        ("POST", "", {"uris": [B], "position": 3}),
        ("POST", "", {"uris": [B], "position": -1}),
        ("POST", "", {"uris": [B], "position": True}),
        ("POST", "?position=3", [B]),
        ("POST", "?position=-1", [B]),
        ("POST", "", {"uris": ["no uri"]}),
        ("POST", "", {"uris": ["spotify:track:short"]}),
        ("POST", "", {"uris": ["spotify:album:" + "A" * 22]}),
        ("POST", "", {"uris": [B, "x"]}),
        ("POST", "", {"uris": [1]}),
        ("POST", "", "text"),
        ("POST", f"?uris={B}", {"position": -1}),
        ("POST", f"?uris={B}", ["x"] * 101),
        ("PUT", "", {}),
        ("PUT", f"?uris={B}", {"snapshot_id": ""}),
        ("PUT", f"?uris={B}", {"snapshot_id": "epoch.9"}),
        ("PUT", f"?uris={B}", {"range_start": 0, "insert_before": 1}),
        ("PUT", "", {"range_start": 0}),
        ("PUT", "", {"insert_before": 0}),
        ("PUT", "", {"range_start": 2, "insert_before": 0}),
        ("PUT", "", {"range_start": 0, "insert_before": 3}),
        ("PUT", "", {"range_start": 0, "insert_before": 2, "range_length": 3}),
        ("PUT", "", {"range_start": 0, "insert_before": 2, "range_length": 0}),
        ("PUT", "", {"uris": [B], "range_start": 0, "insert_before": 1}),
        ("PUT", "", {"uris": [B], "insert_before": 1}),
        ("PUT", "", {"uris": [B] * 101}),
        ("PUT", "", {"uris": ["x"]}),
        ("DELETE", "", {}),
        ("DELETE", "", {"items": [{"uri": A}], "tracks": [{"uri": A}]}),
        ("DELETE", "", {"items": [{"uri": A}], "positions": [0]}),
        ("DELETE", "", {"items": [{"uri": A}] * 101}),
        ("DELETE", "", {"positions": [2]}),
        ("DELETE", "", {"positions": [0] * 101}),
        ("DELETE", "", {"tracks": [{"uri": A, "positions": [1]}]}),
        ("DELETE", "", {"tracks": [{"uri": A, "positions": [2]}]}),
        ("DELETE", "", {"tracks": [{"uri": A}, {"uri": A, "positions": [1]}]}),
        ("DELETE", "", {"tracks": [{}]}),
        ("DELETE", "", {"tracks": [A]}),
    ],
)
async def test_what_makes_no_sense_changes_nothing(friday: List, method: str, query: str, body: Any) -> None:
    await friday.add(A, B)
    more = {} if body is None else {"json": body}
    response = await friday.owner.send(method, friday.path + query, **more)
    assert refused(response) == (400, "bad_request")
    assert friday.tracks == "AB"


async def test_who_may_write(friday: List) -> None:
    world, edits = (
        friday.world,
        [("POST", {"uris": [B]}), ("PUT", {"uris": [B]}), ("DELETE", {"positions": []})],
    )
    editor = await world.member(friday.owner, friday.id, "editor")
    viewer = await world.member(friday.owner, friday.id, "viewer", "Vic")
    stranger = await world.guest("Eve")
    for method, body in edits:
        assert (await editor.send(method, friday.path, json=body)).status_code in (200, 201)
        assert refused(await viewer.send(method, friday.path, json=body)) == (403, "forbidden")
        assert refused(await stranger.send(method, friday.path, json=body)) == (404, "not_found")
        anybody = await world.client().request(method, friday.path, json=body)
        assert refused(anybody) == (401, "token_missing")
    assert friday.tracks == "B"
    assert world.documents.entries[friday.id][0]["added_by"] == editor.id


async def test_there_must_be_such_a_playlist(friday: List) -> None:
    for id in ("N" * 22, "x"):
        response = await friday.owner.post(f"/v1/playlists/{id}/tracks", {"uris": [A]})
        assert refused(response) == (404, "not_found")
