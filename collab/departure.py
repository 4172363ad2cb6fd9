"""Somebody deletes themselves.

They leave every Jam first, and what they host goes to whoever would act for them (jam.md: the first co-host
who is here, else whoever is here longest), or ends. Then one transaction of the store, the same that
`tutti admin delete-user` runs, takes the rest: name, keys, memberships, and playlists that nobody else is in.
A playlist of others that would be without an owner goes to the editor who has been at work there longest;
one that only has viewers goes with its owner, because none of them was given a say. Knows Jams and the
store. Does not know HTTP, nor how a Jam's log loses the name: `forgetting` does that.
"""

from typing import Final

import structlog

from collab import deeds
from collab.ambient import Ambient
from collab.bans import Bans
from collab.errors import Refusal
from collab.forgetting import OWN_WISH, Forgetting
from collab.http_ports import RoomsToRead
from collab.jams import KIND as JAM
from collab.jams import Jams
from collab.playlist import KIND as PLAYLIST
from jam import commands as c
from jam.hosting import successor
from jam.state import Jam
from storage.administered import Audited, AuditEntry
from storage.store import OutcomeUnknown, Store

log = structlog.get_logger("tutti.departure")

# Jams are left one by one; somebody in more of them is silent in the rest, as whoever an operator deletes.
JAMS_MAX: Final = 1000
_PAGE: Final = 50
# The host may change while one leaves.
_TRIES: Final = 3


class Departure:
    def __init__(
        self,
        store: Store,
        people: Audited,
        jams: Jams,
        bans: Bans,
        rooms: RoomsToRead,
        forgetting: Forgetting,
        ambient: Ambient,
    ) -> None:
        self._store = store
        self._people = people
        self._jams = jams
        self._bans = bans
        self._rooms = rooms
        self._forgetting = forgetting
        self._ambient = ambient

    async def delete(self, user_id: str) -> None:
        """Returns when it is durable. No token of theirs is good from here on, nor on other nodes when they
        have read the audit, twice a second. Raises StoreError; then it may be tried again."""
        user = await self._people.user(user_id)
        if user is None:
            raise Refusal("token_invalid")
        for jam in await self._jams_of(user_id):
            await self._leave(jam, user_id)
        why = OWN_WISH if user.kind == "guest" else "own wish"
        entry = AuditEntry(self._ambient.now_ms(), user_id, "delete_user", user_id, why)
        try:
            await self._people.erase_user(entry, kind=PLAYLIST, keep="owner", successors="editor")
        except OutcomeUnknown:
            if await self._people.user(user_id) is not None:
                raise
        deeds.note()
        await self._bans.follow(self._people)
        self._bans.close(self._rooms.everybody())
        self._forgetting.soon()
        log.info("user_deleted", user=user_id)

    async def _jams_of(self, user: str) -> list[str]:
        found: list[str] = []
        while len(found) < JAMS_MAX:
            page, total = await self._store.documents_of(user, JAM, len(found), _PAGE)
            found += [info.head.document for info in page]
            if not page or len(found) >= total:
                break
        return found

    async def _leave(self, jam: str, user: str) -> None:
        """What the Jam does not allow is left undone: they stay in it, silent."""
        for _ in range(_TRIES):
            try:
                view = await self._jams.read(jam, user)
                if view.jam.host == user and view.jam.status != "ended":
                    await self._jams.command(jam, user, c.encode_command(_passing_on(view.jam)))
                await self._jams.command(jam, user, c.encode_command(c.Leave()))
                return
            except Refusal as refusal:
                if refusal.code == "not_found":
                    return
                log.info("jam_not_left", room=jam, user=user, code=refusal.code)


def _passing_on(jam: Jam) -> c.Command:
    heir = successor(jam)
    return c.End(reign=jam.reign) if heir is None else c.HandOver(user=heir, reign=jam.reign)
