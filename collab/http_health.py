"""Endpoints for machines that look after the server, and the line at `/` for people who stray here."""

from typing import Final, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from collab.errors import Refusal
from collab.http_requests import address_of
from collab.metrics import METRICS_TYPE
from collab.origins import is_loopback

ABOUT: Final = "This is Tutti, a server on which people edit playlists together; its API is under /v1.\n"
_NO_APP: Final = (
    "This is Tutti. Its web app is not built here: install Node.js 20 or newer, then `make run` builds it. "
    "Everything else works; the API is under /v1.\n"
)


class Checked(Protocol):
    async def checks(self) -> dict[str, str]:
        """What is looked at, by name; all of it is "ok" when people may be sent here."""


class Measured(Protocol):
    async def report(self) -> bytes:
        """What is counted, as Prometheus reads it."""


class HealthEndpoints:
    """`private`: these routes are served on a port that only operators reach."""

    def __init__(self, readiness: Checked, metrics: Measured, private: bool) -> None:
        self._readiness = readiness
        self._metrics = metrics
        self._private = private

    def routes(self) -> list[Route]:
        return [
            Route("/", self.about),
            Route("/healthz", self.alive),
            Route("/readyz", self.ready),
            Route("/metrics", self.metrics),
        ]

    async def about(self, request: Request) -> Response:
        """A line for programs; people came for the web app, which would stand here."""
        return PlainTextResponse(_NO_APP if wants_page(request) and not self._private else ABOUT)

    async def alive(self, request: Request) -> Response:
        """200 as long as the process can answer at all."""
        return PlainTextResponse("ok\n")

    async def ready(self, request: Request) -> Response:
        """200 when people may be sent here, else 503; the body says what is missing."""
        checks = await self._readiness.checks()
        is_ready = all(state == "ok" for state in checks.values())
        return JSONResponse({"ready": is_ready, "checks": checks}, status_code=200 if is_ready else 503)

    async def metrics(self, request: Request) -> Response:
        """For peers on this machine; on the public port others get what a missing page gets."""
        if not self._private and not is_loopback(address_of(request)):
            raise Refusal("not_found")
        return Response(await self._metrics.report(), media_type=METRICS_TYPE)


def wants_page(request: Request) -> bool:
    """Whether a browser asks, rather than a program."""
    return "text/html" in request.headers.get("accept", "")
