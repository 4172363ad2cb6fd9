"""The Jam as PROTOCOL.md tells it, on the wire form.

Written from section 15 of that page and nothing else, without a thought for speed: if it follows every event
to the digest of the real one, a stranger can write theirs from the page. It changes the state in place.
"""

from hashlib import sha256
from typing import Any

from tests.documents.page_jam_words import (
    is_host_or_cohost,
    new_reign,
    out_of_the_jam,
    recording,
    score,
    spend,
    stays,
    take_out,
    takes_turn,
    vote,
)

Json = dict[str, Any]


def follow(jam: Json, event: Json) -> None:
    """The state after an event."""
    at, by = event["at"], event["by"]
    jam["at"] = at
    _EVENTS[event["event"]](jam, event)
    member = jam["members"].get(by)
    if member and at - member["active_at"] >= 10_000:
        member["active_at"] = at
    for entry in jam["entries"].values():
        entry["score"] = score(jam, entry)


# -- the queue --------------------------------------------------------------------------------------------


def _entry(jam: Json, id: str, track: Json, event: Json) -> Json:
    jam["adds"] += 1
    number = jam["adds"]
    entry = {
        "id": id,
        "track": track,
        "added_by": "",
        "added_at": event["at"],
        "added_seq": number,
        "rank": number,
        "votes": {},
        "score": 0,
        "pin": 0,
        "fallback": True,
    }
    jam["entries"][id] = entry
    return entry


def _added(jam: Json, event: Json) -> None:
    wanted, by, limits = recording(event["track"]), event["by"], jam["settings"]["limits"]
    same = [id for id, entry in jam["entries"].items() if recording(entry["track"]) == wanted]
    take_out(jam, [id for id in same if not stays(jam, jam["entries"][id])])
    entry = _entry(jam, event["entry"], event["track"], event)
    entry |= {"added_by": by, "votes": {by: 1}, "fallback": False}
    if not is_host_or_cohost(jam, by):
        member = jam["members"][by]
        member["adds"] = spend(member["adds"], event["at"], 1, limits["add_refill_ms"])


def _cleared(jam: Json, event: Json) -> None:
    playing = jam["timeline"]["entry"]
    take_out(jam, [id for id, entry in jam["entries"].items() if not entry["fallback"] and id != playing])


def _pinned(jam: Json, event: Json) -> None:
    id, before = event["entry"], event["before"]
    pinned = sorted(
        (other for other in jam["entries"] if jam["entries"][other]["pin"]),
        key=lambda other: jam["entries"][other]["pin"],
    )
    pinned = [other for other in pinned if other != jam["timeline"]["entry"]]
    if before != id:
        pinned = [other for other in pinned if other != id]
        pinned.insert(pinned.index(before) if before in pinned else len(pinned), id)
    for number, other in enumerate(pinned, 1):
        jam["entries"][other]["pin"] = number


def _unpinned(jam: Json, event: Json) -> None:
    jam["entries"][event["entry"]]["pin"] = 0


def _deal(entries: list[Json], ids: list[str]) -> None:
    """The ranks of these entries, dealt out anew."""
    by_id = {entry["id"]: entry for entry in entries}
    for rank, id in zip(sorted(entry["rank"] for entry in entries), ids, strict=True):
        by_id[id]["rank"] = rank


def _moved(jam: Json, event: Json) -> None:
    moved, before = jam["entries"][event["entry"]], event["before"]
    if moved["fallback"] and before and not jam["entries"][before]["fallback"]:
        moved["fallback"] = False
    kind = sorted(
        (entry for entry in jam["entries"].values() if entry["fallback"] == moved["fallback"]),
        key=lambda entry: (entry["rank"], entry["added_seq"]),
    )
    ids = [entry["id"] for entry in kind if entry is not moved]
    ids.insert(ids.index(before) if before in ids else len(ids), moved["id"])
    _deal(kind, ids)


def _shuffled(jam: Json, event: Json) -> None:
    fallback = [entry for entry in jam["entries"].values() if entry["fallback"]]
    ids = sorted(
        (entry["id"] for entry in fallback), key=lambda id: sha256((event["seed"] + id).encode()).digest()
    )
    _deal(fallback, ids)


def _fallback_set(jam: Json, event: Json) -> None:
    take_out(jam, [id for id, entry in jam["entries"].items() if not stays(jam, entry)])
    for id, track in event["tracks"]:
        _entry(jam, id, track, event)


# -- the music --------------------------------------------------------------------------------------------


