"""Jams for those without a socket: made, looked at, steered, ended, looked back on.

Everything that happens in a Jam is decided in its room, by the same commands that sockets send; here they are
given on behalf of whoever asks, and who may look is asked of the role table. Knows Jams and playlists. Does
not know HTTP, nor the keys to the doors: `jam_doors` has them.
"""

from dataclasses import dataclass
from typing import Any, Final

from msgspec import structs

from collab.ambient import Ambient
from collab.errors import Refusal
from collab.http_ports import Documents
from collab.jam_kind import JamKind
from collab.jam_playlists import fallback_of, played_entries
from collab.jam_ports import DoorState, JamRooms, JamView
from collab.jam_recaps import JamRecaps
from collab.messages import Body
from collab.roles import Action, allowed
from jam import commands as c
from jam.hosting import changed
from jam.lineup import Lineup
from jam.recap import Recap
from jam.refusal import JamRefusal
from jam.rules import By, Source
from jam.settings import Limits, Settings, Times
from jam.state import Jam, Standing, dump, new_jam, role_of
from jam.step import step
from ot.build import insert_at
from ot.op import encode
from storage.store import Store

KIND: Final = JamKind.name


@dataclass(frozen=True, slots=True)
class Saved:
    """The playlist that a Jam's songs were saved as, its version, and how many songs it has."""

    playlist: str
    version: int
    songs: int


