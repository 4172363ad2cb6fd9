"""The queue's order, and the words in which PROTOCOL.md tells what events do: the first part of `page_jam`.

Written from section 15 of that page and nothing else. What changes the state changes it in place.
"""

from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]


# -- the queue's order ------------------------------------------------------------------------------------


def order(jam: Json) -> list[str]:
    """The entries' ids."""
    return sorted(jam["entries"], key=lambda id: (*key(jam, id), id.encode()))


def key(jam: Json, id: str) -> tuple[int, int, int, int]:
    entry = jam["entries"][id]
    if id == jam["timeline"]["entry"]:
        return (0, 0, 0, 0)
    if id == jam["next"]:
        return (1, 0, 0, 0)
    if entry["pin"]:
        return (2, entry["pin"], 0, entry["added_seq"])
    if jam["settings"]["mode"] in ("queue", "host"):
        if takes_turn(entry):
            return (3, 1 if entry["fallback"] else 0, 0, entry["rank"])
        return (4, 0, 0, entry["rank"])
    if takes_turn(entry):
        turn = _rounds(jam)[id] if jam["settings"]["mode"] == "fair" else 0
        return (3, turn, -entry["score"], entry["added_seq"])
    return (4, 0, -entry["score"], entry["rank"])


def takes_turn(entry: Json) -> bool:
    return not entry["fallback"] or entry["score"] > 0


def _rounds(jam: Json) -> dict[str, int]:
    waiting: dict[str, list[Json]] = {}
    for id, entry in jam["entries"].items():
        if takes_turn(entry) and id != jam["timeline"]["entry"]:
            waiting.setdefault(entry["added_by"], []).append({**entry, "id": id})
    rounds = {}
    for person, entries in waiting.items():
        entries.sort(
            key=lambda entry: (
                entry["id"] != jam["next"],
                not entry["pin"],
                entry["pin"],
                -entry["score"],
                entry["added_seq"],
                entry["id"],
            )
        )
        first = max(jam["round"], jam["served"].get(person, 0))
        rounds.update({entry["id"]: first + number for number, entry in enumerate(entries)})
    return rounds


# -- other words ------------------------------------------------------------------------------------------


def stays(jam: Json, entry: Json) -> bool:
    return takes_turn(entry) or entry["pin"] or entry["id"] in (jam["timeline"]["entry"], jam["next"])


def recording(track: Json) -> str:
    return "isrc:" + track["isrc"].replace("-", "").upper() if track.get("isrc") else str(track["track"])


def score(jam: Json, entry: Json) -> int:
    awake = {user for user, member in jam["members"].items() if not member["asleep"]}
    return sum(value for user, value in entry["votes"].items() if user in awake)


def spend(bucket: list[int], at: int, tokens: int, per_ms: int) -> list[int]:
    spent_milli, at_ms = bucket
    return [max(0, spent_milli - (at - at_ms) * tokens * 1000 // per_ms) + 1000, at]


def vote(jam: Json, event: Json, value: int) -> None:
    votes, member, limits = (
        jam["entries"][event["entry"]]["votes"],
        jam["members"][event["by"]],
        jam["settings"]["limits"],
    )
    votes.pop(event["by"], None)
    if value:
        votes[event["by"]] = value
    member["votes"] = spend(member["votes"], event["at"], limits["votes"], limits["votes_ms"])


def take_out(jam: Json, ids: Iterable[str]) -> None:
    for id in list(ids):
        del jam["entries"][id]
        if jam["next"] == id:
            jam["next"] = ""


def is_host_or_cohost(jam: Json, user: str) -> bool:
    return user == jam["host"] or jam["members"][user]["role"] == "cohost"


def new_reign(jam: Json, user: str) -> None:
    jam["host"] = user
    jam["reign"] += 1
    jam["timeline"]["reign"] = jam["reign"]


def out_of_the_jam(jam: Json, user: str) -> None:
    for entry in jam["entries"].values():
        entry["votes"].pop(user, None)
    if user in jam["skip"]["voters"]:
        del jam["skip"]["voters"][user]
        asked = {other for other in jam["members"] if other != user and _is_asked(jam, other)}
        n = len(asked)
        if len(asked & jam["skip"]["voters"].keys()) < min(n // 2 + 1, 5 + -(-15 * n // 100)):
            jam["skip"]["due_at"] = 0
    del jam["members"][user]
    jam["served"].pop(user, None)
    if jam["returning"] == user:
        jam["returning"], jam["returning_until"] = "", 0


def _is_asked(jam: Json, user: str) -> bool:
    member, settings = jam["members"][user], jam["settings"]
    may = is_host_or_cohost(jam, user) or (member["role"] == "guest" and settings["guests_skip"])
    is_active = member["active_at"] >= jam["at"] - settings["times"]["asleep_ms"]
    return bool(may and not member["away_at"] and is_active)
