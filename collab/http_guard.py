"""What every HTTP request passes, before any endpoint: the Host check, security headers, a stopwatch.

Plain ASGI, so that it costs no task and no buffering. Knows headers. Does not know routes. Sockets pass
untouched: their door is the connection's, which refuses by close code.
"""

import time
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any, Final

from prometheus_client import Histogram
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from collab.errors import Refusal
from collab.http_errors import error_response
from collab.metrics import Metrics
from collab.origins import Origins

# The API gives no page that may load or run anything, be framed, or be kept by a cache.
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    # A page of ours, and its workers, are alone in their process, which gives them clocks of 5 µs; and what
    # is no page gets into nobody's process but by CORS, unless an endpoint says otherwise.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# As they travel; every response carries them.
_RAW_HEADERS: Final = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
_HOSTS_KEPT: Final = 64
_FOREIGN_HOST: Final = (
    "This server does not answer under that host name; its operator can add it with --allow-host."
)


class Guard:
    def __init__(self, app: ASGIApp, origins: Origins, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._by_status: dict[int, Histogram] = {}
        # Most requests name one of a few.
        self._host_is_ours = lru_cache(_HOSTS_KEPT)(origins.host_is_ours)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started_s = time.perf_counter()
        status = 500
        seconds: float | None = None

        async def send_guarded(message: MutableMapping[str, Any]) -> None:
            nonlocal status, seconds
            if message["type"] == "http.response.start":
                # How long the rest takes is the client's affair, who may listen for minutes.
                status, seconds = message["status"], time.perf_counter() - started_s
                given = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(header for header in _RAW_HEADERS if header[0] not in given),
                ]
            await send(message)

        try:
            if self._host_is_ours(Headers(scope=scope).get("host", "")):
                await self._app(scope, receive, send_guarded)
            else:
                await error_response(Refusal("bad_request", _FOREIGN_HOST))(scope, receive, send_guarded)
        finally:
            if seconds is None:
                seconds = time.perf_counter() - started_s
            self._seconds(status).observe(seconds)

    def _seconds(self, status: int) -> Histogram:
        """Kept, because looking for it costs more than counting."""
        found = self._by_status.get(status)
        if found is None:
            found = self._by_status[status] = self._metrics.http_seconds.labels(status=str(status))
        return found
