"""The conformance vectors that are made: codec, close codes, digests.

What is expected is stated here a second time, from `docs/PROTOCOL.md` and without the code that it judges:
with `json` and `msgpack` for frames, with the ranges as numbers for close codes, with a plain reading of the
recipe for digests. Each line has a name, a given and an expected.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from random import Random
from typing import Any

import msgpack

from collab.closing import CloseCode
from tests.vectors.awkward import INTEGERS, KEYS, TEXTS, members, text

Vector = dict[str, Any]

ROOM = "0000000000000000000001"
CLIENT = "7N42dgm5tFLK9N8MT7fHC7"


# -- close codes ----------------------------------------------------------------------------------------


def close_codes() -> Iterator[Vector]:
    """What a client does after each code of ours, at the ends of the ranges, and after foreign codes."""
    ours = {int(code): code.name.lower() for code in CloseCode}
    others = (1000, 1001, 1002, 1005, 1006, 1009, 1011, 1012, 1015, 3000, 3999, 4300, 4999)
    edges = (4000, 4099, 4100, 4199, 4200, 4299)
    for code in sorted({*ours, *others, *edges}):
        advice = {40: "stop", 42: "come_back"}.get(code // 100, "back_off")
        yield {
            "name": ours.get(code, f"code {code}"),
            "given": {"code": code},
            "expected": {"advice": advice},
        }


# -- digests --------------------------------------------------------------------------------------------


def digests(random: Random) -> Iterator[Vector]:
    """Playlists and what their digest is, with the canonical JSON of each part, to find a difference by."""
    yield _digest("empty", [], {})
    yield _digest("only attributes", [], {"name": "Friday", "public": False})
    for number, string in enumerate(TEXTS):
        yield _digest(f"text {number}", [_entry(1, title=string)], {"name": string})
    for integer in INTEGERS:
        yield _digest(f"integer {integer}", [_entry(1, duration_ms=integer)], {})
    yield _digest("keys by code point", [{"uid": f"{CLIENT}.1", **dict.fromkeys(KEYS, True)}], {})
    nested = {"artists": ["b", "a", None], "deep": {"z": [{"y": None, "x": False}], "a": {}}}
    yield _digest("lists keep their order, maps do not", [_entry(1, **nested)], {})
    one, other = _entry(1, title="same"), _entry(2, title="same")
    yield _digest("order one way", [one, other], {})
    yield _digest("order the other way", [other, one], {})
    for number in range(24):
        entries = [_entry(n, **members(random, random.randrange(6))) for n in range(random.randrange(6))]
        yield _digest(f"random {number}", entries, members(random, random.randrange(4)))


def _entry(number: int, **more: Any) -> dict[str, Any]:
    return {**more, "uid": f"{CLIENT}.{number}", "track": f"tutti:track:{number}"}


def _digest(name: str, entries: list[dict[str, Any]], attributes: dict[str, Any]) -> Vector:
    parts = [canonical(part) for part in (*entries, attributes)]
    hashes = b"".join(hashlib.sha256(part.encode()).digest()[:8] for part in parts)
    return {
        "name": name,
        "given": {"entries": entries, "attributes": attributes},
        "expected": {"canonical": parts, "digest": hashlib.sha256(hashes).hexdigest()[:16]},
    }


def canonical(value: Any) -> str:
    """The canonical JSON, character by character."""
    if isinstance(value, dict):
        # UTF-32 sorts by code point, whatever the language's own order is.
        keys = sorted(value, key=lambda key: key.encode("utf-32-be"))
        return "{" + ",".join(f"{_quoted(key)}:{canonical(value[key])}" for key in keys) + "}"
    if isinstance(value, list | tuple):
        return f"[{','.join(canonical(item) for item in value)}]"
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


def _quoted(string: str) -> str:
    escaped = []
    for character in string:
        if ord(character) < 32:
            escaped.append(f"\\u00{ord(character):02x}")
        else:
            escaped.append("\\" + character if character in '"\\' else character)
    return f'"{"".join(escaped)}"'


# -- frames ---------------------------------------------------------------------------------------------


def frames(random: Random) -> Iterator[Vector]:
    """Frames in both encodings and the messages in them; frames that are none, and the error's code."""
    for name, message in _from_client(random):
        yield _frame(name, "client", [message])
    for name, message in _from_server(random):
        yield _frame(name, "server", [message])
    yield _frame("no message", "client", [])
    yield _frame("two messages", "client", [{"type": "time", "t0": 1}, {"type": "leave", "room": ROOM}])
    unknown = [{"type": "serenade", "volume": 11}, {"type": "time", "t0": 1, "mood": "good"}]
    yield _frame("unknown types and fields are ignored", "client", unknown, [{"type": "time", "t0": 1}], 2)
    serenade = [{"type": "serenade", "to": "you"}, {"type": "drain", "after_ms": 7, "mood": "good"}]
    drained = [{"type": "drain", "after_ms": 7}]
    yield _frame("unknown types and fields are ignored", "server", serenade, drained, 2)
    yield from _bad_json()
    yield from _bad_msgpack()
    yield from _bad_from_server()


