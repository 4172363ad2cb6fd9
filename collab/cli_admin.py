"""`tutti admin`: what only the operator may do, each with a line in the audit."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from collab.cli_admin_show import shown
from collab.cli_options import Data, DatabaseUrl
from collab.clock import Clock
from collab.config import Settings
from collab.database import visit_database
from collab.errors import CannotStart
from collab.playlist import Playlist
from storage.administered import Action, Administered, AuditEntry
from storage.store import LastOfRole

T = TypeVar("T")

admin = typer.Typer(
    help="List documents and users, shut somebody out, delete. Works beside a running server.",
    no_args_is_help=True,
)

Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many lines.")]
After = Annotated[str, typer.Option(help="Only ids above this one: the last of the page before.")]
By = Annotated[str | None, typer.Option(help="Who does it.", show_default="the system's user")]
Why = Annotated[str, typer.Option(help="A reason, for the audit.")]


@admin.command()
def documents(
    kind: Annotated[str | None, typer.Option(help="playlist or jam.")] = None,
    member: Annotated[str | None, typer.Option(help="Only those that this user is in.")] = None,
    after: After = "",
    limit: Limit = 100,
    data: Data = Path("data"),
    database_url: DatabaseUrl = None,
) -> None:
    """List documents by id, and what each takes."""
    sizes = _in_database(
        data, database_url, lambda store: store.document_sizes(after, limit, kind=kind, member=member)
    )
    row = "{:<22}  {:<8}  {:>8}  {:>7}  {:>7}  {:>10}  {}"
    print(row.format("ID", "KIND", "VERSION", "OPS", "MEMBERS", "BYTES", "MADE BY"))
    for size in sizes:
        head = size.head
        print(
            row.format(
                head.document, head.kind, head.version, size.ops, size.members, size.body_bytes, size.creator
            )
        )


@admin.command()
def users(
    name: Annotated[str | None, typer.Option(help="Only those whose name contains this.")] = None,
    after: After = "",
    limit: Limit = 100,
    data: Data = Path("data"),
    database_url: DatabaseUrl = None,
) -> None:
    """List users by id, with the number of their documents."""
    summaries = _in_database(data, database_url, lambda store: store.user_summaries(after, limit, name=name))
    row = "{:<22}  {:<8}  {:<6}  {:>9}  {}"
    print(row.format("ID", "KIND", "STATE", "DOCUMENTS", "NAME"))
    for summary in summaries:
        user = summary.user
        state = "banned" if summary.is_banned else "-"
        print(row.format(user.id, user.kind, state, summary.documents, user.name))


@admin.command()
def ban(
    user: str, why: Why = "", by: By = None, data: Data = Path("data"), database_url: DatabaseUrl = None
) -> None:
    """Shut a user out, on every node within a second: sockets close, tokens are refused, and they are a
    member of no playlist until `tutti admin unban`. Invite links to their playlists end."""
    entry = _entry("ban", user, by, why)
    if not _in_database(data, database_url, lambda store: store.ban(entry)):
        raise CannotStart(f"The user {user} is banned already.")
    print(f"Banned {user}.")


@admin.command()
def unban(
    user: str, why: Why = "", by: By = None, data: Data = Path("data"), database_url: DatabaseUrl = None
) -> None:
    """Let a banned user in again, as the member that they were."""
    entry = _entry("unban", user, by, why)
    if not _in_database(data, database_url, lambda store: store.unban(entry)):
        raise CannotStart(f"The user {user} is not banned.")
    print(f"{user} may come in again.")


@admin.command()
def delete(
    document: str,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    why: Why = "",
    by: By = None,
    data: Data = Path("data"),
    database_url: DatabaseUrl = None,
) -> None:
    """Delete a document with its history, for everybody; it closes on every node within two seconds."""
    if not yes:
        typer.confirm(f"Delete {document} with its history, for everybody?", abort=True)
    entry = _entry("delete_document", document, by, why)
    if not _in_database(data, database_url, lambda store: store.erase_document(entry)):
        raise CannotStart(f"There is no document {document}.")
    print(f"Deleted {document}.")


@admin.command("delete-user")
def delete_user(
    user: str,
    heir: Annotated[
        str | None, typer.Option(help="User who becomes owner where nobody else is.", show_default=False)
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    why: Why = "",
    by: By = None,
    data: Data = Path("data"),
    database_url: DatabaseUrl = None,
) -> None:
    """Delete a user: name and tokens are gone, and playlists that nobody else is in. They leave all others;
    what they did there stays, under the id. The id stays banned, because of tokens that are still good."""
    if not yes:
        typer.confirm(f"Delete {user}, and the playlists that nobody else is in?", abort=True)
    entry = _entry("delete_user", user, by, why)

    async def delete(store: Administered) -> bool:
        if heir is not None and await store.user(heir) is None:
            raise CannotStart(f"There is no user {heir}.")
        return await store.erase_user(entry, kind=Playlist.name, keep="owner", heir=heir)

    try:
        is_gone = _in_database(data, database_url, delete)
    except LastOfRole as error:
        raise CannotStart(f"{error} Name an --heir, or delete these playlists first.") from None
    if not is_gone:
        raise CannotStart(f"There is no user {user}.")
    print(f"Deleted {user}.")


@admin.command()
def show(name: str, data: Data = Path("data"), database_url: DatabaseUrl = None) -> None:
    """Show all about one document or one user: members, invites, tokens, size; no content."""
    lines = _in_database(data, database_url, lambda store: shown(store, name))
    if not lines:
        raise CannotStart(f"There is no document and no user {name}.")
    print("\n".join(lines))


@admin.command("log")
def show_log(limit: Limit = 100, data: Data = Path("data"), database_url: DatabaseUrl = None) -> None:
    """Show what operators did last."""

    async def last(store: Administered) -> list[AuditEntry]:
        return await store.audit(max(0, await store.audit_end() - limit), limit)

    for line in _in_database(data, database_url, last):
        at = datetime.fromtimestamp(line.at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
        print(f"{line.number:>5}  {at}  {line.by}  {line.action}  {line.subject}  {line.why}".rstrip())


def _entry(action: Action, subject: str, by: str | None, why: str) -> AuditEntry:
    return AuditEntry(Clock().now_ms(), by or getpass.getuser(), action, subject, why)


def _in_database(data: Path, database_url: str | None, work: Callable[[Administered], Awaitable[T]]) -> T:
    async def run() -> T:
        store = await visit_database(Settings(data=data, database_url=database_url))
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())
