"""The Python SDK of Tutti: edit playlists together with other people, from a program.

`connect` is the way in, `guest` makes somebody to connect as. Edits show at once and are saved by themselves;
what others do arrives while the program awaits something. Errors are drawn in `tutti_client.errors`.
"""

from tutti_client.changes import Changes, PlaylistChange
from tutti_client.errors import (
    ClientError,
    ConnectionRefused,
    EditsRefused,
    InvalidEdit,
    PlaylistClosed,
    QueueFull,
    ReadOnly,
    RequestRefused,
    StoreFailed,
    StoreInUse,
    Unreachable,
    UnsavedEdits,
)
from tutti_client.events import Acknowledged, Change, Event, Refusal, Reloaded, Renamed
from tutti_client.guest import Guest, guest
from tutti_client.history import (
    Author,
    Difference,
    EntryChange,
    EntryEvent,
    History,
    PastState,
    PastVersion,
)
from tutti_client.playlist import Member, Playlist
from tutti_client.suggestions import Reason, Suggestion, Suggestions
from tutti_client.tracks import Track
from tutti_client.tutti import Tutti, connect

__all__ = [
    "Acknowledged",
    "Author",
    "Change",
    "Changes",
    "ClientError",
    "ConnectionRefused",
    "Difference",
    "EditsRefused",
    "EntryChange",
    "EntryEvent",
    "Event",
    "Guest",
    "History",
    "InvalidEdit",
    "Member",
    "PastState",
    "PastVersion",
    "Playlist",
    "PlaylistChange",
    "PlaylistClosed",
    "QueueFull",
    "ReadOnly",
    "Reason",
    "Refusal",
    "Reloaded",
    "Renamed",
    "RequestRefused",
    "StoreFailed",
    "StoreInUse",
    "Suggestion",
    "Suggestions",
    "Track",
    "Tutti",
    "Unreachable",
    "UnsavedEdits",
    "connect",
    "guest",
]
