"""How a bug is planted."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

Bug = Callable[[], AbstractContextManager[None]]


@contextmanager
def replaced(*changes: tuple[Any, str, Callable[[Any], Any]]) -> Iterator[None]:
    """For each (owner, name, make), `owner.name` is `make(original)` while the block runs."""
    with ExitStack() as stack:
        for owner, name, make in changes:
            original = getattr(owner, name)
            setattr(owner, name, make(original))
            stack.callback(setattr, owner, name, original)
        yield
