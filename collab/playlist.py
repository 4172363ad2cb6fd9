"""The playlist as a kind of document.

Says whose uids and whose names an insert may carry, what a removal leaves behind, and how many entries there
may be. What a field may hold is said in `fields`, how ops meet in `ot`; versions and roles are the room's.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import TypeAlias

from collab.errors import Refusal
from collab.fields import check_attributes, check_edits, check_entry, is_time
from collab.kind import Author, Scene
from collab.messages import Body
from collab.songs import Admission, is_known, tracks_in
from ot.apply import apply, inserted, removed
from ot.check import check
from ot.compose import compose
from ot.digest import Digester
from ot.document import Document
from ot.index import Indexed
from ot.op import Drop, Insert, Keep, Op, OpError, Pick, Remove, decode, encode, is_identity
from ot.transform import transform
from ot.value import Entry, Value

KIND = "playlist"
ENTRIES_MAX = 11_000
# An undo may restore what was removed this many removals ago with its old author and time.
TOMBSTONES_MAX = 10_000
# What a client's estimate of server time may be ahead by.
ADDED_AT_LEEWAY_MS = 5_000
# More than any client counts in its life.
UID_DIGITS_MAX = 16


# The uid of a removed entry, who added it, and when. A plain tuple, as it is stored: a room saves ten
# thousand of them without making anything, and the garbage collector leaves tuples of plain values alone.
Tombstone: TypeAlias = tuple[str, str, int]


def _tombstone(entry: Entry) -> Tombstone:
    added_at = entry.get("added_at")
    return str(entry["uid"]), str(entry.get("added_by", "")), added_at if isinstance(added_at, int) else 0


def _bury(gone: Mapping[str, Tombstone], tombstones: dict[str, Tombstone]) -> None:
    """Adds removals as the newest ones, also of an entry that was removed and restored before."""
    for uid, old in gone.items():
        tombstones.pop(uid, None)
        tombstones[uid] = old


class PlaylistDraft:
    """A playlist as it will be when a batch is committed."""

    def __init__(self, state: "PlaylistState") -> None:
        self._state = state
        self.document = state.document
        self.added: set[str] = set()
        # The tracks of all entries, once somebody asks.
        self._held: set[str] | None = None
        self.removed: dict[str, Tombstone] = {}

    def accept(self, op: Op, author: Author) -> Op | None:
        """Raises Refusal if the op does not fit the list or its content breaks the field table."""
        try:
            length = check(op, len(self.document.entries))
        except OpError as error:
            raise Refusal(error.code, str(error)) from None
        entries_max = self._state.entries_max
        if length > entries_max and length > len(self.document.entries):
            raise Refusal("playlist_full", f"A playlist holds at most {entries_max} entries.")
        check_attributes(op.attributes)
        self._check_edits(op)
        entries = list(inserted(op))
        for entry in entries:
            self._check_entry(entry, author)
        if is_identity(op):
            return None
        self._apply(op, entries)
        return op

    def apply(self, op: Op) -> None:
        self._apply(op, inserted(op))

    def replay(self, op: Op, author: Author) -> None:
        """What was committed reads as it was accepted, so it is accepted again."""
        self.accept(op, author)

    def roles(self) -> None:
        """Members of a playlist stand in the store's table."""

    def _apply(self, op: Op, entries: Iterable[Entry]) -> None:
        gone = {grave[0]: grave for grave in map(_tombstone, removed(self.document, op))}
        self.document = apply(self.document, op)
        self._held = None
        self.added.difference_update(gone)
        _bury(gone, self.removed)
        self.added.update(str(entry["uid"]) for entry in entries)

    def _check_edits(self, op: Op) -> None:
        position = 0
        for component in op.components:
            if isinstance(component, Keep | Pick | Remove):
                if not isinstance(component, Remove) and component.edits:
                    entries = self.document.entries[position : position + component.n]
                    check_edits(component.edits, entries)
                position += component.n

    def _check_entry(self, entry: Entry, author: Author) -> None:
        uid = str(entry["uid"])
        if author.is_server:
            # What a restore brings back keeps its uid, and who added it and when.
            if self._stands(uid):
                raise Refusal("uid_taken")
            check_entry(entry)
            return  # what stood in a list, here or in another, may stand again
        prefix, _, number = uid.partition(".")
        if prefix != author.client:
            raise Refusal("uid_foreign")
        if not (number.isascii() and number.isdecimal() and len(number) <= UID_DIGITS_MAX):
            raise Refusal("entry_invalid", "A uid is the client id, a dot and a number.")
        if self._is_taken(uid):
            raise Refusal("uid_taken")
        check_entry(entry)
        if not self._restores(entry):
            self._check_origin(entry, author)
            self._check_track(entry, author)

    def _restores(self, entry: Entry) -> bool:
        """Whether an undo brings it back: it may keep who added it and when, and its track may be gone."""
        was = entry.get("was")
        old = self._buried(was) if isinstance(was, str) else None
        return old is not None and (was, entry.get("added_by"), entry.get("added_at")) == old

    def _check_track(self, entry: Entry, author: Author) -> None:
        """In a closed catalogue it is known, or stands in the list already."""
        if self._state.admission is Admission.CLOSED and not is_known(entry, author.songs):
            if self._held is None:
                self._held = {str(other.get("track")) for other in self.document.entries}
            if entry.get("track") not in self._held:
                raise Refusal("unknown_track")

    def _check_origin(self, entry: Entry, author: Author) -> None:
        """An entry says truly who added it and when."""
        added_by, added_at = entry.get("added_by"), entry.get("added_at")
        if added_by != author.user:
            raise Refusal("entry_invalid", "`added_by` must be the user who submits.")
        if not is_time(added_at):
            raise Refusal("entry_invalid", "`added_at` must be milliseconds since 1970.")
        assert isinstance(added_at, int), "is_time says so"
        if added_at > author.now_ms + ADDED_AT_LEEWAY_MS:
            raise Refusal("entry_invalid", "`added_at` is in the future; use the server's time.")

    def _stands(self, uid: str) -> bool:
        return uid in self.added or (uid in self._state.uids and uid not in self.removed)

    def _is_taken(self, uid: str) -> bool:
        state = self._state
        return uid in self.added or uid in self.removed or uid in state.uids or uid in state.tombstones

    def _buried(self, uid: str) -> Tombstone | None:
        return self.removed.get(uid) or self._state.tombstones.get(uid)