class Jams:
    """Keeps `collab.jam_ports.Jams`. All raise Refusal `not_found` for what is no Jam, and to those who are
    no members of it."""

    def __init__(
        self,
        rooms: JamRooms,
        store: Store,
        documents: Documents,
        ambient: Ambient,
        times_divided_by: int = 1,
    ) -> None:
        self._rooms = rooms
        self._documents = documents
        self._ambient = ambient
        self._recaps = JamRecaps(store)
        self._settings = Settings(
            times=shortened(Times(), times_divided_by), limits=refilled(Limits(), times_divided_by)
        )

    # -- beginning and end ------------------------------------------------------------------------------

    async def create(self, host: str, name: str, changes: Body, playlist: str | None = None) -> str:
        """A new Jam of this person; returns its id. `changes` are settings by name. A playlist that the host
        may read gives the songs that play when there are no others. Raises Refusal `setting_invalid`."""
        songs = [] if playlist is None else (await self._documents.read(playlist, host)).entries
        now_ms = self._ambient.now_ms()
        try:
            settings = changed(self._settings, changes)
            jam = new_jam(host, name, now_ms, settings)
            if songs:
                fallback = fallback_of(songs[: settings.limits.fallback], self._ambient.new_id())
                decided = step(Lineup(jam), c.Fallback(fallback), By(host, now_ms, Source.SERVER))
                assert decided is not None, "a first fallback always changes something"
                jam = decided.jam
        except JamRefusal as refusal:
            raise Refusal(refusal.code, refusal.detail) from None
        return await self._rooms.create(host, dump(jam), now_ms)

    async def delete(self, document: str, user: str) -> None:
        """The Jam ends, if it has not, and is gone with all that was said in it. Raises Refusal `forbidden`
        to all but the host."""
        view = await self._require(document, user, "delete")
        if view.jam.status != "ended":
            await self._give(document, user, c.End(reign=view.jam.reign))
        await self._rooms.delete(document, user)

    # -- while it lasts ---------------------------------------------------------------------------------

    async def read(self, document: str, user: str) -> JamView:
        return await self._require(document, user, "read")

    async def command(self, document: str, user: str, body: Body, client: str = "") -> int:
        """Decides a command on behalf of a member; returns the version that it became, or the present one if
        it changed nothing. Ids of new entries are given here, whatever it says. `client`: the id of a client
        that gives this command and no other, however often. Raises Refusal: what the Jam says."""
        client = client or self._ambient.new_id()
        return await self._rooms.command(document, user, client, _named(body, client))

    async def wake(self, document: str, user: str) -> None:
        """A member is back in a Jam in which nobody was left; it goes on as when they left it. They are gone
        again soon unless they do something there, or come with a socket."""
        view = await self._require(document, user, "open")
        await self._rooms.wake(document, user, view.jam.members[user].name)

    # -- the door, for `jam_doors` ----------------------------------------------------------------------

    async def door(self, document: str, user: str) -> DoorState:
        jam = (await self._rooms.look(document)).jam
        return DoorState(
            generation=jam.doors.generation,
            role=role_of(jam, user),
            guests_invite=jam.settings.guests_invite,
            ended=jam.status == "ended",
            waits=jam.status != "ended" and user in jam.doors.knocks,
        )

    async def join(self, document: str, user: str, name: str, role: Standing, generation: int) -> int:
        return await self._rooms.let_in(document, c.Join(user, name, role, generation))

    async def rotate(self, document: str, user: str) -> int:
        view = await self._require(document, user, "read")
        await self._give(document, user, c.Rotate(reign=view.jam.reign))
        return (await self._rooms.look(document)).jam.doors.generation

    # -- looking back -----------------------------------------------------------------------------------

    async def recap(self, document: str, user: str) -> Recap:
        """Raises Refusal `history_gone` or `busy`."""
        return await self._recaps.recap((await self._require(document, user, "read")).head)

    async def save(self, document: str, user: str, name: str | None = None) -> Saved:
        """What was played, as a playlist of this member, made by one op; by default it is called as the Jam.
        Raises Refusal `bad_request` if nothing was, `attribute_invalid` for the name."""
        recap = await self.recap(document, user)
        entries = played_entries(recap, self._ambient.new_id(), user)
        if not entries:
            raise Refusal("bad_request", "Nothing was played in this Jam that could be saved.")
        attributes = {"name": recap.name if name is None else name}
        playlist = await self._documents.create(user, attributes, self._ambient.now_ms())
        try:
            op = encode(insert_at(0, 0, entries))
            version = await self._documents.bring_back(playlist, user, 0, op)
        except Refusal:
            await self._documents.delete(playlist, user)
            raise
        return Saved(playlist, version, len(entries))

    # -- small things -----------------------------------------------------------------------------------

    async def _require(self, document: str, user: str, action: Action) -> JamView:
        view = await self._rooms.look(document)
        role = role_of(view.jam, user)
        if role is None:
            raise Refusal("not_found")
        if not allowed(action, role):
            raise Refusal("forbidden")
        return view

    async def _give(self, document: str, user: str, command: c.Command) -> None:
        await self._rooms.command(document, user, self._ambient.new_id(), c.encode_command(command))


def shortened(times: Times, by: int) -> Times:
    """The same, that many times shorter, none of them 0."""
    return Times(**{name: max(1, ms // by) for name, ms in structs.asdict(times).items()})


def refilled(limits: Limits, by: int) -> Limits:
    """The same, with what one may do within a time coming back that many times sooner. How long a song may be
    stays: songs are no shorter."""
    return structs.replace(
        limits,
        add_refill_ms=max(1, limits.add_refill_ms // by),
        votes_ms=max(1, limits.votes_ms // by),
        chats_ms=max(1, limits.chats_ms // by),
    )


def now_in(jam: Jam, now_ms: int) -> int:
    """Room time, which never falls behind the log."""
    return max(now_ms, jam.at)


def _named(body: Body, client: str) -> Body:
    """The command with ids of this client for what it brings; whoever has no socket counts nothing."""
    match body:
        case {"do": "add"}:
            return {**body, "entry": f"{client}.1"}
        case {"do": "fallback", "tracks": [*tracks]}:
            return {**body, "tracks": [_renamed(f"{client}.{n}", track) for n, track in enumerate(tracks, 1)]}
        case _:
            return body


def _renamed(uid: str, track: Any) -> Any:
    match track:
        case [_, song]:
            return [uid, song]
        case _:
            return track
