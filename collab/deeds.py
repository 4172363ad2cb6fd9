"""Whether a request has written anything yet.

A request that fails after it has written must not say that it failed: its client would send it again. Whoever
writes for a request notes it here, whoever answers asks. Knows one request at a time, by the context in which
its code runs; outside of any request a note goes nowhere.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Deeds:
    """What one request has done so far."""

    def __init__(self) -> None:
        self.any = False


_present: ContextVar[Deeds | None] = ContextVar("deeds", default=None)


@contextmanager
def watched() -> Iterator[Deeds]:
    """Around the work of a request. Tasks that it starts count as its own."""
    deeds = Deeds()
    token = _present.set(deeds)
    try:
        yield deeds
    finally:
        _present.reset(token)


def note() -> None:
    """Something is durable now."""
    deeds = _present.get()
    if deeds is not None:
        deeds.any = True
