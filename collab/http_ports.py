"""What HTTP needs from the hub.

HTTP never writes a document behind the back of its room: it asks here, and whoever has the room open sees
the change as if a connection had made it. Implemented by the hub; the tests have a small one of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from collab.listener import Closable, Listener, Reading
from collab.messages import Open
from collab.seating import Seat
from ot.document import Document
from storage.rows import Head

# A flat map: `uid`, `track` and the playlist's other fields.
EntryFields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A playlist as its reader may see it, at `head.version`; `role` is the reader's, None of a stranger to
    whom it is public."""

    head: Head
    role: str | None
    entries: Sequence[EntryFields]
    attributes: Mapping[str, Any]


class Documents(Protocol):
    """Playlists, by document id. Every method raises Refusal `not_found` if the playlist does not exist or
    the user is no member of it, StoreError if the database fails, and Refusal `busy` if races were lost. A
    public playlist can be read by everybody."""

    async def read(self, document: str, user: str) -> DocumentView:
        """The newest committed state."""

    async def attributes_of(self, document: str) -> Mapping[str, Any]:
        """Those of the newest committed state, whoever asks."""

    async def edit(
        self,
        document: str,
        user: str,
        op: dict[str, Any],
        *,
        base: int | None = None,
        epoch: str = "",
        client: str = "",
        is_new: bool = False,
    ) -> int:
        """Submits an op in its wire form as this user, and returns its version when it is durable. It is
        written against version `base` of the history `epoch`, or else the newest. `client`: the client id
        that names it, so that the uids in it can begin with that; `is_new`: nobody can have used it before.
        Raises Refusal `forbidden` for a role that may not submit, or what the kind says of the op."""

    async def outcome(self, document: str, client: str) -> int | None:
        """What became of the one edit under this client id: the version, which `read` gives from now on;
        None if there is none yet. Raises the Refusal with which it was settled."""

    async def bring_back(self, document: str, user: str, base: int, op: dict[str, Any]) -> int:
        """As `edit`, for an op that the server made for this user against version `base`: what it inserts
        may have stood in the playlist before. Also raises Refusal `uid_taken` if such an entry stands there
        again by the time it is committed, and `base_gone`."""

    async def create(self, owner: str, attributes: Mapping[str, Any], now_ms: int, document: str = "") -> str:
        """A new playlist with one member, its owner; returns its id. `document`: the id that it is to have;
        if this owner made it already, it stays as it is. Raises Refusal `attribute_invalid`."""

    async def delete(self, document: str, user: str) -> None:
        """Deletes the playlist; its room closes for everybody. Raises Refusal `forbidden` unless the role
        allows it."""

    async def set_member(
        self, document: str, user: str, role: str | None, *, is_verdict: bool = False
    ) -> None:
        """Gives `user` a role, member or not, or takes them out (None); their sockets learn of it at once.
        Who may ask for that is decided before (`members`). `is_verdict`: an owner says so, and that is
        remembered for `follow`."""

    async def follow(self, document: str, user: str, roles: Mapping[str | None, str]) -> None:
        """Makes `user`, who comes by themselves, a member as `storage.store.Store.follow` does. Raises
        Refusal `forbidden` if an owner took them out."""


class RoomsToRead(Protocol):
    """What reading along in a playlist takes of the hub."""

    def enter_as(self, listener: Listener, seat: Seat, request: Open) -> None:
        """Opens a document for this listener; it is told `Opened`, or `Refused` with seq 0."""

    def exit_as(self, listener: Listener, document: str) -> None: ...

    def reader_came(self, reader: Reading) -> None:
        """From here on it is counted as a socket, and told when the node stops."""

    def reader_gone(self, reader: Reading) -> None: ...

    def sockets_from(self, address: str) -> int: ...

    def everybody(self) -> Sequence[Closable]:
        """Who listens, by whatever way."""

    @property
    def socket_count(self) -> int: ...

    @property
    def is_draining(self) -> bool: ...

    def playlist(self, document: str) -> tuple[Head, Document] | None:
        """A playlist as it was committed last, if its room is in memory."""
