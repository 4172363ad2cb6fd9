"""`tutti token`: makes, lists and revokes tokens for programs."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from collab.ambient import Ambient, real_ambient
from collab.api_tokens import ApiTokens
from collab.auth import Tokens
from collab.cli_options import Data, DatabaseUrl, Secret
from collab.clock import Clock
from collab.config import Settings
from collab.database import visit_database
from collab.durations import seconds_of
from collab.errors import CannotStart
from collab.secret import existing_secret


def token(
    user: Annotated[
        str | None, typer.Option(help="For whom: a user's id, or the name of an account for a program.")
    ] = None,
    ttl: Annotated[str, typer.Option(envvar="TUTTI_TTL", help="How long it lives, up to 90d.")] = "30d",
    label: Annotated[str, typer.Option(help="What it is for, shown in the list.")] = "",
    show: Annotated[bool, typer.Option("--list", help="List every token.")] = False,
    revoke: Annotated[str | None, typer.Option(metavar="ID", help="Make a token worthless at once.")] = None,
    data: Data = Path("data"),
    database_url: DatabaseUrl = None,
    secret: Secret = None,
) -> None:
    """Make a token for a program, list the tokens, or revoke one. Works beside a running server.

    The new token is the only thing written to standard output; it is shown once.
    """
    if [user is not None, show, revoke is not None].count(True) != 1:
        raise CannotStart("Say one of --user NAME, --list and --revoke ID.")
    settings = Settings(data=data, database_url=database_url, secret=secret)
    asyncio.run(_token(settings, user, ttl, label, revoke))


async def _token(settings: Settings, user: str | None, ttl: str, label: str, revoke: str | None) -> None:
    ambient = real_ambient(Clock())
    store = await visit_database(settings)
    try:
        api_tokens = ApiTokens(store, ambient)
        if user is not None:
            tokens = Tokens(existing_secret(settings), store, ambient)
            person, issued = await api_tokens.issue(tokens, user, label, seconds_of(ttl))
            print(f"A token for {person.name}, until {_day(issued.expires_ms)}:", file=sys.stderr)
            print(issued.token)
        elif revoke is not None:
            await api_tokens.revoke(revoke)
            print("Revoked.")
        else:
            await _list(api_tokens, ambient)
    finally:
        await store.close()


async def _list(api_tokens: ApiTokens, ambient: Ambient) -> None:
    row = "{:<22}  {:<8}  {:<10}  {:<10}  {}"
    print(row.format("ID", "STATE", "MADE", "UNTIL", "USER AND LABEL"))
    for listed in await api_tokens.listed():
        token = listed.token
        who = listed.user.name if listed.user is not None else token.user_id
        state = listed.state(ambient.now_ms())
        print(
            row.format(
                token.id, state, _day(token.created_ms), _day(token.expires_ms), f"{who} {token.label}"
            )
        )


def _day(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d")
