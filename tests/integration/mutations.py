"""Frames that are almost right: bytes changed in place, and values changed in a valid encoding.

Seeded, so that what breaks a node breaks it again. Knows the wire's shapes. Does not know what a server
answers.
"""

import random
from collections.abc import Iterator
from typing import Any

import msgpack

from tests.integration.world import new_id

STRANGE: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1,
    10**9,
    2**53 - 1,
    2**53,
    -(2**63),
    2**64 - 1,
    1.5,
    float("nan"),
    float("inf"),
    "",
    "x",
    "\u202e\u0000",
    "é" * 300,
    "s" * 9000,
    b"",
    b"\xff\xfe",
    [],
    {},
    [[]],
    {"": None},
    [[[[[[[[[[]]]]]]]]]],
    {"a": {"a": {"a": {"a": {"a": {"a": {"a": {}}}}}}}},
    [0] * 600,
    msgpack.ExtType(5, b"x"),
    msgpack.Timestamp(1),
)
LETTERS = ("k", "r", "p", "i", "d", "x")


class Mutations:
    """Frames for one client in one room, whose list has `length` entries at version `base`."""

    def __init__(self, seed: int, room: str, client: str, user: str, base: int, length: int) -> None:
        self._chance = random.Random(seed)
        self._base = base
        self._length = length
        self._room = room
        self._client = client
        self._user = user
        self._seq = 0

    def forever(self) -> Iterator[bytes]:
        """Never ends. Most frames can be decoded, and are strange in what they ask for."""
        while True:
            frame = [self._message() for _ in range(self._chance.choice((1, 1, 1, 2, 5)))]
            match self._chance.randrange(20):
                case 0:
                    yield _pack(self._changed(frame))
                case 1:
                    yield self._damaged(_pack(frame))
                case _:
                    yield _pack(frame)

    def _message(self) -> dict[str, Any]:
        chance = self._chance
        match chance.randrange(40):
            case 0:
                return {
                    "type": "open",
                    "room": self._room,
                    "epoch": new_id(),
                    "version": chance.randint(-1, 9),
                }
            case 1:
                return {"type": "open", "room": chance.choice((self._room, new_id(), "nowhere"))}
            case 2:
                return {
                    "type": "presence",
                    "room": self._room,
                    "counter": chance.randrange(9),
                    "state": {"a": 1},
                }
            case 3:
                return {"type": "time", "t0": chance.randrange(99)}
            case 4:
                return {
                    "type": "part",
                    "data": chance.randbytes(chance.randrange(40)),
                    "last": chance.random() < 0.5,
                }
            case 5:
                return {"type": chance.choice(("leave", "refresh", "hello", "unknown")), "room": self._room}
            case _:
                self._seq += 1
                seq = chance.choice((*[self._seq] * 20, 0, self._seq - 1, self._seq + 1, 2**53 - 1))
                base = chance.choice((*[self._base] * 20, 0, self._base + 1, 2**53 - 1))
                return {"type": "submit", "room": self._room, "seq": seq, "base": base, "op": self._op()}

    def _op(self) -> dict[str, Any]:
        chance = self._chance
        op: dict[str, Any] = {}
        if chance.random() < 0.8:
            op["l"] = components = self._fitting()
            if chance.random() < 0.5:
                place = chance.randrange(len(components) + 1)
                components[place : place + chance.randrange(2)] = [self._component()]
        if chance.random() < 0.3:
            name = chance.choice(("name", "description", "public", "image", "other"))
            op["a"] = {name: chance.choice(STRANGE)}
        return op

    def _fitting(self) -> list[Any]:
        """Components that fit the list."""
        chance = self._chance
        components: list[Any] = []
        left, picked = self._length, 0
        while left:
            n, letter = chance.randint(1, left), chance.choice("kkkrp")
            components.append([letter, n])
            picked += n if letter == "p" else 0
            left -= n
        if picked:
            components.insert(chance.randrange(len(components) + 1), ["d", 0, picked])
        if chance.random() < 0.7:
            components.insert(chance.randrange(len(components) + 1), ["i", [self._entry()]])
        return components

    def _component(self) -> list[Any]:
        chance = self._chance
        letter = chance.choice(LETTERS)
        n = chance.choice((1, 1, 1, 2, 3, 10**9, 2**53 - 1, 0))
        if letter == "i":
            return ["i", [self._entry() for _ in range(chance.randrange(1, 3))]]
        if letter == "d":
            return ["d", chance.choice((0, 0, 1, 2, 2**53 - 1)), n]
        if letter in "kp" and chance.random() < 0.3:
            return [letter, n, {chance.choice(("note", "title", "uid", "artists")): chance.choice(STRANGE)}]
        return [letter, n]

    def _entry(self) -> dict[str, Any]:
        chance = self._chance
        entry: dict[str, Any] = {
            "uid": f"{self._client}.{chance.randrange(1, 10**6)}",
            "track": "tutti:track:1",
            "added_by": self._user,
            "added_at": 1,
        }
        if chance.random() < 0.3:
            name = chance.choice((*entry, "was", "title", "artists", "colour"))
            entry[name] = chance.choice(STRANGE)
        return entry

    def _changed(self, value: Any) -> Any:
        """The value with one thing in it replaced."""
        chance = self._chance
        if not value or not isinstance(value, list | dict) or chance.random() < 0.1:
            return chance.choice(STRANGE)
        if isinstance(value, list):
            index = chance.randrange(len(value))
            return [*value[:index], self._changed(value[index]), *value[index + 1 :]]
        key = chance.choice(list(value))
        if chance.random() < 0.1:
            key = chance.choice((b"bytes", "more"))
        return {**value, key: self._changed(value.get(key))}

    def _damaged(self, frame: bytes) -> bytes:
        damaged = bytearray(frame)
        for _ in range(self._chance.randrange(1, 4)):
            place = self._chance.randrange(len(damaged) + 1)
            match self._chance.randrange(4):
                case 0 if place < len(damaged):
                    damaged[place] = self._chance.randrange(256)
                case 1:
                    damaged[place:place] = self._chance.randbytes(self._chance.randrange(1, 5))
                case 2:
                    del damaged[place : place + self._chance.randrange(1, 9)]
                case _:
                    damaged[place:place] = damaged[: self._chance.randrange(20)]
        return bytes(damaged)


def _pack(value: Any) -> bytes:
    packed: bytes = msgpack.packb(value)
    return packed
