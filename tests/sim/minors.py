"""What neighbouring minor versions say to each other.

A minor version adds: members of messages that the other side can do without, kinds of message, and on the bus
members at the end of a body and kinds. Nothing is renamed and nothing taken away. So of two neighbours the
older one lacks what the newer one added, and passes over what it does not know. The past is made by leaving
out of this version what an older one need not have had, the future by adding what this one has never heard
of; either way it is this version's decoders that read it.
"""

from collections.abc import Callable
from enum import IntEnum
from random import Random
from typing import Any, Final

import msgspec

from collab.bus_messages import _HINT, BusMessages, _body
from collab.codec import Decoded, Encoding, decode_client, decode_server, join
from collab.effects import Publish
from collab.errors import BadMessage
from collab.hints import bare
from collab.messages import ClientMessage, ServerMessage
from tests.sim.coverage import Coverage
from tests.sim.events import Events
from tests.sim.network import Link


class Minor(IntEnum):
    """Two neighbours run together, never three."""

    BEFORE = 0
    NOW = 1
    AFTER = 2


# What one can do without: these members are left out by an older version, and it looks at none of them.
_LATER_MEMBERS: Final = frozenset({"total", "server", "sdk"})
# Kinds of message that it does not know. Without `drain` a client learns of the end by the close code.
_LATER_KINDS: Final = frozenset({"drain"})
_ENCODER: Final = msgspec.msgpack.Encoder()
_SPEAKER: Final = BusMessages(b"of the simulated cluster", b"speaking")
_LISTENER: Final = BusMessages(b"of the simulated cluster", b"hearing.")


def older(message: dict[str, Any]) -> dict[str, Any] | None:
    """What an older version says or understands of a message; None: nothing."""
    if message["type"] in _LATER_KINDS:
        return None
    return {name: value for name, value in message.items() if name not in _LATER_MEMBERS}


def newer(message: dict[str, Any]) -> list[dict[str, Any]]:
    """A message as a newer version says it, and one that only its own kind knows."""
    said = dict(message, mood={"colour": "blue", "since": [1, 2]})
    if "members" in said:
        said["members"] = [dict(member, device="phone") for member in said["members"]]
    if "ops" in said:
        said["ops"] = [[*row, "tomorrow"] for row in said["ops"]]
    return [{"type": "weather", "room": "", "rain": True}, said]


def carried(hint: Publish, speaker: Minor, listener: Minor) -> list[Publish]:
    """What a node hears of a hint on the bus."""
    if Minor.BEFORE in (speaker, listener):
        # Hints did not always tell what was written.
        return [bare(hint)]
    if speaker is not Minor.AFTER:
        return [hint]
    body = _ENCODER.encode([*msgspec.to_builtins(_body(hint), builtin_types=(bytes,)), "tomorrow"])
    messages = (_SPEAKER._write(b"w", hint.document, b"weather"), _SPEAKER._write(_HINT, hint.document, body))
    heard = (_LISTENER.read(hint.document, message) for message in messages)
    return [one for one in heard if isinstance(one, Publish)]


class MixedLink(Link):
    """A link between a client and a node of one minor version each. Everything passes the real codec; whoever
    cannot read what comes hangs up, as `collab.connection` does."""

    def __init__(
        self,
        events: Events,
        random: Random,
        delay_us_max: int,
        encoding: Encoding,
        minors: tuple[Minor, Minor],
        coverage: Coverage,
    ) -> None:
        """`minors`: the client's and the node's."""
        super().__init__(events, random, delay_us_max, encoding)
        self._wire = encoding
        self._client, self._node = minors
        self._coverage = coverage

    def _arrive_up(self, message: ClientMessage) -> None:
        for received in self._understood(message, self._client, self._node, decode_client):
            if self._is_up_open:
                self.to_server(received)

    def _arrive_down(self, message: ServerMessage) -> None:
        for received in self._understood(message, self._node, self._client, decode_server):
            if self._is_down_open:
                self.to_client(received)

    def _understood(
        self,
        message: ClientMessage | ServerMessage,
        speaker: Minor,
        listener: Minor,
        decode: Callable[[bytes, Encoding], Decoded],
    ) -> tuple[Any, ...]:
        said: dict[str, Any] = msgspec.to_builtins(message, builtin_types=(bytes,))
        all_said = newer(said) if speaker is Minor.AFTER else [said]
        if Minor.BEFORE in (speaker, listener):
            all_said = [known for one in all_said if (known := older(one)) is not None]
        if len(all_said) != 1 or all_said[0] != said:
            self._coverage.hit("neighbouring minors spoke to each other")
        try:
            return decode(join([self._encoded(one) for one in all_said], self._wire), self._wire).messages
        except BadMessage:
            self.cut(0, 0)
            return ()

    def _encoded(self, said: dict[str, Any]) -> bytes:
        if self._wire is Encoding.JSON:
            return msgspec.json.encode(said)
        return _ENCODER.encode(said)
