"""The server's side of the studio: starts it, hears from it, ends it.

A server never waits for its own music. What goes wrong there costs one line in the log, because a server
without pieces is still a server. Knows the process. Does not know music.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import structlog

from collab.music.pieces.messages import MESSAGES, Failed, Rendered

log = structlog.get_logger("tutti.pieces")

# In the data folder.
PIECES_FOLDER: Final = "pieces"
# Else numpy starts a thread for every core.
_ONE_CORE: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
# What a message may take, so that nothing that a library prints fills the memory.
_LINE_BYTES_MAX: Final = 16 * 1024


@asynccontextmanager
async def rendering(folder: Path | None, tell: Callable[[], None] = lambda: None) -> AsyncIterator[None]:
    """Inside, the folder gets its pieces, and `tell` is called for each; None: none are wanted. After it the
    process is gone."""
    if folder is None:
        yield
        return
    task = asyncio.create_task(render_pieces(folder, tell), name="render pieces")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def render_pieces(folder: Path, tell: Callable[[], None] = lambda: None) -> None:
    """Renders what the folder lacks and returns when all is there, or cannot be. Cancelled, the process is
    gone when this returns, and leaves no piece half done."""
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # what lies in the working folder is no module of ours
            "-m",
            "collab.music.pieces.studio",
            str(folder),
            # Nothing is written to it: it ends when we do.
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=os.environ | _ONE_CORE,
            limit=_LINE_BYTES_MAX,
        )
    except OSError as error:
        log.warning("pieces_not_rendered", why=f"No process can be started ({error.strerror or error}).")
        return
    try:
        await _listen(process, tell)
    except Exception:
        # A bug here is not the server's end.
        log.exception("pieces_not_rendered")
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _listen(process: asyncio.subprocess.Process, tell: Callable[[], None]) -> None:
    assert process.stdout is not None, "it was asked for"
    rendered = 0
    async for line in process.stdout:
        match MESSAGES.decode(line):
            case Rendered():
                rendered += 1
                tell()
                log.debug("piece_rendered", pieces=rendered)
            case Failed(why):
                log.warning("pieces_not_rendered", why=why)
                return
    exit_code = await process.wait()
    if exit_code != 0:
        log.warning("pieces_not_rendered", exit_code=exit_code, pieces=rendered)
    elif rendered:
        log.info("pieces_rendered", pieces=rendered)
