"""The music of a node, put together.

An operator's folder if the settings name one, else the pieces that the program makes itself, else none. One
process of a server keeps the catalogue and renders; its other workers only look things up. Knows settings.
What is done with the folder is `keeper`'s and `pieces`'.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from collab.config import Settings
from collab.errors import CannotStart
from collab.metrics import Metrics
from collab.music.keeper import Keeper
from collab.music.library import Library
from collab.music.pieces.renderer import PIECES_FOLDER, rendering
from storage.catalogue import Catalogue


@asynccontextmanager
async def open_music(
    settings: Settings, catalogue: Catalogue, metrics: Metrics, now_ms: Callable[[], int], *, keeps: bool
) -> AsyncIterator[Library | None]:
    """The library, or None where no music is wanted. If this process `keeps` it, the catalogue becomes
    what the folder is, and stays so. Waits for nothing. Raises CannotStart if the folder is no folder."""
    if settings.music is not None:
        # One that is not there may be a disk that is not mounted yet.
        if settings.music.exists() and not settings.music.is_dir():
            raise CannotStart(f"--music {settings.music} is no folder; name the folder with your music.")
        library = Library(settings.music, catalogue, is_closed=True)
    elif settings.samples:
        library = Library(settings.data / PIECES_FOLDER, catalogue)
        with suppress(OSError):  # whoever renders says why
            library.root.mkdir(parents=True, exist_ok=True)
    else:
        yield None
        return
    if not keeps:
        yield library
        return
    keeper = Keeper(library.root, catalogue, metrics, now_ms, is_watched=library.is_closed)
    keeping = asyncio.create_task(keeper.keep_running(), name="keep the catalogue")
    try:
        async with rendering(None if library.is_closed else library.root, keeper.look_soon):
            yield library
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])
