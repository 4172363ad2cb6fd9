"""A playlist's past over HTTP: what happened, what it was, and the way back."""

import asyncio
from typing import Any

import pytest

from collab import past as past_module
from collab import turnstile
from collab.codec import pack_body
from collab.errors import Refusal
from collab.way_back import ATTEMPTS_MAX, WayBack
from ot.build import insert_at, move_range, remove_range, set_attribute, set_field
from ot.op import Op, encode
from storage.rows import Snapshot
from tests.collab.http_world import START_MS, HttpWorld, Json, Person, refused


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld()


def song(letter: str) -> Json:
    return {"uid": letter, "track": f"demo:{letter}", "title": letter.upper()}


class Story:
    """A playlist of ada's that mia edits too: five versions, a second apart."""

    def __init__(self, world: HttpWorld, ada: Person, mia: Person, playlist: str) -> None:
        self.world, self.ada, self.mia, self.playlist = world, ada, mia, playlist
        self.path = f"/v1/playlists/{playlist}"

    @classmethod
    async def told(cls, world: HttpWorld) -> "Story":
        ada = await world.guest("Ada")
        playlist = await ada.new_playlist()
        story = cls(world, ada, await world.member(ada, playlist, "editor"), playlist)
        await story.edit(ada, insert_at(0, 0, [song(letter) for letter in "abcd"]))
        await story.edit(story.mia, remove_range(4, 1))
        await story.edit(ada, move_range(3, 2, 1, 0))
        await story.edit(story.mia, set_field(3, 0, "note", "first!"))
        await story.edit(story.mia, set_attribute("name", "Ours"))
        return story

    async def edit(self, person: Person, op: Op) -> None:
        self.world.times.now_ms += 1000
        await self.world.documents.edit(self.playlist, person.id, encode(op))

    async def get(self, path: str, person: Person | None = None) -> Any:
        response = await (person or self.ada).get(self.path + path)
        assert response.status_code == 200, response.text
        return response.json()

    async def post(self, path: str, body: Json, person: Person | None = None) -> Any:
        response = await (person or self.ada).post(self.path + path, body)
        assert response.status_code == 200, response.text
        return response.json()

    async def refusal(self, path: str, body: Json | None = None, person: Person | None = None) -> Any:
        asker = person or self.ada
        asked = asker.get(self.path + path) if body is None else asker.post(self.path + path, body)
        return refused(await asked)

    def uids(self) -> str:
        return "".join(entry["uid"] for entry in self.world.documents.entries[self.playlist])

    async def forget(self, through: int) -> None:
        """As compaction does: a snapshot, and nothing before it."""
        state = await self.get(f"/versions/{through}")
        body = pack_body({"entries": state["entries"], "attributes": state["attributes"], "removed": []})
        await self.world.store.add_snapshot(self.playlist, "epoch", Snapshot(through, body))
        assert await self.world.store.forget_ops(self.playlist, through) == through


@pytest.fixture
async def story(world: HttpWorld) -> Story:
    return await Story.told(world)


# -- what happened ----------------------------------------------------------------------------------------


async def test_the_history_says_who_did_what_and_when(story: Story) -> None:
    page = await story.get("/history")
    assert (page["version"], page["horizon"], page["next"]) == (5, 0, None)
    assert [item["version"] for item in page["items"]] == [5, 4, 3, 2, 1]
    renamed, edited, moved, removed, added = page["items"]
    assert added == {
        "version": 1,
        "snapshot_id": "epoch.1",
        "at": START_MS + 1000,
        "author": {
            "id": story.ada.id,
            "display_name": "Ada",
            "type": "user",
            "uri": f"spotify:user:{story.ada.id}",
        },
        "by_server": False,
        "counts": {"added": 4, "removed": 0, "moved": 0, "edited": 0},
        "changes": [
            {"change": "added", "entry": song(letter), "from": None, "to": index, "fields": None}
            for index, letter in enumerate("abcd")
        ],
        "attributes": {},
    }
    assert removed["author"]["display_name"] == "Mia"
    assert removed["changes"] == [
        {"change": "removed", "entry": song("b"), "from": 1, "to": None, "fields": None}
    ]
    assert [(change["entry"]["uid"], change["from"], change["to"]) for change in moved["changes"]] == [
        ("d", 2, 0)
    ]
    assert edited["changes"][0]["fields"] == {"note": "first!"}
    assert edited["changes"][0]["entry"] == song("d") | {"note": "first!"}
    assert (renamed["attributes"], renamed["changes"]) == ({"name": "Ours"}, [])


