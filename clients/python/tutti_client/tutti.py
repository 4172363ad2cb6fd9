"""A client: one connection, many playlists and Jams.

Edits may be made at any time, connected or not; they are saved when they can be. Knows what is open, by id,
and who we are. Sockets are the connection's, what is said on them the link's, the file the keeper's.
"""

import asyncio
from contextlib import suppress
from types import NoneType
from typing import Any, Final

from collab.errors import CODES
from collab.ids import is_id
from ot.op import is_identity
from tutti_client.asker import Asker
from tutti_client.audio import Audio
from tutti_client.catalogue import SEARCH_LIMIT, Catalogue, Found, FoundTrack
from tutti_client.clock import Clock
from tutti_client.connection import Connection
from tutti_client.errors import (
    AwaitingApproval,
    ClientError,
    ConnectionRefused,
    JamClosed,
    PlaylistClosed,
    Unreachable,
    UnsavedEdits,
)
from tutti_client.events import Closed, Event, Refusal
from tutti_client.history import History
from tutti_client.host import View
from tutti_client.http import http_url
from tutti_client.jam import Jam
from tutti_client.jam_fold import JamFold
from tutti_client.jam_requests import JamRequests
from tutti_client.keeper import Keeper
from tutti_client.link_events import InRoom, LinkEvent, MembersChanged, TimeSet, Welcomed
from tutti_client.playlist import Playlist
from tutti_client.room_clock import RoomClock
from tutti_client.signal import Signal
from tutti_client.suggestions import Suggestions, suggestions
from tutti_client.tokens import TokenSource

TIMEOUT_S: Final = 30.0
# Who waits at a door looks this often whether it is open.
KNOCK_EVERY_S: Final = 2.0


