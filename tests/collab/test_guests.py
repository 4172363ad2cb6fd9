import pytest

from collab.auth import Tokens
from collab.errors import Refusal
from collab.guests import AGAIN_MS, ANSWERS_MAX, REFRESH_LIFE_MS, Guests, Session
from storage.memory import MemoryStore
from storage.store import RefreshToken, StoreError
from tests.collab.http_world import SECRET, Times


class World:
    def __init__(self, store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()
        self.times = Times()
        self.tokens = Tokens(SECRET, self.store, self.times.ambient())
        self.guests = Guests(self.store, self.tokens, self.times.ambient())

    async def refused(self, refresh_token: str) -> str:
        with pytest.raises(Refusal) as caught:
            await self.guests.refresh(refresh_token)
        return caught.value.code


async def test_a_guest_is_a_user_with_a_token() -> None:
    world = World()
    session = await world.guests.create(" Ada ")
    identity = await world.tokens.verify(session.token, world.times.now_ms)
    assert identity.user_id == session.user.id
    user = await world.store.user(session.user.id)
    assert user is not None
    assert (user.name, user.kind) == ("Ada", "guest")


async def test_a_name_that_nobody_has_makes_nobody() -> None:
    world = World()
    with pytest.raises(Refusal):
        await world.guests.create("\u202e")


async def test_a_refresh_gives_the_same_person_a_new_pair() -> None:
    world = World()
    first = await world.guests.create("Ada")
    world.times.now_ms += REFRESH_LIFE_MS - 1
    second = await world.guests.refresh(first.refresh_token)
    assert second.user == first.user
    assert second.refresh_token != first.refresh_token
    assert second.expires_ms > world.times.now_ms
    assert (await world.guests.refresh(second.refresh_token)).user == first.user


async def test_ninety_days_unused_and_it_is_gone() -> None:
    world = World()
    session = await world.guests.create("Ada")
    world.times.now_ms += REFRESH_LIFE_MS
    assert await world.refused(session.refresh_token) == "token_expired"


async def test_a_token_whose_answers_answer_was_used_shuts_out_the_whole_device() -> None:
    world = World()
    first = await world.guests.create("Ada")
    second = await world.guests.refresh(first.refresh_token)
    third = await world.guests.refresh(second.refresh_token)
    assert await world.refused(first.refresh_token) == "token_invalid"
    assert await world.refused(third.refresh_token) == "token_invalid"


async def test_a_guest_whose_reply_was_lost_asks_again() -> None:
    world = World()
    first = await world.guests.create("Ada")
    session = first
    for _ in range(3):
        lost = await world.guests.refresh(session.refresh_token)
        world.times.now_ms += AGAIN_MS
        session = await world.guests.refresh(session.refresh_token)
        assert session.user == first.user
        assert session.refresh_token != lost.refresh_token
    assert (await world.guests.refresh(session.refresh_token)).user == first.user


async def test_an_answer_is_dead_once_there_is_another() -> None:
    world = World()
    first = await world.guests.create("Ada")
    heard = await world.guests.refresh(first.refresh_token)
    thiefs = await world.guests.refresh(first.refresh_token)
    assert await world.refused(heard.refresh_token) == "token_invalid"
    assert await world.refused(thiefs.refresh_token) == "token_invalid"


async def test_the_time_to_ask_again_ends() -> None:
    world = World()
    first = await world.guests.create("Ada")
    second = await world.guests.refresh(first.refresh_token)
    world.times.now_ms += AGAIN_MS + 1
    assert await world.refused(first.refresh_token) == "token_invalid"
    assert await world.refused(second.refresh_token) == "token_invalid"


async def test_nobody_asks_again_for_ever() -> None:
    world = World()
    session = await world.guests.create("Ada")
    for _ in range(ANSWERS_MAX):
        last = await world.guests.refresh(session.refresh_token)
    assert await world.refused(session.refresh_token) == "token_invalid"
    assert await world.refused(last.refresh_token) == "token_invalid"


class Dying(MemoryStore):
    """Writes no refresh token while it dies."""

    dies = False

    async def add_refresh_token(self, token: RefreshToken) -> None:
        if self.dies:
            raise StoreError("The database went away.")
        await super().add_refresh_token(token)


async def test_a_guest_whose_answer_was_never_stored_asks_again() -> None:
    store = Dying()
    world = World(store)
    session = await world.guests.create("Ada")
    for _ in range(2):
        world.times.now_ms += REFRESH_LIFE_MS // 2
        for dies in (True, True):
            store.dies = dies
            with pytest.raises(StoreError):
                await world.guests.refresh(session.refresh_token)
        store.dies = False
        session = await world.guests.refresh(session.refresh_token)


async def test_a_used_token_of_another_secrets_time_is_a_copy() -> None:
    """What it was answered with cannot be found any more."""
    world = World()
    first = await world.guests.create("Ada")
    world.times.now_ms += 1
    await world.guests.refresh(first.refresh_token)
    later = Guests(world.store, Tokens(b"y" * 32, world.store, world.times.ambient()), world.times.ambient())
    with pytest.raises(Refusal):
        await later.refresh(first.refresh_token)
    assert all(token.revoked for token in world.store._refresh_tokens.values())


async def test_other_devices_are_not_touched_by_that() -> None:
    world = World()
    ada, bob = await world.guests.create("Ada"), await world.guests.create("Bob")
    await world.guests.refresh((await world.guests.refresh(ada.refresh_token)).refresh_token)
    await world.refused(ada.refresh_token)
    assert (await world.guests.refresh(bob.refresh_token)).user == bob.user


async def test_revoking_signs_the_device_out_with_any_of_its_generations() -> None:
    world = World()
    first = await world.guests.create("Ada")
    second = await world.guests.refresh(first.refresh_token)
    await world.guests.revoke(first.refresh_token)
    assert await world.refused(second.refresh_token) == "token_invalid"


async def test_a_device_whose_tokens_the_database_has_lost_comes_back() -> None:
    """The database was put back to when it knew the first."""
    world = World()
    first = await world.guests.create("Ada")
    backup = dict(world.store._refresh_tokens)
    world.times.now_ms += 1000
    third = await world.guests.refresh((await world.guests.refresh(first.refresh_token)).refresh_token)
    world.store._refresh_tokens = backup
    fourth = await world.guests.refresh(third.refresh_token)
    assert fourth.user == first.user
    assert (await world.guests.refresh(fourth.refresh_token)).user == first.user


@pytest.mark.parametrize("stolen", [0, 1, 2])
@pytest.mark.parametrize("thief_is_first", [False, True])
async def test_copied_tokens_still_shut_that_device_out(stolen: int, *, thief_is_first: bool) -> None:
    """0: the one that the database knows as unused; 1: one that it has lost; 2: the device's own."""
    world = World()
    session = await world.guests.create("Ada")
    backup = dict(world.store._refresh_tokens)
    tokens = [session.refresh_token]
    for _ in range(2):
        tokens.append((await world.guests.refresh(tokens[-1])).refresh_token)
    world.store._refresh_tokens = backup
    one, other = (tokens[stolen], tokens[2]) if thief_is_first else (tokens[2], tokens[stolen])
    holders = [one, other]
    for turn in range(4):
        try:
            session: Session = await world.guests.refresh(holders[turn % 2])
        except Refusal:
            break
        holders[turn % 2] = session.refresh_token
    assert [await world.refused(holder) for holder in holders] == ["token_invalid"] * 2


async def test_what_was_sealed_elsewhere_or_revoked_is_not_recalled() -> None:
    world = World()
    session = await world.guests.create("Ada")
    backup = dict(world.store._refresh_tokens)
    second = (await world.guests.refresh(session.refresh_token)).refresh_token
    world.store._refresh_tokens = backup
    forged = "A" * 22 + second[22:44]
    others = Tokens(b"x" * 32, world.store, world.times.ambient())
    for seal in ("A" * 22, second[44:], others.seal(forged)):
        assert await world.refused(forged + seal) == "token_invalid"
    unknown = "A" * 44
    assert await world.refused(unknown + world.tokens.seal(unknown)) == "token_invalid"
    await world.guests.revoke(session.refresh_token)
    assert await world.refused(second) == "token_invalid"


async def test_ninety_days_count_from_what_the_database_knows() -> None:
    world = World()
    session = await world.guests.create("Ada")
    backup = dict(world.store._refresh_tokens)
    world.times.now_ms += 1000
    second = (await world.guests.refresh(session.refresh_token)).refresh_token
    world.store._refresh_tokens = backup
    world.times.now_ms += REFRESH_LIFE_MS - 1000
    assert await world.refused(second) == "token_expired"


@pytest.mark.parametrize("unknown", ["", "x", "A" * 22, "A" * 66, "é" * 66, "A" * 88])
async def test_unknown_tokens(unknown: str) -> None:
    world = World()
    await world.guests.revoke(unknown)
    assert await world.refused(unknown) == "token_invalid"


class ThiefInBetween(MemoryStore):
    """The same refresh token comes a second time just before the answer to the first is stored."""

    thief: World | None = None
    stolen = ""
    loot = ""

    async def add_refresh_token(self, token: RefreshToken) -> None:
        if self.thief is not None:
            world, self.thief = self.thief, None
            self.loot = (await world.guests.refresh(self.stolen)).refresh_token
        await super().add_refresh_token(token)


async def test_of_two_at_once_one_is_answered_and_both_are_shut_out_in_the_end() -> None:
    store = ThiefInBetween()
    world = World(store)
    session = await world.guests.create("Ada")
    store.thief, store.stolen = world, session.refresh_token
    with pytest.raises(StoreError):
        await world.guests.refresh(session.refresh_token)
    again = await world.guests.refresh(session.refresh_token)
    assert again.refresh_token != store.loot
    assert await world.refused(store.loot) == "token_invalid"
    assert await world.refused(again.refresh_token) == "token_invalid"


class Owner(MemoryStore):
    """Signs the device out while one of its tokens is exchanged."""

    family = ""

    async def add_refresh_token(self, token: RefreshToken) -> None:
        await self.revoke_family(self.family)
        await super().add_refresh_token(token)


async def test_no_generation_survives_a_revocation_that_races_with_an_exchange() -> None:
    store = Owner()
    world = World(store)
    session = await world.guests.create("Ada")
    store.family = session.refresh_token[22:44]
    assert await world.refused(session.refresh_token) == "token_invalid"
    assert all(token.revoked for token in store._refresh_tokens.values())
