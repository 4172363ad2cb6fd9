import asyncio
from collections import Counter
from collections.abc import Awaitable

import pytest

from collab.errors import Refusal
from collab.invites import LIVE_MAX
from collab.jam_doors import CODE_LIFE_S, DRAWS_MAX, FAILED_AFTER_MS, Admission, JamDoors, Visitor
from collab.secret_hash import secret_hash
from jam.codes import ALPHABET, LENGTH, shown
from jam.state import Role, Standing
from storage.memory import MemoryStore
from storage.store import Invite, JoinCode, Unavailable
from tests.collab.http_world import Times
from tests.collab.jam_world import FakeJam, FakeJams

JAM, OTHER = "J" * 22, "K" * 22
MINUTE_MS = 60_000
# Of all codes that the tests draw none is this one.
NOBODYS = "22222222"


class SlowStore(MemoryStore):
    """Lets everybody else go on before it answers about a key."""

    async def find_join_code(self, code: str) -> JoinCode | None:
        await asyncio.sleep(0)
        return await super().find_join_code(code)


class World:
    """Jams, and people who come to their doors from addresses of their own."""

    def __init__(self) -> None:
        self.times = Times()
        self.store = SlowStore()
        self.jams = FakeJams()
        self.doors = JamDoors(self.store, self.jams, self.times.ambient())
        self._visitors = 0

    async def open(self, document: str = JAM) -> FakeJam:
        await self.store.create_document(document, "jam", "epoch", "hal", b"", self.times.now_ms)
        roles: dict[str, Role] = {"hal": "host", "coco": "cohost", "gus": "guest", "lis": "listener"}
        jam = self.jams.jams[document] = FakeJam(roles)
        return jam

    def visitor(self, user: str = "", address: str = "") -> Visitor:
        self._visitors += 1
        return Visitor(user or f"visitor {self._visitors}", "Vera", address or f"203.0.113.{self._visitors}")

    async def code(self) -> str:
        return (await self.doors.code(JAM, "hal")).code

    async def secret(self, role: str = "guest", life_s: int = 3600) -> str:
        return (await self.doors.invite(JAM, "hal", role, life_s)).secret


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def jam(world: World) -> FakeJam:
    return await world.open()


async def refusal(attempt: Awaitable[object]) -> Refusal:
    with pytest.raises(Refusal) as raised:
        await attempt
    return raised.value


