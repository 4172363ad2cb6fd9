import pytest

from storage.memory import MemoryStore
from storage.store import Unavailable
from tests.collab.http_world import LOOPBACK, STRANGER, HttpWorld, refused


class SwitchedStore(MemoryStore):
    is_away = False
    pings = 0

    async def ping(self) -> None:
        self.pings += 1
        if self.is_away:
            raise Unavailable("away")


@pytest.fixture
def store() -> SwitchedStore:
    return SwitchedStore()


@pytest.fixture
def world(store: SwitchedStore) -> HttpWorld:
    return HttpWorld(store=store)


async def test_the_front_page_is_one_line(world: HttpWorld) -> None:
    response = await world.client().get("/")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain")
    assert response.text.startswith("This is Tutti")
    assert response.text.count("\n") == 1


async def test_alive_whatever_the_database_does(world: HttpWorld, store: SwitchedStore) -> None:
    store.is_away = True
    assert (await world.client().get("/healthz")).status_code == 200


async def test_ready(world: HttpWorld) -> None:
    response = await world.client().get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"ready": True, "checks": {"node": "ok", "database": "ok"}}


async def test_not_ready_without_the_database_and_ready_again(world: HttpWorld, store: SwitchedStore) -> None:
    store.is_away = True
    response = await world.client().get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"ready": False, "checks": {"node": "ok", "database": "unreachable"}}
    store.is_away = False
    world.times.now_ms += 1000
    assert (await world.client().get("/readyz")).status_code == 200


async def test_asking_often_costs_the_database_nothing(world: HttpWorld, store: SwitchedStore) -> None:
    for _ in range(10):
        await world.client().get("/readyz")
    assert store.pings == 1


async def test_a_node_that_was_told_to_stop_is_not_ready(world: HttpWorld) -> None:
    world.readiness.drain()
    response = await world.client().get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["node"] == "draining"


@pytest.mark.parametrize("address", [LOOPBACK, "::1", "::ffff:127.0.0.1"])
async def test_metrics_for_peers_on_this_machine(world: HttpWorld, address: str) -> None:
    await world.guest()
    response = await world.client(address).get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    assert 'tutti_http_seconds_count{status="201"} 1.0' in response.text


async def test_metrics_for_others_on_the_admin_port_only(world: HttpWorld) -> None:
    assert refused(await world.client(STRANGER).get("/metrics")) == (404, "not_found")
    assert (await world.client(STRANGER, admin=True).get("/metrics")).status_code == 200
    assert (await world.client(STRANGER, admin=True).get("/readyz")).status_code == 200
    assert refused(await world.client(STRANGER, admin=True).get("/v1/me")) == (404, "not_found")
