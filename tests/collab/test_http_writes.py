"""Requests that come again with their key, and requests that fail when something was written already."""

import asyncio
from typing import Any

import httpx
import pytest

from collab import http_jam_doors, http_members, http_people, http_writes
from collab.errors import Refusal
from collab.http_writes import KEY_CHARS_MAX
from collab.stale_keys import KEPT_MS, forget_requests
from storage.memory import MemoryStore
from storage.store import Claim, JoinCode, OutcomeUnknown, Unavailable, User
from tests.collab.http_world import HttpWorld, Json, Person, refused

A, B = (f"spotify:track:{letter * 22}" for letter in "AB")
KEYED = {"Idempotency-Key": "one"}


class Store(MemoryStore):
    """Fails where it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.claiming: Exception | None = None
        self.answering: Exception | None = None
        self.reading: Exception | None = None
        self.inviting: Exception | None = None
        self.coding: Exception | None = None
        self.auditing: Exception | None = None

    async def claim_request(self, claim: Claim, keys_max: int) -> Claim | None:
        if self.claiming is not None:
            raise self.claiming
        return await super().claim_request(claim, keys_max)

    async def answer_request(self, user_id: str, key_hash: bytes, answer: bytes) -> None:
        if self.answering is not None:
            raise self.answering
        await super().answer_request(user_id, key_hash, answer)

    async def user(self, user_id: str) -> User | None:
        if self.reading is not None:
            raise self.reading
        return await super().user(user_id)

    async def add_invite(self, *args: Any) -> None:
        if self.inviting is not None:
            raise self.inviting
        await super().add_invite(*args)

    async def set_join_code(self, code: JoinCode) -> JoinCode | None:
        if self.coding is not None:
            raise self.coding
        return await super().set_join_code(code)

    async def audit_end(self) -> int:
        if self.auditing is not None:
            raise self.auditing
        return await super().audit_end()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def world(store: Store) -> HttpWorld:
    return HttpWorld(store=store)


@pytest.fixture
async def ada(world: HttpWorld) -> Person:
    return await world.guest("Ada")


async def versions(world: HttpWorld, playlist: str) -> int:
    return (await world.store.heads([playlist]))[playlist].version


async def add(person: Person, playlist: str, *uris: str, key: str | None = "one") -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    path = f"/v1/playlists/{playlist}/items"
    return await person.send("POST", path, json={"uris": list(uris)}, headers=headers)


def same(one: httpx.Response, other: httpx.Response) -> bool:
    kept = ("content-type", "location")
    return (one.status_code, one.content, [one.headers.get(name) for name in kept]) == (
        other.status_code,
        other.content,
        [other.headers.get(name) for name in kept],
    )


async def test_the_same_key_gets_the_same_answer(world: HttpWorld, ada: Person) -> None:
    playlist = await ada.new_playlist()
    first = await add(ada, playlist, A)
    assert first.status_code == 201
    await add(ada, playlist, B, key="two")
    assert same(await add(ada, playlist, A), first)
    assert await versions(world, playlist) == 2
    assert (await add(ada, playlist, A, key=None)).json() == {"snapshot_id": "epoch.3"}


async def test_a_playlist_is_made_once(ada: Person) -> None:
    made = [await ada.send("POST", "/v1/me/playlists", json={"name": "x"}, headers=KEYED) for _ in range(3)]
    assert all(same(one, made[0]) for one in made)
    assert made[0].status_code == 201
    assert (await ada.get("/v1/me/playlists")).json()["total"] == 1


async def test_a_refusal_is_an_answer_too(world: HttpWorld, ada: Person) -> None:
    playlist = await ada.new_playlist()
    path = f"/v1/playlists/{playlist}/items"
    gone = {"positions": [0]}
    first = await ada.send("DELETE", path, json=gone, headers=KEYED)
    assert refused(first) == (400, "bad_request")
    await add(ada, playlist, A, key=None)
    assert same(await ada.send("DELETE", path, json=gone, headers=KEYED), first)
    assert await versions(world, playlist) == 1


async def test_another_request_needs_another_key(world: HttpWorld, ada: Person) -> None:
    playlist, other = await ada.new_playlist(), await ada.new_playlist()
    await add(ada, playlist, A)
    path = f"/v1/playlists/{playlist}/items"
    for method, where, body in (
        ("POST", path, {"uris": [B]}),
        ("PUT", path, {"uris": [A]}),
        ("POST", path + "?position=0", {"uris": [A]}),
        ("POST", f"/v1/playlists/{other}/items", {"uris": [A]}),
    ):
        response = await ada.send(method, where, json=body, headers=KEYED)
        assert refused(response) == (422, "key_reused")
    assert await versions(world, playlist) == 1
    bob = await world.guest("Bob")
    assert (await add(bob, await bob.new_playlist(), B)).status_code == 201, "keys are one's own"


async def test_an_answer_that_was_not_kept_is_found_again(
    world: HttpWorld, store: Store, ada: Person
) -> None:
    """As if the node had died between the commit and the answer."""
    playlist = await ada.new_playlist()
    store.answering = Unavailable("away")
    first = await add(ada, playlist, A)
    assert first.json() == {"snapshot_id": "epoch.1"}, "what took effect is answered"
    await add(ada, playlist, B, key=None)
    assert same(await add(ada, playlist, A), first)
    store.answering = None
    assert same(await add(ada, playlist, A), first)
    assert await versions(world, playlist) == 2
    made = {"name": "x"}
    store.answering = OutcomeUnknown("lost")
    ids = {
        (await ada.send("POST", "/v1/me/playlists", json=made, headers={"Idempotency-Key": "m"})).json()["id"]
        for _ in range(2)
    }
    assert len(ids) == 1


async def test_of_two_at_once_the_second_waits_for_the_answer(world: HttpWorld, ada: Person) -> None:
    playlist = await ada.new_playlist()
    answers = await asyncio.gather(*(add(ada, playlist, A) for _ in range(5)))
    assert all(same(one, answers[0]) for one in answers)
    assert await versions(world, playlist) == 1


@pytest.mark.parametrize("error", [Unavailable("away"), OutcomeUnknown("lost")])
async def test_without_a_claim_nothing_is_done(
    world: HttpWorld, store: Store, ada: Person, error: Exception
) -> None:
    playlist = await ada.new_playlist()
    store.claiming = error
    assert (await add(ada, playlist, A)).status_code in (409, 503)
    assert await versions(world, playlist) == 0
    store.claiming = None
    assert (await add(ada, playlist, A)).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * (KEY_CHARS_MAX + 1), "a\tb"])
async def test_keys_that_are_none(ada: Person, key: str) -> None:
    response = await ada.send(
        "POST", "/v1/me/playlists", json={"name": "x"}, headers={"Idempotency-Key": key}
    )
    assert refused(response) == (400, "bad_request")


async def test_a_user_has_only_so_many_keys(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_writes, "KEYS_MAX", 2)
    playlist = await ada.new_playlist()
    assert [(await add(ada, playlist, A, key=key)).status_code for key in "abab"] == [201] * 4
    response = await add(ada, playlist, A, key="c")
    assert refused(response) == (429, "rate_limited")
    assert response.headers["retry-after"] == "60"


async def test_keys_are_forgotten_after_a_day(world: HttpWorld, ada: Person) -> None:
    playlist = await ada.new_playlist()
    await add(ada, playlist, A)
    world.times.now_ms += KEPT_MS
    assert await forget_requests(world.store, world.times.now_ms) == 0
    assert await forget_requests(world.store, world.times.now_ms + 1) == 1
    again = await ada.send("POST", "/v1/me/playlists", json={}, headers=KEYED)
    assert refused(again)[0] == 401, "and so are tokens"


async def test_a_key_used_again_after_that_names_something_new(world: HttpWorld, ada: Person) -> None:
    playlist = await ada.new_playlist()
    await add(ada, playlist, A)
    world.times.now_ms += 1
    await forget_requests(world.store, world.times.now_ms + KEPT_MS)
    assert (await add(ada, playlist, B)).json() == {"snapshot_id": "epoch.2"}


async def test_a_secret_is_not_kept(world: HttpWorld, store: Store, ada: Person) -> None:
    playlist = await ada.new_playlist()
    body = {"role": "editor", "expires_in_s": 3600}
    response = await ada.send("POST", f"/v1/playlists/{playlist}/invites", json=body, headers=KEYED)
    assert response.status_code in (200, 201), response.text
    assert [claim.answer for claim in store._claims.values()] == [None]


async def test_who_has_no_token_needs_no_key(world: HttpWorld) -> None:
    response = await world.client().post("/v1/guest", json={"name": "Eve"}, headers=KEYED)
    assert response.status_code == 201
    assert not (await world.client().post("/v1/me/playlists", json={}, headers=KEYED)).is_success
    key = "x" * 1000
    response = await world.client().post("/v1/me/playlists", json={}, headers={"Idempotency-Key": key})
    assert refused(response) == (401, "token_missing")


async def test_a_keyed_request_counts_once(ada: Person, world: HttpWorld, monkeypatch: Any) -> None:
    counted: list[str] = []

    async def count(user: str) -> None:
        counted.append(user)

    monkeypatch.setattr(world.services.limits, "count_user", count)
    await ada.send("POST", "/v1/me/playlists", json={"name": "x"}, headers=KEYED)
    assert counted == [ada.id]


# -- failures that come too late -----------------------------------------------------------------------------


@pytest.mark.parametrize("error", [Unavailable("away"), RuntimeError("a bug")])
async def test_what_fails_after_a_commit_is_no_failure_to_repeat(
    world: HttpWorld, store: Store, ada: Person, error: Exception
) -> None:
    store.reading = error
    body: Json = {"name": "x"}
    response = await ada.post("/v1/me/playlists", body)
    assert refused(response) == (409, "outcome_unknown")
    assert (await store.documents_of(ada.id, "playlist", 0, 10))[1] == 1
    # With a key it may be repeated, so it is said to be.
    keyed = await ada.send("POST", "/v1/me/playlists", json=body, headers=KEYED)
    assert keyed.status_code >= 500
    store.reading = None
    again = await ada.send("POST", "/v1/me/playlists", json=body, headers=KEYED)
    assert again.status_code == 201
    assert (await store.documents_of(ada.id, "playlist", 0, 10))[1] == 2


async def test_what_fails_before_any_commit_may_be_repeated(store: Store, ada: Person) -> None:
    playlist = await ada.new_playlist()
    store.inviting = Unavailable("away")
    body = {"role": "editor", "expires_in_s": 3600}
    response = await ada.post(f"/v1/playlists/{playlist}/invites", body)
    assert refused(response) == (503, "unavailable")
    store.inviting = OutcomeUnknown("lost")
    response = await ada.post(f"/v1/playlists/{playlist}/invites", body)
    assert refused(response) == (409, "outcome_unknown")


def breaks(*_: Any) -> Any:
    raise RuntimeError("a bug")


INVITE = {"role": "editor", "expires_in_s": 3600}


async def test_a_link_that_was_made_is_no_failure_to_repeat(
    world: HttpWorld, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    playlist, jam = await ada.new_playlist(), await world.jam(ada.id)
    monkeypatch.setattr(http_members, "invite_json", breaks)
    monkeypatch.setattr(http_jam_doors, "invite_json", breaks)
    response = await ada.post(f"/v1/playlists/{playlist}/invites", INVITE)
    assert refused(response) == (409, "outcome_unknown")
    response = await ada.post(f"/v1/jams/{jam}/invites", {**INVITE, "role": "guest"})
    assert refused(response) == (409, "outcome_unknown")
    assert [len(await world.store.invites(document)) for document in (playlist, jam)] == [1, 1]


async def test_a_code_for_another_device_that_was_made_is_none(
    ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_people, "shown", breaks)
    assert refused(await ada.post("/v1/me/link", {})) == (409, "outcome_unknown")


async def test_nor_is_a_link_that_was_revoked(
    world: HttpWorld, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    playlist, jam = await ada.new_playlist(), await world.jam(ada.id)
    monkeypatch.setattr(http_members, "Response", breaks)
    monkeypatch.setattr(http_jam_doors, "Response", breaks)
    for path in (f"/v1/playlists/{playlist}/invites", f"/v1/jams/{jam}/invites"):
        role = "guest" if jam in path else "editor"
        made = (await ada.post(path, {**INVITE, "role": role})).json()
        response = await ada.delete(f"{path}/{made['id']}")
        assert refused(response) == (409, "outcome_unknown")
        assert (await ada.get(path)).json() == {"invites": []}


@pytest.mark.parametrize("error", [Unavailable("away"), RuntimeError("a bug")])
async def test_nor_is_a_jam_that_began_without_its_code(store: Store, ada: Person, error: Exception) -> None:
    store.coding = error
    assert refused(await ada.post("/v1/jams", {"name": "Friday"})) == (409, "outcome_unknown")
    assert (await ada.get("/v1/me/jams")).json()["total"] == 1


async def test_nor_is_a_code_that_stands(
    world: HttpWorld, store: Store, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    jam = await world.jam(ada.id)
    store.coding = Unavailable("away")
    assert refused(await ada.post(f"/v1/jams/{jam}/code", {})) == (409, "outcome_unknown"), "the old are over"
    store.coding = None
    monkeypatch.setattr(http_jam_doors, "join_code_json", breaks)
    assert refused(await ada.post(f"/v1/jams/{jam}/code", {})) == (409, "outcome_unknown")


async def test_nor_is_a_name_or_an_end_of_oneself(world: HttpWorld, store: Store, ada: Person) -> None:
    bob = await world.guest("Bob")
    store.reading = Unavailable("away")
    assert refused(await bob.put("/v1/me", {"name": "Bo"})) == (409, "outcome_unknown")
    store.reading = None
    assert (await bob.get("/v1/me")).json()["display_name"] == "Bo"
    store.auditing = Unavailable("away")
    response = await ada.send("DELETE", "/v1/me", json={"confirm": ada.id})
    assert refused(response) == (409, "outcome_unknown")
    assert await store.user(ada.id) is None


async def test_an_edit_nobody_knows_of_is_answered_by_its_key(
    world: HttpWorld, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    playlist = await ada.new_playlist()
    real = world.documents.edit

    async def lost(*args: Any, **more: Any) -> int:
        await real(*args, **more)
        raise Refusal("outcome_unknown")

    monkeypatch.setattr(world.documents, "edit", lost)
    assert refused(await add(ada, playlist, A)) == (503, "unavailable")
    assert (await add(ada, playlist, A)).json() == {"snapshot_id": "epoch.1"}
    assert refused(await add(ada, playlist, B, key=None)) == (409, "outcome_unknown")
    assert await versions(world, playlist) == 2