class TestCode:
    async def test_stays_the_same_for_all_who_may_invite(self, world: World, jam: FakeJam) -> None:
        code = await world.doors.code(JAM, "hal")
        assert len(code.code) == LENGTH
        assert set(code.code) <= set(ALPHABET)
        assert code.expires_ms == world.times.now_ms + CODE_LIFE_S * 1000
        world.times.now_ms = code.expires_ms - 1
        assert await world.doors.code(JAM, "coco") == await world.doors.code(JAM, "gus") == code

    async def test_two_jams_have_two(self, world: World, jam: FakeJam) -> None:
        await world.open(OTHER)
        assert (await world.doors.code(OTHER, "hal")).code != await world.code()

    async def test_is_made_anew_when_it_expires(self, world: World, jam: FakeJam) -> None:
        first = await world.doors.code(JAM, "hal")
        world.times.now_ms = first.expires_ms
        second = await world.doors.code(JAM, "hal")
        assert second.code != first.code
        assert second.expires_ms == world.times.now_ms + CODE_LIFE_S * 1000

    async def test_is_made_anew_after_a_kick(self, world: World, jam: FakeJam) -> None:
        first = await world.code()
        jam.kick("lis")
        second = await world.doors.code(JAM, "gus")
        assert (second.code != first, second.generation) == (True, 2)

    async def test_rotates_on_demand(self, world: World, jam: FakeJam) -> None:
        first = await world.code()
        rotated = await world.doors.rotate(JAM, "coco")
        assert rotated.code != first
        assert await world.doors.code(JAM, "hal") == rotated
        assert (await refusal(world.doors.join_by_code(world.visitor(), first))).code == "key_invalid"
        assert (await world.doors.join_by_code(world.visitor(), rotated.code)).jam == JAM

    async def test_whoever_looks_at_an_old_door_gets_the_newer_code(self, world: World, jam: FakeJam) -> None:
        newer = await world.doors.rotate(JAM, "hal")
        jam.generation = 1  # as a node sees it that is behind
        assert await world.doors.code(JAM, "hal") == newer

    async def test_another_is_drawn_if_the_code_is_taken(self, world: World, jam: FakeJam) -> None:
        await world.open(OTHER)
        taken = await world.code()
        world.times.rewind()
        assert (await world.doors.code(OTHER, "hal")).code != taken

    async def test_not_for_ever(self, world: World, jam: FakeJam, monkeypatch: pytest.MonkeyPatch) -> None:
        drawn: list[JoinCode] = []

        async def taken(code: JoinCode) -> None:
            drawn.append(code)

        monkeypatch.setattr(world.store, "set_join_code", taken)
        assert (await refusal(world.doors.code(JAM, "hal"))).code == "busy"
        assert len({code.code for code in drawn}) == DRAWS_MAX

    async def test_is_not_for_everybody(self, world: World, jam: FakeJam) -> None:
        assert (await refusal(world.doors.code(JAM, "lis"))).code == "forbidden"
        assert (await refusal(world.doors.code(JAM, "stranger"))).code == "not_found"
        assert (await refusal(world.doors.code(OTHER, "hal"))).code == "not_found"
        assert (await refusal(world.doors.rotate(JAM, "gus"))).code == "forbidden"
        jam.guests_invite = False
        assert (await refusal(world.doors.code(JAM, "gus"))).code == "forbidden"
        jam.ended = True
        assert (await refusal(world.doors.code(JAM, "hal"))).code == "jam_ended"


class TestInvites:
    async def test_grants_its_role_in_its_generation(self, world: World, jam: FakeJam) -> None:
        jam.generation = 7
        made = await world.doors.invite(JAM, "hal", "listener", 60)
        assert await world.doors.invites(JAM, "coco") == [made.invite]
        assert (made.invite.role, made.invite.generation) == ("listener", 7)
        assert made.invite.expires_ms == world.times.now_ms + 60_000
        assert await world.store.find_invite(secret_hash(made.secret)) == made.invite

    @pytest.mark.parametrize("role", ["host", "cohost", "editor", ""])
    async def test_makes_nobody_more_than_a_guest(self, world: World, jam: FakeJam, role: str) -> None:
        assert (await refusal(world.doors.invite(JAM, "hal", role))).code == "bad_request"

    @pytest.mark.parametrize("life_s", [0, 59, 90 * 24 * 3600 + 1])
    async def test_lives_neither_too_short_nor_too_long(
        self, world: World, jam: FakeJam, life_s: int
    ) -> None:
        assert (await refusal(world.doors.invite(JAM, "hal", "guest", life_s))).code == "bad_request"

    async def test_a_guest_sees_and_revokes_their_own(self, world: World, jam: FakeJam) -> None:
        hals = (await world.doors.invite(JAM, "hal", "guest")).invite
        guss = (await world.doors.invite(JAM, "gus", "guest")).invite
        assert {invite.id for invite in await world.doors.invites(JAM, "coco")} == {hals.id, guss.id}
        assert await world.doors.invites(JAM, "gus") == [guss]
        assert (await refusal(world.doors.revoke(JAM, "gus", hals.id))).code == "not_found"
        await world.doors.revoke(JAM, "gus", guss.id)
        await world.doors.revoke(JAM, "coco", hals.id)
        assert await world.doors.invites(JAM, "hal") == []
        assert (await refusal(world.doors.revoke(JAM, "hal", hals.id))).code == "not_found"

    async def test_those_that_open_nothing_are_not_listed(self, world: World, jam: FakeJam) -> None:
        await world.secret(life_s=60)
        world.times.now_ms += 60_000
        await world.secret()
        assert len(await world.doors.invites(JAM, "hal")) == 1
        jam.kick("lis")
        assert await world.doors.invites(JAM, "hal") == []

    async def test_there_are_only_so_many(self, world: World, jam: FakeJam) -> None:
        for _ in range(LIVE_MAX):
            await world.secret()
        refused = await refusal(world.doors.invite(JAM, "hal", "guest"))
        assert (refused.code, str(LIVE_MAX) in refused.message) == ("bad_request", True)

    async def test_are_not_for_everybody(self, world: World, jam: FakeJam) -> None:
        for user, code in (("lis", "forbidden"), ("stranger", "not_found")):
            assert (await refusal(world.doors.invite(JAM, user, "guest"))).code == code
            assert (await refusal(world.doors.invites(JAM, user))).code == code
            assert (await refusal(world.doors.revoke(JAM, user, "I" * 22))).code == code


