"""`tutti import`: files of playlists become playlists on a server."""

import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from collab.cli_formats import Server, Token, ask
from collab.errors import CannotStart
from collab.formats import FILE_BYTES_MAX, FORMATS
from collab.history_text import plain

# Of what was left out, as much of a screen.
_SHOWN: Final = 20


def import_(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="JSPF, XSPF, M3U8, PLS or CSV, as Exportify writes it."),
    ],
    server: Server = "http://127.0.0.1:8300",
    token: Token = None,
    format: Annotated[
        str | None, typer.Option(help="One of jspf, xspf, m3u8, pls, csv; else the contents tell.")
    ] = None,
) -> None:
    """Make a playlist of each file, and say what of it the server does not know.

    A song is found by its ISRC or MusicBrainz id, else by title, artist and length. Exit code 1 if a file
    cannot be taken; the others are.
    """
    if token is None:
        raise CannotStart("Say whose playlists these will be: --token, from `tutti token --user NAME`.")
    if format is not None and format not in FORMATS:
        raise CannotStart(f"A format is one of {', '.join(FORMATS)}.")
    query = {} if format is None else {"format": format}
    failed = 0
    for file in files:
        try:
            answer: Any = ask(
                "POST",
                server,
                "me/playlists/import",
                token,
                query | {"name": file.stem[:200]},
                _content(file),
            ).json()
            _tell(file, server, answer)
        except CannotStart as error:
            failed += 1
            print(f"{file}: {error}", file=sys.stderr)
    if failed:
        raise typer.Exit(1)


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise CannotStart(f"The file cannot be read: {error.strerror}.") from None
    if len(content) > FILE_BYTES_MAX:
        raise CannotStart(f"A file of a playlist has at most {FILE_BYTES_MAX} bytes.")
    return content


def _tell(file: Path, server: str, answer: Any) -> None:
    playlist, report = answer["playlist"], answer["report"]
    known = sum(report["matched"].values())
    print(f"{plain(playlist['name'])}: {server.rstrip('/')}/p/{playlist['id']}")
    print(
        f"  {report['imported']} of {report['entries']} songs are in; {known} were found here,"
        f" {report['kept']} keep their own address."
    )
    left_out = [one for one in report["unmatched"] if not one["kept"]]
    for one in left_out[:_SHOWN]:
        where = f"line {one['line']}" if one["line"] else f"number {one['position'] + 1}"
        song = " - ".join(part for part in (", ".join(one["artists"]), one["title"]) if part)
        print(f"  left out, {where}: {plain(song or one['uri'])}. {one['message']}")
    if report["left_out"] > len(left_out[:_SHOWN]):
        print(f"  … and {report['left_out'] - _SHOWN} more.")
