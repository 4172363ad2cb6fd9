"""Who belongs to a playlist, and who may change that.

Owners give and take roles; a member may go; the last owner stays, so that a playlist is never without
somebody who can let others in. Taking somebody out also ends every invite link of the playlist, because
the removed hold one (P15). Knows the role table and the store's members. Does not know rooms: the hub makes
a change and tells those who are connected.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from collab.errors import Refusal
from collab.http_ports import Documents
from collab.roles import Action, allowed, is_role, may_read, outranks
from storage.store import People, Store

# Followers of a public playlist, too: each room holds all of them.
MEMBERS_MAX: Final = 10_000

# What those become who come by themselves, by the last verdict of an owner on them. Who was taken out ("")
# becomes nothing (P15).
_EDITORS: Final[dict[str | None, str]] = {
    None: "editor",
    "owner": "editor",
    "editor": "editor",
    "viewer": "viewer",
}
_VIEWERS: Final[dict[str | None, str]] = dict.fromkeys(_EDITORS, "viewer")


class Members:
    def __init__(self, store: Store, people: People, documents: Documents) -> None:
        self._store = store
        self._people = people
        self._documents = documents
        # What is read here and written afterwards belongs together. Changes of members are rare, so one lock
        # for all playlists of this node is simple and enough; that an owner stays, whoever changes the table
        # on other nodes at the same moment, is the store's to say.
        self._changing = asyncio.Lock()

    async def require(self, document: str, user: str, action: Action) -> dict[str, str]:
        """The members, if `user` may do this. Raises Refusal `forbidden` to members whose role is too small,
        and to all others if the playlist is public; else `not_found`, as if it did not exist."""
        members = await self._store.members(document)
        role = members.get(user)
        if role is None or not is_role(role):
            attributes = await self._documents.attributes_of(document)
            raise Refusal("forbidden" if may_read(None, attributes) else "not_found")
        if not allowed(action, role):
            raise Refusal("forbidden")
        return members

    async def set_role(self, document: str, by: str, member: str, role: str) -> None:
        """An owner gives somebody a role. Raises Refusal `last_owner` if no owner would be left."""
        if not is_role(role):
            raise Refusal("bad_request", "A role is one of owner, editor and viewer.")
        async with self._changing:
            members = await self.require(document, by, "manage_members")
            if member not in members and await self._people.user(member) is None:
                raise Refusal("not_found", "There is no such user.")
            if role != "owner":
                _keep_an_owner(members, member)
            await self._documents.set_member(document, member, role, is_verdict=True)

    async def raise_role(self, document: str, member: str, role: str) -> tuple[str, str | None]:
        """Gives somebody at least this role, without asking who wants it: the caller holds an invite.
        Returns the role they have now and the one they had before."""
        async with self._changing:
            held = (await self._store.members(document)).get(member)
            if not outranks(role, held):
                assert held is not None, "any role outranks none"
                return held, held
            await self._documents.set_member(document, member, role)
            return role, held

    async def put_back(self, document: str, member: str, given: str, before: str | None) -> None:
        """Takes back what `raise_role` gave, unless the role was changed again since."""
        async with self._changing:
            if (await self._store.members(document)).get(member) == given:
                await self._documents.set_member(document, member, before)

    async def remove(self, document: str, by: str, member: str) -> None:
        """An owner takes somebody out, or somebody goes by themselves."""
        if member == by:
            await self.leave(document, by)
            return
        async with self._changing:
            members = await self.require(document, by, "manage_members")
            if member not in members:
                raise Refusal("not_found", "There is no such member.")
            _keep_an_owner(members, member)
            for invite in await self._store.invites(document):
                if not invite.revoked:
                    await self._store.revoke_invite(document, invite.id)
            await self._documents.set_member(document, member, None, is_verdict=True)

    async def leave(self, document: str, user: str) -> None:
        """Raises Refusal `last_owner` for the last owner, who can only delete the playlist."""
        async with self._changing:
            members = await self.require(document, user, "leave")
            _keep_an_owner(members, user)
            await self._documents.set_member(document, user, None)

    async def follow(self, document: str, user: str) -> None:
        """What a music app's "add to library" means: whoever may read a playlist becomes a viewer, and of a
        collaborative one an editor, even if it is private: its address is the invitation. A member stays what
        they are, and nobody gets past what an owner said last of them. Raises Refusal `not_found`,
        `members_full`, and `forbidden` to whoever was taken out."""
        roles = await self.roles_by_following(document, user)
        if roles is not None:
            await self._documents.follow(document, user, roles)

    async def roles_by_following(self, document: str, user: str) -> Mapping[str | None, str] | None:
        """What this user would become, by the last verdict on them; None: they are a member. Raises Refusal
        as `follow` does, but that nothing is known yet of a verdict."""
        members = await self._store.members(document)
        if is_role(members.get(user, "")):
            return None
        attributes = await self._documents.attributes_of(document)
        is_collaborative = attributes.get("collaborative") is True
        if not is_collaborative and not may_read(None, attributes):
            raise Refusal("not_found")
        if len(members) >= MEMBERS_MAX:
            raise Refusal("members_full")
        return _EDITORS if is_collaborative else _VIEWERS

    async def following(self, document: str, by: str, users: Sequence[str]) -> list[bool]:
        """Which of these are members, if `by` may read the playlist. Raises Refusal `not_found`."""
        members = await self._store.members(document)
        if not may_read(members.get(by), await self._documents.attributes_of(document)):
            raise Refusal("not_found")
        return [user in members for user in users]

    async def unfollow(self, document: str, user: str) -> None:
        """What a music app's "remove from library" means: a member leaves, the last owner deletes. It is no
        mistake of whoever has not followed, if they may read it."""
        async with self._changing:
            members = await self._store.members(document)
            if not is_role(members.get(user, "")):
                if may_read(None, await self._documents.attributes_of(document)):
                    return
                raise Refusal("not_found")
            if _is_last_owner(members, user):
                await self._documents.delete(document, user)
            else:
                await self._documents.set_member(document, user, None)


def _is_last_owner(members: dict[str, str], user: str) -> bool:
    return [member for member, role in members.items() if role == "owner"] == [user]


def _keep_an_owner(members: dict[str, str], going: str) -> None:
    if _is_last_owner(members, going):
        raise Refusal("last_owner")