class TestJoining:
    async def test_by_code_however_it_is_typed(self, world: World, jam: FakeJam) -> None:
        code = await world.code()
        for typed in (code, shown(code), f" {shown(code).lower()} "):
            who = world.visitor()
            admission = await world.doors.join_by_code(who, typed)
            assert admission == Admission(JAM, "guest", jam.version)
            assert (jam.roles[who.user], jam.names[who.user]) == ("guest", "Vera")

    @pytest.mark.parametrize("role", ["guest", "listener"])
    async def test_by_invite_in_its_role(self, world: World, jam: FakeJam, role: Standing) -> None:
        secret = await world.secret(role)
        admission = await world.doors.join_by_invite(world.visitor(), secret)
        assert admission == Admission(JAM, role, 1)

    async def test_whoever_is_a_member_stays_what_they_are(self, world: World, jam: FakeJam) -> None:
        admission = await world.doors.join_by_code(world.visitor("coco"), await world.code())
        assert admission == Admission(JAM, "cohost", 0)

    async def test_whoever_must_be_let_in_has_no_role_yet(self, world: World, jam: FakeJam) -> None:
        jam.approval = True
        who = world.visitor()
        assert (await world.doors.join_by_code(who, await world.code())).role is None
        assert jam.knocks == {who.user}

    async def test_a_full_jam_says_so_and_nobody_failed(self, world: World, jam: FakeJam) -> None:
        jam.seats = 4
        code = await world.code()
        who = world.visitor()
        for _ in range(20):
            refused = await refusal(world.doors.join_by_code(who, code))
            assert (refused.code, refused.message) == ("jam_full", "This Jam is full: 4 take part.")

    async def test_trouble_is_nobodys_failure(self, world: World, jam: FakeJam) -> None:
        code, who = await world.code(), world.visitor()

        async def busy() -> None:
            raise Refusal("busy")

        async def away() -> None:
            raise Unavailable("The database is away.")

        for _ in range(20):
            world.jams.before_join = busy
            assert (await refusal(world.doors.join_by_code(who, code))).code == "busy"
            world.jams.before_join = away
            with pytest.raises(Unavailable):
                await world.doors.join_by_code(who, code)

    async def test_a_playlists_invite_opens_no_jam(self, world: World, jam: FakeJam) -> None:
        secret = "S" * 22
        invite = Invite("i", JAM, "editor", "hal", 0, world.times.now_ms + 1, revoked=False, generation=1)
        await world.store.add_invite(invite, secret_hash(secret))
        assert (await refusal(world.doors.join_by_invite(world.visitor(), secret))).code == "key_invalid"


