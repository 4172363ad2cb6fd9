"""What the server can do, described: for programs, and as a page for people.

The files are made from the types of the code (`make docs`) and shipped with it, so that nothing is made while
the server runs. Knows files and headers. Does not know what they say.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from collab.music.audio_request import wanted

FOLDER: Final = Path(__file__).parent / "descriptions"
# After an upgrade a page that was kept is old for so long; until then nobody asks.
_CACHING: Final = "public, max-age=300"
# The page looks like something and does nothing: its one style is named by its hash, and all else is refused.
_PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'sha256-{style}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_STYLE: Final = re.compile(rb"<style>(.*?)</style>", re.DOTALL)
_MEDIA: Final = {".json": "application/json", ".html": "text/html; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class _Description:
    content: bytes
    media_type: str
    headers: dict[str, str]


class DescriptionEndpoints:
    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = {
            "/openapi.json": _described(folder / "openapi.json"),
            "/asyncapi.json": _described(folder / "asyncapi.json"),
            "/reference": _described(folder / "reference.html"),
        }

    def routes(self) -> list[Route]:
        return [Route(path, self.describe, methods=["GET"]) for path in self._files]

    async def describe(self, request: Request) -> Response:
        """200 with the file, 304 for who has it. Needs no token: it is the same for everybody."""
        file = self._files[request.url.path]
        if wanted("HEAD", request.headers, len(file.content), file.headers["ETag"]) == "not_modified":
            return Response(status_code=304, headers=file.headers)
        return Response(file.content, headers=file.headers, media_type=file.media_type)


def _described(path: Path) -> _Description:
    content = path.read_bytes()
    headers = {"ETag": f'"{hashlib.sha256(content).hexdigest()[:16]}"', "Cache-Control": _CACHING}
    if (style := _STYLE.search(content)) is not None:
        digest = base64.b64encode(hashlib.sha256(style[1]).digest()).decode()
        headers["Content-Security-Policy"] = _PAGE_POLICY.format(style=digest)
    return _Description(content, _MEDIA[path.suffix], headers)
