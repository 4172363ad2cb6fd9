"""Frames into messages, and back.

A frame is an array of messages, in MessagePack or as JSON text; the two carry the same values. Bytes are
validated here, once: past this line the types are true. What comes from a client is held to tight limits
before and after it is decoded, so that a hostile frame costs little. A frame larger than frames may be
travels as `part` messages. Pure: the SDK uses the same code from the other side.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import Any, Final, NoReturn

import msgpack
import msgspec

from collab.errors import BadMessage
from collab.messages import (
    FRAME_BYTES_MAX,
    PART_BYTES_MAX,
    PROTOCOL_JSON,
    PROTOCOL_MSGPACK,
    Body,
    ClientMessage,
    FromClient,
    FromServer,
    PartFromClient,
    PartFromServer,
    ServerMessage,
)

DEPTH_MAX = 8
MESSAGES_PER_FRAME_MAX = 512
# An op's lists; everything else is held to its own limit by the type that it becomes.
ARRAY_MAX = 25_000
# A committed op stands two levels deeper than a submitted one: in its row, in the rows of `ops`. Ops that
# were composed while catching up may be longer than what a client may send.
SERVER_DEPTH_MAX = DEPTH_MAX + 2
SERVER_ARRAY_MAX = 8 * ARRAY_MAX
MAP_MAX = 64
# A Jam's snapshot has its entries, its people and their votes in maps, by their ids.
SERVER_MAP_MAX = ARRAY_MAX
STRING_BYTES_MAX = 8 * 1024
INTEGER_MAX = 2**53 - 1
# What a client's frame may decode to, because one byte can become seventy: values (in JSON the commas and
# brackets, those in texts too), and lists and maps, of which a map takes the most. The largest op has 25,000
# components, each with edits, and 11,000 entries of a dozen fields: two thirds of this.
VALUES_MAX = 16 * ARRAY_MAX
CONTAINERS_MAX = 4 * ARRAY_MAX
MAPS_MAX = 2 * ARRAY_MAX
# The shortest component, `["k", 1]`, has four bytes, and with edits, `["k", 1, {"a": 1}]`, eight.
BYTES_PER_CONTAINER = 4
BYTES_PER_MAP = 8
# A frame shorter than this cannot become large, and is spared the counting.
COUNTED_BYTES_MIN = 1024
# JSON carries bytes as base64, four characters for three.
_PART_BYTES: Final = {PROTOCOL_MSGPACK: PART_BYTES_MAX, PROTOCOL_JSON: PART_BYTES_MAX // 4 * 3}


_Root = type[FromClient] | type[FromServer]


class Encoding(Enum):
    """How messages are written; the value is the subprotocol's name."""

    MSGPACK = PROTOCOL_MSGPACK
    JSON = PROTOCOL_JSON


class Decoded(msgspec.Struct, frozen=True):
    """`unknown` counts messages and fields that this version does not know; they are ignored."""

    messages: tuple[Any, ...]
    unknown: int


# -- bodies: what is stored -----------------------------------------------------------------------------


def pack_body(body: Body) -> bytes:
    """An op or a snapshot as it is stored. The value is ours: no limits apply."""
    packed: bytes = msgpack.packb(body)
    return packed


def unpack_body(packed: bytes) -> Body:
    body: Body = msgpack.unpackb(packed, strict_map_key=True)
    return body


# -- encoding -------------------------------------------------------------------------------------------


def encode_message(message: ClientMessage | ServerMessage, encoding: Encoding) -> bytes:
    """One message, to be joined with others into a frame."""
    if encoding is Encoding.JSON:
        return msgspec.json.encode(message)
    return msgspec.msgpack.encode(message)


def join(encoded: Sequence[bytes], encoding: Encoding) -> bytes:
    """A frame's payload that holds these messages."""
    if encoding is Encoding.JSON:
        return b"[" + b",".join(encoded) + b"]"
    header: bytes = msgpack.Packer().pack_array_header(len(encoded))
    return header + b"".join(encoded)


def frames(
    encoded: Iterable[bytes], encoding: Encoding, part: type[PartFromClient] | type[PartFromServer]
) -> list[bytes]:
    """The payloads of as few frames as hold the messages in their order; a message that is too large for a
    frame goes in parts."""
    payloads: list[bytes] = []
    group: list[bytes] = []
    size = 0
    for message in encoded:
        if group and (size + len(message) > PART_BYTES_MAX or len(group) == MESSAGES_PER_FRAME_MAX):
            payloads.append(join(group, encoding))
            group, size = [], 0
        if len(message) > FRAME_BYTES_MAX - 16:
            payloads.extend(_parts(join([message], encoding), encoding, part))
        else:
            group.append(message)
            size += len(message) + 1
    if group:
        payloads.append(join(group, encoding))
    return payloads


