"""A ban that an operator speaks beside a running node, and its end."""

import asyncio
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from collab.closing import CloseCode
from collab.messages import Opened
from tests.collab.command import refused, tutti
from tests.collab.serving import HUNG_S
from tests.integration.world import world

# Seven commands, each a program of its own that has to start.
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
