"""The store on SQL.

Joins the port to the statements: every method but the group commit is one function of `storage.history`,
`storage.inspection`, `storage.restoration`, `storage.membership`, `storage.requests`, `storage.identity`,
`storage.administration` or `storage.erasure`, run in one transaction. Knows which methods read and which
write. Does not know the database: `storage.sqlite` and `storage.postgres` say how a transaction is run.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, literal, select

from storage import (
    administration,
    erasure,
    history,
    identity,
    inspection,
    membership,
    pictures,
    requests,
    restoration,
)
from storage.administered import AuditEntry, DocumentSize, UserSummary
from storage.catalogue import Catalogue
from storage.rows import Commit, Head, Loaded, News, OpRow, Settled, Snapshot
from storage.sql_catalogue import SqlCatalogue
from storage.store import (
    ApiToken,
    Claim,
    Device,
    DocumentInfo,
    Invite,
    JoinCode,
    KeysEnded,
    RefreshToken,
    User,
)

P = ParamSpec("P")
T = TypeVar("T")


class SqlStore(ABC):
    """`Store` and `People` on a SQL database, and a `Catalogue` beside them."""

    @abstractmethod
    async def _read(
        self, statements: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Runs reading `statements` in one consistent view. Raises Unavailable."""

    async def _ask(
        self, statement: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `_read`, of one single statement: it is a view by itself, and needs no transaction around it."""
        return await self._read(statement, *args, **kwargs)

    @abstractmethod
    async def _write(
        self, statements: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Runs `statements` in one transaction. Raises Unavailable when nothing was written, OutcomeUnknown
        when the answer was lost, StoreError when the rows contradict those already there."""

    @abstractmethod
    async def commit(self, group: Sequence[Commit]) -> list[bool]: ...

    @abstractmethod
    async def close(self) -> None: ...

    @cached_property
    def catalogue(self) -> Catalogue:
        return SqlCatalogue(self._read, self._write, search=self._read)

    async def ping(self) -> None:
        await self._read(lambda connection: connection.scalar(select(literal(1))))

    async def clock_us(self) -> int | None:
        return None

    # -- documents ------------------------------------------------------------------------------------

    async def create_document(
        self,
        document: str,
        kind: str,
        epoch: str,
        creator: str,
        snapshot: bytes,
        now_ms: int,
        role: str = "owner",
    ) -> Head:
        return await self._write(
            history.create_document, document, kind, epoch, creator, snapshot, now_ms, role
        )

    async def delete_document(self, document: str) -> bool:
        return await self._write(history.delete_document, document)

    async def load(self, document: str) -> Loaded | None:
        return await self._read(history.load, document)

    async def news(self, document: str, version: int, changes: int, epoch: str) -> News | None:
        return await self._read(history.news, document, version, changes, epoch)

    async def ops(self, document: str, after: int, through: int) -> list[OpRow]:
        return await self._ask(history.ops, document, after, through)

    async def heads(self, documents: Sequence[str]) -> dict[str, Head]:
        return await self._ask(history.heads, documents)

    async def all_documents(self, after: str = "", limit: int = 1000) -> list[Head]:
        return await self._read(history.all_documents, after, limit)

    async def settled(self, asked: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Settled]:
        return await self._ask(history.settled, asked)

    async def all_settled(self, document: str, after: str = "", limit: int = 1000) -> list[Settled]:
        return await self._read(history.all_settled, document, after, limit)

    async def client_owners(self, client_ids: Sequence[str]) -> dict[str, str]:
        return await self._ask(history.client_owners, client_ids)

    async def add_snapshot(self, document: str, epoch: str, snapshot: Snapshot) -> None:
        await self._write(history.add_snapshot, document, epoch, snapshot)

    async def snapshots(self, document: str, after: int = -1, limit: int = 1000) -> list[Snapshot]:
        return await self._read(history.snapshots, document, after, limit)

    async def snapshot_at(self, document: str, version: int) -> Snapshot | None:
        return await self._read(history.snapshot_at, document, version)

    async def thin_snapshots(self, document: str, version: int, apart: int) -> None:
        await self._write(history.thin_snapshots, document, version, apart)

    async def forget_ops(self, document: str, through: int) -> int:
        # Two transactions: the head is held only while the horizon moves, not while thousands of rows go,
        # because every commit that meets a held head counts as lost.
        horizon = await self._write(history.move_horizon, document, through)
        await self._write(history.drop_forgotten, document, horizon)
        return horizon

    async def set_epoch(self, document: str, epoch: str) -> None:
        await self._write(history.set_epoch, document, epoch)

    async def begin_anew(self, epochs: Sequence[tuple[str, str]]) -> KeysEnded:
        return await self._write(restoration.begin_anew, epochs)

    # -- inspection -----------------------------------------------------------------------------------

    async def document_count(self) -> int:
        return await self._read(inspection.document_count)

    async def last_op_version(self, document: str) -> int:
        return await self._read(inspection.last_op_version, document)

    async def next_document_with_rows(self, after: str) -> str | None:
        return await self._read(inspection.next_document_with_rows, after)

    async def client_users(self, after: str, limit: int) -> list[tuple[str, str, str]]:
        return await self._read(inspection.client_users, after, limit)

    # -- members and invites --------------------------------------------------------------------------

    async def set_member(
        self,
        document: str,
        user_id: str,
        role: str | None,
        *,
        keep: str | None = None,
        is_verdict: bool = False,
    ) -> Head | None:
        return await self._write(
            membership.set_member, document, user_id, role, keep=keep, is_verdict=is_verdict
        )

    async def follow(self, document: str, user_id: str, roles: Mapping[str | None, str]) -> Head | None:
        return await self._write(membership.follow, document, user_id, roles)

    async def add_picture(self, document: str, picture: str, content: bytes, now_ms: int, most: int) -> bool:
        return await self._write(pictures.add_picture, document, picture, content, now_ms, most)

    async def picture(self, document: str, picture: str) -> bytes | None:
        return await self._read(pictures.picture, document, picture)

    async def members(self, document: str) -> dict[str, str]:
        return await self._read(history.members, document)

    async def documents_of(
        self, user_id: str, kind: str, offset: int, limit: int
    ) -> tuple[list[DocumentInfo], int]:
        return await self._read(membership.documents_of, user_id, kind, offset, limit)

    async def document_info(self, document: str) -> DocumentInfo | None:
        return await self._read(membership.document_info, document)

    async def add_invite(self, invite: Invite, secret_hash: bytes) -> None:
        await self._write(membership.add_invite, invite, secret_hash)

    async def invites(self, document: str) -> list[Invite]:
        return await self._read(membership.invites, document)

    async def find_invite(self, secret_hash: bytes) -> Invite | None:
        return await self._read(membership.find_invite, secret_hash)

    async def revoke_invite(self, document: str, invite_id: str) -> bool:
        return await self._write(membership.revoke_invite, document, invite_id)

    async def set_join_code(self, code: JoinCode) -> JoinCode | None:
        return await self._write(membership.set_join_code, code)

    async def join_code(self, document: str) -> JoinCode | None:
        return await self._read(membership.join_code, document)

    async def find_join_code(self, code: str) -> JoinCode | None:
        return await self._read(membership.find_join_code, code)

    # -- requests -------------------------------------------------------------------------------------

    async def claim_request(self, claim: Claim, keys_max: int) -> Claim | None:
        return await self._write(requests.claim_request, claim, keys_max)

    async def answer_request(self, user_id: str, key_hash: bytes, answer: bytes) -> None:
        await self._write(requests.answer_request, user_id, key_hash, answer)

    async def forget_requests(self, before_ms: int, limit: int) -> int:
        return await self._write(requests.forget_requests, before_ms, limit)

    # -- people ---------------------------------------------------------------------------------------

    async def add_user(self, user: User) -> None:
        await self._write(identity.add_user, user)

    async def user(self, user_id: str) -> User | None:
        return await self._read(identity.user, user_id)

    async def users(self, user_ids: Sequence[str]) -> dict[str, User]:
        return await self._read(identity.users, user_ids)

    async def rename_user(self, user_id: str, name: str) -> bool:
        return await self._write(identity.rename_user, user_id, name)

    async def add_refresh_token(self, token: RefreshToken) -> None:
        await self._write(identity.add_refresh_token, token)

    async def take_refresh_token(self, secret_hash: bytes) -> RefreshToken | None:
        return await self._write(identity.take_refresh_token, secret_hash)

    async def take_family(self, family: str) -> RefreshToken | None:
        return await self._write(identity.take_family, family)

    async def revoke_family(self, family: str) -> None:
        await self._write(identity.revoke_family, family)

    async def devices(self, user_id: str, after: str = "", limit: int = 100) -> list[Device]:
        return await self._read(identity.devices, user_id, after, limit)

    async def add_api_token(self, token: ApiToken) -> None:
        await self._write(identity.add_api_token, token)

    async def api_tokens(self, user_id: str | None = None) -> list[ApiToken]:
        return await self._read(identity.api_tokens, user_id)

    async def revoke_api_token(self, token_id: str) -> bool:
        return await self._write(identity.revoke_api_token, token_id)

    async def api_token(self, token_id: str) -> ApiToken | None:
        return await self._read(identity.api_token, token_id)

    # -- administration -------------------------------------------------------------------------------

    async def ban(self, entry: AuditEntry) -> bool:
        return await self._write(administration.ban, entry)

    async def unban(self, entry: AuditEntry) -> bool:
        return await self._write(administration.unban, entry)

    async def banned(self, after: str = "", limit: int = 1000) -> list[str]:
        return await self._read(administration.banned, after, limit)

    async def erase_document(self, entry: AuditEntry) -> bool:
        return await self._write(administration.erase_document, entry)

    async def erase_user(
        self,
        entry: AuditEntry,
        *,
        kind: str,
        keep: str,
        heir: str | None = None,
        successors: str | None = None,
    ) -> bool:
        return await self._write(
            erasure.erase_user, entry, kind=kind, keep=keep, heir=heir, successors=successors
        )

    async def documents_naming(self, user_id: str, kind: str) -> list[str]:
        return await self._read(erasure.documents_naming, user_id, kind)

    async def rewrite(
        self, head: Head, epoch: str, ops: Mapping[int, bytes], snapshots: Mapping[int, bytes]
    ) -> bool:
        return await self._write(erasure.rewrite, head, epoch, ops, snapshots)

    async def audit(
        self, after: int = 0, limit: int = 1000, *, subject: str | None = None
    ) -> list[AuditEntry]:
        return await self._read(administration.audit, after, limit, subject=subject)

    async def audit_end(self) -> int:
        return await self._read(administration.audit_end)

    async def document_sizes(
        self, after: str = "", limit: int = 100, *, kind: str | None = None, member: str | None = None
    ) -> list[DocumentSize]:
        return await self._read(administration.document_sizes, after, limit, kind=kind, member=member)

    async def user_summaries(
        self, after: str = "", limit: int = 100, *, name: str | None = None
    ) -> list[UserSummary]:
        return await self._read(administration.user_summaries, after, limit, name=name)

    async def document_size(self, document: str) -> DocumentSize | None:
        return await self._read(administration.document_size, document)

    async def user_summary(self, user_id: str) -> UserSummary | None:
        return await self._read(administration.user_summary, user_id)

    async def listed_members(self, documents: Sequence[str]) -> dict[str, dict[str, str]]:
        return await self._read(administration.listed_members, documents)
