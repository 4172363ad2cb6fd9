"""The promise of the database.

What a store must do, whatever is behind it. `tests/contracts/test_store.py` is the suite that every
implementation passes. A document's order is decided here and nowhere else: `commit` compares and sets
each document's head, so any node may write to any document and there is still one history.

Time: `*_ms` are wall-clock milliseconds since 1970, given by the caller. All ids are text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from storage.rows import Commit, Head, Loaded, News, OpRow, Settled, Snapshot


class StoreError(Exception):
    """Root of what a store raises. The message is one sentence for an operator."""


class Unavailable(StoreError):
    """The database cannot be reached now. Nothing was written. Try again later."""


class OutcomeUnknown(StoreError):
    """A write was sent and its answer was lost: it may or may not have been committed.

    Never treat it as failed. Look for your own (client, seq) with `news`; if it is not there, the same
    commit may be tried again on the same head.
    """


class StoreRefused(StoreError):
    """The database must not be used: damaged, foreign, newer than this program, or already in use."""


class LastOfRole(StoreError):
    """A change of members would have left a document without anybody of a role that it keeps. Nothing was
    written."""


class Barred(StoreError):
    """Somebody may not come by themselves, because an owner took them out. Nothing was written."""


@dataclass(frozen=True, slots=True)
class User:
    """A person. `name` as shown. `kind` is "guest" (made by `POST /v1/guest`) or "account"."""

    id: str
    name: str
    kind: str
    created_ms: int


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A document as a list shows it: what does not need its state. `creator` made it, whoever has it
    now; `role` is that of the user who asked."""

    head: Head
    creator: str
    role: str
    created_ms: int


@dataclass(frozen=True, slots=True)
class Invite:
    """A link that grants a role. Only the hash of its 128-bit secret is stored. `generation` is that of the
    Jam's door in which it was made; a playlist's is 0."""

    id: str
    document: str
    role: str
    created_by: str
    created_ms: int
    expires_ms: int
    revoked: bool
    generation: int = 0


@dataclass(frozen=True, slots=True)
class JoinCode:
    """The code that people type to join a Jam; it opens the door of `generation` until `expires_ms`.

    Stored as it is, unlike an invite's secret: it is shown again to whoever may invite, all evening. A hash
    would hide little besides, since all 28^8 codes can be hashed in an hour.
    """

    code: str
    document: str
    generation: int
    created_by: str
    created_ms: int
    expires_ms: int


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """One generation of a device's rotating refresh token, found by the hash of its secret.

    A device's generations share `family`. `used` means that it was already exchanged: seeing it again is
    theft, and the caller revokes the family.
    """

    secret_hash: bytes
    family: str
    user_id: str
    created_ms: int
    expires_ms: int
    used: bool
    revoked: bool


