"""What a player plays: the server's own files.

Knows where a track's samples come from: fetched by the event loop, decoded in the player's thread. Does not
know devices, nor when a track is wanted.
"""

import asyncio
import random
from collections.abc import Callable
from typing import Final

from tutti_client.audio import Audio
from tutti_client.catalogue import is_ours
from tutti_client.decoding import decode
from tutti_client.errors import CannotPlay, RequestRefused, Unreachable
from tutti_client.mixer import Wave
from tutti_client.player import Track

Source = Callable[[Track], Wave]

# Who needs longer for a song would hear little of it.
FETCH_S: Final = 180.0
# A server that cannot be reached, or has too much to do, is asked again after at most so long.
AGAIN_S: Final = 5.0

_BUSY: Final = (429, 503)


class Music:
    """A `Source` for `SoundPlayer`, made where the event loop runs and called anywhere else. `otherwise`
    makes the samples of tracks that are not of a server's catalogue: it has no sound of them."""

    def __init__(self, audio: Audio, otherwise: Source | None = None) -> None:
        self._audio = audio
        self._otherwise = otherwise
        self._loop = asyncio.get_running_loop()

    def __call__(self, track: Track) -> Wave:
        """Raises CannotPlay, RequestRefused."""
        uri = str(track["track"])
        if is_ours(uri):
            return decode(self._fetched(uri))
        if self._otherwise is None:
            raise CannotPlay("no_file", "The server has no file of this track; it only knows its name.")
        return self._otherwise(track)

    def _fetched(self, uri: str) -> bytes:
        fetching = asyncio.run_coroutine_threadsafe(self._patiently(uri), self._loop)
        try:
            return fetching.result(FETCH_S)
        except TimeoutError:
            fetching.cancel()
            raise CannotPlay("too_slow", f"This track did not arrive within {FETCH_S:g} s.") from None

    async def _patiently(self, uri: str) -> bytes:
        while True:
            try:
                return await self._audio.fetch(uri)
            except Unreachable:
                pass
            except RequestRefused as refusal:
                if refusal.status not in _BUSY:
                    raise
            await asyncio.sleep(random.uniform(0.0, AGAIN_S))
