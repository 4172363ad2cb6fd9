"""When the music folder is looked through.

At the start, whenever the system says that something moved there, when somebody asks for it, and from time to
time in any case, because not every file system tells. Between two looks there is a pause, longer after a long
one, so that a folder that never rests costs a bounded part of a core. Knows occasions. What a look does is
`scan`'s.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from collab.metrics import Metrics
from collab.music.reader import ReaderLost, open_reader
from collab.music.scan import Scanner
from storage.catalogue import Catalogue
from storage.store import StoreError

log = structlog.get_logger("tutti.music")

# The net under the system's word; and without that word, the only way.
EVERY_S: Final = 300.0
UNTOLD_EVERY_S: Final = 30.0
# A look may take a tenth of the time when something always moves, but nothing waits longer than a minute.
PAUSE_S: Final = 2.0
PAUSE_FACTOR: Final = 9.0
PAUSE_MAX_S: Final = 60.0
# A watcher that ended is started again after this.
WATCH_AGAIN_S: Final = 60.0


class Keeper:
    """Keeps the catalogue as `root` is, for as long as `keep_running` runs. `is_watched`: others put files
    there whenever they like; otherwise whoever does says `look_soon`."""

    def __init__(
        self,
        root: Path,
        catalogue: Catalogue,
        metrics: Metrics,
        now_ms: Callable[[], int],
        *,
        is_watched: bool,
    ) -> None:
        self._root = root
        self._scanner = Scanner(root, catalogue, metrics, now_ms)
        self._is_watched = is_watched
        self._is_told = False
        self._occasion = asyncio.Event()
        # Why the last look came to nothing, so that it is said once.
        self._trouble = ""

    def look_soon(self) -> None:
        """Something was put there, or taken away."""
        self._occasion.set()

    async def keep_running(self) -> None:
        """Until it is cancelled. Looks at once, for what was put there before."""
        self._occasion.set()
        async with asyncio.TaskGroup() as tasks:
            if self._is_watched:
                tasks.create_task(self._watch())
            await self._look_when_asked()

    async def _look_when_asked(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._next_occasion()
            self._occasion.clear()
            began_s = loop.time()
            await self._look()
            await asyncio.sleep(min(PAUSE_S + PAUSE_FACTOR * (loop.time() - began_s), PAUSE_MAX_S))

    async def _next_occasion(self) -> None:
        every_s = None
        if self._is_watched or self._trouble:
            every_s = EVERY_S if self._is_told else UNTOLD_EVERY_S
        try:
            async with asyncio.timeout(every_s):
                await self._occasion.wait()
        except TimeoutError:
            pass  # its time has come

    async def _look(self) -> None:
        trouble = ""
        try:
            await self._scanner.scan()
        except (ReaderLost, StoreError) as error:
            trouble = str(error)
            if trouble != self._trouble:
                log.warning("music_not_scanned", why=trouble)
        except Exception as error:
            # A bug here is not the server's end, and perhaps not that of the next look.
            log.exception("music_not_scanned")
            trouble = str(error)
        self._trouble = trouble

    async def _watch(self) -> None:
        said = ""
        while True:
            try:
                async with open_reader(self._root) as reader:
                    async for has_moved in reader.movements():
                        # What moved before the watch began is news, too.
                        if has_moved or not self._is_told:
                            self.look_soon()
                        self._is_told = True
                        said = ""
            except ReaderLost as error:
                if str(error) != said:
                    log.warning("music_not_watched", why=str(error))
                said = str(error)
            self._is_told = False
            await asyncio.sleep(WATCH_AGAIN_S)
