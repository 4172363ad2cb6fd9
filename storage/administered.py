"""The promise of a database to whoever runs it.

What `tutti admin` asks beyond `storage.store`: look through what is there, shut people out, take things away;
each of these leaves a line in the audit in the same transaction, or it did not happen. Nodes read the audit
too: that is how they hear of a ban. Knows rows. Does not know rooms, nor what a role means.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from storage.rows import Head
from storage.store import Inspectable, LastOfRole, People, User

# Each node keeps the whole list in memory, some 100 bytes a ban.
BANS_MAX: Final = 100_000

# As many documents stand in a sentence.
NAMED_MAX: Final = 5

Action = Literal["ban", "unban", "delete_document", "delete_user"]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who (`by`) did what to which user or document, when (wall ms) and why. `number` is the store's: 1 for
    the first, then one more each time, in the order of the commits."""

    at_ms: int
    by: str
    action: Action
    subject: str
    why: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class DocumentSize:
    """A document and what it takes: members in its table, ops and snapshots kept, and the bytes of both.
    `creator` made it, and may have left it since."""

    head: Head
    creator: str
    created_ms: int
    members: int
    ops: int
    snapshots: int
    body_bytes: int


@dataclass(frozen=True, slots=True)
class UserSummary:
    """A user, in how many documents they are a member, and whether they are banned."""

    user: User
    documents: int
    is_banned: bool


def nobody_keeps(role: str, documents: Sequence[str]) -> LastOfRole:
    """What `erase_user` raises without an heir."""
    named = ", ".join(documents[:NAMED_MAX])
    more = len(documents) - NAMED_MAX
    return LastOfRole(f"Nobody else has the role {role} in {named}{f' and {more} more' if more > 0 else ''}.")


class Audited(People, Protocol):
    """Who is shut out or deleted, and the audit that tells every node so. `number` of a given entry is
    ignored."""

    async def ban(self, entry: AuditEntry) -> bool:
        """Shuts the user `entry.subject` out, who need not be known. From this commit on they are no member
        of any document: `members`, `news` and `load` leave them out, the `changes` of every document of
        theirs advance, so that what was decided on the old table loses; no refresh token of theirs is found;
        and every invite to their documents ends, because they hold some. Their rows stay, for `unban`.
        False, and nothing is written, if they are banned already. Raises StoreError beyond BANS_MAX."""

    async def unban(self, entry: AuditEntry) -> bool:
        """Lets `entry.subject` in again: they are a member where they were. False if they are not banned."""

    async def banned(self, after: str = "", limit: int = 1000) -> list[str]:
        """Ids of banned users above `after`, in order."""

    async def erase_user(
        self,
        entry: AuditEntry,
        *,
        kind: str,
        keep: str,
        heir: str | None = None,
        successors: str | None = None,
    ) -> bool:
        """Bans the user `entry.subject`, because of tokens that were signed before, and removes name, refresh
        tokens and API tokens. They are taken out of all documents of `kind`: one that nobody else was in is
        deleted, with a line of its own; where nobody else, banned people aside, has the role `keep`, `heir`
        gets it, or else whoever of the role `successors` made the oldest op there that is kept, or the first
        by id if none did; with `successors`, a document in which nobody can follow is deleted, too. In
        documents of other kinds their row stays, silent as that of anybody banned, because those say
        themselves who is in them. What they did stays in histories, under the id. False, and nothing is
        written, if nothing is known of them. Raises LastOfRole if an heir is needed and none is given,
        StoreError for one who is banned."""

    async def documents_naming(self, user_id: str, kind: str) -> list[str]:
        """Ids of documents of a kind in whose history or members the user is, or that they made."""

    async def rewrite(
        self, head: Head, epoch: str, ops: Mapping[int, bytes], snapshots: Mapping[int, bytes]
    ) -> bool:
        """Gives a document other bodies, by version, and a new epoch, because its history is not what clients
        saw. Ops that are not named stay as they are; snapshots that are not named go. False, and nothing is
        written, unless the document stands at this version, epoch and horizon."""

    async def audit(
        self, after: int = 0, limit: int = 1000, *, subject: str | None = None
    ) -> list[AuditEntry]:
        """Entries of a number above `after`, in order; only those about one user or document."""

    async def audit_end(self) -> int:
        """The number of the last entry; 0 if there is none."""


class Administered(Inspectable, Audited, Protocol):
    """A database that `tutti admin` works on."""

    async def erase_document(self, entry: AuditEntry) -> bool:
        """As `delete_document`. False, and nothing is written, if there is none."""

    async def document_sizes(
        self, after: str = "", limit: int = 100, *, kind: str | None = None, member: str | None = None
    ) -> list[DocumentSize]:
        """Documents of ids above `after`, in order; only those of a kind, only those that a user is in."""

    async def user_summaries(
        self, after: str = "", limit: int = 100, *, name: str | None = None
    ) -> list[UserSummary]:
        """Users of ids above `after`, in order; only those whose name contains `name`, in whatever case of
        A to Z."""

    async def document_size(self, document: str) -> DocumentSize | None: ...

    async def user_summary(self, user_id: str) -> UserSummary | None: ...

    async def listed_members(self, documents: Sequence[str]) -> dict[str, dict[str, str]]:
        """Document to user id to role, banned or not: the rows of the members' table."""
