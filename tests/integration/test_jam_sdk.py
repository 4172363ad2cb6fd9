"""Jams through the SDK, over real sockets: people come in, agree on an order, and lose their host."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from jam import due_people
from jam.digest import order_digest
from tests.collab.serving import HUNG_S
from tests.integration.world import World, world
from tutti_client import (
    AwaitingApproval,
    CommandRefused,
    ConnectionRefused,
    Happened,
    Jam,
    JamClosed,
    Reacted,
    Reloaded,
    RequestRefused,
    Tutti,
    connect,
)

# A host is away after 0.6 s, and the others of the Jam's times are as much shorter.
SHORTER = 100


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[World]:
    async with asyncio.timeout(HUNG_S), world(tmp_path, jam_times_divided_by=SHORTER) as node:
        yield node


@asynccontextmanager
async def people(node: World, *names: str) -> AsyncIterator[list[Tutti]]:
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                connect(f"http://127.0.0.1:{node.port}", token=(await node.person(name)).token)
            )
            for name in names
        ]


def song(name: str, **fields: Any) -> dict[str, Any]:
    return {"track": f"demo:{name}", "title": name, "duration_ms": 60_000, **fields}


async def until(jam: Jam, is_so: Callable[[Jam], bool]) -> None:
    while not is_so(jam):
        await jam.changed()


async def at_version(version: int, *jams: Jam) -> None:
    for jam in jams:
        await until(jam, lambda jam: jam.version >= version)


def order_of(jam: Jam) -> str:
    committed = jam.replica.committed
    assert committed is not None
    return order_digest(committed.order())


def titles(jam: Jam) -> list[str]:
    return [song.title for song in jam.queue]


async def test_they_build_one_queue(node: World) -> None:
    async with people(node, "Ada", "Ben", "Cleo") as (ada, ben, cleo):
        hers = await ada.start_jam("Friday", mode="votes")
        code = await hers.code()
        jams = [hers, await ben.join_jam(code.code.lower()), await cleo.join_jam(code.url)]
        _, his, cleos = jams
        assert [(person.name, person.role) for person in his.members] == [
            ("Ada", "host"),
            ("Ben", "guest"),
            ("Cleo", "guest"),
        ]

        one = await hers.add(song("One"))
        await hers.play()
        assert hers.now_playing is None or hers.now_playing.song.title == "One"
        await until(hers, lambda jam: jam.now_playing is not None)
        given = [his.add(song("Two")), his.add(song("Three")), cleos.add(song("Four"))]
        assert titles(his) == ["Two", "Three"], "own songs show at once"
        two, three, four = [await entry for entry in given]
        # Adding what waits is a vote for it.
        assert await hers.add(song("Three")) == three
        vote = cleos.vote(three)
        await vote
        await vote
        await hers.pin(four)

        await at_version(hers.version, *jams)
        assert [titles(jam) for jam in jams] == [["Four", "Three", "Two"]] * 3
        assert (
            len({order_digest(jam.replica.committed.order()) for jam in jams if jam.replica.committed}) == 1
        )
        second = cleos.queue[1]
        assert (second.id, second.score, second.my_vote, second.added_by_name) == (three, 3, 1, "Ben")
        assert his.queue[1].starts_in_ms is not None
        assert (cleos.queue[0].id, cleos.queue[0].is_pinned) == (four, True)
        assert his.now_playing is not None
        assert his.now_playing.song.id == one
        assert two == his.queue[2].id

        with pytest.raises(CommandRefused) as refused:
            await his.pin(two)
        assert refused.value.code == "forbidden"
        with pytest.raises(CommandRefused) as refused:
            await his.vote("nothing", 1)
        assert refused.value.code == "entry_gone"


async def test_two_presses_skip_one_song_and_hosts_seek_and_pause(node: World) -> None:
    async with people(node, "Ada", "Ben") as (ada, ben):
        hers = await ada.start_jam(playlist=None)
        his = await ben.join_jam((await hers.code()).code)
        for name in ("One", "Two", "Three"):
            await hers.add(song(name))
        await hers.play()
        first, again = hers.next(), hers.next()
        await first
        with pytest.raises(CommandRefused) as refused:
            await again
        assert refused.value.code == "other_play"
        await hers.seek(30_000)
        await hers.pause()
        await until(his, lambda jam: jam.now_playing is not None and jam.now_playing.is_paused)
        assert his.now_playing is not None
        assert (his.now_playing.song.title, his.position()) == ("Two", hers.position())
        await hers.set(guests_skip=True, name="Saturday")
        await his.say("hello")
        await until(hers, lambda jam: bool(jam.chat))
        assert (hers.chat[0].text, his.name) == ("hello", "Saturday")


async def test_what_happens_is_told_in_order(node: World) -> None:
    async with people(node, "Ada", "Ben") as (ada, ben):
        hers = await ada.start_jam()
        his = await ben.join_jam((await hers.code()).code)
        changes, reacted = his.changes(), asyncio.Event()
        his.listen(lambda event: reacted.set() if isinstance(event, Reacted) else None)
        await hers.add(song("One"))
        await hers.say("so")
        told = [await anext(changes), await anext(changes)]
        assert [change.event["event"] for change in told if isinstance(change, Happened)] == ["added", "said"]
        his.typing()
        await until(hers, lambda jam: [person.is_typing for person in jam.members] == [False, True])
        hers.react("🔥")
        await reacted.wait()
        assert await anext(changes) == Reacted(ada.user_id, "🔥")
        assert not any(isinstance(change, Reloaded) for change in told)


async def test_who_is_kicked_is_out_and_old_keys_open_nothing(node: World) -> None:
    async with people(node, "Ada", "Ben") as (ada, ben):
        hers = await ada.start_jam()
        code = (await hers.code()).code
        his = await ben.join_jam(code)
        waiting = his.changes()
        await hers.kick(ben.user_id)
        kicked = await anext(waiting)
        assert isinstance(kicked, Happened)
        assert kicked.event["event"] == "kicked"
        with pytest.raises(JamClosed) as closed:
            await anext(waiting)
        assert closed.value.code == "kicked"
        with pytest.raises(JamClosed):
            his.add(song("One"))
        with pytest.raises(RequestRefused) as refused:
            await ben.join_jam(code)
        assert refused.value.code == "key_invalid"
        assert await hers.code() != code
        # A new key lets them in again, unless they are banned.
        invite = await hers.invite("listener")
        his = await ben.join_jam(f"https://tutti.example/jam#{invite.secret}")
        assert his.role == "listener"
        await hers.ban(ben.user_id)
        with pytest.raises(RequestRefused):
            await ben.join_jam((await hers.code()).code)


async def test_the_host_is_asked_who_comes_in(node: World) -> None:
    async with people(node, "Ada", "Ben") as (ada, ben):
        hers = await ada.start_jam(approval=True)
        with pytest.raises(AwaitingApproval) as awaiting:
            await ben.join_jam((await hers.code()).url)
        await until(hers, lambda jam: bool(jam.waiting))
        assert [someone.name for someone in hers.waiting] == ["Ben"]
        await hers.approve(ben.user_id)
        his = await ben.admitted(awaiting.value.jam)
        assert his.role == "guest"
        await his.leave()
        await until(hers, lambda jam: len(jam.members) == 1)
        with pytest.raises(CommandRefused) as refused:
            await hers.leave()
        assert refused.value.code == "host_leaves"


async def test_who_is_denied_is_told(node: World) -> None:
    async with people(node, "Ada", "Ben") as (ada, ben):
        hers = await ada.start_jam(approval=True)
        with pytest.raises(AwaitingApproval) as awaiting:
            await ben.join_jam((await hers.code()).url)
        waiting = asyncio.create_task(ben.admitted(awaiting.value.jam))
        await until(hers, lambda jam: bool(jam.waiting))
        await hers.deny(ben.user_id)
        with pytest.raises(JamClosed) as closed:
            await waiting
        assert closed.value.message == "The host did not let us in."


async def test_somebody_acts_for_a_host_who_vanished_until_they_return(
    node: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jam.due_people.LEFT_GRACE_MS", due_people.LEFT_GRACE_MS // SHORTER)
    async with people(node, "Ada", "Ben") as (ada, ben):
        hers = await ada.start_jam()
        his = await ben.join_jam((await hers.code()).code)
        await hers.add(song("One"))
        await hers.play()
        reign = his.state.reign
        ada.go_offline()
        await until(hers, lambda jam: not jam.is_open)
        # Given while away, in the old reign.
        stale = hers.pause()
        await until(his, lambda jam: jam.role == "host")
        assert his.state.reign == reign + 1
        await his.set(name="Mine")
        ada.go_online()
        await until(his, lambda jam: jam.role == "guest")
        with pytest.raises(CommandRefused) as refused:
            await stale
        assert refused.value.code == "old_reign"
        assert (hers.role, hers.state.reign) == ("host", reign + 2)
        assert hers.now_playing is not None
        assert not hers.now_playing.is_paused
        await hers.hand_over(ben.user_id)
        await until(his, lambda jam: jam.role == "host")
        assert hers.role == "cohost"


async def test_the_evening_is_kept(node: World) -> None:
    async with people(node, "Ada", "Ben") as (ada, ben):
        hers = await ada.start_jam("Friday")
        his = await ben.join_jam((await hers.code()).code)
        await hers.add(song("One"))
        await his.add(song("Two"))
        await hers.play()
        await hers.next()
        assert (await hers.qr()).startswith(b"<svg")
        await hers.end()
        assert hers.status == "ended"
        recap = await his.recap()
        assert [play.track["title"] for play in recap.played] == ["One", "Two"]
        saved = await his.save_as_playlist("What we heard")
        playlist = await ben.open_playlist(saved.playlist)
        assert playlist.name == "What we heard"
        assert [entry["title"] for entry in playlist.entries] == ["One", "Two"]
        with pytest.raises(JamClosed):
            await ben.open_jam(saved.playlist)
        # A playlist gives a Jam its fallback.
        again = await ben.start_jam(playlist=playlist)
        assert titles(again) == ["One", "Two"]
        assert all(song.is_fallback for song in again.queue)


async def test_commands_end_with_the_connection(node: World) -> None:
    async with people(node, "Ada") as (ada,):
        hers = await ada.start_jam()
        ada.go_offline()
        given = hers.say("nobody hears this")
        assert hers.chat[-1].text == "nobody hears this"
        hers.close()
        with pytest.raises(JamClosed):
            await given
        ada.go_online()
    with pytest.raises((JamClosed, ConnectionRefused)):
        hers.say("too late")
