"""A ban that an operator speaks beside a running node, and its end."""

import asyncio
import subprocess
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from collab.closing import CloseCode
from collab.messages import Opened
from tests.collab.command import refused, tutti
from tests.collab.serving import HUNG_S
from tests.integration.world import world

# Up to seven commands, each a program of its own that has to start.
ALL_HUNG_S = 4 * HUNG_S


async def test_the_banned_are_shut_out_until_it_is_lifted(tmp_path: Path) -> None:
    async with world(tmp_path, hung_s=ALL_HUNG_S) as here, httpx.AsyncClient() as http:
        ada, bob = await here.person("Ada"), await here.person("Bob")
        document = await here.playlist(ada, editor=bob)
        url = f"http://127.0.0.1:{here.port}/v1/playlists/{document}"
        bearer = {"Authorization": f"Bearer {bob.token}"}
        assert (await http.get(url, headers=bearer)).status_code == 200

        async def admin(*arguments: str) -> str:
            run = await asyncio.to_thread(tutti, "admin", *arguments, "--data", tmp_path)
            assert run.returncode == 0, run.stderr
            return run.stdout

        async with here.client(bob) as client, asyncio.timeout(HUNG_S):
            await client.open(document)
            await admin("ban", bob.id, "--why", "spam", "--by", "olga")
            with pytest.raises(ConnectionClosed) as closed:
                await client.receive(Opened)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == CloseCode.UNAUTHENTICATED
        assert (await http.get(url, headers=bearer)).status_code == 401
        with pytest.raises(ConnectionClosed):
            async with here.client(bob):
                pass
        assert await here.store.members(document) == {ada.id: "owner"}
        assert "banned" in await admin("users", "--name", "bob")
        again = await asyncio.to_thread(tutti, "admin", "ban", bob.id, "--data", tmp_path)
        assert refused(again) == f"The user {bob.id} is banned already."

        await admin("unban", bob.id)
        async with asyncio.timeout(HUNG_S):
            while (await http.get(url, headers=bearer)).status_code != 200:
                pass
        assert document in await admin("documents", "--member", bob.id)
        await admin("delete", document, "--yes", "--by", "olga")
        assert (await http.get(url, headers=bearer)).status_code == 404
        lines = [line.split()[3:6] for line in (await admin("log")).splitlines()]
        assert lines[0] == ["olga", "ban", bob.id]
        assert lines[1][1:] == ["unban", bob.id]
        assert lines[2] == ["olga", "delete_document", document]


async def test_a_deleted_user_is_gone_and_what_they_did_stays(tmp_path: Path) -> None:
    async with world(tmp_path, hung_s=ALL_HUNG_S) as here, httpx.AsyncClient() as http:
        ada, bob = await here.person("Ada"), await here.person("Bob")
        shared, own = await here.playlist(bob, editor=ada), await here.playlist(bob)
        bearer = {"Authorization": f"Bearer {bob.token}"}
        me = f"http://127.0.0.1:{here.port}/v1/me"
        async with here.client(bob) as client:
            await client.open(shared)
            await client.send(client.append(shared, 1, 0, 0))
            await client.rows(1)

            def admin(*arguments: str) -> subprocess.CompletedProcess[str]:
                return tutti("admin", *arguments, "--data", tmp_path)

            needs_heir = await asyncio.to_thread(admin, "delete-user", bob.id, "--yes")
            assert refused(needs_heir).startswith(
                f"Nobody else has the role owner in {shared}. Name an --heir"
            )
            gone = await asyncio.to_thread(admin, "delete-user", bob.id, "--yes", "--heir", ada.id)
            assert gone.stdout == f"Deleted {bob.id}.\n", gone.stderr
            assert await client.ends() == CloseCode.UNAUTHENTICATED
        assert (await http.get(me, headers=bearer)).status_code == 401
        assert await here.store.members(shared) == {ada.id: "owner"}
        assert [row.author for row in await here.store.ops(shared, 0, 1)] == [bob.id]
        assert await here.store.load(own) is None

        document = await asyncio.to_thread(admin, "show", shared)
        assert f"owner     {ada.id}  Ada" in document.stdout
        assert "version   1, kept from 0 on" in document.stdout
        person = await asyncio.to_thread(admin, "show", ada.id)
        assert f"playlist  {shared}  owner" in person.stdout
        assert refused(await asyncio.to_thread(admin, "show", bob.id)).startswith("There is no document")
