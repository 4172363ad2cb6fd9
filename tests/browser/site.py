"""An app developer's own site.

The pages of `pages/` or of another folder, and the JavaScript SDK as `make js` builds it, at `/sdk/`. The
examples, and the SDK once more for them, stand where they are in the checkout.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import MappingProxyType
from typing import Any

from tests.clients.javascript import SDK

PAGES = Path(__file__).parent / "pages"
ROOT = Path(__file__).parents[2]
# With these a page is isolated from all others, and its clock is as fine as there is.
ISOLATED = {"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp"}


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *given: Any, pages: Path, headers: Mapping[str, str]) -> None:
        self._pages = pages
        self._headers = headers
        super().__init__(*given)

    def end_headers(self) -> None:
        for name, value in self._headers.items():
            self.send_header(name, value)
        super().end_headers()

    def translate_path(self, path: str) -> str:
        inside = path.partition("?")[0]
        if inside.startswith("/sdk/"):
            return str(SDK / "dist" / inside.removeprefix("/sdk/"))
        if inside.startswith(("/examples/", "/clients/js/dist/")):
            return str(ROOT / inside.removeprefix("/"))
        return str(self._pages / inside.lstrip("/"))

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads along."""


@contextmanager
def site(pages: Path = PAGES, headers: Mapping[str, str] = MappingProxyType({})) -> Iterator[int]:
    """The port on which it is served; every answer has these headers."""
    handler = partial(_Handler, pages=pages, headers=headers)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, name="site")
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
