import pytest

from collab.auth import SESSION_LIFE_S
from collab.breakers import Breaker
from collab.client_owners import ClientOwners
from collab.errors import Refusal
from collab.socket_auth import SocketAuth
from storage.memory import MemoryStore
from storage.rows import Commit, Settled
from tests.collab.http_world import HttpWorld, Person

CLIENT = "C" * 22


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld()


@pytest.fixture
def socket_auth(world: HttpWorld) -> SocketAuth:
    breaker = Breaker("client_ids", world.services.metrics, lambda: world.times.now_ms)
    return SocketAuth(world.services.tokens, ClientOwners(world.store, breaker), world.times.ambient())


async def use_client_id(store: MemoryStore, playlist: str, user: str) -> None:
    """The user's client id settles something on the playlist, and is theirs from then on."""
    head = (await store.heads([playlist]))[playlist]
    row = Settled(CLIENT, user, 1, b"", 0, "", head.changes + 1)
    await store.commit([Commit(playlist, head.epoch, head.version, head.changes, (), (row,))])


async def code_of(socket_auth: SocketAuth, person: Person) -> str:
    with pytest.raises(Refusal) as caught:
        await socket_auth(person.session["token"], CLIENT)
    return caught.value.code


async def test_a_token_says_who_and_until_when(world: HttpWorld, socket_auth: SocketAuth) -> None:
    ada = await world.guest("Ada")
    found = await socket_auth(ada.session["token"], CLIENT)
    assert (found.user, found.name, found.expires_ms) == (ada.id, "Ada", ada.session["expires_at"])


async def test_a_client_id_belongs_to_who_used_it_first(world: HttpWorld, socket_auth: SocketAuth) -> None:
    ada, eve = await world.guest("Ada"), await world.guest("Eve")
    await use_client_id(world.store, await ada.new_playlist(), ada.id)
    assert (await socket_auth(ada.session["token"], CLIENT)).user == ada.id
    assert await code_of(socket_auth, eve) == "client_taken"


async def test_a_token_that_ended(world: HttpWorld, socket_auth: SocketAuth) -> None:
    ada = await world.guest("Ada")
    world.times.now_ms += 16 * 60 * 1000
    assert await code_of(socket_auth, ada) == "token_expired"


async def test_an_api_token_is_asked_for_again_so_that_revoking_it_ends_its_sockets(
    world: HttpWorld, socket_auth: SocketAuth
) -> None:
    ada = await world.guest("Ada")
    user = await world.store.user(ada.id)
    assert user is not None
    tokens, now_ms = world.services.tokens, world.times.now_ms
    lasting = await tokens.issue_api(user, "a program", 86_400, now_ms)
    assert (await socket_auth(lasting.token, CLIENT)).expires_ms == now_ms + SESSION_LIFE_S * 1000
    [row] = await world.store.api_tokens(user.id)
    await world.store.revoke_api_token(row.id)
    with pytest.raises(Refusal) as caught:
        await socket_auth(lasting.token, CLIENT)
    assert caught.value.code == "token_invalid"
    ending = await tokens.issue_api(user, "a program", 60, now_ms)
    assert (await socket_auth(ending.token, CLIENT)).expires_ms == ending.expires_ms
