"""What makes a list read otherwise, as one op, and the order in which songs follow smoothly.

The answers are Python's own: what is right about them is proved in `tests/ot/test_arrange.py` and
`tests/jam/test_smooth_order.py`; here another language learns whether it does the same.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

from jam.smooth import ENERGY_MAX, KEYS, TEMPO_MAX, TEMPO_MIN, features_of
from jam.smooth_order import smooth_order
from ot.arrange import deduplicate, replace_all, reverse, shuffle, sort_by_field
from ot.document import Document
from ot.op import encode
from tests.vectors.awkward import TEXTS, value

Vector = dict[str, Any]

LISTS = 40
SONGS = 24


def arrangements(random: Random) -> Iterator[Vector]:
    for number in range(LISTS):
        yield from _of_list(number, random)
    for number in range(SONGS):
        songs = [_song(random) for _ in range(number * number // 5)]
        yield _vector(f"smooth order {number}", {"fn": "smooth_order", "songs": songs})


def arranged(given: Vector) -> Any:
    """What Python answers."""
    if given["fn"] == "smooth_order":
        return smooth_order([features_of(song) for song in given["songs"]])
    document = Document(given["entries"], {"name": "list"})
    match given["fn"]:
        case "sort_by_field":
            return encode(sort_by_field(document, "by", descending=given["descending"]))
        case "shuffle":
            draws = iter(given["draws"])
            return encode(shuffle(len(document.entries), lambda n: next(draws) % n))
        case "reverse":
            return encode(reverse(len(document.entries)))
        case "deduplicate":
            return encode(deduplicate(document, "by"))
        case "replace_all":
            return encode(replace_all(document, given["wanted"], "by"))
    raise AssertionError(given["fn"])


def _of_list(number: int, random: Random) -> Iterator[Vector]:
    entries = _entries(random, "old")
    for descending in (False, True):
        given = {"fn": "sort_by_field", "entries": entries, "descending": descending}
        yield _vector(f"sort {number}{', descending' * descending}", given)
    draws = [random.randrange(1_000) for _ in entries]
    yield _vector(f"shuffle {number}", {"fn": "shuffle", "entries": entries, "draws": draws})
    yield _vector(f"reverse {number}", {"fn": "reverse", "entries": entries})
    yield _vector(f"deduplicate {number}", {"fn": "deduplicate", "entries": entries})
    wanted = random.sample(entries, len(entries) // 2) + _entries(random, "new")
    yield _vector(f"replace all {number}", {"fn": "replace_all", "entries": entries, "wanted": wanted})


def _entries(random: Random, prefix: str) -> list[Vector]:
    """Mostly of few values, so that some are equal; now and then any value at all, or none."""
    entries: list[Vector] = []
    for number in range(random.randrange(9)):
        entry = {"uid": f"{prefix}.{number}"}
        chance = random.random()
        if chance < 0.9:
            few = random.choice(
                (1, 2, True, "a", "B", "b", "Straße", "STRASSE", ["a"], ["a", 1], random.choice(TEXTS))
            )
            entry["by"] = few if chance < 0.7 else value(random)
        entries.append(entry)
    return entries


def _song(random: Random) -> Vector:
    song: Vector = {
        "tempo": random.randrange(TEMPO_MIN, TEMPO_MAX)
        if random.random() < 0.3
        else random.randrange(60, 180) * 100,
        "key": random.choice(KEYS),
        "energy": random.randrange(ENERGY_MAX + 1),
    }
    return {field: known for field, known in song.items() if random.random() < 0.9}


def _vector(name: str, given: Vector) -> Vector:
    return {"name": name, "given": given, "expected": arranged(given)}
