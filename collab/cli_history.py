"""`tutti history` and `tutti diff`: a playlist's past in a terminal."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from collab.ambient import real_ambient
from collab.cli_options import Data, DatabaseUrl
from collab.clock import Clock
from collab.config import Settings
from collab.database import visit_database
from collab.errors import CannotStart, Refusal
from collab.history import Change, Step
from collab.history_text import change_line, change_lines, moment, plain, step_lines
from collab.past import Past
from ot.op import encode
from storage.sql import SqlStore

PlaylistId = Annotated[str, typer.Argument(metavar="PLAYLIST", help="The playlist's id.")]
Most = Annotated[int, typer.Option("--changes", min=0, help="Changes shown of one version.")]


def history(
    playlist: PlaylistId,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many versions.")] = 20,
    before: Annotated[int | None, typer.Option(min=1, help="Only those below this version.")] = None,
    entry: Annotated[str | None, typer.Option(metavar="UID", help="Only what happened to one entry.")] = None,
    most: Most = 10,
    data: Data = Path("data"),
    database_url: DatabaseUrl = None,
) -> None:
    """Show who changed a playlist, when and how, the newest version first. Only reads; works beside a running
    server. A line begins with + for added, - removed, > moved, ~ edited, = for the playlist itself."""

    async def show(past: Past, store: SqlStore) -> None:
        if entry is not None:
            await _show_life(past, store, playlist, entry)
            return
        head = await past.head(playlist)
        newest = max(head.horizon, head.version if before is None else min(before - 1, head.version))
        after = max(head.horizon, newest - limit)
        told = await past.happened(playlist, after, newest)
        names = await _names(store, [step for step, _ in told])
        for step, changes in reversed(told):
            for line in step_lines(step, changes, names, most):
                print(line)
        if after == head.horizon > 0:
            print(f"versions up to {head.horizon} are no longer kept")

    _look(Settings(data=data, database_url=database_url), show)


def diff(
    playlist: PlaylistId,
    from_version: Annotated[int, typer.Argument(metavar="FROM", min=0)],
    to_version: Annotated[
        int | None, typer.Argument(metavar="TO", min=0, help="Default: the newest.", show_default=False)
    ] = None,
    as_op: Annotated[bool, typer.Option("--op", help="The op as JSON, as it would travel.")] = False,
    data: Data = Path("data"),
    database_url: DatabaseUrl = None,
) -> None:
    """Show what leads from one version of a playlist to another. Works beside a running server."""

    async def show(past: Past, store: SqlStore) -> None:
        newest = (await past.head(playlist)).version
        difference = await past.difference(
            playlist, from_version, newest if to_version is None else to_version
        )
        if as_op:
            print(json.dumps(encode(difference.op), ensure_ascii=True))
            return
        changes = difference.changes
        for line in change_lines(changes, difference.op.attributes, len(changes)):
            print(line)

    _look(Settings(data=data, database_url=database_url), show)


async def _show_life(past: Past, store: SqlStore, playlist: str, uid: str) -> None:
    life = await past.life_of(playlist, uid)
    names = await _names(store, [step for step, _ in life.events])
    for step, change in life.events:
        print(_event_line(step, change, names))


def _event_line(step: Step, change: Change, names: dict[str, str]) -> str:
    who = plain(names.get(step.author, step.author))
    return f"version {step.version}  {moment(step.at_ms)}  {who}  {change_line(change)}"


async def _names(store: SqlStore, steps: list[Step]) -> dict[str, str]:
    people = await store.users(sorted({step.author for step in steps}))
    return {user_id: user.name for user_id, user in people.items()}


def _look(settings: Settings, show: Callable[[Past, SqlStore], Awaitable[None]]) -> None:
    async def look() -> None:
        store = await visit_database(settings)
        try:
            await show(Past(store, real_ambient(Clock())), store)
        except Refusal as refusal:
            raise CannotStart(refusal.message) from None
        finally:
            await store.close()

    asyncio.run(look())
