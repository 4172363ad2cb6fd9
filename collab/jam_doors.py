"""The keys to a Jam: its join code and its invite links.

A key lies in the store and bears the generation of the door in which it was made. The Jam's own log raises
the generation on a kick, a lock or on demand, so all keys die in the same event; nothing has to be cleaned up
behind it, and a new code is made when somebody next looks at it. Whoever tries a key that opens nothing hears
always the same, equally late, and not often. Knows keys, who may make them, and how often one may fail. Does
not know a Jam's rules: `Jams` decides them.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from collab import deeds
from collab.ambient import Ambient
from collab.errors import Refusal
from collab.failures import Failures, Lenience
from collab.household import household
from collab.ids import is_id
from collab.invites import LIVE_MAX, Made, check_life, new_invite
from collab.jam_ports import DoorState, Jams
from collab.secret_hash import secret_hash
from jam.codes import LENGTH, code_from, normalise
from jam.rules import is_steering
from jam.state import Role, Standing
from storage.store import Invite, JoinCode, Store

# Whoever types a code takes part; co-hosts are made by name (`promote`), because links get passed on.
CODE_ROLE: Final = "guest"
GRANTED: Final[dict[str, Standing]] = {"guest": "guest", "listener": "listener"}
CODE_LIFE_S: Final = 12 * 3600
INVITE_LIFE_S: Final = CODE_LIFE_S
# Two codes meet once in 28^8 / 2 draws for each live one. This only bounds the loop.
DRAWS_MAX: Final = 5

# Within a minute. Loopback is no exception: behind a proxy it is everybody.
ADDRESS_FAILURES_MAX: Final = 5
ACCOUNT_FAILURES_MAX: Final = 10
# A code that nobody has is one look into a table; one whose Jam is locked is a decision in its room, which
# may have to be loaded. Both are answered this long after they were asked, so that the time does not tell.
FAILED_AFTER_MS: Final = 150
# What whoever tries a key may hear besides `key_invalid` and what is retryable: the key was right.
_TOLD: Final = frozenset({"jam_full"})


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who stands at the door, and from which address."""

    user: str
    name: str
    address: str | None


@dataclass(frozen=True, slots=True)
class Admission:
    """Where a key led, at which version of the Jam. `role` None: the host has to let them in first."""

    jam: str
    role: Role | None
    version: int


@dataclass(frozen=True, slots=True)
class _Key:
    document: str
    role: Standing
    generation: int


