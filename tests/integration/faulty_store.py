"""A store in front of a real one that fails when it is told to."""

import asyncio
import inspect
import random
from collections.abc import Callable
from typing import Any

from storage.store import OutcomeUnknown, StoreError, Unavailable

# What writes may have been done although nobody heard of it.
WRITES = frozenset(
    (
        "create_document",
        "delete_document",
        "commit",
        "add_snapshot",
        "thin_snapshots",
        "forget_ops",
        "set_epoch",
        "set_member",
        "add_invite",
        "revoke_invite",
        "set_join_code",
        "follow",
        "claim_request",
        "answer_request",
    )
)

# Called with a method's name before it runs; what it returns is raised.
Fault = Callable[[str], Exception | None]


def no_fault(method: str) -> None:
    return None


class FaultyStore:
    """Every method of the store behind it. `before` and `after` may make it fail, the latter when its work
    is done; `gates` hold a method up until they are set."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.before: Fault = no_fault
        self.after: Fault = no_fault
        self.gates: dict[str, asyncio.Event] = {}
        self.waiting: dict[str, asyncio.Event] = {}
        self.failures = 0

    def gate(self, method: str) -> tuple[asyncio.Event, asyncio.Event]:
        """From now on the method waits. Returns the event that somebody waits, and the one to let them go."""
        self.waiting[method], self.gates[method] = asyncio.Event(), asyncio.Event()
        return self.waiting[method], self.gates[method]

    def __getattr__(self, method: str) -> Any:
        real = getattr(self._store, method)
        if not inspect.iscoroutinefunction(real) or method == "close":
            return real

        async def call(*args: Any, **kwargs: Any) -> Any:
            if method in self.gates:
                self.waiting[method].set()
                await self.gates[method].wait()
            self._fail(self.before(method))
            result = await real(*args, **kwargs)
            self._fail(self.after(method))
            return result

        return call

    def fail_often(self, seed: int, share: float) -> None:
        """Each call fails with this probability; of the failing writes a half are done nevertheless."""
        chance = random.Random(seed)

        def before(method: str) -> StoreError | None:
            if chance.random() >= share:
                return None
            if method in WRITES and chance.random() < 0.5:
                return OutcomeUnknown("The answer was lost, and so was the write.")
            return Unavailable("The database cannot be reached.")

        def after(method: str) -> StoreError | None:
            if method in WRITES and chance.random() < share:
                return OutcomeUnknown("The answer was lost.")
            return None

        self.before, self.after = before, after

    def heal(self) -> None:
        self.before = self.after = no_fault

    def _fail(self, error: Exception | None) -> None:
        if error is not None:
            self.failures += 1
            raise error
