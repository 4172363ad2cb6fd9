"""Something changed.

Wakes everybody who waits at that moment. Whoever waits looks at the state first and again afterwards: between
the two there is no await, so nothing is missed.
"""

import asyncio


class Signal:
    """Belongs to one event loop."""

    __slots__ = ("_future",)

    def __init__(self) -> None:
        self._future: asyncio.Future[None] | None = None

    def notify(self) -> None:
        future, self._future = self._future, None
        if future is not None and not future.done():
            future.set_result(None)

    async def wait(self) -> None:
        """Returns at the next `notify`."""
        if self._future is None:
            self._future = asyncio.get_running_loop().create_future()
        # Shared by all who wait: one of them being cancelled must not cancel the others.
        await asyncio.shield(self._future)