async def test_the_history_comes_in_pages(story: Story) -> None:
    seen = []
    path: str | None = f"{story.path}/history?limit=2"
    while path is not None:
        page = (await story.ada.get(path)).json()
        seen.append([item["version"] for item in page["items"]])
        path = page["next"]
    assert seen == [[5, 4], [3, 2], [1]]
    assert (await story.get("/history?before=1"))["items"] == []
    assert (await story.get("/history?before=99&limit=1"))["items"][0]["version"] == 5


async def test_a_version_with_many_changes_shows_the_first(story: Story) -> None:
    await story.edit(story.ada, insert_at(3, 0, [song(f"x{n}") for n in range(30)]))
    [item] = (await story.get("/history?limit=1"))["items"]
    assert item["counts"]["added"] == 30
    assert [change["entry"]["uid"] for change in item["changes"]] == [f"x{n}" for n in range(20)]


async def test_the_life_of_an_entry(story: Story) -> None:
    life = await story.get("/history/d")
    assert (life["uid"], life["since"]) == ("d", 0)
    assert [(item["version"], item["change"], item["author"]["display_name"]) for item in life["items"]] == [
        (1, "added", "Ada"),
        (3, "moved", "Ada"),
        (4, "edited", "Mia"),
    ]
    assert [item["change"] for item in (await story.get("/history/b"))["items"]] == ["added", "removed"]
    assert await story.refusal("/history/nobody") == (404, "not_found")


