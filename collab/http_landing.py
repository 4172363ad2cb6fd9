"""The page that a Jam's QR symbol leads to.

A phone's camera opens the address in a browser, mostly in capitals (`collab.qr`). Whoever lands here has no
app open that takes the code, so the page shows it and says where it goes. It looks the same whether or not
the code opens anything: that is for the door to say, which counts who tries. Knows how codes are written.
Asks nobody.
"""

import base64
import hashlib
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from jam.codes import normalise, shown

_STYLE: Final = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:12vh auto 0;padding:0 1.2rem;"
    "color:#111;background:#fff}"
    "strong{display:block;font:700 2.4rem ui-monospace,monospace;letter-spacing:.08em;margin:1.2rem 0}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#111}}"
)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# As for everything else here, except for this one style.
_POLICY: Final = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'"
_PAGE: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    f"<title>Join a Jam</title><style>{_STYLE}</style><main>"
)
_INVITED: Final = (
    "<h1>You are invited to a Jam</h1><strong>{code}</strong>"
    "<p>Open the app in which you listen together and enter this code, or paste this page's address there."
    "</p><p>A code ends with its Jam, at the latest after twelve hours. If this one opens nothing, ask your "
    "host for the one that is shown now.</p>"
)
_NO_CODE: Final = (
    "<h1>This is no code</h1>"
    "<p>A Jam's code has eight letters and digits, such as K7QX-2MBD. Scan it again, or ask your host.</p>"
)


class LandingEndpoints:
    def routes(self) -> list[Route]:
        """A path in capitals is another path, and the same place."""
        return [Route(f"/{letter}/{{code}}", self.land, methods=["GET"]) for letter in "jJ"]

    async def land(self, request: Request) -> Response:
        """The page; 308 to the address as it is written, 404 for what is no code."""
        typed = request.path_params["code"]
        code = normalise(typed)
        if code is None:
            return _page(_NO_CODE, 404)
        if request.url.path != f"/j/{code}":
            return RedirectResponse(f"/j/{code}", 308)
        return _page(_INVITED.format(code=shown(code)), 200)


def _page(words: str, status: int) -> Response:
    return HTMLResponse(_PAGE + words, status, {"Content-Security-Policy": _POLICY})
