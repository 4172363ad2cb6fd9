"""Takes the names of deleted people out of Jams.

A name stands in one place, the user's row, which goes with the user; but a Jam's log says under which name
somebody came in, because clients fold it without asking anybody. So once a user is deleted, by themselves or
by the operator, the logs of Jams that they were in are written anew without the name. What they did stays,
under the id. To clients that is another history: they open the Jam anew, and keep what they have not sent.

Every node looks: after a deletion on this node at once, and each hour for those that others did not live to
do. It also lets the bans of guests end that deleted themselves, when no token of theirs can be good any more:
else everybody could fill the list of bans. Knows Jams' logs. Does not know who asks to be forgotten.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog
from msgspec import structs

from collab.ambient import Ambient
from collab.codec import pack_body, unpack_body
from collab.jam_kind import JamKind
from jam import events as e
from jam.state import Jam, dump, load
from storage.administered import Audited, AuditEntry
from storage.rows import Head
from storage.store import Store, StoreError

log = structlog.get_logger("tutti.forgetting")

LOOK_EVERY_S: Final = 3600.0
# Longer than any session's token of a guest; API tokens are looked up, and gone.
BAN_LASTS_MS: Final = 24 * 3600 * 1000
# In the audit, of a guest who deleted themselves.
OWN_WISH: Final = "guest's own wish"
# Somebody else may write to the same Jam meanwhile.
TRIES_MAX: Final = 5
# A node that begins looks back so far; by then others have done it long ago.
LOOK_BACK_MS: Final = 7 * 24 * 3600 * 1000
_PAGE: Final = 1000
_ROWS: Final = 1000


class Forgetting:
    """`keep_running` as a task of a node; `soon` when somebody was deleted here."""

    def __init__(self, store: Store, people: Audited, ambient: Ambient) -> None:
        self._store = store
        self._people = people
        self._ambient = ambient
        self._read_to = 0
        self._soon = asyncio.Event()
        # Guests whose ban is to end, and from when on it may.
        self._banned_until: dict[str, int] = {}

    def soon(self) -> None:
        self._soon.set()

    async def keep_running(self, pause: Callable[[asyncio.Event], Awaitable[None]]) -> None:
        """Looks after each pause, until it is cancelled."""
        while True:
            await pause(self._soon)
            self._soon.clear()
            try:
                await self.run()
            except StoreError as error:
                log.warning("not_forgotten", error=str(error))
            except Exception:
                # A bug here is not the node's end: its tasks are one group.
                log.exception("not_forgotten")

    async def run(self) -> None:
        """Forgets those who were deleted since the last time. Raises StoreError; then all come again."""
        read_to = self._read_to
        while lines := await self._people.audit(read_to, _PAGE):
            for line in lines:
                match line.action:
                    case "delete_user":
                        if line.at_ms >= self._ambient.now_ms() - LOOK_BACK_MS:
                            await self.forget(line.subject)
                        if line.by == line.subject and line.why == OWN_WISH:
                            self._banned_until[line.subject] = line.at_ms + BAN_LASTS_MS
                    case "unban":
                        self._banned_until.pop(line.subject, None)
            read_to = lines[-1].number
        self._read_to = read_to
        now_ms = self._ambient.now_ms()
        for user in [user for user, until_ms in self._banned_until.items() if until_ms <= now_ms]:
            await self._people.unban(AuditEntry(now_ms, "tutti", "unban", user, OWN_WISH))
            del self._banned_until[user]

    async def forget(self, user: str) -> None:
        """Takes the name out of every Jam. Raises StoreError."""
        for document in await self._people.documents_naming(user, JamKind.name):
            for _ in range(TRIES_MAX):
                if await self._forget_in(document, user):
                    break
            else:
                log.warning("name_stays_for_now", room=document)
                raise StoreError(f"Others write to the Jam {document} all the time.")

    async def _forget_in(self, document: str, user: str) -> bool:
        """False: it was written to meanwhile."""
        head = (await self._store.heads([document])).get(document)
        if head is None:
            return True
        first = await self._store.snapshot_at(document, head.horizon)
        newest = await self._store.snapshot_at(document, head.version)
        if first is None or newest is None:
            return False
        ops = await self._nameless_ops(head, user)
        # Those in between are for speed, and made again as the Jam goes on.
        anew = {row.version: _nameless_snapshot(row.body, user) for row in (first, newest)}
        if not ops and anew[first.version] == first.body:
            return True
        return await self._people.rewrite(head, self._ambient.new_id(), ops, anew)

    async def _nameless_ops(self, head: Head, user: str) -> Mapping[int, bytes]:
        """By version, only those that said the name."""
        found: dict[int, bytes] = {}
        after = head.horizon
        while after < head.version:
            through = min(after + _ROWS, head.version)
            for row in await self._store.ops(head.document, after, through):
                event = e.decode_event(unpack_body(row.body))
                if isinstance(event, (e.Joined, e.Knocked)) and event.user == user and event.name:
                    found[row.version] = pack_body(e.encode_event(structs.replace(event, name="")))
            after = through
        return found


def nameless(jam: Jam, user: str) -> Jam:
    """The same, without what this person was called."""
    members, knocks = dict(jam.members), dict(jam.doors.knocks)
    if user in members:
        members[user] = structs.replace(members[user], name="")
    if user in knocks:
        knocks[user] = structs.replace(knocks[user], name="")
    chat = tuple(structs.replace(said, name="") if said.by == user else said for said in jam.chat)
    return structs.replace(jam, members=members, doors=structs.replace(jam.doors, knocks=knocks), chat=chat)


def _nameless_snapshot(body: bytes, user: str) -> bytes:
    jam = load(unpack_body(body))
    anew = nameless(jam, user)
    return body if anew == jam else pack_body(dump(anew))


async def hourly_or_soon(woken: asyncio.Event) -> None:
    """The pause of a node."""
    try:
        async with asyncio.timeout(LOOK_EVERY_S):
            await woken.wait()
    except TimeoutError:
        return