@dataclass(frozen=True, slots=True)
class Device:
    """What a user holds refresh tokens on, without them: since when, the newest exchange, and how long the
    newest of them is good (wall ms). `revoked`: it was signed out."""

    id: str
    since_ms: int
    renewed_ms: int
    expires_ms: int
    revoked: bool


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A long-lived token made by `tutti token`, listed and revocable by its `id` (the JWT's jti)."""

    id: str
    user_id: str
    label: str
    created_ms: int
    expires_ms: int
    revoked: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """A request of a user that came with a key, of which only the hash is kept; `request_hash` tells it from
    another request. `answer` is what was said to it, None as long as nobody knows."""

    user_id: str
    key_hash: bytes
    request_hash: bytes
    claimed_ms: int
    answer: bytes | None = None


@dataclass(frozen=True, slots=True)
class KeysEnded:
    """How many join codes and invite links open nothing any more that did before."""

    codes: int
    invites: int


class Store(Protocol):
    """Documents and their history."""

    async def close(self) -> None: ...

    async def ping(self) -> None:
        """Returns when the database answers; raises Unavailable otherwise."""

    async def clock_us(self) -> int | None:
        """What the database's clock shows, in us since 1970, for the clocks of all its nodes to follow. None
        if it has none of its own: then it has one node. Raises Unavailable."""

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
        """A new document at version 0, changes 0, with its state at version 0 and one member, who made it,
        with this role. Raises StoreError if the id is taken."""

    async def delete_document(self, document: str) -> bool:
        """Removes a document with everything that hangs on it. False if there was none."""

    async def load(self, document: str) -> Loaded | None:
        """The newest snapshot and the ops after it, read in one consistent view. None if absent."""

    async def commit(self, group: Sequence[Commit]) -> list[bool]:
        """Writes many documents' commits in one transaction; one answer for each, in order.

        False means that this document's head stood elsewhere (someone was faster, or it is gone): nothing
        of this commit was written, and the others are untouched by that. At most one commit per document
        in a group. Raises OutcomeUnknown or Unavailable for the whole group.
        """

    async def news(self, document: str, version: int, changes: int, epoch: str) -> News | None:
        """What a room that stands at (epoch, version, changes) has missed, in one consistent view. None if
        the document is absent."""

    async def ops(self, document: str, after: int, through: int) -> list[OpRow]:
        """Ops with after < version <= through, in order. Shorter when some are no longer kept."""

    async def heads(self, documents: Sequence[str]) -> dict[str, Head]:
        """Heads of those that exist, in one query."""

    async def all_documents(self, after: str = "", limit: int = 1000) -> list[Head]:
        """Heads of all documents, ordered by id, those after `after`; for `tutti verify`."""

    async def settled(self, asked: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Settled]:
        """The outcomes of the last submissions of clients on documents, by (document, client id), of those
        who ever submitted there; in one query."""

    async def all_settled(self, document: str, after: str = "", limit: int = 1000) -> list[Settled]:
        """Settled rows of a document, ordered by client id, those after `after`; for `tutti verify`."""

    async def client_owners(self, client_ids: Sequence[str]) -> dict[str, str]:
        """The user who first used a client id on any document, by client id, of those that anybody has used;
        in one query."""

    async def add_snapshot(self, document: str, epoch: str, snapshot: Snapshot) -> None:
        """Keeps the state at a version, beside those already there. Repeating it changes nothing. Ignored
        when the document is gone or has another epoch."""

    async def snapshots(self, document: str, after: int = -1, limit: int = 1000) -> list[Snapshot]:
        """Snapshots of a document, oldest first, those of versions above `after`; for `tutti verify`."""

    async def snapshot_at(self, document: str, version: int) -> Snapshot | None:
        """The newest snapshot that is not above `version`: where reading the state at a version begins. None
        if there is none (any more)."""

    async def thin_snapshots(self, document: str, version: int, apart: int) -> None:
        """The snapshot at `version` is there. Drops the newest one before it, if another one before that, not
        below the horizon, is at most `apart` versions away: so those that stay are about that far apart."""

    async def forget_ops(self, document: str, through: int) -> int:
        """Drops ops up to the newest snapshot that is not above `through`, and older snapshots; moves
        `horizon`. Returns the horizon. Settled rows stay."""

    async def set_epoch(self, document: str, epoch: str) -> None:
        """Declares that history is not continuous with what clients saw. Advances `changes`."""

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
        """Gives a user a role, or takes them out (None). Advances `changes` in the same transaction when
        something changed, so an op decided on the old table loses. None if the document is absent. Raises
        LastOfRole rather than take the role `keep` from the last member who has it, whoever else changes the
        table at the same moment. `is_verdict`: an owner says so, which is remembered for `follow`."""

    async def follow(self, document: str, user_id: str, roles: Mapping[str | None, str]) -> Head | None:
        """Makes somebody a member who comes by themselves: with the role that `roles` has for the last
        verdict on them, "" if they were taken out, None if there was none. A member keeps their role.
        Advances `changes` as `set_member` does. None if the document is absent. Raises Barred if there is
        none."""

    async def members(self, document: str) -> dict[str, str]:
        """User id to role, without those who are banned (`storage.administered`); empty if absent."""

    async def documents_of(
        self, user_id: str, kind: str, offset: int, limit: int
    ) -> tuple[list[DocumentInfo], int]:
        """A page of the documents that a user is a member of, newest first, and how many there are in all."""

    async def document_info(self, document: str) -> DocumentInfo | None:
        """As `documents_of` gives it; `role` is empty."""

    async def add_picture(self, document: str, picture: str, content: bytes, now_ms: int, most: int) -> bool:
        """Keeps a picture of the document under this id, and of all its pictures the `most` newest. One that
        is there counts as added now. False if the document is absent."""

    async def picture(self, document: str, picture: str) -> bytes | None: ...

    async def add_invite(self, invite: Invite, secret_hash: bytes) -> None: ...

    async def invites(self, document: str) -> list[Invite]: ...

    async def find_invite(self, secret_hash: bytes) -> Invite | None: ...

    async def revoke_invite(self, document: str, invite_id: str) -> bool: ...

    async def set_join_code(self, code: JoinCode) -> JoinCode | None:
        """Makes this the one code of its document, and returns the one that it has now. That is the code
        which was there already if it is of a newer generation, or of the same and not expired at
        `code.created_ms`: of two who make a code at once, both get the same. None, and nothing changed, if
        another document has a code of these symbols; draw another one."""

    async def join_code(self, document: str) -> JoinCode | None:
        """The code of a document, expired or not."""

    async def find_join_code(self, code: str) -> JoinCode | None:
        """The code of these symbols, expired or not. None if no document has it (any more)."""

    # -- requests that may come again -----------------------------------------------------------------

    async def claim_request(self, claim: Claim, keys_max: int) -> Claim | None:
        """The claim that stands for this user and key: this one, if there was none. Of two at once both get
        the same. None, and nothing changed, if the user has `keys_max` others."""

    async def answer_request(self, user_id: str, key_hash: bytes, answer: bytes) -> None:
        """Keeps what was said to a request. The first answer stays; to a claim that is gone there is none."""

    async def forget_requests(self, before_ms: int, limit: int) -> int:
        """Drops the oldest claims made before then, at most `limit`; how many."""


class Inspectable(Store, Protocol):
    """A database that `tutti verify` can look through, row by row where SQL alone cannot answer."""

    async def document_count(self) -> int: ...

    async def last_op_version(self, document: str) -> int:
        """The highest version that an op of the document bears, whatever its head says; 0 if it has none."""

    async def next_document_with_rows(self, after: str) -> str | None:
        """The first id above `after` that has ops or settled rows, whether or not it has a head."""

    async def client_users(self, after: str, limit: int) -> list[tuple[str, str, str]]:
        """Client ids above `after` in order, each with the first and the last user id (in code point order)
        that settled rows of any document give it; the two are the same if all is well."""


class Restorable(Store, Protocol):
    """A database that may be put back to what it was: for `tutti restored`."""

    async def begin_anew(self, epochs: Sequence[tuple[str, str]]) -> KeysEnded:
        """Gives documents new epochs, as `set_epoch`, and ends every join code and invite to them: nobody
        knows which were ended in what is lost. All of it in one transaction; ids that name nothing are passed
        over."""


class People(Protocol):
    """Users and what proves who they are."""

    async def add_user(self, user: User) -> None: ...

    async def user(self, user_id: str) -> User | None: ...

    async def users(self, user_ids: Sequence[str]) -> dict[str, User]: ...

    async def rename_user(self, user_id: str, name: str) -> bool: ...

    async def add_refresh_token(self, token: RefreshToken) -> None: ...

    async def take_refresh_token(self, secret_hash: bytes) -> RefreshToken | None:
        """Marks the token used and returns it as it was BEFORE: of two callers at once exactly one sees
        `used` false. None if unknown."""

    async def take_family(self, family: str) -> RefreshToken | None:
        """Marks every generation of a device's refresh token used and returns the newest of them. None if
        the device is unknown."""

    async def revoke_family(self, family: str) -> None:
        """Revokes every generation of a device's refresh token."""

    async def devices(self, user_id: str, after: str = "", limit: int = 100) -> list[Device]:
        """Of a user, by id, those above `after`."""

    async def add_api_token(self, token: ApiToken) -> None: ...

    async def api_tokens(self, user_id: str | None = None) -> list[ApiToken]: ...

    async def revoke_api_token(self, token_id: str) -> bool: ...

    async def api_token(self, token_id: str) -> ApiToken | None: ...
