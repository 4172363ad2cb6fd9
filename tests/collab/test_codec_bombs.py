"""Frames made to cost much: what a small one may become in memory, and what is no value at all."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import msgpack
import msgspec
import pytest

from collab.codec import Assembler, Encoding, decode_client
from collab.errors import BadMessage
from collab.messages import FRAME_BYTES_MAX, SUBMISSION_BYTES_MAX, PartFromClient, Submit

MIB = 2**20
# As many as have no more brackets and commas than values may be.
MAPS = 199_000


def array(length: int) -> bytes:
    header: bytes = msgpack.Packer().pack_array_header(length)
    return header


def lists_of(value: bytes, size: int) -> bytes:
    """A frame of about `size` bytes: lists as long as they may be, of one value again and again."""
    full = array(25_000) + value * 25_000
    count, rest = divmod(size - 16, len(full))
    last = max(0, rest - 3) // len(value)
    return array(count + 1) + full * count + array(last) + value * last


MESSAGE = b"\x91\x82\xa4type\xa6submit\xa2op"


def in_a_message(op: bytes) -> bytes:
    return MESSAGE + op


def refused(frame: bytes | str, encoding: Encoding, assembled: bool) -> tuple[str, float]:
    """The code, and the most that was held meanwhile, in MiB."""
    tracemalloc.start()
    try:
        with pytest.raises(BadMessage) as caught:
            decode_client(frame, encoding, assembled=assembled)
        return caught.value.code, tracemalloc.get_traced_memory()[1] / MIB
    finally:
        tracemalloc.stop()


BOMBS: dict[str, Callable[[int], bytes | str]] = {
    "lists": lambda size: lists_of(b"\x90", size),
    "maps": lambda size: lists_of(b"\x80", size),
    "small maps": lambda size: lists_of(b"\x81\xa1a\xc0", size),
    "nulls": lambda size: lists_of(b"\xc0", size),
    "short texts": lambda size: lists_of(b"\xa2ab", size),
    "integers": lambda size: lists_of(b"\xcd\xff\xff", size),
    "headers": lambda size: array(25_000) * min(1000, size // 3),
    "lists in JSON": lambda size: f"[{'[],' * (size // 3 - 2)}0]",
    "maps in JSON": lambda size: f"[{'{},' * (size // 3 - 2)}0]",
    "small maps in JSON": lambda size: "[" + '{"a":0},' * min(MAPS, size // 8 - 1) + "0]",
    "texts in JSON": lambda size: "[" + '"ab",' * (size // 5 - 2) + "0]",
    "depth in JSON": lambda size: "[" * size,
    "digits in JSON": lambda size: f"[{'9' * (size - 2)}]",
    # What is no message is refused before the next is read; an op is read whole.
    "op of lists": lambda size: in_a_message(lists_of(b"\x90", size - len(MESSAGE))),
    "op of maps": lambda size: in_a_message(lists_of(b"\x80", size - len(MESSAGE))),
    "op of small maps": lambda size: in_a_message(lists_of(b"\x81\xa1a\xc0", size - len(MESSAGE))),
    "op of short texts": lambda size: in_a_message(lists_of(b"\xa2ab", size - len(MESSAGE))),
    "op of integers": lambda size: in_a_message(lists_of(b"\xcd\xff\xff", size - len(MESSAGE))),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_frame_takes_five_mebibytes_at_most(name: str) -> None:
    bomb = BOMBS[name](FRAME_BYTES_MAX)
    assert len(bomb) <= FRAME_BYTES_MAX
    encoding = Encoding.JSON if isinstance(bomb, str) else Encoding.MSGPACK
    code, mib = refused(bomb, encoding, assembled=False)
    assert code in ("malformed", "too_large", "too_deep", "number_invalid")
    assert mib <= 5


@pytest.mark.parametrize("name", BOMBS)
def test_assembled_parts_take_some_times_their_own_size(name: str) -> None:
    bomb = BOMBS[name](SUBMISSION_BYTES_MAX)
    encoding = Encoding.JSON if isinstance(bomb, str) else Encoding.MSGPACK
    code, mib = refused(bomb, encoding, assembled=True)
    assert code in ("malformed", "too_large", "too_deep")
    assert mib <= 32


@pytest.mark.parametrize("encoding", list(Encoding))
def test_the_largest_ops_pass(encoding: Encoding) -> None:
    entry = {
        "uid": "u" * 24,
        "track": "t:1",
        "artists": ["a", "b"],
        "added_by": "u",
        "added_at": 1,
        "title": "é",
        "note": "[a], {b}",
    }
    components: list[Any] = [["k", 1, {"note": "n", "title": str(n % 10)}] for n in range(24_999)]
    op = {"l": [*components, ["i", [entry] * 11_000]]}
    message = {"type": "submit", "room": "r", "seq": 1, "base": 0, "op": op}
    [submit] = decode_client(_write([message], encoding), encoding, assembled=True).messages
    assert isinstance(submit, Submit)
    assert submit.op == op
    short = {**message, "op": {"l": [["k", 1], ["r", 1]] * 8_000}}
    assert decode_client(_write([short], encoding), encoding, assembled=True).messages


def _write(value: Any, encoding: Encoding) -> bytes:
    packed: bytes = msgpack.packb(value)
    return msgspec.json.encode(value) if encoding is Encoding.JSON else packed


STATE = b"\x91\x84\xa4type\xa8presence\xa4room\xa1a\xa7counter\x01\xa5state\x81\xa1a"


@pytest.mark.parametrize(
    "frame",
    [
        STATE + b"\xc7\x00\x05",
        STATE + b"\x81\xc4\x01k\x01",
        STATE + b"\xc4\x01b",
        STATE + b"\xa3\xed\xa0\x80",
        '[{"type": "leave", "room": "\\ud800"}]',
        '[{"type": "presence", "room": "a", "counter": 1, "state": {"\\uDFFF": 1}}]',
        '[{"type": "presence", "room": "a", "counter": 1, "state": {"a": "\\udc00\\ud83d"}}]',
        b'[{"type": "leave", "room": "\xff"}]',
    ],
    ids=["extension", "key of bytes", "bytes", "surrogate", "room", "key", "text", "UTF-8"],
)
def test_what_not_every_client_could_read_is_no_message(frame: bytes | str) -> None:
    """It would fail where it is written to others, in the other encoding."""
    is_json = isinstance(frame, str) or frame.startswith(b"[")
    encoding = Encoding.JSON if is_json else Encoding.MSGPACK
    assert refused(frame, encoding, assembled=False)[0] == "malformed"


def test_a_pair_of_surrogates_is_a_character() -> None:
    [leave] = decode_client('[{"type": "leave", "room": "\\ud83d\\ude00"}]', Encoding.JSON).messages
    assert leave.room == "😀"


def test_parts_without_content_take_no_room() -> None:
    assembler = Assembler(1000)
    tracemalloc.start()
    try:
        for _ in range(100_000):
            assembler.add(PartFromClient(b""))
        assert tracemalloc.get_traced_memory()[1] / MIB < 1
    finally:
        tracemalloc.stop()
    assert assembler.add(PartFromClient(bytes(1000), last=True)) == bytes(1000)
    assembler.add(PartFromClient(bytes(1000)))
    with pytest.raises(BadMessage):
        assembler.add(PartFromClient(b"x"))
    assert assembler.held_bytes == 1000, "what was refused is not held"
