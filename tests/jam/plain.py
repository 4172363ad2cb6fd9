"""The queue's order once more, from the words of its definition and a snapshot, without the code it judges.

It also makes the digests of both, from the recipe: whoever writes a client can read this page beside theirs.
"""

import hashlib
from typing import Any

from tests.vectors.generate import canonical

Snapshot = dict[str, Any]


def plain_order(state: Snapshot) -> list[str]:
    """The ids of the entries, what plays first."""
    playing, locked, mode = state["timeline"]["entry"], state["next"], state["settings"]["mode"]
    left = {id: entry for id, entry in state["entries"].items() if id not in (playing, locked)}
    first = [id for id in (playing, locked) if id in state["entries"]]
    pinned = sorted((id for id in left if left[id]["pin"]), key=lambda id: left[id]["pin"])
    unwanted = [id for id in left if left[id]["fallback"] and left[id]["score"] <= 0 and id not in pinned]
    people = [id for id in left if id not in pinned and id not in unwanted]
    if mode in ("queue", "host"):
        people.sort(key=lambda id: left[id]["rank"])
        people.sort(key=lambda id: left[id]["fallback"])
        unwanted.sort(key=lambda id: left[id]["rank"])
    else:
        people.sort(key=lambda id: left[id]["added_seq"])
        people.sort(key=lambda id: left[id]["score"], reverse=True)
        unwanted.sort(key=lambda id: left[id]["rank"])
        unwanted.sort(key=lambda id: left[id]["score"], reverse=True)
    if mode == "fair":
        people = _in_turns(state, first[-1:] if locked in first else [], pinned, people)
    return [*dict.fromkeys(first), *pinned, *people, *unwanted]


def _in_turns(state: Snapshot, locked: list[str], pinned: list[str], people: list[str]) -> list[str]:
    """Round after round, each person's next song; the songs of one round as they stand in `people`."""
    entries = state["entries"]
    turns = dict(state["served"])
    rounds: dict[str, int] = {}
    playing = state["timeline"]["entry"]
    for id in (*locked, *pinned, *people):
        entry = entries[id]
        if id == playing or (entry["fallback"] and entry["score"] <= 0):
            continue
        rounds[id] = max(state["round"], turns.get(entry["added_by"], 0))
        turns[entry["added_by"]] = rounds[id] + 1
    return sorted(people, key=lambda id: rounds[id])


def plain_digest(value: Any) -> str:
    """Of a snapshot, or of an order."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:16]
