"""Frames into messages and back: both encodings say the same, and what is no message has its code."""

import json
from typing import Any, get_args

import msgpack
import pytest

from collab.codec import (
    DEPTH_MAX,
    INTEGER_MAX,
    MAP_MAX,
    MESSAGES_PER_FRAME_MAX,
    Assembler,
    Encoding,
    decode_client,
    decode_server,
    encode_message,
    frames,
    join,
)
from collab.errors import BadMessage
from collab.messages import (
    FRAME_BYTES_MAX,
    SUBMISSION_BYTES_MAX,
    Ack,
    ClientMessage,
    Digest,
    Drain,
    Goodbye,
    Hello,
    Leave,
    Member,
    Open,
    Opened,
    Ops,
    Outcome,
    PartFromClient,
    PartFromServer,
    Presence,
    Probe,
    Refresh,
    RefreshSoon,
    Refused,
    RoleChanged,
    Row,
    ServerMessage,
    SetPresence,
    Snapshot,
    Submit,
    Time,
    Welcome,
)

OP: dict[str, Any] = {
    "l": [["k", 1, {"note": None, "artists": ["é", "\U0001f3b5"]}], ["i", [{"uid": "c.1", "track": "a:b"}]]],
    "a": {"public": True, "name": 'quote " and \\ and \n'},
}
MEMBER = Member("conn", "ann", "Änn", 3, {"at": {"uid": "c.1"}})

FROM_CLIENT: list[ClientMessage] = [
    Hello("token", "A" * 22, "sdk/1"),
    Open("room"),
    Open("room", "epoch", 0, INTEGER_MAX),
    Leave("room"),
    Submit("room", 1, 0, OP),
    SetPresence("room", 7, {"at": None}),
    Probe(-1),
    Refresh("token"),
    PartFromClient(bytes(range(256)), True),
]
FROM_SERVER: list[ServerMessage] = [
    Welcome("u", "n", "c", {"frame_bytes": 1}, 20_000, 2**50, 100, 5_000, 2**41),
    Opened(
        "room",
        "playlist",
        "e",
        3,
        "viewer",
        "resumed",
        ops=(Row(2, "c", 1, "u", OP), Row(4, "", 0, "", OP, 2)),
    ),
    Opened(
        "room",
        "playlist",
        "e",
        0,
        "owner",
        "fresh",
        (),
        Snapshot({"entries": []}),
        Outcome(3, None, "x"),
        (MEMBER,),
    ),
    Ops("room", (Row(1, "c", 1, "u", {}),)),
    Ack("room", 1, 0),
    Refused("room", 0, "busy", "Come again.", True, 500),
    Presence("room", (MEMBER,), ("gone",)),
    RoleChanged("room", ""),
    Digest("room", 64, "0" * 16),
    Time(1, 2, 3),
    Drain(0),
    Goodbye("idle", "You were silent."),
    RefreshSoon(60_000),
    PartFromServer(b"", False),
]
ENCODINGS = pytest.mark.parametrize("encoding", list(Encoding))


def frame(*messages: Any, encoding: Encoding = Encoding.MSGPACK) -> bytes:
    return join([encode_message(message, encoding) for message in messages], encoding)


# -- there and back ---------------------------------------------------------------------------------------


def test_every_message_is_among_the_examples() -> None:
    assert {type(message) for message in FROM_CLIENT} == set(get_args(ClientMessage))
    assert {type(message) for message in FROM_SERVER} == set(get_args(ServerMessage))


@ENCODINGS
def test_every_message_survives_the_way(encoding: Encoding) -> None:
    payload = frame(*FROM_CLIENT, encoding=encoding)
    assert list(decode_client(payload, encoding).messages) == FROM_CLIENT
    payload = frame(*FROM_SERVER, encoding=encoding)
    decoded = decode_server(payload, encoding)
    assert list(decoded.messages) == FROM_SERVER
    assert decoded.unknown == 0


def test_json_may_come_as_text_or_as_bytes() -> None:
    payload = frame(*FROM_CLIENT, encoding=Encoding.JSON)
    assert decode_client(payload.decode(), Encoding.JSON) == decode_client(payload, Encoding.JSON)


@ENCODINGS
def test_what_this_version_does_not_know_is_ignored_and_counted(encoding: Encoding) -> None:
    value = [
        {"type": "later", "x": 1},
        {"type": "leave", "room": "r", "why": "bored"},
        {"type": "time", "t0": 1},
    ]
    payload = json.dumps(value).encode() if encoding is Encoding.JSON else msgpack.packb(value)
    decoded = decode_client(payload, encoding)
    assert decoded.messages == (Leave("r"), Probe(1))
    assert decoded.unknown == 2