async def test_a_long_life_is_read_in_pages(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = await story.get("/history/d")
    monkeypatch.setattr(past_module, "PAGE", 2)
    assert await story.get("/history/d") == whole
    monkeypatch.setattr(past_module, "VERSIONS_MAX", 3)
    recent = await story.get("/history/d")
    assert (recent["since"], len(recent["items"])) == (2, 2)
    assert (await story.get("/history/a"))["items"] == [], "it stands, and nothing happened to it lately"


# -- what it was ------------------------------------------------------------------------------------------


async def test_the_state_at_a_version(story: Story) -> None:
    state = await story.get("/versions/3")
    assert "".join(entry["uid"] for entry in state["entries"]) == "dac"
    assert state["attributes"] == {"name": "Friday"}
    assert (state["version"], state["snapshot_id"], state["at"]) == (3, "epoch.3", START_MS + 3000)
    assert state["author"]["id"] == story.ada.id
    first = await story.get("/versions/0")
    assert (first["entries"], first["at"], first["author"]) == ([], None, None)
    newest = await story.get("/versions/5")
    assert newest["entries"] == story.world.documents.entries[story.playlist]
    assert newest["attributes"] == {"name": "Ours"}


@pytest.mark.parametrize(
    ("at_ms", "version"),
    [(0, 0), (999, 0), (1000, 1), (2500, 2), (4999, 4), (5000, 5), (10**9, 5)],
)
async def test_the_state_at_a_time(story: Story, at_ms: int, version: int) -> None:
    story.world.times.now_ms += 100_000
    state = await story.get(f"/versions?at={START_MS + at_ms}")
    assert state == await story.get(f"/versions/{version}")


@pytest.mark.parametrize("version", ["6", "-1", "x", "9" * 30])
async def test_there_is_no_such_version(story: Story, version: str) -> None:
    assert await story.refusal(f"/versions/{version}") == (404, "not_found")


@pytest.mark.parametrize(
    "query",
    [
        "/versions",
        "/versions?at=x",
        "/versions?at=-1",
        "/diff",
        "/diff?from=1",
        "/diff?from=1&to=x",
        "/history?limit=0",
        "/history?limit=51",
        "/history?before=x",
    ],
)
async def test_what_is_asked_is_said_properly(story: Story, query: str) -> None:
    assert await story.refusal(query) == (400, "bad_request")


async def test_the_difference_of_two_versions(story: Story) -> None:
    difference = await story.get("/diff?from=1&to=5")
    assert difference["counts"] == {"added": 0, "removed": 1, "moved": 1, "edited": 1}
    assert difference["attributes"] == {"name": "Ours"}
    back = await story.get("/diff?from=5&to=1")
    assert back["counts"] == {"added": 1, "removed": 0, "moved": 1, "edited": 1}
    assert (await story.get("/diff?from=2&to=2"))["op"] == {}
    assert await story.refusal("/diff?from=1&to=6") == (404, "not_found")


async def test_what_is_forgotten_is_gone_and_the_rest_stands(story: Story) -> None:
    before = await story.get("/versions/4")
    await story.forget(3)
    assert await story.refusal("/versions/2") == (410, "history_gone")
    assert await story.refusal("/diff?from=1&to=5") == (410, "history_gone")
    assert await story.refusal("/restore", {"version": 2}) == (410, "history_gone")
    assert await story.refusal("/take-back", {"user": story.mia.id, "since": 2}) == (410, "history_gone")
    assert await story.refusal(f"/versions?at={START_MS + 3000}") == (410, "history_gone")
    assert await story.get("/versions/4") == before
    at_horizon = await story.get("/versions/3")
    assert (at_horizon["at"], at_horizon["author"]) == (None, None)
    page = await story.get("/history")
    assert ([item["version"] for item in page["items"]], page["horizon"], page["next"]) == ([5, 4], 3, None)
    assert (await story.get("/history?before=2"))["items"] == []
    assert [item["version"] for item in (await story.get("/history/d"))["items"]] == [4]


# -- the way back -----------------------------------------------------------------------------------------


async def test_restoring_a_version_is_one_more_version(story: Story) -> None:
    assert await story.post("/restore", {"version": 1}, story.mia) == {"version": 6}
    assert story.uids() == "abcd"
    assert (await story.get("/versions/6"))["entries"] == (await story.get("/versions/1"))["entries"]
    [item] = (await story.get("/history?limit=1"))["items"]
    assert (item["by_server"], item["author"]["display_name"]) == (True, "Mia")
    assert await story.post("/restore", {"version": 5}) == {"version": 7}
    assert story.uids() == "dac"
    assert await story.post("/restore", {"version": 5}) == {"version": 7}, "nothing to change"


async def test_taking_back_what_one_person_did(story: Story) -> None:
    assert await story.post("/take-back", {"user": story.mia.id, "since": 1}) == {"version": 6}
    assert story.uids() == "dabc", "mia's removal is undone, ada's move stands"
    view = await story.world.documents.read(story.playlist, story.ada.id)
    assert view.attributes == {"name": "Friday"}
    assert "note" not in view.entries[0]
    assert await story.post("/take-back", {"user": "nobody", "since": 0}) == {"version": 6}


@pytest.mark.parametrize("body", [{}, {"version": -1}, {"version": "1"}])
async def test_a_restore_names_a_version(story: Story, body: Json) -> None:
    assert await story.refusal("/restore", body) == (400, "bad_request")


async def test_there_is_nothing_beyond_the_newest(story: Story) -> None:
    assert await story.refusal("/restore", {"version": 6}) == (404, "not_found")
    assert await story.refusal("/take-back", {"user": story.ada.id, "since": 6}) == (404, "not_found")


async def test_too_long_ago_is_said(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past_module, "VERSIONS_MAX", 4)
    assert await story.refusal("/take-back", {"user": story.ada.id, "since": 0}) == (400, "bad_request")


READS = ("/history", "/history/d", "/versions?at=1", "/versions/1", "/diff?from=0&to=1")


async def test_who_may_look_and_who_may_go_back(story: Story) -> None:
    eve = await story.world.member(story.ada, story.playlist, "viewer", "Eve")
    stranger = await story.world.guest("Zoe")
    for path in READS:
        await story.get(path, eve)
        assert await story.refusal(path, person=stranger) == (404, "not_found")
    take_back = {"user": story.mia.id, "since": 1}
    for path, body in (("/restore", {"version": 1}), ("/take-back", take_back)):
        assert await story.refusal(path, body, eve) == (403, "forbidden")
        assert await story.refusal(path, body, stranger) == (404, "not_found")
    assert story.uids() == "dac"


# -- races ------------------------------------------------------------------------------------------------


class Overtaken:
    """Documents where somebody is faster, so many times."""

    def __init__(self, documents: Any, times: int) -> None:
        self._documents = documents
        self.times = times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._documents, name)

    async def bring_back(self, document: str, user: str, base: int, op: Json) -> int:
        if self.times:
            self.times -= 1
            await self._documents.edit(document, user, {"a": {"description": f"{self.times}"}})
            raise Refusal("uid_taken")
        version: int = await self._documents.bring_back(document, user, base, op)
        return version


async def test_a_restore_that_was_overtaken_is_worked_out_anew(story: Story) -> None:
    documents = Overtaken(story.world.documents, 2)
    way_back = WayBack(story.world.services.past, documents)
    assert await way_back.restore(story.playlist, story.ada.id, 1) == 8
    assert story.world.documents.attributes[story.playlist] == {"name": "Friday"}
    documents.times = ATTEMPTS_MAX
    with pytest.raises(Refusal) as caught:
        await way_back.take_back(story.playlist, story.ada.id, story.ada.id, 5)
    assert (caught.value.code, caught.value.retryable) == ("busy", True)


async def test_only_so_many_wait_for_a_look(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "WAITING_MAX", 2)
    past = story.world.services.past
    looks = [past.state_at(story.playlist, version) for version in range(5)]
    answers = await asyncio.gather(*looks, return_exceptions=True)
    codes = [answer.code for answer in answers if isinstance(answer, Refusal)]
    assert codes == ["busy"] * 3
    assert (await past.state_at(story.playlist, 1)).version == 1, "and they are gone afterwards"
