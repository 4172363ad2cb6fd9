"""What an operator does, in memory: the `Administered` half of `storage.memory`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from storage.administered import BANS_MAX, AuditEntry, DocumentSize, UserSummary, nobody_keeps
from storage.memory_document import MemoryDocument
from storage.memory_people import MemoryPeople
from storage.rows import Head
from storage.store import StoreError, User


class MemoryAdministration(MemoryPeople):
    """`Administered` in memory, but for what is `Store`."""

    def __init__(self) -> None:
        super().__init__()
        self._documents: dict[str, MemoryDocument] = {}
        self._audit: list[AuditEntry] = []

    async def ban(self, entry: AuditEntry) -> bool:
        if entry.subject in self._bans:
            return False
        self._shut_out(entry.subject, len(self._audit) + 1)
        self._write_down(entry)
        return True

    async def unban(self, entry: AuditEntry) -> bool:
        if self._bans.pop(entry.subject, None) is None:
            return False
        self._write_down(entry)
        for _ in self._advanced_documents_of(entry.subject):
            pass
        return True

    async def banned(self, after: str = "", limit: int = 1000) -> list[str]:
        return sorted(user for user in self._bans if user > after)[:limit]

    async def erase_document(self, entry: AuditEntry) -> bool:
        gone = self._documents.pop(entry.subject, None) is not None
        if gone:
            self._write_down(entry)
        return gone

    async def erase_user(
        self,
        entry: AuditEntry,
        *,
        kind: str,
        keep: str,
        heir: str | None = None,
        successors: str | None = None,
    ) -> bool:
        user_id = entry.subject
        theirs = {
            name: known
            for name, known in sorted(self._documents.items())
            if known.head.kind == kind and user_id in known.members
        }
        keys = [token.user_id for token in self._refresh_tokens.values()]
        keys += [token.user_id for token in self._api_tokens.values()]
        if not theirs and user_id not in self._users and user_id not in keys:
            return False
        if heir is not None and (heir == user_id or heir in self._bans):
            raise StoreError(f"The user {heir} cannot be given anything; name somebody who stays.")
        alone = [name for name, known in theirs.items() if len(known.members) == 1]
        bereft = [
            name
            for name, known in theirs.items()
            if name not in alone and self._is_last(known, user_id, keep)
        ]
        heirs: dict[str, str] = {}
        for name in list(bereft):
            follows = heir or self._successor(theirs[name], user_id, successors)
            if follows is not None:
                heirs[name] = follows
            elif successors is not None:
                alone.append(name)
            else:
                continue
            bereft.remove(name)
        if bereft:
            raise nobody_keeps(keep, bereft)
        number = self._write_down(entry)
        if user_id not in self._bans:
            self._shut_out(user_id, number)
        for name in alone:
            del self._documents[name], theirs[name]
            self._write_down(replace(entry, action="delete_document", subject=name))
        for name, follows in heirs.items():
            theirs[name].members[follows] = keep
        for known in theirs.values():
            del known.members[user_id]
        self._users.pop(user_id, None)
        for secret_hash in [s for s, token in self._refresh_tokens.items() if token.user_id == user_id]:
            del self._refresh_tokens[secret_hash]
        for claimed in [claimed for claimed in self._claims if claimed[0] == user_id]:
            del self._claims[claimed]
        for token_id in [t for t, token in self._api_tokens.items() if token.user_id == user_id]:
            del self._api_tokens[token_id]
        return True

    async def documents_naming(self, user_id: str, kind: str) -> list[str]:
        return sorted(
            name
            for name, known in self._documents.items()
            if known.head.kind == kind
            and (
                user_id in (known.creator, *known.members)
                or any(op.author == user_id for op in known.ops.values())
            )
        )

    async def rewrite(
        self, head: Head, epoch: str, ops: Mapping[int, bytes], snapshots: Mapping[int, bytes]
    ) -> bool:
        known = self._documents.get(head.document)
        if known is None or _place(known.head) != _place(head):
            return False
        for version, body in ops.items():
            known.ops[version] = replace(known.ops[version], body=body)
        known.snapshots = dict(snapshots)
        known.head = replace(known.head, epoch=epoch, changes=known.head.changes + 1)
        return True

    async def audit(
        self, after: int = 0, limit: int = 1000, *, subject: str | None = None
    ) -> list[AuditEntry]:
        return [line for line in self._audit[after:] if subject in (None, line.subject)][:limit]

    async def audit_end(self) -> int:
        return len(self._audit)

    async def document_sizes(
        self, after: str = "", limit: int = 100, *, kind: str | None = None, member: str | None = None
    ) -> list[DocumentSize]:
        found = (
            _size(known)
            for name, known in sorted(self._documents.items())
            if name > after
            and kind in (None, known.head.kind)
            and (member is None or member in known.members)
        )
        return [size for size, _ in zip(found, range(limit), strict=False)]

    async def user_summaries(
        self, after: str = "", limit: int = 100, *, name: str | None = None
    ) -> list[UserSummary]:
        found = (
            self._summary(user)
            for user_id, user in sorted(self._users.items())
            if user_id > after and (name is None or name.lower() in user.name.lower())
        )
        return [summary for summary, _ in zip(found, range(limit), strict=False)]

    async def document_size(self, document: str) -> DocumentSize | None:
        known = self._documents.get(document)
        return None if known is None else _size(known)

    async def user_summary(self, user_id: str) -> UserSummary | None:
        user = self._users.get(user_id)
        return None if user is None else self._summary(user)

    async def listed_members(self, documents: Sequence[str]) -> dict[str, dict[str, str]]:
        known = {name: self._documents.get(name) for name in documents}
        return {name: dict(document.members) if document else {} for name, document in known.items()}

    def _write_down(self, entry: AuditEntry) -> int:
        number = len(self._audit) + 1
        self._audit.append(replace(entry, number=number))
        return number

    def _shut_out(self, user_id: str, number: int) -> None:
        if len(self._bans) >= BANS_MAX:
            raise StoreError(f"There are {BANS_MAX:,} bans already; lift some of them first.")
        self._bans[user_id] = number
        for known in self._advanced_documents_of(user_id):
            for secret_hash, invite in known.invites.items():
                known.invites[secret_hash] = replace(invite, revoked=True)

    def _successor(self, known: MemoryDocument, going: str, role: str | None) -> str | None:
        """As `storage.erasure`."""
        candidates = sorted(
            user
            for user, held in known.members.items()
            if user != going and held == role and user not in self._bans
        )
        first: dict[str, int] = {}
        for version, op in sorted(known.ops.items()):
            first.setdefault(op.author, version)
        return min(candidates, key=lambda user: (user not in first, first.get(user, 0), user), default=None)

    def _is_last(self, known: MemoryDocument, user_id: str, role: str) -> bool:
        """Whether of those who are not banned nobody else has a role that this one has, banned or not."""
        others = (user for user in known.members if user != user_id and user not in self._bans)
        return known.members[user_id] == role and role not in (known.members[user] for user in others)

    def _advanced_documents_of(self, user_id: str) -> Iterator[MemoryDocument]:
        for known in self._documents.values():
            if user_id in known.members:
                known.head = replace(known.head, changes=known.head.changes + 1)
                yield known

    def _summary(self, user: User) -> UserSummary:
        documents = sum(user.id in known.members for known in self._documents.values())
        return UserSummary(user, documents, user.id in self._bans)


def _size(known: MemoryDocument) -> DocumentSize:
    body_bytes = sum(len(op.body) for op in known.ops.values()) + sum(map(len, known.snapshots.values()))
    return DocumentSize(
        known.head,
        known.creator,
        known.created_ms,
        len(known.members),
        len(known.ops),
        len(known.snapshots),
        body_bytes,
    )


def _place(head: Head) -> tuple[str, int, int]:
    return head.epoch, head.version, head.horizon
