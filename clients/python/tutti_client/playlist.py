"""A playlist that several people edit, as a program sees it.

Reads are synchronous and show one's own edits at once; what others do comes in between two awaits. Edits are
queued and saved by themselves; `saved` waits for it. Knows positions, tracks and people. How edits travel and
meet is the replica's and the algebra's.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from weakref import WeakSet

from collab.errors import CallerError
from collab.messages import PRESENCE_BYTES_MAX, Body
from jam.smooth import features_of
from jam.smooth_order import smooth_order
from ot.build import insert_at, move_range, permute, remove_range, set_attribute, set_field
from ot.op import Op
from ot.value import Entry, Value, is_value
from tutti_client.changes import PLAYLIST_CHANGES, Changes, PlaylistChange
from tutti_client.errors import ClientError, EditsRefused, PlaylistClosed, UnsavedEdits
from tutti_client.events import Closed, Event, Refusal
from tutti_client.host import Host
from tutti_client.playlist_replica import PlaylistReplica
from tutti_client.replica import Status
from tutti_client.roster import Roster
from tutti_client.signal import Signal
from tutti_client.suggestions import Suggestions
from tutti_client.tracks import Track, as_list, check_attribute, check_field, make_entry


class PlaylistHost(Host, Protocol):
    """What a playlist asks of the client besides."""

    def refusals_of(self, playlist: str) -> tuple[Refusal, ...]:
        """What was refused in it and not dismissed."""

    def dismiss(self, playlist: str) -> None:
        """Somebody has seen what was refused in it."""

    async def stored(self) -> None:
        """Returns when all edits made so far are on disk."""

    async def suggestions(self, playlist_id: str, limit: int) -> Suggestions:
        """What else would go well with it."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in the playlist, by one connection. `cursor` is the index before which they stand (the length:
    at the end), None if they show none or it is at an entry that is not here. `state` is all they show."""

    id: str
    user: str
    name: str
    cursor: int | None
    state: Body


class Playlist:
    """See the module. Made by `Tutti.open_playlist`."""

    def __init__(self, replica: PlaylistReplica, roster: Roster, host: PlaylistHost) -> None:
        self._replica = replica
        self._roster = roster
        self._host = host
        self._signal = Signal()
        self._presence = Signal()
        self._changes: WeakSet[Changes[PlaylistChange]] = WeakSet()
        self._listeners: list[Callable[[Event], None]] = []
        self._is_closed = False
        self._refusal: Refusal | None = None
        self._refusals = 0
        self._refusals_raised = 0

    # -- what it holds ---------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        return self._replica.room

    @property
    def entries(self) -> Sequence[Entry]:
        """The entries in order, each a mapping with `uid`, `track`, `added_by`, `added_at` and more. A list
        that was read never changes afterwards: read again for the newest, and do not change it."""
        return self._replica.document.entries

    @property
    def attributes(self) -> Mapping[str, Value]:
        return self._replica.document.attributes

    @property
    def name(self) -> str:
        return str(self._replica.document.attributes.get("name", ""))

    @property
    def version(self) -> int:
        """The last version that arrived from the server."""
        return self._replica.version

    @property
    def role(self) -> str:
        """`owner`, `editor` or `viewer`; what this user may do here."""
        return self._replica.role

    @property
    def status(self) -> Status:
        """How far the newest edit got: `pending` here, `sent` and under way, or `durable`."""
        return self._replica.status

    @property
    def is_open(self) -> bool:
        """Whether the server keeps this playlist up to date here at this moment."""
        return self._replica.is_open

    @property
    def replica(self) -> PlaylistReplica:
        """What is behind it, for looking."""
        return self._replica

    def index_of(self, uid: str) -> int:
        """Where the entry with this uid stands. Raises ValueError if it does not."""
        for index, entry in enumerate(self.entries):
            if entry["uid"] == uid:
                return index
        raise ValueError(f"No entry has the uid {uid!r}.")

    # -- edits -----------------------------------------------------------------------------------------------
    # Each is applied at once. All raise ReadOnly, QueueFull, PlaylistClosed and ConnectionRefused; nothing
    # changed then.

    def insert(self, index: int, tracks: Track | Iterable[Track]) -> list[str]:
        """Puts one or more tracks before the entry at `index`. Returns the uids of the new entries. Raises
        IndexError and InvalidEdit."""
        replica, server_ms = self._replica, self._host.server_ms()
        entries = [
            make_entry(track, replica.take_uid(), replica.user, server_ms) for track in as_list(tracks)
        ]
        self.edit(insert_at(len(self.entries), index, entries))
        return [str(entry["uid"]) for entry in entries]

    def append(self, tracks: Track | Iterable[Track]) -> list[str]:
        """As `insert`, at the end."""
        return self.insert(len(self.entries), tracks)

    def remove(self, start: int, count: int = 1) -> None:
        """Removes the `count` entries from `start` on. Raises IndexError."""
        self.edit(remove_range(len(self.entries), start, count))

    def move(self, start: int, count: int, to: int) -> None:
        """Moves the `count` entries from `start` on to stand before the one that is now at `to`; the length
        is the end. Raises IndexError."""
        self.edit(move_range(len(self.entries), start, count, to))

    def smooth_sort(self) -> None:
        """Puts the entries in an order in which each follows smoothly from the one before, by their fields
        `tempo`, `key` and `energy`; the first one stays. One edit; it takes about a second of computing for
        ten thousand entries. Changes nothing where these fields are not set."""
        self.edit(permute(smooth_order([features_of(entry) for entry in self.entries])))

    def set_field(self, index: int, field: str, value: Value) -> None:
        """Sets a field of the entry at `index`; None deletes it. Raises IndexError and InvalidEdit."""
        if not 0 <= index < len(self.entries):
            raise IndexError(f"A list of {len(self.entries)} has no entry {index}.")
        check_field(self.entries[index], field, value)
        self.edit(set_field(len(self.entries), index, field, value))

    def set_attribute(self, name: str, value: Value) -> None:
        """Sets an attribute of the playlist, such as its name; None deletes it. Raises InvalidEdit."""
        check_attribute(name, value)
        self.edit(set_attribute(name, value))

    def edit(self, op: Op) -> None:
        """Any op on `entries` and `attributes` as they are now (see `ot.build`). Raises OpError."""
        self._raise_failure()
        self._happened(self._replica.edit(op, self._host.server_ms()))

    def undo(self) -> bool:
        """Takes back the newest step of what was edited here: edits that came within half a second of each
        other. What others decided since stands, also in the same place. An entry that comes back may have a
        new uid, with the old one in `was`. False if there was nothing to undo."""
        self._raise_failure()
        return self._happened(self._replica.take_back("undo", self._host.server_ms()))

    def redo(self) -> bool:
        """Does again what was undone last, unless something was edited since; as `undo`."""
        self._raise_failure()
        return self._happened(self._replica.take_back("redo", self._host.server_ms()))

    @property
    def can_undo(self) -> bool:
        """Whether `undo` would change anything."""
        return self._failure() is None and self._replica.can_take_back("undo")

    @property
    def can_redo(self) -> bool:
        return self._failure() is None and self._replica.can_take_back("redo")

    def end_step(self) -> None:
        """The next edit is a step of its own for `undo`, however soon it comes."""
        self._replica.end_step()

    def _happened(self, events: list[Event]) -> bool:
        for event in events:
            self.receive(event)
        self._host.wake()
        return bool(events)

    async def saved(self) -> None:
        """Returns when all edits made before this call are durable. Raises EditsRefused if some were refused
        since the last call (the others live on), PlaylistClosed or ConnectionRefused if they can never be."""
        wanted, raised = self._replica.edits_made, self._refusals_raised
        while self._replica.edits_settled < wanted:
            self._raise_failure()
            await self._signal.wait()
        refusal = self._refusal
        if refusal is not None and self._refusals > raised:
            self._refusals_raised = self._refusals
            raise EditsRefused(refusal.code, refusal.message, refusal.op)

    async def stored(self) -> None:
        """Returns when all edits made before this call are on the disk of this device. From then on they
        survive the program and the machine, and arrive exactly once. It begins by itself when an edit is
        made; a program that is killed before may lose the last edits, never one before another. Raises
        StoreFailed, and CallerError without `connect(…, offline=…)`."""
        await self._host.stored()

    async def suggestions(self, limit: int = 20) -> Suggestions:
        """At most `limit` tracks (of at most 50) that would go well with what is saved here, and why, to be
        appended as they are: `playlist.append(suggestion.track)`. Raises RequestRefused and Unreachable."""
        return await self._host.suggestions(self.id, limit)

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """What the server refused for good and nobody dismissed yet, oldest first, at most 100."""
        return self._host.refusals_of(self.id)

    def dismiss_refusals(self) -> None:
        """They need not be kept any longer."""
        self._host.dismiss(self.id)

    # -- following it ----------------------------------------------------------------------------------------

    def changes(self) -> Changes[PlaylistChange]:
        """An asynchronous iterator over what changes the visible list from now on, own edits included."""
        changes = Changes(PLAYLIST_CHANGES)
        failure = self._failure()
        if failure is None:
            self._changes.add(changes)
        else:
            changes.end(failure)
        return changes

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Calls `listener` with every event of this playlist, acknowledgements and refusals included, while
        it happens; it must not block."""
        self._listeners.append(listener)

    @property
    def members(self) -> tuple[Member, ...]:
        """Who is in the playlist now, ourselves included, once for each connection."""
        return tuple(
            Member(member.id, member.user, member.name, self._cursor_of(member.state), member.state)
            for member in self._roster.members
        )

    @property
    def present(self) -> int:
        """How many connections the playlist has now, to within a 20th: `members` does not name all of a
        crowd."""
        return self._roster.present

    async def members_changed(self) -> None:
        """Returns at the next change among `members`. Raises PlaylistClosed or ConnectionRefused."""
        self._raise_failure()
        await self._presence.wait()
        self._raise_failure()

    def set_cursor(self, index: int | None) -> None:
        """Shows others that we are at the entry at `index` (the length: at the end), or nowhere. The cursor
        stays at that entry wherever it goes. Raises IndexError."""
        if index is None:
            self.show({})
        elif index == len(self.entries):
            self.show({"cursor": ""})
        elif 0 <= index < len(self.entries):
            self.show({"cursor": self.entries[index]["uid"]})
        else:
            raise IndexError(f"A list of {len(self.entries)} has no entry {index}.")

    def show(self, state: Body) -> None:
        """Shows others any small state of ours; `cursor` in it is a uid, or empty for the end. Raises
        CallerError for what is no plain value or larger than 1 KiB."""
        is_plain: bool = is_value(state)
        if not is_plain or len(repr(state)) > PRESENCE_BYTES_MAX:
            raise CallerError(
                f"What is shown is a map of plain values of at most {PRESENCE_BYTES_MAX} bytes."
            )
        self._roster.show(state)
        self._host.wake()

    def _cursor_of(self, state: Body) -> int | None:
        cursor = state.get("cursor")
        if cursor == "":
            return len(self.entries)
        try:
            return self.index_of(cursor) if isinstance(cursor, str) else None
        except ValueError:
            return None

    # -- its end ---------------------------------------------------------------------------------------------

    async def close(self, *, discard: bool = False) -> None:
        """Leaves the playlist. Raises UnsavedEdits unless all is saved or `discard` says that it may go."""
        if not self._replica.is_synced and self._replica.closed is None and not discard:
            raise UnsavedEdits("Some edits are not saved; wait for `saved()`, or discard them.")
        self._is_closed = True
        self._host.forget(self.id, for_good=not self._replica.is_synced)
        for changes in self._changes:
            changes.end()
        self._signal.notify()
        self._presence.notify()

    def receive(self, event: Event) -> None:
        """Something happened to the replica; for `Tutti`."""
        if isinstance(event, Refusal):
            self._refusal = event
            self._refusals += 1
        for changes in self._changes:
            changes.receive(event, self.version)
        for listener in self._listeners:
            listener(event)
        if isinstance(event, Closed):
            self._host.forget(self.id, for_good=True)
            self.fail()
        self._signal.notify()

    def receive_members(self) -> None:
        self._presence.notify()

    def fail(self) -> None:
        """The playlist, or the connection, is gone for good: everybody who waits learns why."""
        for changes in self._changes:
            changes.end(self._failure())
        self._signal.notify()
        self._presence.notify()

    async def loaded(self) -> None:
        """Returns when there is something to read, up to date if the server is there. Raises PlaylistClosed
        or ConnectionRefused."""
        while self._replica.version < 0 or (self._host.is_connected and not self._replica.is_open):
            self._raise_failure()
            await self._signal.wait()

    def sent(self) -> None:
        """Something may have been sent, which also settles edits of which nothing was left."""
        self._signal.notify()

    def _failure(self) -> ClientError | None:
        closed = self._replica.closed
        if closed is not None:
            return PlaylistClosed(closed.code, closed.message, closed.op)
        if self._is_closed:
            return PlaylistClosed("closed", "This playlist was closed here.")
        return self._host.failure

    def _raise_failure(self) -> None:
        failure = self._failure()
        if failure is not None:
            raise failure