def _from_client(random: Random) -> Iterator[tuple[str, Vector]]:
    yield "hello", {"type": "hello", "token": "a.b.c", "client": CLIENT, "sdk": "test 1"}
    yield "open fresh", {"type": "open", "room": ROOM}
    yield "open to resume", {"type": "open", "room": ROOM, "epoch": CLIENT, "version": 12, "inflight": 3}
    yield "submit nothing", {"type": "submit", "room": ROOM, "seq": 1, "base": 0, "op": {}}
    for number, string in enumerate(TEXTS):
        entry = {
            "uid": f"{CLIENT}.{number}",
            "track": "tutti:track:1",
            "title": string,
            "added_at": 2**53 - 1,
        }
        op = {"l": [["k", 3], ["i", [entry]]], "a": {"name": string}}
        yield f"submit text {number}", {"type": "submit", "room": ROOM, "seq": 1, "base": 7, "op": op}
    walk = [["k", 1, {"note": None}], ["r", 2], ["p", 3], ["d", 0, 3], ["i", [{"uid": "x.1"}]]]
    yield "submit every component", {"type": "submit", "room": ROOM, "seq": 9, "base": 9, "op": {"l": walk}}
    for integer in INTEGERS:
        yield f"time {integer}", {"type": "time", "t0": integer}
    for number in range(8):
        state = members(random, 3, 1)
        yield f"presence {number}", {"type": "presence", "room": ROOM, "counter": number, "state": state}
    yield "refresh", {"type": "refresh", "token": text(random)}
    yield "part", {"type": "part", "data": bytes(range(256))}
    yield "last part", {"type": "part", "data": b"", "last": True}


def _from_server(random: Random) -> Iterator[tuple[str, Vector]]:
    row = [13, CLIENT, 4, "author", {"a": {"name": text(random)}}, 1]
    composed = [40, "", 0, "", {"l": [["r", 1]]}, 27]
    opened = {"type": "opened", "room": ROOM, "kind": "playlist", "epoch": CLIENT, "version": 40}
    yield "opened with ops", {**opened, "role": "editor", "reason": "resumed", "ops": [row, composed]}
    entry = {"uid": f"{CLIENT}.1", "track": "tutti:track:1"}
    snapshot = {"state": {"entries": [entry], "attributes": {"name": "Friday"}}}
    settled = {"seq": 4, "version": 13}
    member = {"id": "c", "user": "u", "name": text(random), "counter": 2, "state": {"at": entry["uid"]}}
    fresh = {**opened, "role": "viewer", "reason": "fresh", "snapshot": snapshot, "settled": settled}
    yield "opened with a snapshot", {**fresh, "members": [member]}
    yield "opened after a refusal", {**fresh, "settled": {"seq": 4, "code": "base_gone"}}
    yield "ops", {"type": "ops", "room": ROOM, "ops": [row, composed]}
    yield "ack", {"type": "ack", "room": ROOM, "seq": 4, "version": 13}
    refused = {"type": "refused", "room": ROOM, "seq": 4, "code": "busy", "message": "Later."}
    yield "refused for now", {**refused, "retryable": True, "retry_after_ms": 500}
    yield "refused for good", {**refused, "code": "uid_taken"}
    yield "presence", {"type": "presence", "room": ROOM, "members": [member], "left": ["d"]}
    yield "role", {"type": "role", "room": ROOM, "role": ""}
    yield "digest", {"type": "digest", "room": ROOM, "version": 64, "digest": "0123456789abcdef"}
    yield "time", {"type": "time", "t0": -1, "t1": 2**52, "t2": 2**52 + 1}
    welcome = {
        "type": "welcome",
        "user": "u",
        "name": text(random),
        "connection": "c",
        "limits": {"rooms": 64},
    }
    times = {"heartbeat_ms": 9_000, "time_us": 2**52, "retry_base_ms": 250, "retry_cap_ms": 20_000}
    yield "welcome", {**welcome, **times, "token_expires_ms": 2**40, "server": "tutti 1"}
    yield "presence in a crowd", {"type": "presence", "room": ROOM, "members": [member], "total": 4_000}
    for number, key in enumerate(KEYS):
        shown = {**member, "state": {key: {key: [text(random)]}}}
        yield f"presence key {number}", {"type": "presence", "room": ROOM, "members": [shown]}
    for integer in INTEGERS:
        yield f"time {integer}", {"type": "time", "t0": integer, "t1": 0, "t2": 0}
    yield "drain", {"type": "drain", "after_ms": 300}
    yield "refresh", {"type": "refresh", "within_ms": 60_000}
    yield "part", {"type": "part", "data": bytes(range(256))}
    yield "last part", {"type": "part", "data": b"", "last": True}
    yield "goodbye", {"type": "goodbye", "code": "drain", "message": "Bye.", "retry_after_ms": 10}


