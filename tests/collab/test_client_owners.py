import pytest

from collab import client_owners
from collab.breakers import Breaker, NotNow
from collab.client_owners import ClientOwners
from collab.metrics import Metrics
from storage.memory import MemoryStore
from storage.rows import Commit, Settled
from storage.store import Unavailable
from tests.integration.faulty_store import FaultyStore

NOW_MS = 1_800_000_000_000


class World:
    """A store that can go away, with a document that anybody can use a client id on."""

    def __init__(self) -> None:
        self.memory = MemoryStore()
        self.store = FaultyStore(self.memory)
        breaker = Breaker("client_ids", Metrics(), lambda: NOW_MS, draw=0.5)
        self.owner_of = ClientOwners(self.store, breaker)  # type: ignore[arg-type]

    async def use(self, client: str, user: str) -> None:
        head = (await self.memory.heads(["doc"]))["doc"]
        row = Settled(client, user, 1, b"", 0, "", head.changes + 1)
        await self.memory.commit([Commit("doc", head.epoch, head.version, head.changes, (), (row,))])

    def go_away(self) -> None:
        self.store.before = lambda method: Unavailable("away")


@pytest.fixture
async def world() -> World:
    world = World()
    await world.memory.create_document("doc", "playlist", "e1", "ann", b"", NOW_MS)
    return world


async def test_who_was_here_before_comes_back_without_the_database(world: World) -> None:
    await world.use("client-a", "ann")
    assert await world.owner_of("client-a") == "ann"
    world.go_away()
    assert await world.owner_of("client-a") == "ann"
    with pytest.raises(Unavailable):
        await world.owner_of("client-b")


async def test_that_an_id_is_nobodys_holds_for_that_moment(world: World) -> None:
    assert await world.owner_of("client-a") is None
    await world.use("client-a", "ann")
    assert await world.owner_of("client-a") == "ann"


async def test_a_database_that_fails_is_spared(world: World) -> None:
    world.go_away()
    for _ in range(20):
        with pytest.raises(Unavailable):
            await world.owner_of("client-a")
    with pytest.raises(NotNow):
        await world.owner_of("client-a")
    assert world.store.failures == 20


async def test_what_is_remembered_is_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_owners, "_ANSWERS_MAX", 2)
    for client in "abc":
        await world.use(client, "ann")
        assert await world.owner_of(client) == "ann"
        await world.owner_of("a")
    world.go_away()
    assert [await world.owner_of(client) for client in "ac"] == ["ann", "ann"]
    with pytest.raises(Unavailable):
        await world.owner_of("b")
