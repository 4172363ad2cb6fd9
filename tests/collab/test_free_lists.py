"""Places that Python keeps for the next list or map: none where something large was."""

from typing import Any

from collab.free_lists import KEPT, Spares


def made(count: int) -> list[Any]:
    return [made for _ in range(count) for made in ([], {"a": None})]


def test_what_is_made_next_is_not_where_something_large_was() -> None:
    spares = Spares()
    large = made(5_000)
    places = set(map(id, large))
    large.clear()
    spares.restock()
    assert places.isdisjoint(map(id, made(KEPT // 2)))


def test_without_spares_it_is() -> None:
    """Why they are needed: should this fail on a new Python, the module can go."""
    large = made(5_000)
    places = set(map(id, large))
    large.clear()
    assert not places.isdisjoint(map(id, made(KEPT // 2)))
