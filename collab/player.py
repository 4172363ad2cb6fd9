"""What somebody's player does, in the Jam that it is.

Play, pause, next and the rest become commands of that Jam, decided under its rules like those of a socket:
`next` of a guest is a vote. Commands name the reign in which they are given; here that is the newest, for
whoever presses sees none. What is played as a list becomes the Jam's fallback, so people's songs come before
it. Knows Jams, playlists and the catalogue. Does not know HTTP.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, Literal

from collab.ambient import Ambient
from collab.auth import Identity
from collab.errors import Refusal
from collab.fields import song_of
from collab.house import SongSource, no_songs
from collab.http_ports import Documents
from collab.jam_ports import JamView
from collab.jams import Jams
from collab.player_context import (
    SEEDS,
    Song,
    beginning_at,
    described,
    entry_of,
    in_own_order,
    index_of,
    is_shuffled,
    shuffling,
    waiting,
)
from collab.player_jams import PlayerJams
from collab.songs import id_of_uri
from collab.uris import kept_uri
from jam import commands as c
from jam.rules import TABLE, is_steering
from jam.settings import Repeat
from jam.state import Jam, role_of

RepeatState = Literal["off", "track", "context"]
REPEATS: Final[Mapping[RepeatState, Repeat]] = {"off": "off", "track": "one", "context": "all"}

# The host may change between a look and the command; three times in a row nobody presses in vain.
REIGNS_MAX: Final = 3

# The command that somebody's wish is, in the Jam as it is now. Raises Refusal.
_Wish = Callable[[Jam], c.Command]


class Player:
    """`device` is the id of one of the user's Jams; empty: their current one. All raise Refusal `no_player`
    if there is none, and what the Jam says."""

    def __init__(
        self,
        jams: Jams,
        mine: PlayerJams,
        documents: Documents,
        ambient: Ambient,
        songs: SongSource = no_songs,
        name: Callable[[str], str] | None = None,
    ) -> None:
        self._jams = jams
        self._mine = mine
        self._documents = documents
        self._ambient = ambient
        self._songs = songs
        self._name = name
        self._given = 0

    def named(self, name: Callable[[str], str]) -> "Player":
        """The same for one request, whose commands have names of its own: whoever repeats it gives the same
        commands, and what one of them did is not done again."""
        return Player(self._jams, self._mine, self._documents, self._ambient, self._songs, name)

    async def look(self, user: str, device: str = "") -> JamView | None:
        """The Jam, if there is one."""
        return await (self._mine.named(user, device) if device else self._mine.current(user))

    async def devices(self, user: str) -> list[JamView]:
        """All Jams that this person may choose from, where they were active last first."""
        return await self._mine.of(user)

    async def choose(self, user: str, device: str) -> None:
        """Makes a Jam the current one."""
        await self._find(user, device)
        self._mine.choose(user, device, self._ambient.now_ms())

    # -- what plays -------------------------------------------------------------------------------------

    async def resume(self, user: str, device: str, position_ms: int | None = None) -> None:
        """Goes on, or begins with the first in the queue."""
        document = await self._awake(user, device)
        if position_ms is not None:
            await self.seek(user, document, position_ms)
        await self._give(user, document, lambda jam: c.Play(reign=jam.reign))

    async def play_playlist(
        self, who: Identity, device: str, playlist: str, at: int | str, position_ms: int
    ) -> None:
        """Plays a playlist that this person may read, from a position or a track's URI on. Who has no Jam
        gets their own."""
        view = await self._documents.read(playlist, who.user_id)
        songs = [song_of(entry) for entry in view.entries]
        await self._play(who, device, songs, at, position_ms, str(view.attributes.get("name", "")))

    async def play_tracks(
        self, who: Identity, device: str, uris: Sequence[str], at: int | str, position_ms: int
    ) -> None:
        """As `play_playlist`, with tracks."""
        current = await self.look(who.user_id, device)
        songs = await self._described(None if current is None else current.jam, uris)
        await self._play(who, device, songs, at, position_ms, "")

    async def pause(self, user: str, device: str) -> None:
        def wish(jam: Jam) -> c.Command:
            _playing(jam)
            return c.Pause(reign=jam.reign)

        await self._give(user, device, wish)

    async def seek(self, user: str, device: str, position_ms: int) -> None:
        """Beyond the end of the song, the next one begins."""
        try:
            await self._give(user, device, lambda jam: c.Seek(_playing(jam), position_ms, reign=jam.reign))
        except Refusal as refusal:
            if refusal.code != "seek_beyond":
                raise
            await self.next(user, device)

    async def next(self, user: str, device: str) -> None:
        """Who steers ends the song; who does not asks for that, or withdraws their own. If it ended by itself
        meanwhile, that is what was wanted: no second song is skipped."""

        def wish(jam: Jam) -> c.Command:
            play = _playing(jam)
            return c.Next(play, reign=jam.reign) if is_steering(role_of(jam, user)) else c.VoteSkip(play)

        try:
            await self._give(user, device, wish)
        except Refusal as refusal:
            if refusal.code != "other_play":
                raise

    async def previous(self, user: str, device: str) -> None:
        await self._give(user, device, lambda jam: c.Previous(_playing(jam), reign=jam.reign))

    # -- the queue and the switches -----------------------------------------------------------------------

    async def add(self, user: str, device: str, uri: str) -> None:
        """Puts a track into the queue, before the context; one that waits there already gets a vote."""
        view = await self._find(user, device)
        [song] = await self._described(view.jam, [uri])
        await self._give(user, view.head.document, lambda jam: c.Add("", dict(song)))

    async def repeat(self, user: str, device: str, state: RepeatState) -> None:
        await self._set(user, device, {"repeat": REPEATS[state]})

    async def volume(self, user: str, device: str, percent: int) -> None:
        await self._set(user, device, {"volume": percent})

    async def shuffle(self, user: str, device: str, is_wanted: bool) -> None:
        """Shuffles what is to come of the context, or puts it back into its order; people's songs stay where
        votes and turns have them. Raises Refusal `no_context` if there is too little to shuffle."""
        view = await self._find(user, device)
        role = role_of(view.jam, user)
        if role is None or c.Shuffle not in TABLE[role]:
            raise Refusal("forbidden")
        if is_shuffled(view.jam) == is_wanted:
            return
        if is_wanted and len(waiting(view.jam)) < 2:
            raise Refusal("no_context")
        seeds = [self._ambient.new_id() for _ in range(SEEDS)]
        await self._give(
            user,
            view.head.document,
            lambda jam: shuffling(jam, user, seeds) if is_wanted else in_own_order(jam),
        )

    async def _set(self, user: str, device: str, settings: dict[str, Any]) -> None:
        await self._give(user, device, lambda jam: c.Set(settings, reign=jam.reign))

    # -- a list from one of its songs on --------------------------------------------------------------------

    async def _play(
        self,
        who: Identity,
        device: str,
        songs: Sequence[Song],
        at: int | str,
        position_ms: int,
        name: str,
    ) -> None:
        first = index_of(songs, at)
        current = await self.look(who.user_id, device)
        if current is not None and not is_steering(role_of(current.jam, who.user_id)):
            raise Refusal("forbidden", "You are in somebody else's Jam; leave it to play what you like.")
        if current is not None or device:
            await self._begin(who.user_id, await self._awake(who.user_id, device), songs, first, position_ms)
            return
        document = await self._start(who, name)
        try:
            await self._begin(who.user_id, document, songs, first, position_ms)
        except Refusal:
            # Nobody asked for a Jam in which nothing can be played.
            with suppress(Refusal):
                await self._jams.delete(document, who.user_id)
            raise

    async def _start(self, who: Identity, name: str) -> str:
        """A Jam of their own, called as what it plays if a Jam can be called so."""
        try:
            return await self._jams.create(who.user_id, who.name, {"name": name})
        except Refusal as refusal:
            if refusal.code != "setting_invalid":
                raise
            return await self._jams.create(who.user_id, who.name, {})

    async def _begin(
        self, user: str, document: str, songs: Sequence[Song], first: int, position_ms: int
    ) -> None:
        await self._give(user, document, lambda jam: beginning_at(jam, songs, first))
        view = await self._find(user, document)
        entry = entry_of(view, songs[first])
        if entry is None:
            raise Refusal("entry_gone")
        before = view.jam.timeline.entry
        await self._give(user, document, lambda jam: c.PlayNow(entry, reign=jam.reign))
        if position_ms or entry == before:
            await self.seek(user, document, position_ms)
        if (
            view.jam.settings.repeat == "all"
            and before not in ("", entry)
            and view.jam.entries[before].fallback
        ):
            # Where all is repeated, what played waits again; but it belongs to the list that is over.
            with suppress(Refusal):
                await self._give(user, document, lambda jam: c.Remove(before, reign=jam.reign))

    async def _described(self, jam: Jam | None, uris: Sequence[str]) -> list[Song]:
        """What is known of tracks: by the catalogue, else by the Jam; else no more than their URIs."""
        kept = [kept_uri(uri) for uri in uris]
        ids = {id for uri in kept if (id := id_of_uri(uri)) is not None}
        catalogued = await self._songs(ids) if ids else {}
        found: list[Song] = []
        for uri, ours in zip(uris, kept, strict=True):
            song = catalogued.get(id_of_uri(ours) or "")
            found.append(song or (jam and described(jam, uri)) or {"track": uri})
        return found

    # -- how a command is given -----------------------------------------------------------------------------

    async def _find(self, user: str, device: str) -> JamView:
        view = await self.look(user, device)
        if view is None:
            raise Refusal("no_player", "You are in no such Jam." if device else "")
        return view

    async def _awake(self, user: str, device: str) -> str:
        """The Jam's id. Where nobody was left, whoever steers is back by playing something."""
        view = await self._find(user, device)
        if view.jam.status == "dormant" and is_steering(role_of(view.jam, user)):
            await self._jams.wake(view.head.document, user)
        return view.head.document

    async def _give(self, user: str, device: str, wish: _Wish) -> None:
        for reigns_left in reversed(range(REIGNS_MAX)):
            view = await self._find(user, device)
            document = view.head.document
            self._given += 1
            client = self._name(f"command {self._given}") if self._name is not None else ""
            try:
                await self._jams.command(document, user, c.encode_command(wish(view.jam)), client)
            except Refusal as refusal:
                if refusal.code != "old_reign" or not reigns_left:
                    raise
            else:
                self._mine.choose(user, document, self._ambient.now_ms())
                return


def _playing(jam: Jam) -> int:
    """The play that a command is about. Raises Refusal `no_player`."""
    if not jam.timeline.entry:
        raise Refusal("no_player", "Nothing plays in your Jam.")
    return jam.timeline.play
