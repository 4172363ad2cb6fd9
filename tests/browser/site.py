"""An app developer's own site.

The pages of `pages/`, and the JavaScript SDK as `make js` builds it, at `/sdk/`. The examples, and the SDK
once more for them, stand where they are in the checkout.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.clients.javascript import SDK

PAGES = Path(__file__).parent / "pages"
ROOT = Path(__file__).parents[2]


class _Handler(SimpleHTTPRequestHandler):
    def translate_path(self, path: str) -> str:
        inside = path.partition("?")[0]
        if inside.startswith("/sdk/"):
            return str(SDK / "dist" / inside.removeprefix("/sdk/"))
        if inside.startswith(("/examples/", "/clients/js/dist/")):
            return str(ROOT / inside.removeprefix("/"))
        return str(PAGES / inside.lstrip("/"))

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads along."""


@contextmanager
def site() -> Iterator[int]:
    """The port on which it is served."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler)) as server:
        thread = Thread(target=server.serve_forever, name="site")
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