def _parts(
    payload: bytes, encoding: Encoding, part: type[PartFromClient] | type[PartFromServer]
) -> Iterable[bytes]:
    step = _PART_BYTES[encoding.value]
    for start in range(0, len(payload), step):
        last = start + step >= len(payload)
        yield join([encode_message(part(payload[start : start + step], last), encoding)], encoding)


class Assembler:
    """Puts the parts of frames together again, at most `bytes_max` at a time.

    `held_bytes` is what is held now; the edge adds up all connections' for the node's own limit.
    """

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._held = bytearray()

    @property
    def held_bytes(self) -> int:
        return len(self._held)

    def add(self, part: PartFromClient | PartFromServer) -> bytes | None:
        """The whole payload with its last part, until then None. Raises BadMessage(too_large)."""
        if len(self._held) + len(part.data) > self._bytes_max:
            raise BadMessage("too_large", f"The parts of a frame may add up to {self._bytes_max} bytes.")
        self._held += part.data
        if not part.last:
            return None
        payload = bytes(self._held)
        self._held.clear()
        return payload


# -- decoding -------------------------------------------------------------------------------------------


def decode_client(payload: bytes | str, encoding: Encoding, *, assembled: bool = False) -> Decoded:
    """A client's frame. `assembled`: put together from parts, so larger than a frame may be.

    Raises BadMessage with `malformed`, `too_large`, `too_deep` or `number_invalid`.
    """
    if not assembled and len(payload) > FRAME_BYTES_MAX:
        raise BadMessage("too_large", f"A frame may have {FRAME_BYTES_MAX} bytes; larger ones go in parts.")
    return _decode(payload, encoding, FromClient, ClientMessage, DEPTH_MAX, ARRAY_MAX, MAP_MAX)


def decode_server(payload: bytes | str, encoding: Encoding) -> Decoded:
    """A server's frame, for the SDK. Raises BadMessage like `decode_client`."""
    return _decode(
        payload, encoding, FromServer, ServerMessage, SERVER_DEPTH_MAX, SERVER_ARRAY_MAX, SERVER_MAP_MAX
    )


def _decode(
    payload: bytes | str,
    encoding: Encoding,
    root: _Root,
    union: Any,
    depth_max: int,
    array_max: int,
    map_max: int,
) -> Decoded:
    # A server's frames hold snapshots and are believed to be of a reasonable size.
    is_counted = root is FromClient and len(payload) > COUNTED_BYTES_MIN
    if encoding is Encoding.JSON:
        members: Iterable[Any] = _from_json(payload, is_counted)
    elif isinstance(payload, str):
        raise BadMessage("malformed", "This subprotocol carries MessagePack in binary frames.")
    else:
        members = _from_msgpack(payload, array_max, map_max, is_counted)
    known = _FIELDS[root]
    messages: list[ClientMessage | ServerMessage] = []
    unknown = 0
    for item in members:
        _check_values((item,), depth_max, depth_max - 1)
        kind = item.get("type") if isinstance(item, dict) else None
        if not isinstance(kind, str):
            raise BadMessage("malformed", "A message is a map with its `type`.")
        fields = known.get(kind)
        if fields is None:
            unknown += 1
            continue
        if not fields.issuperset(item):
            unknown += len(item.keys() - fields)
        try:
            messages.append(msgspec.convert(item, union))
        except msgspec.ValidationError as error:
            raise BadMessage("malformed", f"The message {kind!r} is not well formed: {error}.") from None
    return Decoded(tuple(messages), unknown)


def _fields(root: _Root) -> dict[str, frozenset[str]]:
    return {
        str(message.__struct_config__.tag): frozenset(("type", *message.__struct_fields__))
        for message in root.__subclasses__()
    }


_FIELDS: Final = {root: _fields(root) for root in (FromClient, FromServer)}


def _from_msgpack(payload: bytes, array_max: int, map_max: int, is_counted: bool) -> Iterator[Any]:
    """The members of a frame, one at a time: what follows one that is no message is never made."""
    budget = _Budget(len(payload)) if is_counted else None
    # A new unpacker each time: one that met an error keeps its half-read state.
    unpacker = msgpack.Unpacker(
        None,
        max_buffer_size=len(payload) or 1,
        max_str_len=STRING_BYTES_MAX,
        max_bin_len=PART_BYTES_MAX,
        max_array_len=array_max,
        max_map_len=map_max,
        max_ext_len=0,
        list_hook=budget and budget.list_made,
        object_pairs_hook=budget.map_made if budget else _map_made,
        strict_map_key=True,
    )
    try:
        if budget is not None:
            _walk(payload)
        unpacker.feed(payload)
        count = unpacker.read_array_header()
        if count > MESSAGES_PER_FRAME_MAX:
            raise _no_frame()
        for _ in range(count):
            yield unpacker.unpack()
    except msgpack.StackError:
        raise BadMessage("too_deep", "The frame's values are nested too deep.") from None
    except (msgpack.UnpackException, ValueError, TypeError) as error:
        raise _malformed(error) from None
    if unpacker.tell() != len(payload):
        raise BadMessage("malformed", "The frame holds more than one array.")


