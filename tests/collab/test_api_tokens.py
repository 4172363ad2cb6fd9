import pytest

from collab.api_tokens import ApiTokens
from collab.auth import Tokens
from collab.errors import CannotStart
from storage.memory import MemoryStore
from tests.collab.http_world import SECRET, Times

DAY_S = 24 * 3600


class World:
    def __init__(self) -> None:
        self.times = Times()
        self.store = MemoryStore()
        self.tokens = Tokens(SECRET, self.store, self.times.ambient())
        self.api_tokens = ApiTokens(self.store, self.times.ambient())

    async def issue(self, user: str, label: str = "", life_s: int = DAY_S) -> str:
        person, issued = await self.api_tokens.issue(self.tokens, user, label, life_s)
        identity = await self.tokens.verify(issued.token, self.times.now_ms)
        assert identity.user_id == person.id
        return person.id

    async def states(self) -> list[tuple[str, str]]:
        listed = await self.api_tokens.listed()
        return [(each.token.label, each.state(self.times.now_ms)) for each in listed]


async def test_a_name_makes_an_account_once() -> None:
    world = World()
    first = await world.issue(" Backup  bot ")
    user = await world.store.user(first)
    assert user is not None
    assert (user.name, user.kind) == ("Backup bot", "account")
    assert await world.issue("Backup bot") == first
    assert await world.issue("Other bot") != first


async def test_an_id_names_anybody() -> None:
    world = World()
    first = await world.issue("Backup bot")
    assert await world.issue(first) == first
    with pytest.raises(CannotStart, match="no user"):
        await world.issue("Z" * 22)


async def test_the_list_says_what_became_of_each() -> None:
    world = World()
    await world.issue("bot", "old", DAY_S)
    await world.issue("bot", "new", 2 * DAY_S)
    await world.issue("bot", "bad", 2 * DAY_S)
    bad = next(each.token.id for each in await world.api_tokens.listed() if each.token.label == "bad")
    await world.api_tokens.revoke(bad)
    world.times.now_ms += DAY_S * 1000
    assert sorted(await world.states()) == [("bad", "revoked"), ("new", "live"), ("old", "expired")]


async def test_revoking_what_is_not_there() -> None:
    with pytest.raises(CannotStart, match="no token nonsense"):
        await World().api_tokens.revoke("nonsense")


@pytest.mark.parametrize(
    ("user", "label", "life_s"),
    [
        ("", "", DAY_S),
        ("\u202e", "", DAY_S),
        ("bot", "x" * 101, DAY_S),
        ("bot", "", 91 * DAY_S),
        ("bot", "", 0),
    ],
)
async def test_tokens_that_are_not_made(user: str, label: str, life_s: int) -> None:
    world = World()
    with pytest.raises(CannotStart):
        await world.issue(user, label, life_s)
    assert await world.states() == []
