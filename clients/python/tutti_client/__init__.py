"""The Python SDK of Tutti: edit playlists together with other people, from a program.

`connect` is the way in, `guest` makes somebody to connect as. Edits show at once and are saved by themselves;
what others do arrives while the program awaits something. Errors are drawn in `tutti_client.errors`.
"""

from tutti_client.audio import Audio
from tutti_client.catalogue import Album, Found, FoundTrack, Image
from tutti_client.changes import Changes, JamChange, PlaylistChange
from tutti_client.errors import (
    AwaitingApproval,
    CannotPlay,
    ClientError,
    CommandRefused,
    ConnectionRefused,
    EditsRefused,
    InvalidEdit,
    JamClosed,
    PlaylistClosed,
    QueueFull,
    ReadOnly,
    RequestRefused,
    StoreFailed,
    StoreInUse,
    Unreachable,
    UnsavedEdits,
)
from tutti_client.events import (
    Accepted,
    Acknowledged,
    Change,
    Event,
    Happened,
    Reacted,
    Refusal,
    Rejected,
    Reloaded,
    Renamed,
)
from tutti_client.given import Given
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
from tutti_client.jam import Jam, Sync
from tutti_client.jam_requests import JamInvite, JoinCode, Saved
from tutti_client.music import Music
from tutti_client.performance import Performance
from tutti_client.player import Player
from tutti_client.playlist import Member, Playlist
from tutti_client.songs import NowPlaying, Person, SkipVote, Song, Waiting
from tutti_client.suggestions import Reason, Suggestion, Suggestions
from tutti_client.tracks import Track
from tutti_client.tutti import Tutti
from tutti_client.virtual_player import VirtualPlayer
from tutti_client.way_in import connect

__all__ = [
    "Accepted",
    "Acknowledged",
    "Album",
    "Audio",
    "Author",
    "AwaitingApproval",
    "CannotPlay",
    "Change",
    "Changes",
    "ClientError",
    "CommandRefused",
    "ConnectionRefused",
    "Difference",
    "EditsRefused",
    "EntryChange",
    "EntryEvent",
    "Event",
    "Found",
    "FoundTrack",
    "Given",
    "Guest",
    "Happened",
    "History",
    "Image",
    "InvalidEdit",
    "Jam",
    "JamChange",
    "JamClosed",
    "JamInvite",
    "JoinCode",
    "Member",
    "Music",
    "NowPlaying",
    "PastState",
    "PastVersion",
    "Performance",
    "Person",
    "Player",
    "Playlist",
    "PlaylistChange",
    "PlaylistClosed",
    "QueueFull",
    "Reacted",
    "ReadOnly",
    "Reason",
    "Refusal",
    "Rejected",
    "Reloaded",
    "Renamed",
    "RequestRefused",
    "Saved",
    "SkipVote",
    "Song",
    "StoreFailed",
    "StoreInUse",
    "Suggestion",
    "Suggestions",
    "Sync",
    "Track",
    "Tutti",
    "Unreachable",
    "UnsavedEdits",
    "VirtualPlayer",
    "Waiting",
    "connect",
    "guest",
]
