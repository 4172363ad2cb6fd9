"""A command that was given and has no outcome yet.

A command counts from the moment it is given; awaiting it only tells what became of it. Knows outcomes. Does
not know what a command means, or how it travels.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from collab.messages import Body
from tutti_client.errors import ClientError
from tutti_client.signal import Signal

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done:
    """A command that was taken. `event` is what it became, None if it changed nothing or a snapshot took the
    place of history. `entry`: the id that an entry it adds was given last."""

    event: Body | None
    entry: str


class Given(Generic[T]):
    """Await it, as often as you like, or leave it. Raises CommandRefused, and JamClosed or ConnectionRefused
    if nobody will decide it any more. While there is no connection it waits for one."""

    def __init__(self, result: Callable[[Done], T], entry: str = "") -> None:
        self._result = result
        self._entry = entry
        self._signal = Signal()
        self._done: Done | None = None
        self._error: ClientError | None = None

    @property
    def is_settled(self) -> bool:
        return self._done is not None or self._error is not None

    def __await__(self) -> Generator[Any, None, T]:
        return self._outcome().__await__()

    async def _outcome(self) -> T:
        while self._done is None:
            if self._error is not None:
                raise self._error
            await self._signal.wait()
        return self._result(self._done)

    # -- for who gave it -------------------------------------------------------------------------------------

    def rename(self, names: Mapping[str, str]) -> None:
        """Entries that wait to be added have new ids, new by old."""
        self._entry = names.get(self._entry, self._entry)

    def settle(self, event: Body | None) -> None:
        self._done = Done(event, self._entry)
        self._signal.notify()

    def fail(self, error: ClientError) -> None:
        self._error = error
        self._signal.notify()