class JamDoors:
    def __init__(self, store: Store, jams: Jams, ambient: Ambient) -> None:
        self._store = store
        self._jams = jams
        self._ambient = ambient
        self._by_address = Failures(Lenience(ADDRESS_FAILURES_MAX))
        self._by_account = Failures(Lenience(ACCOUNT_FAILURES_MAX))

    # -- from inside ------------------------------------------------------------------------------------

    async def code(self, document: str, by: str) -> JoinCode:
        """The code that opens the Jam now; a new one is made if there is none, or it is of an old generation
        or expired. Raises Refusal `not_found`, `forbidden`, `jam_ended`."""
        door = await self._door(document, by)
        held = await self._store.join_code(document)
        # One of a newer generation was made since we looked at the door.
        if held is not None and held.generation >= door.generation and self._is_fresh(held.expires_ms):
            return held
        return await self._make_code(document, by, door.generation)

    async def rotate(self, document: str, by: str) -> JoinCode:
        """Ends the code and all invite links, and makes a new code. Raises as `Jams.rotate`."""
        return await self._make_code(document, by, await self._jams.rotate(document, by))

    async def invite(self, document: str, by: str, role: str, life_s: int = INVITE_LIFE_S) -> Made:
        """A link that grants `role` for `life_s` seconds, unless the door's generation ends it before. Raises
        Refusal as `code`, and `bad_request` with the reason."""
        if role not in GRANTED:
            raise Refusal("bad_request", f"An invite makes people {' or '.join(GRANTED)}.")
        check_life(life_s)
        door = await self._door(document, by)
        if len(await self._live(document, door)) >= LIVE_MAX:
            raise Refusal("bad_request", f"A Jam has at most {LIVE_MAX} live invites; revoke one first.")
        made = new_invite(self._ambient, document, by, role, life_s, door.generation)
        await self._store.add_invite(made.invite, secret_hash(made.secret))
        deeds.note()
        return made

    async def invites(self, document: str, by: str) -> list[Invite]:
        """The invites that still let somebody in; a guest sees those that they made. Raises as `code`."""
        door = await self._door(document, by)
        live = await self._live(document, door)
        return live if is_steering(door.role) else [invite for invite in live if invite.created_by == by]

    async def revoke(self, document: str, by: str, invite_id: str) -> None:
        """One link less. Raises as `code`; `not_found` also for a link that `by` does not see."""
        if invite_id not in {invite.id for invite in await self.invites(document, by)}:
            raise Refusal("not_found")
        await self._store.revoke_invite(document, invite_id)
        deeds.note()

    # -- from outside -----------------------------------------------------------------------------------

    async def join_by_code(self, who: Visitor, typed: str) -> Admission:
        """Lets somebody in who typed a code, however they typed it.

        Raises Refusal `key_invalid`, always the same, whether the code was never made, is over, or the door
        is locked or shut to this very person; `rate_limited` after too many of these; `jam_full`.
        """
        return await self._join(who, partial(self._key_of_code, typed))

    async def join_by_invite(self, who: Visitor, secret: str) -> Admission:
        """As `join_by_code`, with an invite's secret."""
        return await self._join(who, partial(self._key_of_invite, secret))

    async def waits(self, document: str, user: str) -> bool:
        """Whether somebody knocked and the host has not answered yet. False for all else, also for what is no
        Jam: only who knocked learns anything."""
        try:
            return (await self._jams.door(document, user)).waits
        except Refusal as refusal:
            if refusal.code != "not_found":
                raise
            return False

    async def _join(self, who: Visitor, find: Callable[[], Awaitable[_Key | None]]) -> Admission:
        asked_ms = self._ambient.now_ms()
        self._check_patience(who)
        key = await find()
        # Once more: whoever tries a thousand at the same moment has failed with others since.
        self._check_patience(who)
        try:
            if key is None:
                raise Refusal("key_invalid")
            version = await self._jams.join(key.document, who.user, who.name, key.role, key.generation)
        except Refusal as refusal:
            if refusal.retryable or refusal.code in _TOLD:
                raise
            self._count_failure(who)
            await self._ambient.pause(asked_ms + FAILED_AFTER_MS - self._ambient.now_ms())
            raise Refusal("key_invalid") from None
        door = await self._jams.door(key.document, who.user)
        return Admission(key.document, door.role, version)

    async def _key_of_code(self, typed: str) -> _Key | None:
        code = normalise(typed)
        found = await self._store.find_join_code(code) if code is not None else None
        if found is None or not self._is_fresh(found.expires_ms):
            return None
        return _Key(found.document, CODE_ROLE, found.generation)

    async def _key_of_invite(self, secret: str) -> _Key | None:
        found = await self._store.find_invite(secret_hash(secret)) if is_id(secret) else None
        # A playlist's invite grants other roles, and is accepted elsewhere.
        if found is None or found.role not in GRANTED or not self._is_live(found):
            return None
        return _Key(found.document, GRANTED[found.role], found.generation)

    def _check_patience(self, who: Visitor) -> None:
        now_ms = self._ambient.now_ms()
        wait_ms = max(
            self._by_address.wait_ms(household(who.address), now_ms),
            self._by_account.wait_ms(who.user, now_ms),
        )
        if wait_ms:
            raise Refusal("rate_limited", retry_after_ms=wait_ms)

    def _count_failure(self, who: Visitor) -> None:
        now_ms = self._ambient.now_ms()
        self._by_address.add(household(who.address), now_ms)
        self._by_account.add(who.user, now_ms)

    # -- keys -------------------------------------------------------------------------------------------

    async def _door(self, document: str, by: str) -> DoorState:
        """The door, if `by` may let others in."""
        door = await self._jams.door(document, by)
        if door.role is None:
            raise Refusal("not_found")
        if not is_steering(door.role) and not (door.role == "guest" and door.guests_invite):
            raise Refusal("forbidden")
        if door.ended:
            raise Refusal("jam_ended")
        return door

    async def _make_code(self, document: str, by: str, generation: int) -> JoinCode:
        for _ in range(DRAWS_MAX):
            now_ms = self._ambient.now_ms()
            drawn = JoinCode(
                code=code_from(self._random_bytes()),
                document=document,
                generation=generation,
                created_by=by,
                created_ms=now_ms,
                expires_ms=now_ms + CODE_LIFE_S * 1000,
            )
            stands = await self._store.set_join_code(drawn)
            if stands is not None:
                deeds.note()
                return stands
        raise Refusal("busy")

    def _random_bytes(self) -> Iterator[int]:
        while True:
            yield from self._ambient.entropy(LENGTH)

    async def _live(self, document: str, door: DoorState) -> list[Invite]:
        return [
            invite
            for invite in await self._store.invites(document)
            if invite.generation == door.generation and self._is_live(invite)
        ]

    def _is_live(self, invite: Invite) -> bool:
        return not invite.revoked and self._is_fresh(invite.expires_ms)

    def _is_fresh(self, expires_ms: int) -> bool:
        return self._ambient.now_ms() < expires_ms
