"""The web app, for people who come with a browser.

Serves the pages, which are all the same document, and what they load; a program that asks for `/` is told in
a line what this is. Knows paths of pages and how long a browser may keep what. Does not know what is on a
page, nor what stands here where the app was not built: that is `http_health`'s and `http_landing`'s.
"""

from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from collab.http_health import ABOUT, wants_page
from collab.web_app import INDEX
from jam.codes import normalise

# Everything that runs or looks like something comes from here; pictures and sound that were fetched with a
# token are blobs. Safari takes sockets for another origin unless they are named: the host is set in place.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; connect-src 'self' {socket}; worker-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# What has its own hash in its name never changes.
_FOR_EVER: Final = "public, max-age=31536000, immutable"
# Is asked for each time, and answered with 304 most times.
_ASKED: Final = "no-cache"
# By name, because what a system's own table says of these differs, and browsers go by it.
_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_PAGES: Final = ("/p/{rest:path}", "/jam/{rest:path}", "/jams", "/invite", "/link")


class WebEndpoints:
    """`folder` is where the built app lies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def routes(self) -> list[BaseRoute]:
        files = sorted(file.name for file in self._folder.iterdir() if file.is_file())
        return [
            Route("/", self.about),
            *[Route(path, self.page, include_in_schema=False) for path in _PAGES],
            *[Route(f"/{letter}/{{code}}", self.land) for letter in "jJ"],
            Mount("/assets", _Assets(directory=self._folder / "assets")),
            *[Route(f"/{name}", self.file, include_in_schema=False) for name in files if name != INDEX],
        ]

    async def about(self, request: Request) -> Response:
        """The app for browsers, a line for programs."""
        if wants_page(request):
            return await self.page(request)
        return PlainTextResponse(ABOUT)

    async def land(self, request: Request) -> Response:
        """Where a Jam's QR symbol leads, mostly in capitals: 308 to the address as it is written."""
        code = normalise(request.path_params["code"])
        if code is not None and request.url.path != f"/j/{code}":
            return RedirectResponse(f"/j/{code}", 308)
        return await self.page(request)

    async def page(self, request: Request) -> Response:
        return self._answer(request, INDEX)

    async def file(self, request: Request) -> Response:
        """The icon, the manifest, the service worker: names that cannot change."""
        return self._answer(request, request.url.path.removeprefix("/"))

    def _answer(self, request: Request, name: str) -> Response:
        return FileResponse(self._folder / name, headers=_headers(request.headers, name, _ASKED))


class _Assets(StaticFiles):
    """Scripts carry the policy, too: a worker lives under that of its own file."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(_headers(Headers(scope=scope), path, _FOR_EVER))
        return response


def _headers(asked: Headers, name: str, keep: str) -> dict[str, str]:
    host = asked.get("host", "")
    known = _TYPES.get(Path(name).suffix)
    return {
        **({} if known is None else {"Content-Type": known}),
        "Content-Security-Policy": _POLICY.format(socket=f"ws://{host} wss://{host}"),
        "Cache-Control": keep,
    }
