"""The Jam as a kind of document.

Its rules are in the package `jam`; here they meet the room: bodies become commands and events, the room's
author becomes the Jam's, and its refusals become ours. What a song's fields may hold is as in a playlist.
Versions, acks and who is told are the room's.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress

import msgspec
from msgspec.structs import replace

from collab.errors import Refusal
from collab.fields import check_track
from collab.ids import is_own_uid
from collab.kind import Author, Roles, Scene, Submitted
from collab.messages import Body
from collab.songs import Admission, as_catalogued, tracks_in
from jam import commands as c
from jam import events as e
from jam.digest import digest
from jam.due import proposals
from jam.idle import SeenOnly, idle, noticed
from jam.lineup import Lineup
from jam.log import MISFITS
from jam.reduce import reduce
from jam.refusal import JamRefusal
from jam.rules import By, Source
from jam.scene import Scene as JamScene
from jam.settings import Settings
from jam.state import Jam, dump, load, new_jam, role_of
from jam.step import OrderDiffers, follow, step
from ot.value import Value

# What may change who is what.
_OF_ROLES = (e.Joined, e.Left, e.Kicked, e.Banned, e.Promoted, e.HandedOver, e.Acting, e.CameBack)


def _roles(jam: Jam) -> Roles:
    return {user: role for user in jam.members if (role := role_of(jam, user)) is not None}


class JamDraft:
    """A Jam as it will be when a batch is committed. `seen`: who does nothing, as `jam.idle` has it."""

    def __init__(self, lineup: Lineup, seen: SeenOnly, roles: Roles, admission: Admission) -> None:
        self.lineup = lineup
        self.seen = seen
        self._roles = roles
        self._admission = admission

    def accept(self, command: c.Command, author: Author) -> e.Event | None:
        """Raises Refusal."""
        _check_content(command, author)
        command = self._catalogued(command, author)
        try:
            decided = step(self.lineup, command, _by(author, idle(self.seen, self.lineup.jam)))
        except JamRefusal as refusal:
            raise Refusal(refusal.code, refusal.detail, refusal.retry_after_ms) from None
        if decided is None:
            return None
        self._moved(decided.lineup, decided.event)
        return decided.event

    def apply(self, event: e.Event) -> None:
        try:
            after = reduce(self.lineup.jam, event)
        except JamRefusal as refusal:
            raise Refusal(refusal.code, refusal.detail) from None
        self._moved(self.lineup.followed_by(after), event)

    def replay(self, event: e.Event, author: Author) -> None:
        """Raises Refusal if the event says another author, or another order than the one it leaves."""
        if event.by not in (author.user, "") or event.at < self.lineup.jam.at:
            raise Refusal("command_malformed", "The event does not bear its author's name, or its time fell.")
        try:
            self._moved(follow(self.lineup, event), event)
        except (OrderDiffers, *MISFITS) as error:
            raise Refusal("command_malformed", f"The event does not fit the Jam: {error}.") from None

    def roles(self) -> Roles:
        return self._roles

    def _catalogued(self, command: c.Command, author: Author) -> c.Command:
        """With the songs as the catalogue has them. A fallback is often a whole playlist: what is not there
        any more is left out of it. Raises Refusal `unknown_track`."""
        match command:
            case c.Add():
                return replace(command, track=as_catalogued(command.track, self._admission, author.songs))
            case c.Fallback():
                songs: list[tuple[str, dict[str, Value]]] = []
                for uid, track in command.tracks:
                    with suppress(Refusal):
                        songs.append((uid, as_catalogued(track, self._admission, author.songs)))
                if command.tracks and not songs:
                    raise Refusal("unknown_track")
                return replace(command, tracks=songs)
            case _:
                return command

    def _moved(self, lineup: Lineup, event: e.Event) -> None:
        self.seen = noticed(self.seen, self.lineup.jam, event)
        self.lineup = lineup
        if isinstance(event, _OF_ROLES):
            self._roles = _roles(lineup.jam)


class JamState:
    """The committed Jam."""

    def __init__(self, jam: Jam, admission: Admission = Admission.ANY) -> None:
        self.lineup = Lineup(jam)
        self._admission = admission
        self._roles = _roles(jam)
        self._seen: SeenOnly = {}
        # What `view` returned last, until the Jam is another.
        self._view: Body | None = None

    @property
    def jam(self) -> Jam:
        return self.lineup.jam

    def draft(self) -> JamDraft:
        return JamDraft(self.lineup, self._seen, self._roles, self._admission)

    def absorb(self, draft: JamDraft) -> None:
        if draft.lineup.jam is not self.jam:
            self._view = None
        self.lineup = draft.lineup
        self._seen = draft.seen
        self._roles = draft.roles()

    def view(self) -> Body:
        """The same object until the Jam changes: when a node restarts, a thousand people open it at once."""
        if self._view is None:
            self._view = dump(self.jam)
        return self._view

    def dump(self) -> Body:
        return dump(self.jam)

    def digest(self) -> str:
        return digest(self.jam)

    def roles(self) -> Roles:
        return self._roles

    def proposals(self, scene: Scene, now_ms: int) -> tuple[Sequence[Submitted], int | None]:
        return proposals(self.lineup, _seen(scene, idle(self._seen, self.jam)), max(now_ms, self.jam.at))

    @property
    def at_ms(self) -> int:
        return self.jam.at

    @property
    def lives(self) -> bool:
        """While it is live, the music goes on and people may be missed; dormant it can be unloaded."""
        return self.jam.status == "live"


class JamKind:
    """The kind `jam`; commands are submitted, events committed. Songs of the catalogue are what it says."""

    name = "jam"
    proposes = True
    algebra = None

    def __init__(self, admission: Admission = Admission.ANY) -> None:
        self._admission = admission

    def load(self, snapshot: Body) -> JamState:
        return JamState(load(snapshot), self._admission)

    def tracks(self, change: c.Command) -> frozenset[str]:
        if self._admission is Admission.ANY:
            return frozenset()
        match change:
            case c.Add():
                return tracks_in([change.track])
            case c.Fallback():
                return tracks_in(track for _, track in change.tracks)
            case _:
                return frozenset()

    def decode(self, body: Body) -> c.Command:
        try:
            return c.decode_command(body)
        except msgspec.ValidationError as error:
            raise Refusal("command_malformed", f"{error}.") from None

    def read(self, body: Body) -> e.Event:
        try:
            return e.decode_event(body)
        except msgspec.ValidationError as error:
            raise Refusal("command_malformed", f"{error}.") from None

    def encode(self, change: c.Command | e.Event) -> Body:
        if isinstance(change, c.Command):
            return c.encode_command(change)
        return e.encode_event(change)


def empty_jam(host: str, name: str, now_ms: int, settings: Settings) -> Body:
    """The state of a new Jam at version 0; `name` is the host's."""
    return dump(new_jam(host, name, now_ms, settings))


def _by(author: Author, acted_ms: Mapping[str, int]) -> By:
    scene = _seen(author.scene, acted_ms)
    if author.is_room:
        return By("", author.now_ms, Source.ROOM, scene)
    return By(author.user, author.now_ms, Source.SERVER if author.is_server else Source.CLIENT, scene)


def _seen(scene: Scene, acted_ms: Mapping[str, int]) -> JamScene:
    return JamScene(scene.here, scene.left_ms, scene.loaded_ms, scene.shown, scene.elsewhere, acted_ms)


def _check_content(command: c.Command, author: Author) -> None:
    """What comes from a client bears its uids, and songs have only the fields that songs have."""
    match command:
        case c.Add():
            songs: Mapping[str, Body] = {command.entry: command.track}
        case c.Fallback():
            songs = dict(command.tracks)
            if len(songs) < len(command.tracks):
                raise Refusal("uid_taken")
        case _:
            return
    for uid, track in songs.items():
        if not is_own_uid(uid, author.client):
            raise Refusal("uid_foreign")
        check_track(track)