def _frame(
    name: str, sender: str, sent: list[Vector], messages: list[Vector] | None = None, unknown: int = 0
) -> Vector:
    expected = json.loads(_json(sent if messages is None else messages))
    return {
        "name": f"{sender}: {name}",
        "given": {"from": sender, "json": _json(sent), "msgpack": msgpack.packb(sent).hex()},
        "expected": {"messages": expected, "unknown": unknown},
    }


def _json(messages: list[Vector]) -> str:
    return json.dumps(messages, ensure_ascii=False, default=lambda data: base64.b64encode(data).decode())


def _nested(depth: int) -> Any:
    return [] if depth == 0 else [_nested(depth - 1)]


def _bad_json() -> Iterator[Vector]:
    probe = '[{"type":"time","t0":%s}]'
    cases = {
        "not JSON": ("hello", "malformed"),
        "nothing": ("", "malformed"),
        "no array": ('{"type":"time","t0":1}', "malformed"),
        "no message": ("[1]", "malformed"),
        "no type": ('[{"t0":1}]', "malformed"),
        "a type that is no string": ('[{"type":1}]', "malformed"),
        "half of a surrogate pair": ('[{"type":"refresh","token":"\\ud834"}]', "malformed"),
        "the halves in the wrong order": ('[{"type":"refresh","token":"\\udd1e\\ud834"}]', "malformed"),
        "a field missing": ('[{"type":"time"}]', "malformed"),
        "a field of another type": (probe % '"1"', "malformed"),
        "the same key twice": ('[{"type":"time","t0":1,"t0":2}]', "malformed"),
        "a float": (probe % "1.0", "number_invalid"),
        "an exponent": (probe % "1e3", "number_invalid"),
        "not a number": (probe % "NaN", "number_invalid"),
        "infinity": (probe % "-Infinity", "number_invalid"),
        "2^53": (probe % 2**53, "number_invalid"),
        "-2^53": (probe % -(2**53), "number_invalid"),
        "a negative count": (
            f'[{{"type":"submit","room":"{ROOM}","seq":-1,"base":0,"op":{{}}}}]',
            "malformed",
        ),
        "nested too deep": (
            json.dumps([{"type": "presence", "room": ROOM, "counter": 1, "state": {"x": _nested(6)}}]),
            "too_deep",
        ),
        "too many messages": (json.dumps([{"type": "time", "t0": 1}] * 513), "malformed"),
        "a room's name too long": (json.dumps([{"type": "open", "room": "x" * 65}]), "malformed"),
    }
    for name, (given, code) in cases.items():
        yield {
            "name": f"bad JSON: {name}",
            "given": {"from": "client", "json": given},
            "expected": {"error": code},
        }


