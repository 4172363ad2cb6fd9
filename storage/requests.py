"""Requests with a key as SQL, written as `storage.history`."""

from dataclasses import asdict

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select, tuple_, update

from storage import tables
from storage.engine import insert_or_ignore
from storage.store import Claim

_requests = tables.requests

_COLUMNS = (
    _requests.c.user_id,
    _requests.c.key_hash,
    _requests.c.request_hash,
    _requests.c.claimed_ms,
    _requests.c.answer,
)


def claim_request(connection: Connection, claim: Claim, keys_max: int) -> Claim | None:
    standing = _find(connection, claim)
    if standing is not None:
        return standing
    # Counted up to the bound and no further, in the primary key.
    mine = select(_requests.c.key_hash).where(_requests.c.user_id == claim.user_id).limit(keys_max)
    if connection.scalar(select(func.count()).select_from(mine.subquery())) == keys_max:
        return None
    insert_or_ignore(connection, _requests, asdict(claim))
    return _find(connection, claim)


def _find(connection: Connection, claim: Claim) -> Claim | None:
    row = connection.execute(select(*_COLUMNS).where(_is(claim.user_id, claim.key_hash))).one_or_none()
    return None if row is None else Claim(*row)


def answer_request(connection: Connection, user_id: str, key_hash: bytes, answer: bytes) -> None:
    unanswered = and_(_is(user_id, key_hash), _requests.c.answer.is_(None))
    connection.execute(update(_requests).where(unanswered).values(answer=answer))


def forget_requests(connection: Connection, before_ms: int, limit: int) -> int:
    names = (_requests.c.user_id, _requests.c.key_hash)
    oldest = (
        select(*names).where(_requests.c.claimed_ms < before_ms).order_by(_requests.c.claimed_ms).limit(limit)
    )
    return connection.execute(delete(_requests).where(tuple_(*names).in_(oldest))).rowcount


def _is(user_id: str, key_hash: bytes) -> ColumnElement[bool]:
    return and_(_requests.c.user_id == user_id, _requests.c.key_hash == key_hash)
