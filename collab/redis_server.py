"""Redis, as far as the bus needs it.

Two connections to one server: one is subscribed, the other publishes. They belong to each other and to one
task: whatever happens to either, both are thrown away. So none is used after an await on it was cancelled,
and nothing reconnects by itself. On a cluster there is one such pair for each primary, with sharded pub/sub.
The only file that knows redis-py. Does not know what is said.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, Literal

from redis.asyncio.connection import AbstractConnection, Connection, parse_url
from redis.crc import key_slot
from redis.exceptions import RedisError

from collab.errors import CannotStart

# From the answer of CLUSTER SLOTS: first and last slot, then [host, port, …] of the primary.
_FIRST, _LAST, _PRIMARY = 0, 1, 2
_CLUSTER_ENABLED: Final = b"cluster_enabled:1"


class BusLost(Exception):
    """The connection to the bus is of no more use. The text says why, for the operator."""


@dataclass(frozen=True, slots=True)
class Heard:
    """`subscribed` and `unsubscribed` answer what was asked for, or tell what others did to us."""

    kind: Literal["message", "subscribed", "unsubscribed"]
    channel: str
    payload: bytes = b""


_KINDS: Final[dict[bytes, Literal["message", "subscribed", "unsubscribed"]]] = {
    b"message": "message",
    b"smessage": "message",
    b"subscribe": "subscribed",
    b"ssubscribe": "subscribed",
    b"unsubscribe": "unsubscribed",
    b"sunsubscribe": "unsubscribed",
}


class RedisServer:
    """One server, or one primary of a cluster, which `slots` says; `connect` comes first, `close` last. All
    but `close` raise BusLost."""

    def __init__(self, kwargs: dict[str, Any], slots: tuple[range, ...] | None = None) -> None:
        self._slots = slots
        self._listening = _connection(kwargs)
        self._speaking = _connection(kwargs)
        self._prefix = b"" if slots is None else b"S"

    async def connect(self) -> None:
        """Has no bound of its own."""
        with _translated():
            await self._listening.connect()  # type: ignore[no-untyped-call]
            await self._speaking.connect()  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        with suppress(RedisError, OSError):
            await self._listening.disconnect(nowait=True)
        with suppress(RedisError, OSError):
            await self._speaking.disconnect(nowait=True)

    def owns(self, channel: str) -> bool:
        """Whether a channel belongs here."""
        if self._slots is None:
            return True
        slot = key_slot(channel.encode())
        return any(slot in some for some in self._slots)

    async def publish(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """All in one round trip."""
        verb = self._prefix + b"PUBLISH"
        with _translated():
            await self._speaking.send_packed_command(
                self._speaking.pack_commands([(verb, channel, payload) for channel, payload in messages])
            )
            for _ in messages:
                await self._speaking.read_response()

    async def subscribe(self, channels: Sequence[str]) -> None:
        """`hear` tells when it is done, once for each."""
        await self._tune(b"SUBSCRIBE", channels)

    async def unsubscribe(self, channels: Sequence[str]) -> None:
        """`hear` tells when it is done, once for each."""
        await self._tune(b"UNSUBSCRIBE", channels)

    async def _tune(self, verb: bytes, channels: Sequence[str]) -> None:
        # One channel each: on a cluster those of one command would have to share a slot.
        commands = [(self._prefix + verb, channel) for channel in channels]
        with _translated():
            await self._listening.send_packed_command(self._listening.pack_commands(commands))

    async def hear(self) -> Heard:
        """What comes next, however long that takes."""
        with _translated():
            answer = await self._listening.read_response(timeout=math.inf)
            try:
                kind, channel, payload = answer
                return Heard(_KINDS[kind], channel.decode(), payload if kind.endswith(b"message") else b"")
            except (TypeError, ValueError, KeyError, AttributeError):
                raise BusLost("Redis said something that is no answer to a subscription") from None


class RedisPlace:
    """Where Redis is. Raises CannotStart if `url` does not say."""

    def __init__(self, url: str) -> None:
        try:
            self._kwargs: dict[str, Any] = {
                **parse_url(url),
                # What travels is bytes. In the older protocol a subscribed connection tells nothing else.
                "decode_responses": False,
                "protocol": 2,
                # Those of redis-py use `wait_for`, which may swallow a cancellation before Python 3.12.
                "socket_connect_timeout": None,
                "socket_timeout": None,
            }
            _connection(self._kwargs)
        except (ValueError, TypeError):
            raise CannotStart(
                "The URL of Redis is not one; write redis://host:6379, rediss:// for TLS, or unix:///path, "
                "as --redis-url or TUTTI_REDIS_URL."
            ) from None

    async def find_servers(self) -> list[RedisServer]:
        """The server, or the primaries of the cluster that it belongs to. Has no bound of its own. Raises
        BusLost."""
        connection = _connection(self._kwargs)
        try:
            with _translated():
                await connection.connect()  # type: ignore[no-untyped-call]
                await connection.send_command("INFO", "cluster")
                if _CLUSTER_ENABLED not in await connection.read_response():
                    return [RedisServer(self._kwargs)]
                await connection.send_command("CLUSTER", "SLOTS")
                return self._primaries(await connection.read_response())
        finally:
            with suppress(RedisError, OSError):
                await connection.disconnect(nowait=True)

    def _primaries(self, answer: list[Any]) -> list[RedisServer]:
        slots: dict[tuple[str, int], list[range]] = {}
        for stretch in answer:
            host, port = stretch[_PRIMARY][:2]
            # A server that does not know its own name is the one that we asked.
            place = (host.decode() if host else self._kwargs.get("host", "localhost"), int(port))
            slots.setdefault(place, []).append(range(stretch[_FIRST], stretch[_LAST] + 1))
        return [
            RedisServer({**self._kwargs, "host": host, "port": port}, tuple(some))
            for (host, port), some in slots.items()
        ]


def _connection(kwargs: dict[str, Any]) -> AbstractConnection:
    options = dict(kwargs)
    connection: AbstractConnection = options.pop("connection_class", Connection)(**options)
    return connection


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise BusLost(str(error) or type(error).__name__) from error
