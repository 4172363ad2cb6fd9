"""Invite links: a secret that makes whoever has it a member, with the role that the link grants.

The secret is 128 random bits, shown once and stored as a hash; the page that a link leads to carries it in
the fragment, so it never stands in a URL that a server sees. Unknown, expired and revoked secrets answer
alike. Knows invites and roles. Does not know HTTP or rooms.
"""

from dataclasses import dataclass
from typing import Final

from collab import deeds
from collab.ambient import Ambient
from collab.errors import Refusal
from collab.ids import is_id
from collab.members import Members
from collab.secret_hash import secret_hash
from storage.store import Invite, Store

# A link can be passed on; who may delete the playlist is said by name (`Members.set_role`).
GRANTED: Final = ("editor", "viewer")
LIFE_S: Final = 7 * 24 * 3600
LIFE_S_MIN: Final = 60
LIFE_S_MAX: Final = 90 * 24 * 3600
# Links are made by hand, a few for each playlist; this only bounds what a loop can leave behind.
LIVE_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Made:
    """A new invite with its secret, which nobody can look up again."""

    invite: Invite
    secret: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Where an invite led, and the role that the user has there now."""

    document: str
    role: str


class Invites:
    def __init__(self, store: Store, members: Members, ambient: Ambient) -> None:
        self._store = store
        self._members = members
        self._ambient = ambient

    async def create(self, document: str, by: str, role: str, life_s: int = LIFE_S) -> Made:
        """A link that grants `role` for `life_s` seconds. Raises Refusal, `bad_request` with the reason."""
        if role not in GRANTED:
            raise Refusal("bad_request", "An invite makes people editor or viewer.")
        check_life(life_s)
        if len(await self.live(document, by)) >= LIVE_MAX:
            raise Refusal("bad_request", f"A playlist has at most {LIVE_MAX} live invites; revoke one first.")
        made = new_invite(self._ambient, document, by, role, life_s)
        await self._store.add_invite(made.invite, secret_hash(made.secret))
        deeds.note()
        return made

    async def live(self, document: str, by: str) -> list[Invite]:
        """The invites that still let somebody in."""
        await self._members.require(document, by, "manage_invites")
        return [invite for invite in await self._store.invites(document) if self._is_live(invite)]

    async def revoke(self, document: str, by: str, invite_id: str) -> None:
        await self._members.require(document, by, "manage_invites")
        if not await self._store.revoke_invite(document, invite_id):
            raise Refusal("not_found")
        deeds.note()

    async def accept(self, secret: str, user: str) -> Joined:
        """Makes `user` a member. A role that they have already is never lowered.

        Raises Refusal `not_found` if the secret opens nothing now.
        """
        if not is_id(secret):
            raise Refusal("not_found")
        hashed = secret_hash(secret)
        invite = await self._find(hashed)
        role, before = await self._members.raise_role(invite.document, user, invite.role)
        # The link may have been revoked, and this very user taken out, between our look and our write;
        # then the write comes from before and is taken back.
        try:
            await self._find(hashed)
        except Refusal:
            await self._members.put_back(invite.document, user, role, before)
            raise
        return Joined(invite.document, role)

    async def _find(self, hashed: bytes) -> Invite:
        invite = await self._store.find_invite(hashed)
        # A Jam's invite grants other roles, and opens its door only (`collab.jam_doors`).
        if invite is None or invite.role not in GRANTED or not self._is_live(invite):
            raise Refusal("not_found")
        return invite

    def _is_live(self, invite: Invite) -> bool:
        return not invite.revoked and self._ambient.now_ms() < invite.expires_ms


def check_life(life_s: int) -> None:
    """Raises Refusal `bad_request` for a life that no invite has."""
    if not LIFE_S_MIN <= life_s <= LIFE_S_MAX:
        raise Refusal("bad_request", f"An invite lives between {LIFE_S_MIN} and {LIFE_S_MAX} seconds.")


def new_invite(ambient: Ambient, document: str, by: str, role: str, life_s: int, generation: int = 0) -> Made:
    """An invite with its secret, not stored yet."""
    now_ms = ambient.now_ms()
    secret = ambient.new_id()
    invite = Invite(
        id=ambient.new_id(),
        document=document,
        role=role,
        created_by=by,
        created_ms=now_ms,
        expires_ms=now_ms + life_s * 1000,
        revoked=False,
        generation=generation,
    )
    return Made(invite, secret)