async def closed_doors(world: World) -> dict[str, Awaitable[object]]:
    """Every way in which a key can open nothing, each tried by a visitor of its own."""
    doors, visitor = world.doors, world.visitor
    expired_code, expired_invite = await world.code(), await world.secret(life_s=60)
    world.times.now_ms += CODE_LIFE_S * 1000
    revoked = await doors.invite(JAM, "hal", "guest")
    await doors.revoke(JAM, "hal", revoked.invite.id)
    old_code, old_invite = await world.code(), await world.secret()
    world.jams.jams[JAM].kick("lis")
    banned, banned_invite = await world.code(), await world.secret()
    world.jams.jams[JAM].banned.add("barred")
    codes = {"barred": banned}
    for number, name in enumerate(("locked", "ended", "deleted", "vanished", "old")):
        document = str(number) * 22
        await world.open(document)
        codes[name] = (await doors.code(document, "hal")).code
        invited = await doors.invite(document, "hal", "guest")
        codes[f"{name} by invite"] = invited.secret
        fake = world.jams.jams[document]
        fake.locked, fake.ended = name == "locked", name == "ended"
        fake.generation += name == "old"
        if name == "deleted":
            del world.jams.jams[document]
        if name == "vanished":
            await world.store.delete_document(document)
    return {
        "unknown": doors.join_by_code(visitor(), NOBODYS),
        "no code": doors.join_by_code(visitor(), "0"),
        "nothing": doors.join_by_code(visitor(), ""),
        "expired": doors.join_by_code(visitor(), expired_code),
        "old code": doors.join_by_code(visitor(), old_code),
        "banned": doors.join_by_code(visitor("barred"), banned),
        "unknown invite": doors.join_by_invite(visitor(), "S" * 22),
        "no invite": doors.join_by_invite(visitor(), "é"),
        "expired invite": doors.join_by_invite(visitor(), expired_invite),
        "revoked invite": doors.join_by_invite(visitor(), revoked.secret),
        "old invite": doors.join_by_invite(visitor(), old_invite),
        "banned invite": doors.join_by_invite(visitor("barred"), banned_invite),
        "a code as an invite": doors.join_by_invite(visitor(), banned),
        **{
            name: doors.join_by_invite(visitor(), key)
            if "invite" in name
            else doors.join_by_code(visitor(), key)
            for name, key in codes.items()
            if name != "barred"
        },
    }


class TestKeysThatOpenNothing:
    async def test_all_answer_alike_and_equally_late(self, world: World, jam: FakeJam) -> None:
        async def deciding_takes_time() -> None:
            world.times.now_ms += 37

        world.jams.before_join = deciding_takes_time
        answers: Counter[tuple[str, str, int, int]] = Counter()
        for name, attempt in (await closed_doors(world)).items():
            asked_ms = world.times.now_ms
            refused = await refusal(attempt)
            answer = refused.code, refused.message, refused.retry_after_ms, world.times.now_ms - asked_ms
            assert answer[3] == FAILED_AFTER_MS, name
            answers[answer] += 1
        [answer] = answers
        assert answer[0] == "key_invalid"
        assert answers.total() == 23

    async def test_a_kick_between_the_look_and_the_decision(self, world: World, jam: FakeJam) -> None:
        code, secret = await world.code(), await world.secret()

        async def kick() -> None:
            jam.kick("lis")

        world.jams.before_join = kick
        assert (await refusal(world.doors.join_by_code(world.visitor(), code))).code == "key_invalid"
        assert (await refusal(world.doors.join_by_invite(world.visitor(), secret))).code == "key_invalid"

    async def test_who_was_kicked_returns_by_a_new_key_only(self, world: World, jam: FakeJam) -> None:
        code, secret = await world.code(), await world.secret()
        jam.kick("gus")
        for attempt in (
            world.doors.join_by_code(world.visitor("gus"), code),
            world.doors.join_by_invite(world.visitor("gus"), secret),
        ):
            assert (await refusal(attempt)).code == "key_invalid"
        assert (await world.doors.join_by_code(world.visitor("gus"), await world.code())).role == "guest"


