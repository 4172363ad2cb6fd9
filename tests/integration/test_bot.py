"""The bot among the examples, in a Jam of somebody else."""

import asyncio
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.clients.javascript import SDK, needs_javascript
from tests.collab.command import PATIENCE_S, serving
from tutti_client import Jam, connect, guest

pytestmark = needs_javascript

EXAMPLE = Path(__file__).parents[2] / "examples/bot.mjs"


def installed(folder: Path) -> Path:
    """The bot as an app of its own, which finds its packages by their names."""
    packages = folder / "node_modules"
    (packages / "@tutti").mkdir(parents=True)
    (packages / "@tutti/client").symlink_to(SDK)
    (packages / "ws").symlink_to(SDK / "node_modules/ws")
    bot = folder / "bot.mjs"
    bot.write_text(EXAMPLE.read_text())
    return bot


@asynccontextmanager
async def running(bot: Path, *arguments: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec("node", str(bot), *arguments, stdout=PIPE, stderr=STDOUT)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def shows(jam: Jam, *titles: str) -> None:
    """Returns when these songs wait, in this order."""
    while [song.title for song in jam.queue] != list(titles):
        await jam.changed()


async def test_a_bot_keeps_the_queue_of_a_jam_from_running_dry(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        async with (
            asyncio.timeout(PATIENCE_S),
            connect(server.url, token=await guest(server.url, "Ada")) as tutti,
        ):
            jam = await tutti.start_jam("Friday")
            async with running(installed(tmp_path), (await jam.code()).code, server.url) as bot:
                await shows(jam, "One", "Two")
                assert {song.added_by_name for song in jam.queue} == {"Bot"}
                await jam.play()
                await shows(jam, "Two", "Three")
                await jam.next()
                await shows(jam, "Three", "Four")
                await jam.end()
                assert bot.stdout is not None, "it is a pipe"
                said = (await bot.stdout.read()).decode()
                assert await bot.wait() == 0, said
                assert said.splitlines() == [f"Added {title}." for title in ("One", "Two", "Three", "Four")]
