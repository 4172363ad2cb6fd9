"""Which pages of foreign origins may read answers (CORS).

The library decides. It also rewrites the headers of every other answer, to say that it depends on the origin;
most requests come from no page at all, and here that is said to them without. Knows headers. Does not know
which origins are allowed.
"""

from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import Message, Receive, Scope, Send

_VARY: Final = (b"vary", b"Origin")


class Cors(CORSMiddleware):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or any(name == b"origin" for name, _ in scope["headers"]):
            await super().__call__(scope, receive, send)
            return

        async def send_varied(message: Message) -> None:
            if message["type"] == "http.response.start":
                # A line of its own, if the endpoint has said what else it depends on: that means the same.
                message["headers"] = [*message.get("headers", ()), _VARY]
            await send(message)

        await self.app(scope, receive, send_varied)
