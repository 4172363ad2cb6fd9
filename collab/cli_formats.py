"""What `tutti import` and `tutti export` have in common: a server, a token, and its answers as sentences."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import httpx
import typer

from collab.errors import CannotStart

# A full playlist is matched with a large catalogue on a slow machine.
TIMEOUT_S: Final = 60.0

Server = Annotated[str, typer.Option(envvar="TUTTI_URL", help="A running server.")]
Token = Annotated[
    str | None,
    typer.Option(
        envvar="TUTTI_TOKEN",
        help="Whose playlists these are: a token from `tutti token --user ID`. Better given as TUTTI_TOKEN "
        "than on a command line that others can read.",
        show_default=False,
    ),
]


def ask(
    method: str,
    server: str,
    path: str,
    token: str,
    query: Mapping[str, str],
    content: bytes | None = None,
) -> httpx.Response:
    """The server's answer to a request. Raises CannotStart with what it says if it refuses."""
    url = f"{server.rstrip('/')}/v1/{path}"
    headers = {"Authorization": f"Bearer {token}"}
    if content is not None:
        headers["Content-Type"] = "application/octet-stream"
    try:
        response = httpx.request(
            method, url, params=query, content=content, headers=headers, timeout=TIMEOUT_S
        )
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeEncodeError) as error:
        raise CannotStart(f"The server at {server} cannot be asked: {error}.") from None
    if response.is_error:
        raise CannotStart(_refusal(response))
    return response


def _refusal(response: httpx.Response) -> str:
    try:
        said: Any = response.json()["error"]["message"]
    except (ValueError, KeyError, TypeError):
        said = f"The server answered {response.status_code}."
    return str(said)
