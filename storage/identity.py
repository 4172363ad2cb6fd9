"""Users and their tokens as SQL: the statements of `storage.store.People`, written as `storage.history`."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, case, exists, func, insert, select, update

from storage import tables
from storage.engine import among
from storage.store import ApiToken, Device, RefreshToken, User

_users, _refresh_tokens, _api_tokens = tables.users, tables.refresh_tokens, tables.api_tokens

USER_COLUMNS = (_users.c.id, _users.c.name, _users.c.kind, _users.c.created_ms)
_REFRESH_COLUMNS = (
    _refresh_tokens.c.secret_hash,
    _refresh_tokens.c.family,
    _refresh_tokens.c.user_id,
    _refresh_tokens.c.created_ms,
    _refresh_tokens.c.expires_ms,
    _refresh_tokens.c.used,
    _refresh_tokens.c.revoked,
)
_API_COLUMNS = (
    _api_tokens.c.id,
    _api_tokens.c.user_id,
    _api_tokens.c.label,
    _api_tokens.c.created_ms,
    _api_tokens.c.expires_ms,
    _api_tokens.c.revoked,
)


def add_user(connection: Connection, user: User) -> None:
    connection.execute(
        insert(_users).values(id=user.id, name=user.name, kind=user.kind, created_ms=user.created_ms)
    )


def user(connection: Connection, user_id: str) -> User | None:
    row = connection.execute(select(*USER_COLUMNS).where(_users.c.id == user_id)).one_or_none()
    return None if row is None else User(*row)


def users(connection: Connection, user_ids: Sequence[str]) -> dict[str, User]:
    rows = connection.execute(select(*USER_COLUMNS).where(among(connection, _users.c.id, user_ids)))
    return {row.id: User(*row) for row in rows}


def rename_user(connection: Connection, user_id: str, name: str) -> bool:
    return connection.execute(update(_users).where(_users.c.id == user_id).values(name=name)).rowcount == 1


def add_refresh_token(connection: Connection, token: RefreshToken) -> None:
    connection.execute(
        insert(_refresh_tokens).values(
            secret_hash=token.secret_hash,
            family=token.family,
            user_id=token.user_id,
            created_ms=token.created_ms,
            expires_ms=token.expires_ms,
            used=token.used,
            revoked=token.revoked,
        )
    )


def take_refresh_token(connection: Connection, secret_hash: bytes) -> RefreshToken | None:
    # Whoever turns the flag is the first; of two at once the second waits here and then finds it turned.
    one = (_refresh_tokens.c.secret_hash == secret_hash) & _may_come_in()
    turned = connection.execute(
        update(_refresh_tokens).where(one, _refresh_tokens.c.used.is_(False)).values(used=True)
    )
    row = connection.execute(select(*_REFRESH_COLUMNS).where(one)).one_or_none()
    if row is None:
        return None
    first = turned.rowcount == 1
    return RefreshToken(
        row.secret_hash, row.family, row.user_id, row.created_ms, row.expires_ms, not first, row.revoked
    )


def take_family(connection: Connection, family: str) -> RefreshToken | None:
    its = (_refresh_tokens.c.family == family) & _may_come_in()
    connection.execute(update(_refresh_tokens).where(its).values(used=True))
    newest = _refresh_tokens.c.created_ms.desc(), _refresh_tokens.c.secret_hash
    row = connection.execute(select(*_REFRESH_COLUMNS).where(its).order_by(*newest).limit(1)).one_or_none()
    return None if row is None else RefreshToken(*row)


def _may_come_in() -> ColumnElement[bool]:
    """Of a banned user no token is found, nor is any used up: they have them when the ban is lifted."""
    return ~exists().where(tables.bans.c.user_id == _refresh_tokens.c.user_id)


def revoke_family(connection: Connection, family: str) -> None:
    connection.execute(update(_refresh_tokens).where(_refresh_tokens.c.family == family).values(revoked=True))


def devices(connection: Connection, user_id: str, after: str, limit: int) -> list[Device]:
    family = _refresh_tokens.c.family
    query = (
        select(
            family,
            func.min(_refresh_tokens.c.created_ms),
            func.max(_refresh_tokens.c.created_ms),
            func.max(_refresh_tokens.c.expires_ms),
            # A device is signed out as a whole.
            func.sum(case((_refresh_tokens.c.revoked, 1), else_=0)),
        )
        .where(_refresh_tokens.c.user_id == user_id, family > after)
        .group_by(family)
        .order_by(family)
        .limit(limit)
    )
    return [Device(*row[:4], revoked=row[4] > 0) for row in connection.execute(query)]


def add_api_token(connection: Connection, token: ApiToken) -> None:
    connection.execute(
        insert(_api_tokens).values(
            id=token.id,
            user_id=token.user_id,
            label=token.label,
            created_ms=token.created_ms,
            expires_ms=token.expires_ms,
            revoked=token.revoked,
        )
    )


def api_tokens(connection: Connection, user_id: str | None) -> list[ApiToken]:
    query = select(*_API_COLUMNS).order_by(_api_tokens.c.created_ms, _api_tokens.c.id)
    if user_id is not None:
        query = query.where(_api_tokens.c.user_id == user_id)
    return [ApiToken(*row) for row in connection.execute(query)]


def revoke_api_token(connection: Connection, token_id: str) -> bool:
    done = connection.execute(update(_api_tokens).where(_api_tokens.c.id == token_id).values(revoked=True))
    return done.rowcount == 1


def api_token(connection: Connection, token_id: str) -> ApiToken | None:
    row = connection.execute(select(*_API_COLUMNS).where(_api_tokens.c.id == token_id)).one_or_none()
    return None if row is None else ApiToken(*row)
