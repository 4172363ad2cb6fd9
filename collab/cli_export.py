"""`tutti export`: a playlist as a file, from a running server or straight from its database."""

import asyncio
import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from collab.ambient import real_ambient
from collab.cli_formats import Server, Token, ask
from collab.cli_options import Data, DatabaseUrl
from collab.clock import Clock
from collab.config import Settings
from collab.database import visit_database
from collab.errors import CannotStart, Refusal
from collab.exports import exported
from collab.formats import FORMATS, write_listing
from collab.ids import ID_LENGTH
from collab.past import Past

_ID = re.compile(rf"(?:.*[/:])?([0-9A-Za-z]{{{ID_LENGTH}}})/?")


def export(
    playlist: Annotated[str, typer.Argument(metavar="PLAYLIST", help="Its id, URI or address.")],
    format: Annotated[
        str | None,
        typer.Option(help="One of jspf, xspf, m3u8, pls, csv; else what the file's name ends with, or jspf."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where to; else to standard output."),
    ] = None,
    server: Server = "http://127.0.0.1:8300",
    token: Token = None,
    data: Data = Path("data"),
    database_url: DatabaseUrl = None,
) -> None:
    """Write a playlist to a file.

    With a token a server is asked, as whoever the token is for. Without one the playlist is read from the
    database, which is the operator's way, beside a running server or without one.
    """
    found = _ID.fullmatch(playlist)
    if found is None:
        raise CannotStart(f"{playlist!r} is no playlist's id: 22 letters and digits.")
    name = _format(format, output)
    if token is not None:
        content = ask("GET", server, f"playlists/{found[1]}/export", token, {"format": name}).content
    else:
        content = asyncio.run(_from_database(Settings(data=data, database_url=database_url), found[1], name))
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise CannotStart(f"{output} cannot be written: {error.strerror}.") from None


def _format(wanted: str | None, output: Path | None) -> str:
    ending = output.suffix.lstrip(".").lower() if output is not None else ""
    name = wanted or {"m3u": "m3u8", "json": "jspf", "": "jspf"}.get(ending, ending)
    if name not in FORMATS:
        raise CannotStart(f"A format is one of {', '.join(FORMATS)}.")
    return name


async def _from_database(settings: Settings, playlist: str, format: str) -> bytes:
    store = await visit_database(settings)
    try:
        past = Past(store, real_ambient(Clock()))
        head = await past.head(playlist)
        document = (await past.state_at(playlist, head.version)).document
        info = await store.document_info(playlist)
        if info is None:
            raise Refusal("not_found")
        state = (document.attributes, document.entries)
        return write_listing(await exported(store, store, store.catalogue, info, state, None), format)
    except Refusal as refusal:
        raise CannotStart(refusal.message) from None
    finally:
        await store.close()
