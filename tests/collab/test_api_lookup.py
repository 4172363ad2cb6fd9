import pytest

from collab.api_lookup import LAST_ANSWER_MS, ApiLookup
from collab.breakers import Breaker
from collab.metrics import Metrics
from storage.memory import MemoryStore
from storage.store import ApiToken, Unavailable
from tests.integration.faulty_store import FaultyStore

TOKEN = ApiToken(id="T" * 22, user_id="A" * 22, label="", created_ms=0, expires_ms=1 << 60, revoked=False)


class World:
    def __init__(self) -> None:
        self.now_ms = 1_800_000_000_000
        self.store = MemoryStore()
        self.people = FaultyStore(self.store)
        breaker = Breaker("authorisation", Metrics(), lambda: self.now_ms)
        self.lookup = ApiLookup(self.people, breaker, lambda: self.now_ms)  # type: ignore[arg-type]

    def go_away(self) -> None:
        self.people.before = lambda method: Unavailable("away")


@pytest.fixture
async def world() -> World:
    world = World()
    await world.store.add_api_token(TOKEN)
    return world


async def test_revoking_works_at_once(world: World) -> None:
    assert await world.lookup(TOKEN.id, reads_only=True) == TOKEN
    await world.store.revoke_api_token(TOKEN.id)
    found = await world.lookup(TOKEN.id, reads_only=True)
    assert found is not None
    assert found.revoked


async def test_the_last_answer_serves_reads_for_a_minute(world: World) -> None:
    await world.lookup(TOKEN.id, reads_only=False)
    world.go_away()
    with pytest.raises(Unavailable):
        await world.lookup(TOKEN.id, reads_only=False)
    world.now_ms += LAST_ANSWER_MS
    assert await world.lookup(TOKEN.id, reads_only=True) == TOKEN
    world.now_ms += 1
    with pytest.raises(Unavailable):
        await world.lookup(TOKEN.id, reads_only=True)


async def test_a_token_that_was_never_seen_is_not_believed(world: World) -> None:
    assert await world.lookup("U" * 22, reads_only=True) is None
    world.go_away()
    with pytest.raises(Unavailable):
        await world.lookup("U" * 22, reads_only=True)
    with pytest.raises(Unavailable):
        await world.lookup(TOKEN.id, reads_only=True)


async def test_an_open_breaker_asks_nobody_and_reads_go_on(world: World) -> None:
    await world.lookup(TOKEN.id, reads_only=True)
    world.go_away()
    for _ in range(40):
        assert await world.lookup(TOKEN.id, reads_only=True) == TOKEN
    assert world.people.failures == 19
