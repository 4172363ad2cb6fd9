"""What `GET /v1/me/export` answers, as strict types; see `shapes`."""

from typing import Annotated, Literal

from msgspec import Meta

from collab.auth import LABEL_CHARS_MAX
from collab.config import Limits
from collab.export import FORMAT, LIST_MAX
from collab.roles import JamRole, PlaylistRole
from jam.state import Status
from storage.administered import Action
from tests.documents import jam_shapes
from tests.documents.bounds import Count, Fields, Id, Milliseconds, PersonName, SnapshotId, Text
from tests.documents.shapes import Answer

Label = Annotated[str, Meta(max_length=LABEL_CHARS_MAX)]
Format = Annotated[str, Meta(max_length=len(FORMAT), examples=[FORMAT])]


class ExportedPerson(Answer, frozen=True):
    id: Id
    name: PersonName
    kind: Literal["guest", "account"]
    created_at: Milliseconds


class ExportedDevice(Answer, frozen=True):
    """A device that I am signed in on; `renewed_at` is when it came for a token last."""

    since: Milliseconds
    renewed_at: Milliseconds
    expires_at: Milliseconds
    revoked: bool


class ExportedToken(Answer, frozen=True):
    """A token of mine for a program, without the token."""

    id: Id
    label: Label
    created_at: Milliseconds
    expires_at: Milliseconds
    revoked: bool


class ExportedAct(Answer, frozen=True):
    """What an operator did about me."""

    at: Milliseconds
    action: Action
    why: Text


class ExportedPlaylist(Answer, frozen=True):
    """A playlist that I am in, whole. `added_by_me` counts the entries whose `added_by` is my id."""

    id: Id
    snapshot_id: SnapshotId
    version: Count
    role: PlaylistRole
    made_by_me: bool
    created_at: Milliseconds
    attributes: Fields
    added_by_me: Count
    entries: Annotated[list[Fields], Meta(max_length=Limits().entries_max)]


class SaidInJam(Answer, frozen=True):
    at: Milliseconds
    text: Text


class ExportedJam(Answer, frozen=True):
    """A Jam that I am in. `recap` is null where the log is no longer kept; `said` is what I wrote there."""

    id: Id
    name: Text
    role: JamRole
    made_by_me: bool
    status: Status
    started_at: Milliseconds
    recap: jam_shapes.Recap | None
    said: Annotated[list[SaidInJam], Meta(max_length=LIST_MAX)]


class Export(Answer, frozen=True):
    """All that is known of me. `format` names this shape."""

    format: Format
    exported_at: Milliseconds
    profile: ExportedPerson
    devices: Annotated[list[ExportedDevice], Meta(max_length=LIST_MAX)]
    tokens: Annotated[list[ExportedToken], Meta(max_length=LIST_MAX)]
    audit: Annotated[list[ExportedAct], Meta(max_length=LIST_MAX)]
    playlists: Annotated[list[ExportedPlaylist], Meta(max_length=LIST_MAX)]
    jams: Annotated[list[ExportedJam], Meta(max_length=LIST_MAX)]
