"""A program's way in: one connection, many playlists.

    async with connect("https://tutti.example.com", token=guest) as tutti:
        playlist = await tutti.open_playlist(playlist_id)
        playlist.append({"track": "spotify:track:…", "title": "Blue in Green"})
        await playlist.saved()

Edits may be made at any time, connected or not; they are saved when they can be. Knows playlists by id and
who we are. Sockets are the connection's, what is said on them the link's.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

from collab.errors import CODES
from collab.ids import is_id
from tutti_client.connection import Connection, new_id, now_ms
from tutti_client.errors import ClientError, ConnectionRefused, PlaylistClosed, Unreachable, UnsavedEdits
from tutti_client.history import History
from tutti_client.link import InRoom, Link, LinkEvent, MembersChanged, Welcomed
from tutti_client.playlist import Playlist
from tutti_client.signal import Signal
from tutti_client.tokens import TokenSource

TIMEOUT_S: Final = 30.0


@asynccontextmanager
async def connect(
    url: str,
    *,
    token: str | Callable[[], Awaitable[str]],
    timeout_s: float = TIMEOUT_S,
) -> AsyncIterator["Tutti"]:
    """A client of the server at `url` (`https://…`, or `http://…` on the same machine).

    `token` is a token, or an async callable that returns one whenever a new one is needed: a `Guest`, or the
    app's own. Waits at most `timeout_s` for the server's welcome, and again at the end of the block until all
    edits are saved.

    Raises CallerError for what is no URL, Unreachable, and ConnectionRefused if the server will not have us;
    at the end of the block UnsavedEdits, if something could not be saved in time.
    """
    tutti = Tutti(url, TokenSource(token))
    running = asyncio.create_task(tutti.run(), name="tutti connection")
    try:
        await tutti.ready(timeout_s)
        yield tutti
        await tutti.saved(timeout_s)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


class Tutti:
    """A client that is connected, or will be again. Made by `connect`."""

    def __init__(self, url: str, tokens: TokenSource) -> None:
        self._url = url
        self._tokens = tokens
        self._link = Link(new_id())
        self._connection = Connection(url, self._link, tokens, self._receive, self._sent)
        self._playlists: dict[str, Playlist] = {}
        self._signal = Signal()
        self._failure: ClientError | None = None

    # -- who, where ------------------------------------------------------------------------------------------

    @property
    def user_id(self) -> str:
        return self._link.user

    @property
    def name(self) -> str:
        """Our display name."""
        return self._link.name

    @property
    def client_id(self) -> str:
        """The id under which this client's submissions are counted; it may be replaced (see `Replica`)."""
        return self._link.client

    @property
    def member_id(self) -> str:
        """Which of a playlist's `members` we are, on the connection that stands now."""
        return self._link.connection

    @property
    def is_connected(self) -> bool:
        return self._link.is_live

    @property
    def sessions(self) -> int:
        """How often the server has welcomed this client; the first time included."""
        return self._connection.sessions

    @property
    def failure(self) -> ClientError | None:
        """Why the connection is gone for good, if it is."""
        return self._failure

    # -- playlists -------------------------------------------------------------------------------------------

    async def open_playlist(self, playlist_id: str, *, timeout_s: float = TIMEOUT_S) -> Playlist:
        """The playlist with this id; the same object each time until it is closed. Raises PlaylistClosed if
        there is none or it is not for this user, Unreachable after `timeout_s`, ConnectionRefused."""
        if not is_id(playlist_id):
            raise PlaylistClosed("not_found", CODES["not_found"].sentence)
        playlist = self._playlists.get(playlist_id)
        if playlist is None:
            playlist = Playlist(*self._link.enter(playlist_id), self)
            self._playlists[playlist_id] = playlist
            self.wake()
        try:
            async with asyncio.timeout(timeout_s):
                await playlist.loaded()
        except TimeoutError:
            raise Unreachable("unreachable", f"The playlist did not come within {timeout_s:g} s.") from None
        return playlist

    def history(self, playlist_id: str) -> History:
        """The past of a playlist, whether or not it is open here."""
        return History(self._url, playlist_id, self._tokens)

    async def saved(self, timeout_s: float | None = None) -> None:
        """Returns when everything edited so far is durable, in all playlists. Raises EditsRefused like
        `Playlist.saved`, and UnsavedEdits if it takes longer than `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                for playlist in list(self._playlists.values()):
                    await playlist.saved()
        except TimeoutError:
            raise UnsavedEdits(f"Some edits could not be saved within {timeout_s:g} s.") from None

    # -- the connection --------------------------------------------------------------------------------------

    def go_offline(self) -> None:
        """Disconnects and stays away; edits are kept."""
        self._connection.go_offline()

    def go_online(self) -> None:
        self._connection.go_online()

    def wake(self) -> None:
        """There is something to send; for `Playlist`."""
        self._connection.wake()

    def server_ms(self) -> int:
        """Estimated wall time of the server, ms."""
        return self._link.server_ms(now_ms(asyncio.get_running_loop()))

    def forget(self, playlist: str) -> None:
        """The playlist is closed; for `Playlist`."""
        self._playlists.pop(playlist, None)
        self._link.leave(playlist)
        self.wake()

    async def run(self) -> None:
        """Keeps the connection; for `connect`."""
        try:
            await self._connection.run()
        except ConnectionRefused as error:
            self._failure = error
        except Exception:
            self._failure = ConnectionRefused("internal", "The client failed; its log says how.")
            raise
        finally:
            if self._failure is None:
                self._failure = ConnectionRefused("closed", "The client was closed.")
            self._signal.notify()
            for playlist in list(self._playlists.values()):
                playlist.fail()

    async def ready(self, timeout_s: float) -> None:
        """Returns at the first welcome. Raises Unreachable or ConnectionRefused."""
        try:
            async with asyncio.timeout(timeout_s):
                while not self.sessions:
                    if self._failure is not None:
                        raise self._failure
                    await self._signal.wait()
        except TimeoutError:
            reason = self._connection.last_end or "no answer"
            raise Unreachable("unreachable", f"No server within {timeout_s:g} s: {reason}") from None

    def _receive(self, event: LinkEvent) -> None:
        match event:
            case InRoom(room, happened):
                playlist = self._playlists.get(room)
                if playlist is not None:
                    playlist.receive(happened)
            case MembersChanged(room):
                playlist = self._playlists.get(room)
                if playlist is not None:
                    playlist.receive_members()
            case Welcomed():
                self._signal.notify()

    def _sent(self) -> None:
        for playlist in self._playlists.values():
            playlist.sent()