def _walk(payload: bytes) -> None:
    """Raises OutOfData if a list or map says it has more members than there are bytes: the unpacker makes
    room for them when it reads the header, 200 KB for three bytes at each depth."""
    walker = msgpack.Unpacker(None, max_buffer_size=len(payload))
    walker.feed(payload)
    walker.skip()


class _Budget:
    """How much more a frame may become, counted as its lists and maps are finished."""

    def __init__(self, payload_bytes: int) -> None:
        self._containers = min(CONTAINERS_MAX, payload_bytes // BYTES_PER_CONTAINER)
        self._maps = min(MAPS_MAX, payload_bytes // BYTES_PER_MAP)
        self._values = VALUES_MAX

    def list_made(self, items: list[Any]) -> list[Any]:
        self._containers -= 1
        self._values -= len(items)
        if self._containers < 0 or self._values < 0:
            raise _too_many()
        return items

    def map_made(self, pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
        self._containers -= 1
        self._maps -= 1
        self._values -= 2 * len(pairs)
        if self._containers < 0 or self._maps < 0 or self._values < 0:
            raise _too_many()
        return _map_made(pairs)


# Half of a pair that a \u escape may stand for; whether the other half is there shows after decoding.
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")


def _from_json(payload: bytes | str, is_counted: bool) -> list[Any]:
    try:
        text = payload if isinstance(payload, str) else payload.decode()
        if is_counted and (sum(map(text.count, "[{,")) > VALUES_MAX or text.count("{") > MAPS_MAX):
            raise _too_many()
        value = json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise BadMessage("too_deep", "The frame's values are nested too deep.") from None
    except UnicodeError:
        raise BadMessage("malformed", "The frame's text is not valid Unicode.") from None
    except ValueError as error:
        raise _malformed(error) from None
    if not isinstance(value, list) or len(value) > MESSAGES_PER_FRAME_MAX:
        raise _no_frame()
    return value


def _no_frame() -> BadMessage:
    return BadMessage("malformed", f"A frame is an array of at most {MESSAGES_PER_FRAME_MAX} messages.")


def _malformed(error: Exception) -> BadMessage:
    if "duplicate key" in str(error):
        return BadMessage("malformed", "A map holds the same key twice.")
    return BadMessage("malformed", "The frame cannot be decoded.")


def _without_duplicates(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("duplicate key")
    return value


def _map_made(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    """The map, without keys of bytes, which `strict_map_key` lets through."""
    for key, _ in pairs:
        if type(key) is not str:
            raise ValueError("key is no string")
    return _without_duplicates(pairs)


def _too_many() -> BadMessage:
    return BadMessage(
        "too_large",
        f"A frame may hold {VALUES_MAX} values, {CONTAINERS_MAX} lists and maps, and {MAPS_MAX} maps; "
        "a short one fewer.",
    )


_PLAIN: Final = frozenset((str, bool, type(None)))


def _refuse_number(text: str) -> NoReturn:
    raise BadMessage("number_invalid", f"Numbers are integers within ±(2^53−1), not {text[:32]}.")


def _check_values(value: Any, depth: int, bytes_depth: int) -> None:
    """Depth and kinds of values, which types alone do not bound inside an op or a presence state: what one
    client says in one encoding others hear in the other. Bytes stand only among a message's own members."""
    if depth == 0:
        raise BadMessage("too_deep", "The frame's values are nested too deep.")
    for item in value.values() if type(value) is dict else value:
        kind = type(item)
        if kind is str:
            continue
        if kind is list or kind is dict:
            _check_values(item, depth - 1, bytes_depth)
        elif kind is int:
            if not -INTEGER_MAX <= item <= INTEGER_MAX:
                _refuse_number(str(item) if item.bit_length() < 128 else "a larger one")
        elif kind is float:
            _refuse_number(str(item))
        elif kind not in _PLAIN and not (kind is bytes and depth == bytes_depth):
            raise BadMessage("malformed", "Values are null, booleans, integers, strings, lists and maps.")