class TestGuessing:
    async def guess(self, world: World, who: Visitor, times: int = 1) -> list[str]:
        return [(await refusal(world.doors.join_by_code(who, NOBODYS))).code for _ in range(times)]

    async def test_five_failures_of_an_address(self, world: World, jam: FakeJam) -> None:
        for user in ("a", "b", "c", "d", "e"):
            assert await self.guess(world, world.visitor(user, "203.0.113.99")) == ["key_invalid"]
        who = world.visitor("f", "203.0.113.99")
        refused = await refusal(world.doors.join_by_code(who, await world.code()))
        assert (refused.code, refused.retry_after_ms) == ("rate_limited", MINUTE_MS - FAILED_AFTER_MS)
        world.times.now_ms += refused.retry_after_ms
        assert (await world.doors.join_by_code(who, await world.code())).role == "guest"

    async def test_ten_failures_of_an_account(self, world: World, jam: FakeJam) -> None:
        for _ in range(10):
            assert await self.guess(world, world.visitor("eve")) == ["key_invalid"]
        code = await world.code()
        assert (await refusal(world.doors.join_by_code(world.visitor("eve"), code))).code == "rate_limited"
        assert (await world.doors.join_by_code(world.visitor("mia"), code)).role == "guest"

    async def test_codes_and_invites_are_counted_together(self, world: World, jam: FakeJam) -> None:
        who = world.visitor()
        await self.guess(world, who, 3)
        for _ in range(2):
            assert (await refusal(world.doors.join_by_invite(who, "S" * 22))).code == "key_invalid"
        assert await self.guess(world, who) == ["rate_limited"]

    async def test_the_wait_grows(self, world: World, jam: FakeJam) -> None:
        who = world.visitor()
        waits = []
        for _ in range(5):
            assert set(await self.guess(world, who, 5)) == {"key_invalid"}
            refused = await refusal(world.doors.join_by_code(who, NOBODYS))
            waits.append(round(refused.retry_after_ms / MINUTE_MS))
            world.times.now_ms += refused.retry_after_ms
        assert waits == [1, 2, 4, 8, 8]

    async def test_those_who_come_in_wait_for_nobody(self, world: World, jam: FakeJam) -> None:
        code = await world.code()
        party = [world.visitor(address="203.0.113.99") for _ in range(20)]
        answers = await asyncio.gather(*(world.doors.join_by_code(who, code) for who in party))
        assert {answer.role for answer in answers} == {"guest"}

    async def test_coming_in_somewhere_forgives_nothing(self, world: World, jam: FakeJam) -> None:
        who = world.visitor()
        await self.guess(world, who, 4)
        await world.doors.join_by_code(who, await world.code())
        assert await self.guess(world, who, 2) == ["key_invalid", "rate_limited"]

    async def test_a_thousand_at_once_are_five(self, world: World, jam: FakeJam) -> None:
        who, code = world.visitor(), await world.code()
        guesses = [NOBODYS] * 1_000 + [code]
        answers = await asyncio.gather(
            *(world.doors.join_by_code(who, guess) for guess in guesses), return_exceptions=True
        )
        codes = Counter(answer.code for answer in answers if isinstance(answer, Refusal))
        assert codes == {"key_invalid": 5, "rate_limited": 996}
        assert world.jams.joins == 0

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("127.0.0.1", "127.0.0.1"),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::77"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            (None, None),
            ("testclient", "testclient"),
        ],
    )
    async def test_one_household(
        self, world: World, jam: FakeJam, one: str | None, other: str | None
    ) -> None:
        for number in range(5):
            assert await self.guess(world, Visitor(f"a{number}", "A", one)) == ["key_invalid"]
        assert await self.guess(world, Visitor("b", "B", other)) == ["rate_limited"]

    @pytest.mark.parametrize(
        ("one", "other"),
        [("127.0.0.1", "127.0.0.2"), ("2001:db8:1:2::1", "2001:db8:1:3::1"), ("::1", "::ffff:0:1")],
    )
    async def test_two_households(self, world: World, jam: FakeJam, one: str, other: str) -> None:
        for number in range(5):
            await self.guess(world, Visitor(f"a{number}", "A", one))
        assert await self.guess(world, Visitor("b", "B", other)) == ["key_invalid"]
