"""Who may do what with a Jam that is their player, and what others do meanwhile."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from collab import deeds
from collab.errors import Refusal
from tests.collab.http_world import HttpWorld
from tests.collab.http_world import refused as plainly_refused
from tests.collab.player_words import (
    PLAYER,
    done,
    joined,
    pass_time,
    player,
    post,
    put,
    refused,
    start,
    titles,
    uri,
)


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld()


class TestRoles:
    async def test_next_of_a_guest_is_a_vote(self, world: HttpWorld) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)
        early = await mia.send("POST", f"{PLAYER}/next")
        assert refused(early)[:2] == (409, "skip_too_early")
        assert early.headers["Retry-After"] == "6"
        await pass_time(world, jam, 10_000)
        await post(mia, "/next")
        state = (await world.jam_rooms.look(jam)).jam
        assert (list(state.skip.voters), state.timeline.play) == ([mia.id], 1)
        assert await titles(mia) == "ABCD"
        leo = await joined(world, jam, ada, "Leo")
        await post(leo, "/next")
        await pass_time(world, jam, 4_000)
        assert await titles(mia) == "BCD", "two of three"

    async def test_a_guest_withdraws_their_own_song(self, world: HttpWorld) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)
        await post(mia, f"/queue?uri={uri('m')}")
        await post(ada, "/next")
        assert "skipping_next" not in (await player(mia))["actions"]["disallows"]
        await post(mia, "/next")
        assert await titles(mia) == "BCD"

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("PUT", "/play"),
            ("PUT", "/pause"),
            ("POST", "/previous"),
            ("PUT", "/seek?position_ms=1"),
            ("PUT", "/seek?position_ms=999999"),
            ("PUT", "/repeat?state=off"),
            ("PUT", "/repeat?state=track"),
            ("PUT", "/shuffle?state=true"),
            ("PUT", "/shuffle?state=false"),
            ("PUT", "/volume?volume_percent=80"),
        ],
    )
    async def test_what_a_guest_may_not_do(self, world: HttpWorld, method: str, path: str) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)
        before = (await world.jam_rooms.look(jam)).head.version
        response = await mia.send(method, PLAYER + path)
        reason = "VOLUME_CONTROL_DISALLOW" if "volume" in path else "REMOTE_CONTROL_DISALLOW"
        assert refused(response) == (403, "forbidden", reason)
        assert (await world.jam_rooms.look(jam)).head.version == before

    async def test_a_guest_plays_no_list_and_starts_no_jam_by_mistake(self, world: HttpWorld) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)
        response = await mia.send("PUT", f"{PLAYER}/play", json={"uris": [uri("x")]})
        assert refused(response) == (403, "forbidden", "REMOTE_CONTROL_DISALLOW")
        assert "leave it" in response.json()["error"]["message"]
        assert (await mia.post(f"/v1/jams/{jam}/commands", {"command": {"do": "leave"}})).status_code == 200
        await put(mia, "/play", {"uris": [uri("x")]})
        assert ((await player(mia))["item"]["uri"], await titles(ada)) == (uri("x"), "ABCD")

    async def test_switches_open_and_close(self, world: HttpWorld) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)
        closed = {"guests_volume": True, "guests_skip": False, "guests_add": False}
        await world.in_jam(jam, ada.id, "set", settings=closed)
        await put(mia, "/volume?volume_percent=20")
        assert (await player(ada))["device"]["volume_percent"] == 20
        await pass_time(world, jam, 10_000)
        for path in ("/next", f"/queue?uri={uri('m')}"):
            assert refused(await mia.send("POST", PLAYER + path))[:2] == (403, "forbidden")
        assert (await player(mia))["actions"]["disallows"]["skipping_next"] is True

    async def test_a_listener_looks_on(self, world: HttpWorld) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)
        await world.in_jam(jam, ada.id, "promote", user=mia.id, role="listener")
        seen = await player(mia)
        assert seen["device"]["is_restricted"] is True
        assert seen["actions"]["disallows"]["skipping_next"] is True
        for path in ("/next", f"/queue?uri={uri('m')}"):
            assert refused(await mia.send("POST", PLAYER + path))[:2] == (403, "forbidden")

    async def test_who_takes_over_steers(self, world: HttpWorld) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)
        await world.in_jam(jam, ada.id, "hand_over", user=mia.id)
        await post(mia, "/next")
        await post(ada, "/next")
        assert await titles(ada) == "CD", "the old host is a co-host"

    async def test_limits_of_guests_hold(self, world: HttpWorld) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)
        for name in "lmnop":
            await post(mia, f"/queue?uri={uri(name)}")
        response = await mia.send("POST", f"{PLAYER}/queue?uri={uri('q')}")
        assert refused(response)[:2] == (409, "too_many_waiting")
        await world.in_jam(jam, ada.id, "clear")
        response = await mia.send("POST", f"{PLAYER}/queue?uri={uri('q')}")
        assert refused(response) == (429, "too_many_adds", "RATE_LIMITED")
        assert 0 < int(response.headers["Retry-After"]) <= 60


class TestMeanwhile:
    """What happens between a look and the command that follows from it."""

    @pytest.fixture
    def before_commands(self, world: HttpWorld, monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], Any]]:
        """What happens before each command, the last one first."""
        hooks: list[Callable[[], Any]] = []
        command = world.jam_rooms.command

        async def later(*arguments: Any) -> int:
            if hooks:
                await hooks.pop()()
            return await command(*arguments)

        monkeypatch.setattr(world.jam_rooms, "command", later)
        return hooks

    async def test_another_host(self, world: HttpWorld, before_commands: list[Callable[[], Any]]) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)

        async def hand_over() -> None:
            host = (await world.jam_rooms.look(jam)).jam.host
            other = mia.id if host == ada.id else ada.id
            before_commands.append(nothing)
            await world.in_jam(jam, host, "hand_over", user=other)

        before_commands += [hand_over, nothing, hand_over]
        await post(ada, "/next")
        assert await titles(ada) == "BCD", "it is asked for again in the reign that is"

    async def test_a_host_who_changes_each_time(
        self, world: HttpWorld, before_commands: list[Callable[[], Any]]
    ) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)

        async def hand_over() -> None:
            host = (await world.jam_rooms.look(jam)).jam.host
            other = mia.id if host == ada.id else ada.id
            before_commands.extend([hand_over, nothing])
            await world.in_jam(jam, host, "hand_over", user=other)

        before_commands.append(hand_over)
        response = await ada.send("POST", f"{PLAYER}/next")
        assert refused(response) == (409, "old_reign", "UNKNOWN")
        before_commands.clear()
        assert await titles(ada) == "ABCD"

    async def test_the_song_ends_by_itself(
        self, world: HttpWorld, before_commands: list[Callable[[], Any]]
    ) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)
        await pass_time(world, jam, 59_000)
        for person, expected in ((ada, "BCD"), (mia, "CD")):
            before_commands.append(partial(pass_time, world, jam, 60_000))
            await post(person, "/next")
            assert await titles(ada) == expected, "no second song is skipped"
        before_commands.append(partial(pass_time, world, jam, 60_000))
        response = await ada.send("PUT", f"{PLAYER}/seek?position_ms=1")
        assert refused(response) == (409, "other_play", "NO_SPECIFIC_TRACK")

    async def test_the_song_is_taken_out_before_it_plays(
        self, world: HttpWorld, before_commands: list[Callable[[], Any]]
    ) -> None:
        ada = await world.guest()
        jam = await start(world, ada)

        async def take_out() -> None:
            entries = (await world.jam_rooms.look(jam)).jam.entries
            [entry] = [id for id, entry in entries.items() if entry.track["track"] == uri("x")]
            before_commands.append(nothing)
            await world.in_jam(jam, ada.id, "remove", entry=entry)

        before_commands += [take_out, nothing]
        response = await ada.send("PUT", f"{PLAYER}/play", json={"uris": [uri("x")]})
        assert refused(response) == (409, "entry_gone", "UNKNOWN")
        assert (await titles(ada))[0] == "A"

    async def test_a_failure_after_a_commit_is_not_one_to_repeat(
        self, world: HttpWorld, before_commands: list[Callable[[], Any]]
    ) -> None:
        ada = await world.guest()
        await start(world, ada)

        async def fail() -> None:
            raise Refusal("busy")

        before_commands.append(fail)
        response = await ada.send("POST", f"{PLAYER}/next")
        assert plainly_refused(response) == (503, "busy"), "nothing was written"

        async def written() -> None:
            deeds.note()

        before_commands += [fail, written]
        response = await ada.send("PUT", f"{PLAYER}/play", json={"uris": [uri("x")]})
        assert plainly_refused(response) == (409, "outcome_unknown")

    async def test_a_press_with_a_key_counts_once(self, world: HttpWorld) -> None:
        ada = await world.guest()
        await start(world, ada)
        key = {"headers": {"Idempotency-Key": "press 1"}}
        for _ in range(2):
            done(await ada.send("POST", f"{PLAYER}/next", **key))
        assert await titles(ada) == "BCD"
        other = await ada.send("POST", f"{PLAYER}/previous", **key)
        assert plainly_refused(other) == (422, "key_reused")
        refusals = [
            await ada.send("PUT", f"{PLAYER}/volume?volume_percent=101", headers={"Idempotency-Key": "loud"})
            for _ in range(2)
        ]
        assert {refused(response) for response in refusals} == {(400, "setting_invalid", "UNKNOWN")}


async def nothing() -> None:
    pass
