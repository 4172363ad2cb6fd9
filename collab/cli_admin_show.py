"""`tutti admin show`: all that the database says of one document or one user, short of content.

Knows how rows read to an operator. Does not know titles, entries or what was said: those are inside the
document, and `tutti history` shows them.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final

from storage.administered import Administered, DocumentSize, UserSummary

_DOCUMENTS_SHOWN: Final = 100


async def shown(store: Administered, name: str) -> list[str]:
    """The lines; none if `name` is neither a document nor a user. Raises StoreError."""
    size = await store.document_size(name)
    if size is not None:
        return [line async for line in _document(store, size)]
    summary = await store.user_summary(name)
    if summary is not None:
        return [line async for line in _user(store, summary)]
    return []


async def _document(store: Administered, size: DocumentSize) -> AsyncIterator[str]:
    head = size.head
    yield f"{head.kind} {head.document}"
    yield f"  made      {_day(size.created_ms)} by {size.creator}"
    yield f"  epoch     {head.epoch}"
    yield f"  version   {head.version}, kept from {head.horizon} on, {head.changes} changes"
    yield f"  takes     {size.body_bytes:,} bytes in {size.ops} ops and {size.snapshots} snapshots"
    listed = (await store.listed_members([head.document]))[head.document]
    heard = await store.members(head.document)
    users = await store.users(list(listed))
    for user_id, role in sorted(listed.items()):
        known = users.get(user_id)
        silent = "" if user_id in heard else " (banned)"
        yield f"  {role:<9} {user_id}  {known.name if known else '-'}{silent}"
    for invite in await store.invites(head.document):
        state = "revoked" if invite.revoked else f"until {_day(invite.expires_ms)}"
        yield f"  invite    {invite.id}  {invite.role}, by {invite.created_by}, {state}"


async def _user(store: Administered, summary: UserSummary) -> AsyncIterator[str]:
    user = summary.user
    yield f"{user.kind} {user.id}"
    yield f"  name      {user.name}"
    yield f"  since     {_day(user.created_ms)}"
    yield f"  state     {'banned' if summary.is_banned else 'may come in'}"
    sizes = await store.document_sizes(limit=_DOCUMENTS_SHOWN, member=user.id)
    roles = await store.listed_members([size.head.document for size in sizes])
    for size in sizes:
        head = size.head
        yield f"  {head.kind:<9} {head.document}  {roles[head.document].get(user.id, '-')}"
    if summary.documents > len(sizes):
        yield f"  and {summary.documents - len(sizes)} more: tutti admin documents --member {user.id}"
    for token in await store.api_tokens(user.id):
        state = "revoked" if token.revoked else f"until {_day(token.expires_ms)}"
        yield f"  token     {token.id}  {token.label or '-'}, {state}"


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d")