class Tutti:
    """A client that is connected, or will be again. Made by `way_in.connect`."""

    def __init__(
        self, url: str, tokens: TokenSource, keeper: Keeper, clock: Clock, document: str = ""
    ) -> None:
        self._url = url
        self._tokens = tokens
        self._keeper = keeper
        self._clock = clock
        self._link = keeper.link
        self._connection = Connection(
            url, self._link, tokens, self._receive, self._sent, keeper.secure, clock, document
        )
        # Also those that wait to be saved from an earlier life, so that what becomes of it is noticed.
        self._views: dict[str, View] = {
            room: Playlist(*self._link.enter(room), self) for room in self._link.rooms
        }
        self._signal = Signal()
        self._failure: ClientError | None = None
        self.jam_requests = JamRequests(url, tokens)
        self._catalogue = Catalogue(url, tokens)
        self._audio = Audio(url, tokens)

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
        return self._link.is_live and self._connection.is_online

    @property
    def sessions(self) -> int:
        """How often the server has welcomed this client; the first time included."""
        return self._connection.sessions

    @property
    def failure(self) -> ClientError | None:
        """Why the connection is gone for good, or the file, if one is."""
        return self._failure or self._keeper.failure

    # -- music -----------------------------------------------------------------------------------------------

    async def search(self, text: str, limit: int = SEARCH_LIMIT, offset: int = 0) -> Found:
        """Tracks of the server that go with what somebody types, the best first: at most `limit` (of at most
        50) from `offset` on. Raises RequestRefused and Unreachable."""
        return await self._catalogue.search(text, limit, offset)

    async def track(self, track: str) -> FoundTrack:
        """A track of the server by its URI or id. Raises RequestRefused (`not_found`) and Unreachable."""
        return await self._catalogue.track(track)

    @property
    def audio(self) -> Audio:
        """The sound of the server's tracks; `music.Music` makes a player play it."""
        return self._audio

    # -- playlists -------------------------------------------------------------------------------------------

    async def open_playlist(self, playlist_id: str, *, timeout_s: float = TIMEOUT_S) -> Playlist:
        """The playlist with this id; the same object each time until it is closed. While the server cannot be
        reached it is as it was kept, with the unsaved edits. Raises PlaylistClosed if there is none or it is
        not for this user, Unreachable after `timeout_s` if nothing was kept, ConnectionRefused, StoreFailed.
        """
        if not is_id(playlist_id):
            raise PlaylistClosed("not_found", CODES["not_found"].sentence)
        if playlist_id not in self._views:
            await self._keeper.load(playlist_id)
        playlist = self._views.get(playlist_id)
        if playlist is None:
            if not self._link.user:
                await self.ready(timeout_s)
            playlist = Playlist(*self._link.enter(playlist_id), self)
            self._views[playlist_id] = playlist
            self.wake()
        elif not isinstance(playlist, Playlist):
            raise PlaylistClosed("not_found", CODES["not_found"].sentence)
        await self._loaded(playlist, timeout_s)
        return playlist

    async def _loaded(self, view: View, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                await view.loaded()
        except TimeoutError:
            if view.replica.version < 0:
                raise Unreachable(
                    "unreachable", f"The {view.replica.kind} did not come within {timeout_s:g} s."
                ) from None

    def history(self, playlist_id: str) -> History:
        """The past of a playlist, whether or not it is open here."""
        return History(self._url, playlist_id, self._tokens)

    async def suggestions(self, playlist_id: str, limit: int = 20) -> Suggestions:
        """At most `limit` tracks (of at most 50) that would go well with a playlist, whether or not it is
        open here, and why. Raises RequestRefused and Unreachable."""
        return await suggestions(self._url, playlist_id, self._tokens, limit)

    async def export_me(self) -> bytes:
        """All that the server knows of us, as the JSON document that it is. Raises RequestRefused
        (`rate_limited`: a few times an hour) and Unreachable."""
        return await Asker(f"{http_url(self._url)}/v1", self._tokens).fetch("me/export")

    async def delete_me(self, user_id: str) -> None:
        """Deletes us for good, on the server and for everybody; `user_id` is ours and says that it is meant.
        No token of ours is good from then on: what is open ends within a second. Raises RequestRefused and
        Unreachable."""
        asker = Asker(f"{http_url(self._url)}/v1", self._tokens)
        await asker.ask("DELETE", "me", NoneType, body={"confirm": user_id})

    def refusals(self) -> dict[str, tuple[Refusal, ...]]:
        """What the server refused for good and nobody dismissed yet, by playlist; with a file also of earlier
        programs. See `Playlist.refusals`."""
        return {room: self._keeper.refusals(room) for room in self._keeper.refused_rooms}

    def dismiss(self, playlist: str) -> None:
        """What was refused in this playlist need not be kept any longer."""
        self._keeper.dismiss(playlist)

    async def stored(self) -> None:
        """Returns when every edit made so far, in any playlist, is on the disk of this device: it survives
        the program, the machine's power, and arrives exactly once. Raises StoreFailed, and CallerError
        without `offline`."""
        await self._keeper.stored()

    async def saved(self, timeout_s: float | None = None) -> None:
        """Returns when everything edited so far is durable, in all playlists. Raises EditsRefused like
        `Playlist.saved`, and UnsavedEdits if it takes longer than `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                for view in list(self._views.values()):
                    await view.saved()
        except TimeoutError:
            raise UnsavedEdits(f"Some edits could not be saved within {timeout_s:g} s.") from None

    async def finish(self, timeout_s: float) -> None:
        """Returns when all is saved or, with a file, stored; for `connect`."""
        if not self._keeper.has_file:
            await self.saved(timeout_s)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self.is_connected and not self._is_saved():
                    await self._signal.wait()
        await self._keeper.stored()
        if self._is_saved():
            await self.saved()

    def _is_saved(self) -> bool:
        return all(view.replica.settled == view.replica.made for view in self._views.values())

    # -- Jams ------------------------------------------------------------------------------------------------

    async def start_jam(
        self,
        name: str | None = None,
        *,
        playlist: Playlist | str | None = None,
        timeout_s: float = TIMEOUT_S,
        **settings: Any,
    ) -> Jam:
        """A new Jam with us as host. `playlist`, or its id, gives the songs that play when people have added
        none; `settings` are those of `jam.settings`, such as `mode="votes"`. Raises RequestRefused
        (`not_found` for the playlist, `setting_invalid`), Unreachable and ConnectionRefused."""
        named = settings if name is None else {**settings, "name": name}
        source = playlist.id if isinstance(playlist, Playlist) else playlist
        return await self.open_jam(await self.jam_requests.create(source, named), timeout_s=timeout_s)

    async def join_jam(self, key: str, *, timeout_s: float = TIMEOUT_S) -> Jam:
        """The Jam that a code opens, however it is typed, or a link, or an invite's secret. Raises
        AwaitingApproval if the host has to let us in first, RequestRefused (`key_invalid` for whatever opens
        nothing, `rate_limited`, `jam_full`), Unreachable and ConnectionRefused."""
        jam_id, role = await self.jam_requests.join(key)
        if role is None:
            raise AwaitingApproval(jam_id)
        return await self.open_jam(jam_id, timeout_s=timeout_s)

    async def admitted(self, jam_id: str) -> Jam:
        """The Jam at whose door we wait, once the host lets us in: give it as long as you like. Raises
        JamClosed if we are denied, RequestRefused, Unreachable and ConnectionRefused."""
        requests = self.jam_requests
        while not await requests.is_member(jam_id):
            # Between these two questions we may have been let in.
            if not await requests.waits(jam_id) and not await requests.is_member(jam_id):
                raise JamClosed("not_found", "The host did not let us in.")
            await asyncio.sleep(KNOCK_EVERY_S)
        return await self.open_jam(jam_id)

    async def open_jam(self, jam_id: str, *, timeout_s: float = TIMEOUT_S) -> Jam:
        """The Jam with this id; the same object each time until it is closed. Raises JamClosed if there is
        none or we are no member of it, Unreachable after `timeout_s`, ConnectionRefused."""
        if not is_id(jam_id):
            raise JamClosed("not_found", CODES["not_found"].sentence)
        if not self._link.user:
            await self.ready(timeout_s)
        jam = self._views.get(jam_id)
        if jam is None:
            jam = Jam(*self._link.enter_jam(jam_id, JamFold(), now_ms=self._clock.now_ms()), self)
            self._views[jam_id] = jam
            self.wake()
        elif not isinstance(jam, Jam):
            raise JamClosed("not_found", CODES["not_found"].sentence)
        await self._loaded(jam, timeout_s)
        return jam

    # -- the connection --------------------------------------------------------------------------------------

    def go_offline(self) -> None:
        """Disconnects and stays away; edits are kept."""
        self._connection.go_offline()

    def go_online(self) -> None:
        self._connection.go_online()

    def wake(self) -> None:
        """There is something to write and to send; for `Playlist`."""
        self._keeper.keep()
        self._connection.wake()

    def server_ms(self) -> int:
        """Estimated wall time of the server, ms."""
        return self._link.server_ms(self._clock.now_ms())

    def now_ms(self) -> float:
        """The time here, by the monotonic clock that `room_ms` is measured against."""
        return self._clock.monotonic_ms()

    @property
    def room_clock(self) -> RoomClock:
        """How the time in the rooms is measured, for looking."""
        return self._link.room_clock

    async def time_set(self) -> None:
        """Returns when `room_ms` is measured. Raises ConnectionRefused."""
        while self._link.room_clock.offset_ms(self._clock.monotonic_ms()) is None:
            if self.failure is not None:
                raise self.failure
            await self._signal.wait()

    def room_ms(self) -> float:
        """The time in the rooms of this server: measured while a Jam is open, else as `server_ms`."""
        return self._link.room_ms(self._clock.monotonic_ms())

    def refusals_of(self, playlist: str) -> tuple[Refusal, ...]:
        return self._keeper.refusals(playlist)

    def forget(self, room: str, *, for_good: bool) -> None:
        """A view is closed; for that view. `for_good`: also what is kept of it goes."""
        self._views.pop(room, None)
        if not for_good:
            self._keeper.keep(final=True)
        self._link.leave(room)
        if for_good:
            self._keeper.forget(room)
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
            for view in list(self._views.values()):
                view.fail()

    async def ready(self, timeout_s: float) -> None:
        """Returns at the first welcome, or when we know who we are and no server answers. Raises Unreachable
        or ConnectionRefused."""
        try:
            async with asyncio.timeout(timeout_s):
                while not self.sessions:
                    if self._failure is not None:
                        raise self._failure
                    if self._link.user and self._connection.last_end:
                        return
                    await self._signal.wait()
        except TimeoutError:
            if self._link.user:
                return
            reason = self._connection.last_end or "no answer"
            raise Unreachable("unreachable", f"No server within {timeout_s:g} s: {reason}") from None

    def _receive(self, event: LinkEvent) -> None:
        match event:
            case InRoom(room, happened):
                self._note_refusal(room, happened)
                view = self._views.get(room)
                if view is not None:
                    view.receive(happened)
            case MembersChanged(room):
                view = self._views.get(room)
                if view is not None:
                    view.receive_members()
            case Welcomed() | TimeSet():
                self._signal.notify()

    def _note_refusal(self, room: str, happened: Event) -> None:
        """What was refused is kept until somebody has seen it."""
        if isinstance(happened, Refusal):
            self._keeper.refused(room, happened)
        elif isinstance(happened, Closed) and not is_identity(happened.op):
            replica, _ = self._link.enter(room)
            edits = replica.edits_made - replica.edits_settled
            refusal = Refusal(replica.client, 0, happened.code, happened.message, happened.op, edits)
            self._keeper.refused(room, refusal)

    def _sent(self) -> None:
        self._keeper.keep()
        self._signal.notify()
        for view in self._views.values():
            view.sent()
