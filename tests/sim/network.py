"""Sockets of the world.

A link is one connection: messages take time, never overtake each other, and die with it. Either end may learn
late that the other is gone, as with a phone that left its Wi-Fi. Optionally everything passes the real codec.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from collab.codec import Encoding, decode_client, decode_server, encode_message, join
from collab.messages import ClientMessage, FromClient, ServerMessage
from tests.sim.events import Events

DELAY_US_MIN = 1_000

Receive = Callable[[Any], None]


class Link:
    """One connection, from the client that opened it to a node."""

    def __init__(self, events: Events, random: Random, delay_us_max: int, encoding: Encoding | None) -> None:
        # Set by the two ends.
        self.to_client: Receive = _nowhere
        self.to_server: Receive = _nowhere
        self.client_cut: Callable[[], None] = _nothing
        self.server_cut: Callable[[], None] = _nothing
        self._events = events
        self._random = random
        self._delay_us_max = delay_us_max
        self._encoding = encoding
        self._up_free_us = 0
        self._down_free_us = 0
        self._is_up_open = True
        self._is_down_open = True

    def send_up(self, message: ClientMessage) -> None:
        """From the client."""
        if self._is_up_open:
            self._up_free_us = self._schedule(self._up_free_us, self._arrive_up, message)

    def send_down(self, message: ServerMessage) -> None:
        """From the server."""
        if self._is_down_open:
            self._down_free_us = self._schedule(self._down_free_us, self._arrive_down, message)

    def close_by_server(self) -> None:
        """What was sent before still arrives; then the client learns that it is over."""
        if self._is_down_open:
            self._schedule(self._down_free_us, self._end_down, None)

    def close_by_client(self, *, drained: bool, server_learns_us: int) -> None:
        """The client is gone. `drained`: what it sent still arrives."""
        self._is_down_open = False
        self._is_up_open = self._is_up_open and drained
        self.client_cut = _nothing
        delay_us = server_learns_us
        if drained:
            delay_us = max(delay_us, self._up_free_us - self._events.now_us + 1)
        self._events.after(delay_us, self._end_up)

    def cut(self, client_learns_us: int, server_learns_us: int) -> None:
        """The connection breaks with all that is on its way."""
        self._is_up_open = self._is_down_open = False
        self._events.after(client_learns_us, self._tell_client)
        self._events.after(server_learns_us, self._end_up)

    def _schedule(self, free_us: int, arrive: Callable[[Any], None], message: Any) -> int:
        due_us = max(
            free_us + 1, self._events.now_us + self._random.randint(DELAY_US_MIN, self._delay_us_max)
        )
        self._events.after(due_us - self._events.now_us, arrive, message)
        return due_us

    def _arrive_up(self, message: ClientMessage) -> None:
        if self._is_up_open:
            self.to_server(self._travelled(message))

    def _arrive_down(self, message: ServerMessage) -> None:
        if self._is_down_open:
            self.to_client(self._travelled(message))

    def _end_up(self) -> None:
        self._is_up_open = False
        learn, self.server_cut = self.server_cut, _nothing
        learn()

    def _end_down(self, _: None) -> None:
        self._is_up_open = self._is_down_open = False
        self._tell_client()

    def _tell_client(self) -> None:
        learn, self.client_cut = self.client_cut, _nothing
        learn()

    def _travelled(self, message: Any) -> Any:
        if self._encoding is None:
            return message
        payload = join([encode_message(message, self._encoding)], self._encoding)
        decode = decode_client if isinstance(message, FromClient) else decode_server
        [received] = (
            decode(payload, self._encoding, assembled=True)
            if decode is decode_client
            else decode(payload, self._encoding)
        ).messages
        return received


def _nowhere(_: Any) -> None:
    """An end that nobody holds."""


def _nothing() -> None:
    """Somebody who has been told already."""