def _advanced(jam: Json, event: Json) -> None:
    before, old = jam["timeline"], jam["entries"].get(jam["timeline"]["entry"])
    if event["again"]:
        if old:
            _give_back(jam, old)
        listed = jam["played"].pop()["listed"]
        votes = {user: value for user, value in listed["votes"].items() if user in jam["members"]}
        jam["entries"][listed["id"]] = {**listed, "votes": votes}
        jam["next"] = before["entry"]
    else:
        if old:
            _retire(jam, old, event)
        if jam["next"] == event["entry"]:
            jam["next"] = ""
    for entry in jam["entries"].values():
        entry["score"] = score(jam, entry)
    if event["entry"]:
        jam["plays"] += 1
        begins = jam["entries"][event["entry"]]
        if event["again"] or before["entry"] == event["entry"]:
            jam["served_before"] = jam["served"].get(begins["added_by"], 0)
        else:
            _serve(jam, begins)
        begins["pin"] = 0
    jam["timeline"] = {
        "play": jam["plays"] if event["entry"] else before["play"],
        "entry": event["entry"],
        "started_at": event["anchor_ms"],
        "position_ms": event["position_ms"],
        "anchor_ms": event["anchor_ms"],
        "rate_ppm": 1_000_000,
        "paused": False,
        "reason": "",
        "reign": jam["reign"],
    }
    jam["skip"] = {"voters": {}, "due_at": 0, "vetoed": False}


def _retire(jam: Json, old: Json, event: Json) -> None:
    has_failed = event["ending"] == "failed"
    if has_failed:
        _give_back(jam, old)
    jam["played"].append(
        {
            "play": jam["timeline"]["play"],
            "recording": recording(old["track"]),
            "listed": {**old, "votes": dict(old["votes"])},
            "started_at": jam["timeline"]["started_at"],
            "ended_at": event["at"],
            "ending": event["ending"],
        }
    )
    del jam["played"][:-50]
    if event["entry"] == old["id"]:
        return
    others = sum(entry["fallback"] for entry in jam["entries"].values() if entry is not old)
    has_room = others < jam["settings"]["limits"]["fallback"]
    if jam["settings"]["repeat"] == "all" and not has_failed and has_room:
        jam["adds"] += 1
        old |= {"fallback": True, "votes": {}, "score": 0, "pin": 0}
        old |= {"added_seq": jam["adds"], "rank": jam["adds"]}
    else:
        del jam["entries"][old["id"]]


def _serve(jam: Json, begins: Json) -> None:
    if jam["settings"]["mode"] != "fair":
        jam["round"], jam["served"], jam["served_before"] = 0, {}, 0
        return
    served, p = jam["served"], begins["added_by"]
    jam["served_before"] = served.get(p, 0)
    if not takes_turn(begins):
        return
    t = max(jam["round"], jam["served_before"])
    served[p] = t + 1
    others = {
        entry["added_by"] for entry in jam["entries"].values() if entry is not begins and takes_turn(entry)
    }
    jam["round"] = min([t, *(max(jam["round"], served.get(q, 0)) for q in others)])
    jam["served"] = {q: turn for q, turn in served.items() if turn > jam["round"]}


def _give_back(jam: Json, old: Json) -> None:
    jam["served"].pop(old["added_by"], None)
    if jam["served_before"] > jam["round"]:
        jam["served"][old["added_by"]] = jam["served_before"]


def _resumed(jam: Json, event: Json) -> None:
    jam["timeline"] |= {"paused": False, "reason": "", "anchor_ms": event["anchor_ms"], "reign": jam["reign"]}


def _paused(jam: Json, event: Json) -> None:
    jam["timeline"] |= {"paused": True, "reason": event["reason"], "position_ms": event["position_ms"]}
    jam["timeline"] |= {"anchor_ms": event["at"], "reign": jam["reign"]}


def _sought(jam: Json, event: Json) -> None:
    jam["timeline"] |= {"position_ms": event["position_ms"], "anchor_ms": event["anchor_ms"]}
    jam["timeline"]["reign"] = jam["reign"]


def _next_locked(jam: Json, event: Json) -> None:
    jam["next"] = event["entry"]


def _skip_voted(jam: Json, event: Json) -> None:
    jam["skip"]["voters"].pop(event["by"], None)
    if event["value"]:
        jam["skip"]["voters"][event["by"]] = event["at"]
    jam["skip"]["due_at"] = event["due_at"]


def _vetoed(jam: Json, event: Json) -> None:
    jam["skip"] = {"voters": {}, "due_at": 0, "vetoed": True}


# -- people -----------------------------------------------------------------------------------------------


def _knocked(jam: Json, event: Json) -> None:
    knock = {"name": event["name"], "role": event["role"], "at": event["at"]}
    jam["doors"]["knocks"][event["user"]] = knock


def _denied(jam: Json, event: Json) -> None:
    jam["doors"]["knocks"].pop(event["user"], None)


def _joined(jam: Json, event: Json) -> None:
    _denied(jam, event)
    jam["members"][event["user"]] = {
        "name": event["name"],
        "role": event["role"],
        "since": event["at"],
        "active_at": event["at"],
        "away_at": 0,
        "asleep": False,
        "adds": [0, 0],
        "votes": [0, 0],
        "chats": [0, 0],
    }
    if jam["status"] == "dormant":
        jam["status"], jam["status_at"] = "live", event["at"]


