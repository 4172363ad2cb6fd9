"""Which of somebody's Jams is their player, and what is remembered of that."""

import pytest

from collab import player_jams
from collab.player_jams import PlayerJams
from tests.collab.http_world import HttpWorld, Person


class Asked:
    """Counts the Jams that are looked at."""

    def __init__(self, world: HttpWorld) -> None:
        self._jams = world.services.jams
        self.documents: list[str] = []

    async def read(self, document: str, user: str) -> object:
        self.documents.append(document)
        return await self._jams.read(document, user)


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld()


@pytest.fixture
def asked(world: HttpWorld) -> Asked:
    return Asked(world)


@pytest.fixture
def mine(world: HttpWorld, asked: Asked) -> PlayerJams:
    return PlayerJams(asked, world.store)  # type: ignore[arg-type]


async def ended(world: HttpWorld, ada: Person) -> str:
    jam = await world.jam(ada.id)
    await world.in_jam(jam, ada.id, "end")
    return jam


async def test_what_has_ended_is_not_read_again(
    world: HttpWorld, mine: PlayerJams, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await world.guest()
    over, other = await ended(world, ada), await ended(world, ada)
    live = await world.jam(ada.id)
    assert [view.head.document for view in await mine.of(ada.id)] == [live]
    assert sorted(asked.documents) == sorted([over, other, live])
    asked.documents.clear()
    await mine.of(ada.id)
    assert await mine.named(ada.id, over) is None
    assert asked.documents == [live]

    monkeypatch.setattr(player_jams, "ENDED_KEPT", 1)
    await ended(world, ada)
    await mine.of(ada.id)
    asked.documents.clear()
    assert [view.head.document for view in await mine.of(ada.id)] == [live]
    assert {over, other} <= set(asked.documents), "what is forgotten is read once more, and has ended still"


async def test_of_very_many_the_newest_are_looked_at(
    world: HttpWorld, mine: PlayerJams, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(player_jams, "JAMS_MAX", 2)
    ada = await world.guest()
    jams = []
    for _ in range(3):
        jams.append(await world.jam(ada.id))
        world.times.now_ms += 1
    assert [view.head.document for view in await mine.of(ada.id)] == [jams[2], jams[1]]
    found = await mine.named(ada.id, jams[0])
    assert found is not None
    assert found.head.document == jams[0]


async def test_choices_are_bounded(
    world: HttpWorld, mine: PlayerJams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(player_jams, "CHOICES_KEPT", 1)
    ada, mia = await world.guest("Ada"), await world.guest("Mia")
    firsts = [await world.jam(ada.id), await world.jam(mia.id)]
    world.times.now_ms += 1
    seconds = [await world.jam(ada.id), await world.jam(mia.id)]
    world.times.now_ms += 1
    for person, jam in zip((ada, mia), firsts, strict=True):
        mine.choose(person.id, jam, world.times.now_ms)
    current = [await mine.current(person.id) for person in (ada, mia)]
    assert [view and view.head.document for view in current] == [seconds[0], firsts[1]]
