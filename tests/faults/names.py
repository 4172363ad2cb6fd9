"""One name for all nodes, as DNS gives it.

`localhost` has the addresses of every node, in another order each time, so that clients spread over them and
a client whose node is gone finds another without being told: what a balancer does, without a process in the
way that would be measured along. Knows addresses. Does not know nodes.
"""

import asyncio
import random
import socket
from typing import Any

NAME = "localhost"


class NamedLoop(asyncio.SelectorEventLoop):
    """An event loop that resolves `localhost` to `addresses`, shuffled by `random`."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.random = random.Random(1)

    async def getaddrinfo(self, host: Any, port: Any, **hints: Any) -> Any:
        if host != NAME or not self.addresses:
            return await super().getaddrinfo(host, port, **hints)
        shuffled = self.random.sample(self.addresses, len(self.addresses))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, int(port))) for address in shuffled]


def named_loop() -> NamedLoop:
    """The running loop. Raises AssertionError for one that is none of ours."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, NamedLoop), "faults run on a loop that knows the nodes' name"
    return loop
