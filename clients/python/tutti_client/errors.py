"""What the SDK raises, by who has to act.

TuttiError (collab.errors)
├── CallerError          our interface misused: raised at once, nothing changed
│   ├── ReadOnly             the role on this playlist does not allow edits
│   ├── InvalidEdit          the playlist's table of fields does not allow this
│   ├── QueueFull            too much waits to be acknowledged; nothing that waits is lost
│   └── UnsavedEdits         closing now would lose edits
└── ClientError          the server, or the way to it, said no
    ├── Unreachable          no answer within the time that the caller gave
    ├── ConnectionRefused    the server closed the session and will not have it back unchanged
    ├── RequestRefused       an HTTP request (guest, token) was refused
    ├── PlaylistClosed       the playlist is gone, or not for this user (any more)
    ├── JamClosed            the Jam is over, or not for this user (any more)
    ├── AwaitingApproval     the host of the Jam has to let us in first
    ├── CommandRefused       a command was refused; it changed nothing
    ├── EditsRefused         edits were refused and taken out; they are handed back with the reason
    ├── CannotPlay           this track cannot be played here, now or ever
    ├── NoSound              this machine, or this installation, has no output to play on
    └── StoreFailed          the file in which this device keeps unsaved edits cannot be used
        └── StoreInUse           another program uses it
"""

from collab.errors import CallerError, TuttiError
from ot.op import IDENTITY, Op


class ReadOnly(CallerError):
    """A viewer cannot edit."""


class InvalidEdit(CallerError):
    """The server would refuse this edit with `code`; it was not made."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class QueueFull(CallerError):
    """Too many edits wait to be acknowledged. Everything queued is kept; go online, or edit less."""


class UnsavedEdits(CallerError):
    """Closing now would lose edits: wait for `saved()`, or say that they may go."""


class ClientError(TuttiError):
    """Root of what the server, or the way to it, brings about. `code` is stable, `message` a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Unreachable(ClientError):
    """No answer within the time that the caller gave."""


class ConnectionRefused(ClientError):
    """The server ended the session and said not to come back unchanged (close codes 4000–4099)."""


class RequestRefused(ClientError):
    """An HTTP request was refused with `status`."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code, message)
        self.status = status


class PlaylistClosed(ClientError):
    """The playlist does not exist, or this user may not see it (any more).

    `op` is what was not saved, written for the last acknowledged list; identity if nothing was.
    """

    def __init__(self, code: str, message: str, op: Op = IDENTITY) -> None:
        super().__init__(code, message)
        self.op = op


class JamClosed(ClientError):
    """The Jam does not exist, or this user may not see it (any more). Commands that waited were refused."""


class AwaitingApproval(ClientError):
    """The key fits, and the host of Jam `jam` has to let us in: `Tutti.admitted` waits for it."""

    def __init__(self, jam: str) -> None:
        super().__init__("awaiting_approval", "The host has to let you in first.")
        self.jam = jam


class CommandRefused(ClientError):
    """A command was refused and changed nothing. With `retry_after_ms` above 0 the same might be taken
    then."""

    def __init__(self, code: str, message: str, retry_after_ms: int = 0) -> None:
        super().__init__(code, message)
        self.retry_after_ms = retry_after_ms


class EditsRefused(ClientError):
    """Edits were refused for good and taken out of the list; all else lives on. `op` is what was refused."""

    def __init__(self, code: str, message: str, op: Op) -> None:
        super().__init__(code, message)
        self.op = op


class CannotPlay(ClientError):
    """The sound of this track cannot be had here: no file, too large, too long, or of a kind that is not
    decoded here. Others may well hear it."""


class NoSound(ClientError):
    """There is no output to play on; everything else works."""


class StoreFailed(ClientError):
    """The file given as `offline` cannot be used (any more): damaged, not ours, or the disk is full. What it
    holds stays as it is; no edit is made that could not be kept."""


class StoreInUse(StoreFailed):
    """Another program, or another client in this one, has the file open."""