def _bad_msgpack() -> Iterator[Vector]:
    probe = {"type": "time", "t0": 1}
    one = msgpack.packb([probe])
    cases = {
        "nothing": (b"", "malformed"),
        "cut short": (one[:-1], "malformed"),
        "something behind it": (one + b"\x00", "malformed"),
        "a byte that means nothing": (b"\xc1", "malformed"),
        "an array longer than the frame": (b"\xdd\xff\xff\xff\xff", "malformed"),
        "a float": (msgpack.packb([{"type": "time", "t0": 1.5}]), "number_invalid"),
        "2^53": (msgpack.packb([{"type": "time", "t0": 2**53}]), "number_invalid"),
        "an extension type": (msgpack.packb([msgpack.ExtType(1, b"x")]), "malformed"),
        "a timestamp": (msgpack.packb([msgpack.Timestamp(1)]), "malformed"),
        "a key that is no string": (msgpack.packb([{1: 2}]), "malformed"),
        "the same key twice": (b"\x91\x82\xa1x\x01\xa1x\x02", "malformed"),
        "a string that is no UTF-8": (b"\x91\x81\xa4type\xa1\xff", "malformed"),
        "a string too long": (msgpack.packb([{"type": "refresh", "token": "x" * 8193}]), "malformed"),
        "a map too large": (msgpack.packb([dict.fromkeys(map(str, range(65)), 1)]), "malformed"),
        "nested too deep": (
            msgpack.packb([{"type": "presence", "room": ROOM, "counter": 1, "state": {"x": _nested(6)}}]),
            "too_deep",
        ),
    }
    for name, (given, code) in cases.items():
        yield {
            "name": f"bad MessagePack: {name}",
            "given": {"from": "client", "msgpack": given.hex()},
            "expected": {"error": code},
        }


def _bad_from_server() -> Iterator[Vector]:
    """What a client must not take from a server: the same values in both encodings."""
    row = [13, CLIENT, 4, "author", {}, 1]
    ops = {"type": "ops", "room": ROOM, "ops": [row]}
    probe = {"type": "time", "t0": 1, "t1": 2, "t2": 3}
    cases: dict[str, tuple[Any, str]] = {
        "no array": (probe, "malformed"),
        "no message": ([1], "malformed"),
        "a list for a message": ([["type", "time"]], "malformed"),
        "no type": ([{"t0": 1}], "malformed"),
        "a field missing": ([{"type": "time", "t0": 1}], "malformed"),
        "a field of another type": ([{**probe, "t1": "2"}], "malformed"),
        "a flag that is a number": (
            [{"type": "refused", "room": ROOM, "seq": 1, "code": "busy", "message": "", "retryable": 1}],
            "malformed",
        ),
        "rows that are no list": ([{**ops, "ops": {"0": row}}], "malformed"),
        "a row that is no list": ([{**ops, "ops": [{"version": 13}]}], "malformed"),
        "a row cut short": ([{**ops, "ops": [row[:4]]}], "malformed"),
        "an op that is no map": ([{**ops, "ops": [[*row[:4], [], 1]]}], "malformed"),
        "a snapshot without a state": (
            [
                {
                    "type": "opened",
                    "room": ROOM,
                    "kind": "playlist",
                    "epoch": CLIENT,
                    "version": 1,
                    "role": "editor",
                    "reason": "fresh",
                    "snapshot": {},
                }
            ],
            "malformed",
        ),
        "a part of no bytes": ([{"type": "part", "data": 7}], "malformed"),
        "a fraction": ([{**probe, "t2": 1.5}], "number_invalid"),
        "2^53": ([{**probe, "t2": 2**53}], "number_invalid"),
        "-2^53": ([{**probe, "t2": -(2**53)}], "number_invalid"),
        "a huge number inside an op": (
            [{**ops, "ops": [[*row[:4], {"a": {"x": 2**63}}, 1]]}],
            "number_invalid",
        ),
        "nested too deep": ([{**ops, "ops": [[*row[:4], {"l": _nested(6)}, 1]]}], "too_deep"),
        "nested very deep": ([{"type": "serenade", "verse": _nested(400)}], "too_deep"),
        "too many messages": ([probe] * 513, "malformed"),
    }
    for name, (value, code) in cases.items():
        given = {"from": "server", "json": json.dumps(value), "msgpack": msgpack.packb(value).hex()}
        yield {"name": f"bad from the server: {name}", "given": given, "expected": {"error": code}}