class PlaylistState:
    """The committed playlist: its document, the uids that stand in it, and the last removals."""

    def __init__(
        self,
        document: Document,
        tombstones: dict[str, Tombstone],
        entries_max: int,
        admission: Admission = Admission.ANY,
    ) -> None:
        self.entries_max = entries_max
        self.admission = admission
        self.document = document
        self.uids = {str(entry["uid"]) for entry in document.entries}
        self.tombstones = tombstones
        self._digester = Digester()

    def draft(self) -> PlaylistDraft:
        return PlaylistDraft(self)

    def absorb(self, draft: PlaylistDraft) -> None:
        self.document = draft.document
        self.uids.difference_update(draft.removed)
        self.uids.update(draft.added)
        _bury(draft.removed, self.tombstones)
        surplus = max(0, len(self.tombstones) - TOMBSTONES_MAX)
        # In one walk: each new one would begin by passing over all that were deleted before.
        for uid in list(islice(self.tombstones, surplus)):
            del self.tombstones[uid]

    def view(self) -> Body:
        return {"entries": self.document.entries, "attributes": self.document.attributes}

    def dump(self) -> Body:
        return {**self.view(), "removed": list(self.tombstones.values())}

    def digest(self) -> str:
        return self._digester.digest(self.document)

    def roles(self) -> None:
        """Members of a playlist stand in the store's table."""

    def proposals(self, scene: Scene, now_ms: int) -> tuple[tuple[()], None]:
        """Time wants nothing of a playlist."""
        return (), None

    @property
    def at_ms(self) -> int:
        return 0

    @property
    def lives(self) -> bool:
        return False


class Playlist:
    """The kind `playlist`, with its algebra; its changes are ops. Nothing may make a list longer than
    `entries_max`; in a closed catalogue no new entry may name a track that is not there."""

    name = KIND
    proposes = False

    def __init__(self, entries_max: int = ENTRIES_MAX, admission: Admission = Admission.ANY) -> None:
        self._entries_max = entries_max
        self._admission = admission

    @property
    def algebra(self) -> "Playlist":
        return self

    def load(self, snapshot: Body) -> PlaylistState:
        removals: list[tuple[str, str, int]] = snapshot.get("removed", [])
        tombstones = {uid: (uid, added_by, added_at) for uid, added_by, added_at in removals}
        return PlaylistState(
            Document(snapshot["entries"], snapshot["attributes"]),
            tombstones,
            self._entries_max,
            self._admission,
        )

    def decode(self, body: Body) -> Op:
        try:
            op = decode(body)
            # Before anything is rebased: `transform` trusts that drops partition picks.
            check(op, _covered(op))
        except OpError as error:
            raise Refusal(error.code, str(error)) from None
        return op

    def tracks(self, change: Op) -> frozenset[str]:
        # Content is never rewritten here, so in an open catalogue nothing need be known.
        return tracks_in(inserted(change)) if self._admission is Admission.CLOSED else frozenset()

    def read(self, body: Body) -> Op:
        """What is committed has the form of what is submitted."""
        return self.decode(body)

    def encode(self, change: Op) -> Body:
        return encode(change)

    def rebase(self, change: Op, over: Op) -> Op:
        try:
            return transform(change, over, "right")
        except OpError as error:
            raise Refusal(error.code, str(error)) from None

    def rebaser(self, over: Op) -> Callable[[Op], Op]:
        indexed = Indexed(over)

        def rebase(change: Op) -> Op:
            try:
                return indexed.rebase(change, "right")
            except OpError as error:
                raise Refusal(error.code, str(error)) from None

        return rebase

    def compose(self, first: Op, second: Op) -> Op:
        return compose(first, second)


def _covered(op: Op) -> int:
    """How many entries the op says the list has."""
    return sum(component.n for component in op.components if not isinstance(component, Insert | Drop))


def empty_playlist(attributes: Mapping[str, Value]) -> Body:
    """The state of a new playlist at version 0. Raises Refusal(attribute_invalid)."""
    if "name" not in attributes:
        raise Refusal("attribute_invalid", "A playlist needs a name.")
    check_attributes(attributes)
    return {
        "entries": [],
        "attributes": {key: value for key, value in attributes.items() if value is not None},
        "removed": [],
    }
