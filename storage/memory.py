"""A store without a database.

For tests and the simulation: it keeps the promise of `storage.store` in dictionaries, and its methods
never really await, so that a simulated world decides how long things take. It can be told to lose the
answer of a commit, because a fake that never says *unknown* hides the worst bug. Knows the promise. Does
not know durability: it is gone with its process.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum

from storage.group import check_group
from storage.memory_administration import MemoryAdministration
from storage.memory_document import MemoryDocument
from storage.rows import Commit, Head, Loaded, News, OpRow, Settled, Snapshot
from storage.store import (
    Barred,
    DocumentInfo,
    Invite,
    JoinCode,
    KeysEnded,
    LastOfRole,
    OutcomeUnknown,
    StoreError,
    Unavailable,
)


class CommitFault(Enum):
    """How a commit can go wrong. The caller cannot tell the two UNKNOWN ones apart; that is the point."""

    UNAVAILABLE = "nothing was written, and the store says so"
    UNKNOWN_NOT_WRITTEN = "the answer was lost before the commit took effect"
    UNKNOWN_WRITTEN = "the answer was lost after the commit took effect"


class MemoryStore(MemoryAdministration):
    """`Store` and `People` in memory."""

    def __init__(self) -> None:
        super().__init__()
        self._faults: deque[CommitFault] = deque()

    def fail_next_commit(self, fault: CommitFault) -> None:
        """The next commit ends with `fault`; told several times, so do the ones after it, in order."""
        self._faults.append(fault)

    async def close(self) -> None:
        """Nothing to release; what was stored stays readable."""

    async def ping(self) -> None:
        """Always there."""

    async def clock_us(self) -> int | None:
        """One process, one clock."""
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
        if document in self._documents:
            raise StoreError(f"The document {document} exists already.")
        head = Head(document, kind, epoch, version=0, changes=0)
        self._documents[document] = MemoryDocument(head, creator, now_ms, {creator: role}, {0: snapshot})
        return head

    async def delete_document(self, document: str) -> bool:
        return self._documents.pop(document, None) is not None

    async def load(self, document: str) -> Loaded | None:
        known = self._documents.get(document)
        if known is None:
            return None
        version = max(known.snapshots)
        return Loaded(
            known.head,
            Snapshot(version, known.snapshots[version]),
            known.ops_after(version, known.head.version),
            self._members(known),
        )

    async def commit(self, group: Sequence[Commit]) -> list[bool]:
        check_group(group)
        fault = self._faults.popleft() if self._faults else None
        if fault is CommitFault.UNAVAILABLE:
            raise Unavailable("The simulated database cannot be reached.")
        if fault is CommitFault.UNKNOWN_NOT_WRITTEN:
            raise OutcomeUnknown("The simulated database did not answer.")
        answers = self._write(group)
        if fault is CommitFault.UNKNOWN_WRITTEN:
            raise OutcomeUnknown("The simulated database did not answer.")
        return answers

    def _write(self, group: Sequence[Commit]) -> list[bool]:
        held: list[MemoryDocument | None] = []
        for commit in group:
            known = self._documents.get(commit.document)
            held.append(known if known is not None and known.stands_as(commit) else None)
        for known, commit in zip(held, group, strict=True):
            op_ids = [(op.client_id, op.seq) for op in commit.ops]
            if known is not None and (len(set(op_ids)) < len(op_ids) or known.op_ids.intersection(op_ids)):
                raise StoreError("An op id stands in the history already; nothing of the group was written.")
        for known, commit in zip(held, group, strict=True):
            if known is None:
                continue
            for op in commit.ops:
                known.ops[op.version] = op
                known.op_ids.add((op.client_id, op.seq))
            for row in commit.settled:
                known.settled[row.client_id] = row
            for user, role in commit.members:
                if role is None:
                    known.members.pop(user, None)
                else:
                    known.members[user] = role
            known.head = replace(
                known.head, version=known.head.version + len(commit.ops), changes=known.head.changes + 1
            )
        return [known is not None for known in held]

    async def news(self, document: str, version: int, changes: int, epoch: str) -> News | None:
        known = self._documents.get(document)
        if known is None:
            return None
        head = known.head
        continuous = head.epoch == epoch and head.horizon <= version <= head.version
        return News(
            head,
            known.ops_after(version, head.version) if continuous else None,
            tuple(
                sorted(
                    (row for row in known.settled.values() if row.changes > changes),
                    key=lambda row: (row.changes, row.client_id),
                )
            ),
            self._members(known),
        )

    async def ops(self, document: str, after: int, through: int) -> list[OpRow]:
        known = self._documents.get(document)
        return list(known.ops_after(after, through)) if known else []

    async def heads(self, documents: Sequence[str]) -> dict[str, Head]:
        return {name: self._documents[name].head for name in documents if name in self._documents}

    async def all_documents(self, after: str = "", limit: int = 1000) -> list[Head]:
        names = sorted(name for name in self._documents if name > after)
        return [self._documents[name].head for name in names[:limit]]

    async def settled(self, asked: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Settled]:
        found: dict[tuple[str, str], Settled] = {}
        for document, client_id in asked:
            known = self._documents.get(document)
            if known is not None and client_id in known.settled:
                found[document, client_id] = known.settled[client_id]
        return found

    async def all_settled(self, document: str, after: str = "", limit: int = 1000) -> list[Settled]:
        known = self._documents.get(document)
        clients = sorted(client for client in known.settled if client > after) if known else []
        return [known.settled[client] for client in clients[:limit]] if known else []

    async def client_owners(self, client_ids: Sequence[str]) -> dict[str, str]:
        return {
            client_id: known.settled[client_id].user_id
            for client_id in client_ids
            for known in self._documents.values()
            if client_id in known.settled
        }

    async def add_snapshot(self, document: str, epoch: str, snapshot: Snapshot) -> None:
        known = self._documents.get(document)
        if (
            known
            and known.head.epoch == epoch
            and known.head.horizon <= snapshot.version <= known.head.version
        ):
            known.snapshots.setdefault(snapshot.version, snapshot.body)

    async def snapshots(self, document: str, after: int = -1, limit: int = 1000) -> list[Snapshot]:
        known = self._documents.get(document)
        kept = sorted(known.snapshots.items()) if known else []
        return [Snapshot(version, body) for version, body in kept if version > after][:limit]

    async def snapshot_at(self, document: str, version: int) -> Snapshot | None:
        known = self._documents.get(document)
        if known is None:
            return None
        newest = max((kept for kept in known.snapshots if kept <= version), default=None)
        return None if newest is None else Snapshot(newest, known.snapshots[newest])

    async def thin_snapshots(self, document: str, version: int, apart: int) -> None:
        known = self._documents.get(document)
        if known is None:
            return
        before = sorted(kept for kept in known.snapshots if known.head.horizon <= kept < version)
        if len(before) > 1 and version - before[-2] <= apart:
            del known.snapshots[before[-1]]

    async def forget_ops(self, document: str, through: int) -> int:
        known = self._documents.get(document)
        if known is None:
            return 0
        horizon = max((version for version in known.snapshots if version <= through), default=0)
        if horizon > known.head.horizon:
            known.head = replace(known.head, horizon=horizon)
            known.ops = {version: op for version, op in known.ops.items() if version > horizon}
            known.op_ids = {(op.client_id, op.seq) for op in known.ops.values()}
            known.snapshots = {
                version: body for version, body in known.snapshots.items() if version >= horizon
            }
        return known.head.horizon

    async def set_epoch(self, document: str, epoch: str) -> None:
        known = self._documents.get(document)
        if known:
            known.head = replace(known.head, epoch=epoch, changes=known.head.changes + 1)

    async def begin_anew(self, epochs: Sequence[tuple[str, str]]) -> KeysEnded:
        codes = invites = 0
        for document, epoch in epochs:
            await self.set_epoch(document, epoch)
            known = self._documents.get(document)
            if known is None:
                continue
            codes += known.join_code is not None
            known.join_code = None
            for secret_hash, invite in known.invites.items():
                invites += not invite.revoked
                known.invites[secret_hash] = replace(invite, revoked=True)
        return KeysEnded(codes, invites)

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
        known = self._documents.get(document)
        if known is None:
            return None
        before = known.members.get(user_id)
        if before != role:
            keepers = [user for user, held in self._members(known).items() if held == keep]
            if before == keep and keepers == [user_id]:
                raise LastOfRole(f"Somebody keeps the role {keep} in the document {document}.")
            if role is None:
                del known.members[user_id]
            else:
                known.members[user_id] = role
            known.head = replace(known.head, changes=known.head.changes + 1)
        if is_verdict:
            known.verdicts[user_id] = role or ""
        return known.head

    async def follow(self, document: str, user_id: str, roles: Mapping[str | None, str]) -> Head | None:
        known = self._documents.get(document)
        if known is None:
            return None
        if user_id in known.members:
            return known.head
        role = roles.get(known.verdicts.get(user_id))
        if role is None:
            raise Barred(f"The user {user_id} was taken out of the document {document}.")
        return await self.set_member(document, user_id, role)

    async def add_picture(self, document: str, picture: str, content: bytes, now_ms: int, most: int) -> bool:
        known = self._documents.get(document)
        if known is None:
            return False
        known.pictures.pop(picture, None)
        known.pictures[picture] = content
        for old in list(known.pictures)[:-most]:
            del known.pictures[old]
        return True

    async def picture(self, document: str, picture: str) -> bytes | None:
        known = self._documents.get(document)
        return known.pictures.get(picture) if known is not None else None

    async def members(self, document: str) -> dict[str, str]:
        known = self._documents.get(document)
        return self._members(known) if known else {}

    def _members(self, known: MemoryDocument) -> dict[str, str]:
        return {user: role for user, role in known.members.items() if user not in self._bans}

    async def documents_of(
        self, user_id: str, kind: str, offset: int, limit: int
    ) -> tuple[list[DocumentInfo], int]:
        found = [
            DocumentInfo(known.head, known.creator, known.members[user_id], known.created_ms)
            for known in self._documents.values()
            if user_id in known.members and known.head.kind == kind
        ]
        found.sort(key=lambda info: (info.created_ms, info.head.document), reverse=True)
        return found[offset : offset + limit], len(found)

    async def document_info(self, document: str) -> DocumentInfo | None:
        known = self._documents.get(document)
        return DocumentInfo(known.head, known.creator, "", known.created_ms) if known else None

    async def add_invite(self, invite: Invite, secret_hash: bytes) -> None:
        known = self._documents.get(invite.document)
        if known is None:
            raise StoreError(f"There is no document {invite.document} to invite to.")
        known.invites[secret_hash] = invite

    async def invites(self, document: str) -> list[Invite]:
        known = self._documents.get(document)
        return sorted(known.invites.values(), key=lambda i: (i.created_ms, i.id)) if known else []

    async def find_invite(self, secret_hash: bytes) -> Invite | None:
        for known in self._documents.values():
            if secret_hash in known.invites:
                return known.invites[secret_hash]
        return None

    async def revoke_invite(self, document: str, invite_id: str) -> bool:
        known = self._documents.get(document)
        if known is None:
            return False
        for secret_hash, invite in known.invites.items():
            if invite.id == invite_id:
                known.invites[secret_hash] = replace(invite, revoked=True)
                return True
        return False

    async def set_join_code(self, code: JoinCode) -> JoinCode | None:
        known = self._documents.get(code.document)
        if known is None:
            raise StoreError(f"There is no document {code.document} to join.")
        holder = await self.find_join_code(code.code)
        if holder is not None and holder.document != code.document:
            return None
        held = known.join_code
        if (
            held is None
            or held.generation < code.generation
            or (held.generation == code.generation and held.expires_ms <= code.created_ms)
        ):
            known.join_code = code
        return known.join_code

    async def join_code(self, document: str) -> JoinCode | None:
        known = self._documents.get(document)
        return known.join_code if known else None

    async def find_join_code(self, code: str) -> JoinCode | None:
        for known in self._documents.values():
            if known.join_code is not None and known.join_code.code == code:
                return known.join_code
        return None
