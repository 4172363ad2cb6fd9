"""A backup is put back under clients that have seen what came after it."""

import asyncio
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.collab.command import tutti as command
from tests.collab.serving import HUNG_S
from tests.integration.mortal import Mortal
from tests.integration.sdk import until
from tests.integration.test_jam_sdk import at_version, order_of, song
from tests.integration.test_jam_sdk import titles as queued
from tutti_client import Acknowledged, CommandRefused, Event, Guest, Playlist, RequestRefused, connect, guest
from tutti_client.events import Delayed, Resynced


class Operator:
    """Who runs the commands, and moves files while no server runs."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self._copy = folder / "nightly"

    async def run(self, name: str, *arguments: object) -> str:
        run: subprocess.CompletedProcess[str] = await asyncio.to_thread(
            command, name, *arguments, "--data", self.data
        )
        assert run.returncode == 0, run
        return run.stdout

    async def back_up(self) -> None:
        await self.run("backup", self._copy)

    def put_back(self) -> None:
        for file in self.data.glob("tutti.db*"):
            file.unlink()
        shutil.copy(self._copy, self.data / "tutti.db")

    def copy_folder(self) -> None:
        """As other programs make backups; nothing in it says that it is one."""
        shutil.copytree(self.data, self._copy)

    def put_folder_back(self) -> None:
        shutil.rmtree(self.data)
        shutil.copytree(self._copy, self.data)


class Diary:
    """What one person added to a playlist, each with a title of its own, and what they heard."""

    def __init__(self, playlist: Playlist, name: str) -> None:
        self.playlist = playlist
        self.made: list[str] = []
        self.events: list[Event] = []
        self._name = name
        playlist.listen(self.events.append)

    def add(self) -> None:
        self.made.append(f"{self._name}{len(self.made)}")
        self.playlist.append({"track": f"t:{self.made[-1]}", "title": self.made[-1]})

    async def add_until(self, is_over: Callable[[], bool]) -> None:
        while not is_over():
            self.add()
            await asyncio.sleep(0)

    @property
    def acknowledged(self) -> list[str]:
        """What was acknowledged before the server said that its history is another one."""
        edits = 0
        for event in self.events:
            match event:
                case Acknowledged():
                    edits += event.edits
                case Resynced("epoch"):
                    break
        return self.made[:edits]


def names(playlist: Playlist) -> list[str]:
    return [str(entry["title"]) for entry in playlist.entries]


def holds(playlist: Playlist, name: str) -> bool:
    return name in names(playlist)


async def post(url: str, path: str, who: Guest, **body: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=f"{url}/v1") as http:
        return await http.post(path, json=body, headers={"Authorization": f"Bearer {await who()}"})


async def test_edits_that_were_not_acknowledged_outlive_a_restore(tmp_path: Path) -> None:
    """Two people edit while the backup is made, and while the server dies later; a third device is away."""
    operator = Operator(tmp_path)
    async with Mortal(operator.data) as server, asyncio.timeout(4 * HUNG_S):
        ann, ben, cy = [await guest(server.url, name) for name in ("Ann", "Ben", "Cy")]
        document = await server.make_playlist(await ann())
        link = (await post(server.url, f"/playlists/{document}/invites", ann, role="editor")).json()["secret"]
        assert (await post(server.url, "/invites/accept", ben, secret=link)).status_code == 200
        async with connect(server.url, token=ann, offline=tmp_path / "phone") as phone:
            away = Diary(await phone.open_playlist(document), "phone")
            away.add()
            await away.playlist.saved()
        async with connect(server.url, token=ann) as hers, connect(server.url, token=ben) as his:
            clients = {hers.client_id, his.client_id}
            people = [
                Diary(await tutti.open_playlist(document), name)
                for tutti, name in ((hers, "ann"), (his, "ben"))
            ]
            mine = people[0]
            copying = asyncio.create_task(operator.back_up())
            while not copying.done():
                mine.add()
                await mine.playlist.saved()
            await copying
            known = set(mine.made)

            # The future that is lost. The phone sees it, too, and goes with edits that nobody else has. Cy's
            # token is exchanged for one that the backup does not know.
            later = Guest(server.url, cy.refresh_token)
            await later()
            for person in people:
                person.add()
                await person.playlist.saved()
            async with connect(server.url, token=ann, offline=tmp_path / "phone") as phone:
                again = Diary(await phone.open_playlist(document), "again")
                again.add()
                await again.playlist.saved()
                phone.go_offline()
                again.add()
                assert mine.made[-1] in names(again.playlist)
            dying = asyncio.create_task(server.kill())
            await asyncio.gather(*(person.add_until(dying.done) for person in people))
            for tutti in (hers, his):
                tutti.go_offline()

            operator.put_back()
            said = await operator.run("restored")
            assert said.startswith("restored 1 documents, ended 0 join codes and 1 invite links")
            await server.start()
            for tutti in (hers, his):
                tutti.go_online()
            for person in people:
                await person.playlist.saved()
            async with connect(server.url, token=ann, offline=tmp_path / "phone") as phone:
                back = await phone.open_playlist(document)
                await phone.saved()
                for playlist in (person.playlist for person in people):
                    await until(playlist, partial(holds, playlist, "again1"))
                    assert playlist.entries == back.entries
            assert not clients & {hers.client_id, his.client_id, phone.client_id}

            # Of what was acknowledged there is what the backup has; of everything else, everything, once.
            standing = names(mine.playlist)
            assert len(set(standing)) == len(standing)
            assert "phone0" in standing
            assert not {"again0", "ben0"} & set(standing)
            for person in people:
                settled = person.acknowledged
                assert set(person.made[len(settled) :]) <= set(standing)
                stands = [name for name in settled if name in standing]
                assert stands == settled[: len(stands)], "a backup is of one moment"
                assert set(stands) <= known
            assert (await post(server.url, "/invites/accept", ben, secret=link)).status_code == 404
            returned = Guest(server.url, later.refresh_token)
            await returned()
            assert returned.user_id == cy.user_id
        await server.kill()
        assert (await operator.run("verify")).endswith(" 0 findings\n")


async def test_a_restore_that_nobody_declared_keeps_clients_waiting(tmp_path: Path) -> None:
    operator = Operator(tmp_path)
    async with Mortal(operator.data) as server, asyncio.timeout(3 * HUNG_S):
        ann = await guest(server.url, "Ann")
        document = await server.make_playlist(await ann())
        async with connect(server.url, token=ann) as tutti:
            mine = Diary(await tutti.open_playlist(document), "ann")
            mine.add()
            await mine.playlist.saved()
            tutti.go_offline()
            await server.kill()
            operator.copy_folder()
            await server.start()
            tutti.go_online()
            mine.add()
            await mine.playlist.saved()
            tutti.go_offline()
            await server.kill()
            mine.add()

            waits = asyncio.Event()
            mine.playlist.listen(lambda event: waits.set() if isinstance(event, Delayed) else None)
            operator.put_folder_back()
            await server.start()
            tutti.go_online()
            await waits.wait()
            assert [event.code for event in mine.events if isinstance(event, Delayed)] == ["version_ahead"]
            assert names(mine.playlist) == ["ann0", "ann1", "ann2"]
            assert mine.playlist.status == "pending"

            tutti.go_offline()
            await server.kill()
            await operator.run("restored")
            await server.start()
            tutti.go_online()
            await mine.playlist.saved()
            assert names(mine.playlist) == ["ann0", "ann2"]
        await server.kill()
        assert (await operator.run("verify")).endswith(" 0 findings\n")


async def test_a_jam_goes_on_from_the_backup(tmp_path: Path) -> None:
    operator = Operator(tmp_path)
    async with Mortal(operator.data) as server, asyncio.timeout(3 * HUNG_S):
        ada, ben = await guest(server.url, "Ada"), await guest(server.url, "Ben")
        async with connect(server.url, token=ada) as hers, connect(server.url, token=ben) as his:
            jam = await hers.start_jam("Friday", mode="queue")
            code, invite = await jam.code(), await jam.invite()
            party = await his.join_jam(code.code)
            await jam.add(song("One"))
            await operator.back_up()
            two = await party.add(song("Two"))
            await jam.vote(two)
            await jam.kick(his.user_id)
            assert (await jam.code()).code != code.code

            hers.go_offline()
            his.go_offline()
            await server.kill()
            three = jam.add(song("Three"))
            vote = jam.vote(two)
            operator.put_back()
            assert "ended 1 join codes and 1 invite links" in await operator.run("restored")
            await server.start()
            hers.go_online()
            his.go_online()
            await three
            with pytest.raises(CommandRefused) as refused:
                await vote
            assert refused.value.code == "entry_gone"
            assert queued(jam) == ["One", "Three"]

            # Ben was thrown out in what is lost: he is in again, but nobody comes in by an old key.
            party = await his.open_jam(jam.id)
            four = await party.add(song("Four"))
            await at_version(party.version, jam)
            assert (queued(jam), order_of(jam)) == (queued(party), order_of(party))
            assert jam.queue[-1].id == four
            cleo = await guest(server.url, "Cleo")
            async with connect(server.url, token=cleo) as strangers:
                for key in (code.code, invite.secret):
                    with pytest.raises(RequestRefused):
                        await strangers.join_jam(key)
                assert queued(await strangers.join_jam((await jam.code()).code)) == queued(jam)
        await server.kill()
        assert (await operator.run("verify")).endswith(" 0 findings\n")