def _left(jam: Json, event: Json) -> None:
    out_of_the_jam(jam, event["user"])


def _rotated(jam: Json, event: Json) -> None:
    jam["doors"]["generation"] += 1


def _kicked(jam: Json, event: Json) -> None:
    _left(jam, event)
    _rotated(jam, event)


def _banned(jam: Json, event: Json) -> None:
    if event["user"] in jam["members"]:
        _left(jam, event)
    _denied(jam, event)
    jam["doors"]["banned"][event["user"]] = event["at"]
    _rotated(jam, event)


def _unbanned(jam: Json, event: Json) -> None:
    del jam["doors"]["banned"][event["user"]]


def _promoted(jam: Json, event: Json) -> None:
    jam["members"][event["user"]]["role"] = event["role"]


def _locked(jam: Json, event: Json) -> None:
    jam["doors"]["locked"] = event["locked"]
    _rotated(jam, event)


def _handed_over(jam: Json, event: Json) -> None:
    for user in (jam["host"], event["user"]):
        jam["members"][user]["role"] = "cohost"
    if jam["returning"] == event["user"]:
        jam["returning"], jam["returning_until"] = "", 0
    new_reign(jam, event["user"])


def _acting(jam: Json, event: Json) -> None:
    if not jam["returning"] or event["at"] > jam["returning_until"]:
        jam["returning"] = jam["host"]
        jam["returning_until"] = event["at"] + jam["settings"]["times"]["host_return_ms"]
    new_reign(jam, event["user"])


def _went_away(jam: Json, event: Json) -> None:
    for user in event["users"]:
        jam["members"][user]["away_at"] = event["at"]


def _came_back(jam: Json, event: Json) -> None:
    for user in event["users"]:
        jam["members"][user] |= {"away_at": 0, "asleep": False, "active_at": event["at"]}
    if jam["status"] == "dormant":
        jam["status"], jam["status_at"] = "live", event["at"]
    if event["host"]:
        jam["returning"], jam["returning_until"] = "", 0
        new_reign(jam, event["host"])


def _fell_asleep(jam: Json, event: Json) -> None:
    for user in event["users"]:
        jam["members"][user]["asleep"] = True


def _fell_dormant(jam: Json, event: Json) -> None:
    jam["status"], jam["status_at"] = "dormant", event["at"]
    if not jam["timeline"]["paused"]:
        jam["timeline"] |= {"paused": True, "position_ms": event["position_ms"], "reason": "empty"}


def _ended(jam: Json, event: Json) -> None:
    jam["status"], jam["status_at"] = "ended", event["at"]
    jam["timeline"] |= {"paused": True, "position_ms": event["position_ms"], "reason": "ended"}


def _settings_set(jam: Json, event: Json) -> None:
    jam["settings"] |= event["settings"]


# -- chat -------------------------------------------------------------------------------------------------


def _said(jam: Json, event: Json) -> None:
    member, limits = jam["members"][event["by"]], jam["settings"]["limits"]
    jam["messages"] += 1
    line = {"id": jam["messages"], "by": event["by"], "name": member["name"], "at": event["at"]}
    jam["chat"] = [*jam["chat"], {**line, "text": event["text"]}][-limits["chat_tail"] :]
    member["chats"] = spend(member["chats"], event["at"], limits["chats"], limits["chats_ms"])
    member["active_at"] = event["at"]


def _message_deleted(jam: Json, event: Json) -> None:
    for line in jam["chat"]:
        if line["id"] == event["message"]:
            line["text"] = ""


_EVENTS = {
    "added": _added, "merged": lambda jam, event: vote(jam, event, 1),
    "voted": lambda jam, event: vote(jam, event, event["value"]),
    "removed": lambda jam, event: take_out(jam, [event["entry"]]), "cleared": _cleared, "pinned": _pinned,
    "unpinned": _unpinned, "moved": _moved, "shuffled": _shuffled, "fallback_set": _fallback_set,
    "advanced": _advanced, "resumed": _resumed, "paused": _paused, "sought": _sought,
    "next_locked": _next_locked, "skip_voted": _skip_voted, "vetoed": _vetoed, "knocked": _knocked,
    "denied": _denied, "joined": _joined, "left": _left, "kicked": _kicked, "banned": _banned,
    "unbanned": _unbanned, "promoted": _promoted, "locked": _locked, "rotated": _rotated,
    "handed_over": _handed_over, "acting": _acting, "went_away": _went_away, "came_back": _came_back,
    "fell_asleep": _fell_asleep, "fell_dormant": _fell_dormant, "ended": _ended,
    "settings_set": _settings_set, "ticked": lambda jam, event: None, "said": _said,
    "message_deleted": _message_deleted,
}  # fmt: skip
