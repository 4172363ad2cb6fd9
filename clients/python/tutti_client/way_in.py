"""A program's way in.

    async with connect("https://tutti.example.com", token=guest) as tutti:
        playlist = await tutti.open_playlist(playlist_id)
        playlist.append({"track": "spotify:track:…", "title": "Blue in Green"})
        await playlist.saved()

Opens what a client needs and closes it when the program is done. What it can do is `tutti`'s.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from collab.errors import CallerError
from collab.ids import is_id
from tutti_client.clock import DEVICE, Clock
from tutti_client.keeper import Keeper
from tutti_client.tokens import TokenSource
from tutti_client.tutti import TIMEOUT_S, Tutti


@asynccontextmanager
async def connect(
    url: str,
    *,
    token: str | Callable[[], Awaitable[str]],
    timeout_s: float = TIMEOUT_S,
    offline: Path | None = None,
    document: str | None = None,
    clock: Clock = DEVICE,
) -> AsyncIterator[Tutti]:
    """A client of the server at `url` (`https://…`, or `http://…` on the same machine).

    `token` is a token, or an async callable that returns one whenever a new one is needed: a `Guest`, or the
    app's own. Waits at most `timeout_s` for the server's welcome, and again at the end of the block until all
    edits are saved.

    `offline` is a file, made if there is none, in which playlists and unsaved edits outlive the program: one
    file for each person, one program at a time. What an earlier program could not save is saved now, also in
    playlists that are not opened here. With such a file a server that cannot be reached is no error, once it
    was reached before: what was kept can be opened and edited, and at the end of the block it is enough that
    all is on disk. Only playlists are kept: what was asked of a Jam is about who is here now and what plays,
    and waits for the server no longer than the program lives.

    `document` is the playlist or Jam that this program is mostly about, if it knows: with many nodes a
    balancer can send all who have it open to the same one. Else it is the first one that is open, from the
    second connection on. A hint only: everything works on every node.

    `clock` is the time here, for programs that live by another one than the device's.

    Raises CallerError for what is no URL or no id, Unreachable, ConnectionRefused if the server will not have
    us, StoreInUse and StoreFailed; at the end of the block UnsavedEdits, if something could not be saved
    in time.
    """
    if document is not None and not is_id(document):
        raise CallerError(f"{document!r} is not the id of a playlist or Jam.")
    keeper = await Keeper.take_up(url, offline, clock)
    try:
        tutti = Tutti(url, TokenSource(token), keeper, clock, document or "")
        running = asyncio.create_task(tutti.run(), name="tutti connection")
        try:
            await tutti.ready(timeout_s)
            yield tutti
            await tutti.finish(timeout_s)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
    finally:
        await keeper.close()