# -- larger than a frame ----------------------------------------------------------------------------------


@ENCODINGS
@pytest.mark.parametrize("size", [10, FRAME_BYTES_MAX, 1_000_000])
def test_a_large_message_goes_in_parts_that_each_fit(encoding: Encoding, size: int) -> None:
    large = Submit(
        "room", 1, 0, {"l": [["i", [{"uid": f"c.{n}", "track": "ä" * 80} for n in range(size // 180)]]]}
    )
    before, after = Leave("before"), Leave("after")
    encoded = [encode_message(message, encoding) for message in (before, large, after)]
    received: list[Any] = []
    assembler = Assembler(SUBMISSION_BYTES_MAX)
    for payload in frames(encoded, encoding, PartFromClient):
        assert len(payload) <= FRAME_BYTES_MAX
        for message in decode_client(payload, encoding).messages:
            whole = assembler.add(message) if isinstance(message, PartFromClient) else None
            if whole is not None:
                received += decode_client(whole, encoding, assembled=True).messages
            elif not isinstance(message, PartFromClient):
                received.append(message)
    assert received == [before, large, after]
    assert assembler.held_bytes == 0


def test_many_small_messages_take_few_frames() -> None:
    encoded = [encode_message(Leave("r"), Encoding.MSGPACK)] * (MESSAGES_PER_FRAME_MAX + 1)
    payloads = frames(encoded, Encoding.MSGPACK, PartFromClient)
    assert [len(decode_client(payload, Encoding.MSGPACK).messages) for payload in payloads] == [512, 1]


def test_parts_add_up_to_a_limit() -> None:
    assembler = Assembler(10)
    assert assembler.add(PartFromClient(b"12345")) is None
    assert assembler.held_bytes == 5
    with pytest.raises(BadMessage) as caught:
        assembler.add(PartFromClient(b"678901", True))
    assert caught.value.code == "too_large"


# -- what is no message -----------------------------------------------------------------------------------


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def state(value: Any) -> list[Any]:
    return [{"type": "presence", "room": "r", "counter": 1, "state": {"x": value}}]


HOSTILE_VALUES = {
    "no array": ({"type": "leave", "room": "r"}, "malformed"),
    "no map": ([1], "malformed"),
    "no type": ([{"room": "r"}], "malformed"),
    "a type that is no text": ([{"type": 1}], "malformed"),
    "a field missing": ([{"type": "leave"}], "malformed"),
    "a field of another type": ([{"type": "leave", "room": 1}], "malformed"),
    "an identifier too long": ([{"type": "leave", "room": "r" * 65}], "malformed"),
    "a negative seq": ([{"type": "submit", "room": "r", "seq": -1, "base": 0, "op": {}}], "malformed"),
    "an op that is no map": ([{"type": "submit", "room": "r", "seq": 1, "base": 0, "op": []}], "malformed"),
    "too many messages": ([{"type": "time", "t0": 1}] * (MESSAGES_PER_FRAME_MAX + 1), "malformed"),
    "a float": (state(1.5), "number_invalid"),
    "a whole float": (state(1.0), "number_invalid"),
    "an integer too large": (state(INTEGER_MAX + 1), "number_invalid"),
    "an integer too small": (state(-INTEGER_MAX - 1), "number_invalid"),
    "not a number": (state(float("nan")), "number_invalid"),
    "infinity": (state(float("-inf")), "number_invalid"),
    "too deep": (state(deep(DEPTH_MAX - 2)), "too_deep"),
}


@ENCODINGS
@pytest.mark.parametrize("name", HOSTILE_VALUES)
def test_a_frame_that_is_refused(name: str, encoding: Encoding) -> None:
    value, code = HOSTILE_VALUES[name]
    payload = json.dumps(value).encode() if encoding is Encoding.JSON else msgpack.packb(value)
    with pytest.raises(BadMessage) as caught:
        decode_client(payload, encoding)
    assert caught.value.code == code
    assert caught.value.message.endswith(".")


@ENCODINGS
def test_as_deep_as_allowed(encoding: Encoding) -> None:
    value = state(deep(DEPTH_MAX - 3))
    payload = json.dumps(value).encode() if encoding is Encoding.JSON else msgpack.packb(value)
    assert len(decode_client(payload, encoding).messages) == 1


@ENCODINGS
def test_a_jam_with_many_people_and_songs_comes_whole(encoding: Encoding) -> None:
    """A client's maps are short; a Jam's snapshot has a pair for each entry, member and vote."""
    votes = {f"user {n}": 1 for n in range(2_064)}
    entries = {f"entry {n}": {"track": {"track": "t:1"}, "votes": {}} for n in range(1_000)}
    state = {"entries": {**entries, "most liked": {"votes": votes}}, "members": votes}
    opened = Opened("r", "jam", "e", 7, "guest", "fresh", snapshot=Snapshot(state))
    assert decode_server(frame(opened, encoding=encoding), encoding).messages == (opened,)


HOSTILE_BYTES = {
    "nothing": (Encoding.MSGPACK, b"", "malformed"),
    "half a frame": (Encoding.MSGPACK, frame(Leave("r"))[:-1], "malformed"),
    "more than a frame": (Encoding.MSGPACK, frame(Leave("r")) + b"\xc0", "malformed"),
    "the same key twice": (Encoding.MSGPACK, b"\x91\x82\xa1a\x01\xa1a\x01", "malformed"),
    "a key that is a number": (Encoding.MSGPACK, b"\x91\x81\x01\x01", "malformed"),
    "a key of bytes": (Encoding.MSGPACK, b"\x91\x81\xc4\x01a\x01", "malformed"),
    "an extension": (Encoding.MSGPACK, b"\x91\xd4\x01\x00", "malformed"),
    "an empty extension": (Encoding.MSGPACK, msgpack.packb(state(None))[:-1] + b"\xc7\x00\x05", "malformed"),
    "a timestamp": (
        Encoding.MSGPACK,
        msgpack.packb(state(None))[:-1] + b"\xd6\xff\x00\x00\x00\x01",
        "malformed",
    ),
    "bytes inside a state": (Encoding.MSGPACK, msgpack.packb(state(b"x")), "malformed"),
    "text that is no UTF-8": (Encoding.MSGPACK, msgpack.packb(state(None))[:-1] + b"\xa1\xff", "malformed"),
    "a map too long": (
        Encoding.MSGPACK,
        msgpack.packb(state({str(n): n for n in range(MAP_MAX + 1)})),
        "malformed",
    ),
    "a string too long": (Encoding.MSGPACK, msgpack.packb(state("x" * 8193)), "malformed"),
    "a list that is not there": (Encoding.MSGPACK, b"\xdd\x00\x00\x60\x00", "malformed"),
    "a map that is not there": (Encoding.MSGPACK, b"\x91\xdf\xff\xff\xff\xff", "malformed"),
    "nested without end": (Encoding.MSGPACK, b"\x91" * 60_000, "too_deep"),
    "text for bytes": (Encoding.MSGPACK, "[]", "malformed"),
    "larger than a frame": (Encoding.MSGPACK, b"\xc0" * (FRAME_BYTES_MAX + 1), "too_large"),
    "no JSON": (Encoding.JSON, "[", "malformed"),
    "two JSON values": (Encoding.JSON, "[][]", "malformed"),
    "JSON that is no UTF-8": (Encoding.JSON, b'["\xff"]', "malformed"),
    "the same key twice in JSON": (Encoding.JSON, '[{"a":1,"a":1}]', "malformed"),
    "NaN": (Encoding.JSON, '[{"type":"time","t0":NaN}]', "number_invalid"),
    "an exponent": (Encoding.JSON, '[{"type":"time","t0":1e3}]', "number_invalid"),
    "many digits": (Encoding.JSON, "[" + "9" * 50_000 + "]", "malformed"),
    "half a surrogate pair": (Encoding.JSON, json.dumps(state("\ud800")), "malformed"),
    "half a pair as a key": (Encoding.JSON, '[{"\\uDC00":1}]', "malformed"),
    "nested without end in JSON": (Encoding.JSON, "[" * 60_000, "too_deep"),
}


@pytest.mark.parametrize("name", HOSTILE_BYTES)
def test_bytes_that_are_refused(name: str) -> None:
    encoding, payload, code = HOSTILE_BYTES[name]
    with pytest.raises(BadMessage) as caught:
        decode_client(payload, encoding)
    assert caught.value.code == code


def test_a_part_of_base64_that_is_none() -> None:
    with pytest.raises(BadMessage) as caught:
        decode_client('[{"type":"part","data":"$$$"}]', Encoding.JSON)
    assert caught.value.code == "malformed"
