"""Every HTTP request that the server answers: what it takes and what comes back.

A test compares this table with the routes of the real application, and every answer with the type that
stands here for it.
"""

from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from collab.formats import FORMATS
from collab.http_history import RestoreBody, TakeBackBody
from collab.http_items import GoneItems, NewItems, OtherItems
from collab.http_jam_doors import JamInviteBody, JoinBody
from collab.http_jams import CommandBody, NewJam, SaveBody
from collab.http_members import AcceptBody, InviteBody, RoleBody
from collab.http_people import DeleteBody, LinkBody, NameBody, RefreshBody
from collab.http_player import PlayBody, TransferBody
from collab.http_playlists import Details
from tests.documents import export_shapes, format_shapes, jam_shapes, player_shapes, shapes


@dataclass(frozen=True, slots=True)
class Operation:
    """`answer` None: an empty body, or (`media`) one that is no JSON; or (`array`) a bare list.
    `paged`: takes `offset` and `limit`.
    `query`: numbers that it takes besides, and `texts`: anything else; `?` after what may be left out.
    `headers` come with the answer; with `ETag` among them, whoever has it is answered 304. `also`: other
    statuses with the same answer (204: without one), and what they say."""

    method: str
    path: str
    summary: str
    status: int = 200
    answer: type[Struct] | None = None
    body: type[Struct] | None = None
    body_optional: bool = False
    needs_token: bool = True
    paged: bool = False
    query: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    media: str = ""
    # Of a body that is a file, the types that it may have.
    takes: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    also: tuple[tuple[int, str], ...] = ()
    array: object = None

    @property
    def name(self) -> tuple[str, str]:
        return self.method, self.path


_PLAYLIST: Final = "/v1/playlists/{playlist}"
_JAM: Final = "/v1/jams/{jam}"
_PLAYER: Final = "/v1/me/player"

# Each stands under two names.
_WRITING_ITEMS: Final = tuple(
    operation
    for name in ("items", "tracks")
    for operation in (
        Operation(
            "POST",
            f"{_PLAYLIST}/{name}",
            "Add tracks. The body may be the bare array of URIs, or none if the query has `uris`.",
            status=201,
            answer=shapes.Written,
            body=NewItems,
            body_optional=True,
            query=("position?",),
            texts=("uris?",),
        ),
        Operation(
            "PUT",
            f"{_PLAYLIST}/{name}",
            "Put a range of items elsewhere, or hold other tracks from now on.",
            answer=shapes.Written,
            body=OtherItems,
            body_optional=True,
            texts=("uris?",),
        ),
        Operation(
            "DELETE",
            f"{_PLAYLIST}/{name}",
            "Remove tracks by URI, every copy or those at `positions`; or whatever stands at `positions`.",
            answer=shapes.Written,
            body=GoneItems,
        ),
    )
)

OPERATIONS: Final = (
    Operation("GET", "/", "One line about what this is.", needs_token=False, media="text/plain"),
    Operation(
        "GET", "/healthz", "200 while the process answers at all.", needs_token=False, media="text/plain"
    ),
    Operation(
        "GET",
        "/readyz",
        "Whether people may be sent here; 503 with the same body if not.",
        answer=shapes.Readiness,
        needs_token=False,
        also=((503, "Not now: see `checks`."),),
    ),
    Operation(
        "GET",
        "/metrics",
        "Prometheus metrics, for peers on this machine; others use the admin port.",
        needs_token=False,
        media="text/plain",
    ),
    Operation(
        "GET",
        "/openapi.json",
        "What HTTP takes and answers, as an OpenAPI 3.1 document.",
        needs_token=False,
        media="application/json",
        headers=("ETag",),
    ),
    Operation(
        "GET",
        "/asyncapi.json",
        "What travels over the socket, as an AsyncAPI 3 document.",
        needs_token=False,
        media="application/json",
        headers=("ETag",),
    ),
    Operation(
        "GET",
        "/reference",
        "Both of them as a page, for people.",
        needs_token=False,
        media="text/html",
        headers=("ETag",),
    ),
    Operation(
        "POST",
        "/v1/guest",
        "Become a guest by saying a name.",
        201,
        shapes.Session,
        NameBody,
        needs_token=False,
    ),
    Operation(
        "POST",
        "/v1/guest/link",
        "Be on this device whoever made this code on another one; a code works once, for ten minutes.",
        answer=shapes.Session,
        body=LinkBody,
        needs_token=False,
    ),
    Operation(
        "POST",
        "/v1/token",
        "Exchange a refresh token for the next session; it works once, and again if the reply was lost.",
        answer=shapes.Session,
        body=RefreshBody,
        needs_token=False,
    ),
    Operation(
        "POST",
        "/v1/token/revoke",
        "Sign the device of a refresh token out.",
        204,
        body=RefreshBody,
        needs_token=False,
    ),
    Operation("GET", "/v1/me", "Who I am.", answer=shapes.Me),
    Operation("PUT", "/v1/me", "Change my name.", answer=shapes.Me, body=NameBody),
    Operation("DELETE", "/v1/me", "Delete me, for good; see “Going”.", 204, body=DeleteBody),
    Operation("GET", "/v1/me/export", "All that is known of me.", answer=export_shapes.Export),
    Operation("POST", "/v1/me/link", "A code by which another device becomes me.", 201, shapes.DeviceLink),
    Operation("GET", "/v1/users/{user}", "Who somebody is.", answer=shapes.Profile),
    Operation(
        "GET",
        "/v1/users/{user}/playlists",
        "Somebody's public playlists, or all of mine; of others, their newest thousand are looked through.",
        answer=shapes.Playlists,
        paged=True,
    ),
    Operation(
        "POST",
        "/v1/users/{user}/playlists",
        "As `POST /v1/me/playlists`; of somebody else it is refused.",
        201,
        shapes.Playlist,
        Details,
        headers=("Location",),
    ),
    Operation(
        "GET", "/v1/me/playlists", "My playlists, the newest first.", answer=shapes.Playlists, paged=True
    ),
    Operation(
        "POST",
        "/v1/me/playlists",
        "Make a playlist; I own it.",
        201,
        shapes.Playlist,
        Details,
        headers=("Location",),
    ),
    Operation(
        "GET",
        _PLAYLIST,
        "A playlist with its first hundred entries; `fields` names the parts that are wanted.",
        headers=("ETag",),
        answer=shapes.Playlist,
        texts=("fields?",),
    ),
    Operation("PUT", _PLAYLIST, "Change a playlist's name, description or flags.", body=Details),
    Operation(
        "GET",
        f"{_PLAYLIST}/items",
        "A page of a playlist's entries; `fields` names the parts that are wanted.",
        headers=("ETag",),
        answer=shapes.Items,
        paged=True,
        texts=("fields?",),
    ),
    Operation(
        "GET",
        f"{_PLAYLIST}/tracks",
        "The same, under its older name.",
        headers=("ETag",),
        answer=shapes.Items,
        paged=True,
        texts=("fields?",),
    ),
    *_WRITING_ITEMS,
    Operation(
        "POST",
        "/v1/me/playlists/import",
        "Make a playlist of a file, which is the body; without `format` its contents tell what it is.",
        201,
        format_shapes.Imported,
        takes=("application/octet-stream", *(made.media_type for made in FORMATS.values())),
        texts=("format?", "name?"),
        headers=("Location",),
    ),
    Operation(
        "GET",
        f"{_PLAYLIST}/export",
        "The playlist as a file to keep: JSPF, or another `format`.",
        media=" ".join(made.media_type.partition(";")[0] for made in FORMATS.values()),
        texts=("format?",),
        headers=("Content-Disposition",),
    ),
    Operation("GET", f"{_PLAYLIST}/images", "A playlist's picture, if it has one.", array=shapes.Images),
    Operation(
        "PUT",
        f"{_PLAYLIST}/images",
        "Give a playlist a picture: a JPEG in Base64, at most 256 KB as it travels.",
        202,
        takes=("image/jpeg",),
    ),
    Operation(
        "GET",
        f"{_PLAYLIST}/images/{{image}}",
        "A picture that somebody gave to a playlist.",
        needs_token=False,
        media="image/jpeg",
        headers=("ETag",),
    ),
    Operation(
        "PUT",
        f"{_PLAYLIST}/followers",
        "Follow a playlist: of a collaborative one that makes an editor, of a public one a viewer.",
    ),
    Operation("DELETE", f"{_PLAYLIST}/followers", "Leave a playlist; the last owner deletes it."),
    Operation(
        "GET",
        f"{_PLAYLIST}/followers/contains",
        "Who of these users belongs to it, in their order; without `ids`, whether I do.",
        array=shapes.Contained,
        texts=("ids?",),
    ),
    Operation("PUT", "/v1/me/library", "Follow playlists, by their URIs.", texts=("uris",)),
    Operation("DELETE", "/v1/me/library", "Leave playlists; the last owner deletes.", texts=("uris",)),
    Operation(
        "GET",
        "/v1/me/library/contains",
        "Which of these are playlists that I belong to, in their order.",
        array=shapes.Contained,
        texts=("uris",),
    ),
    Operation(
        "GET", f"{_PLAYLIST}/members", "Everybody who belongs to it.", answer=shapes.Members, paged=True
    ),
    Operation("GET", f"{_PLAYLIST}/members/{{user}}", "One of them, and their role.", answer=shapes.Member),
    Operation(
        "PUT",
        f"{_PLAYLIST}/members/{{user}}",
        "Give somebody a role: owner, editor or viewer. Owners only.",
        answer=shapes.Member,
        body=RoleBody,
    ),
    Operation(
        "DELETE",
        f"{_PLAYLIST}/members/{{user}}",
        "Take somebody out, and every invite link with them; or leave.",
        204,
    ),
    Operation(
        "GET", f"{_PLAYLIST}/invites", "The links that still work. Owners only.", answer=shapes.Invites
    ),
    Operation(
        "POST",
        f"{_PLAYLIST}/invites",
        "Make an invite link for editors or viewers; its secret is shown once. Owners only.",
        201,
        shapes.NewInvite,
        InviteBody,
    ),
    Operation("DELETE", f"{_PLAYLIST}/invites/{{invite}}", "Revoke an invite link. Owners only.", 204),
    Operation(
        "POST",
        "/v1/invites/accept",
        "Become a member by an invite's secret; a role is never lowered.",
        answer=shapes.Joined,
        body=AcceptBody,
    ),
    Operation(
        "GET",
        f"{_PLAYLIST}/history",
        "What happened, the newest version first; `before` continues below a version.",
        answer=shapes.History,
        query=("before?", "limit?"),
    ),
    Operation(
        "GET",
        f"{_PLAYLIST}/history/{{uid}}",
        "Who added, edited, moved or removed one entry, and when; the oldest first.",
        answer=shapes.Life,
    ),
    Operation(
        "GET",
        f"{_PLAYLIST}/versions",
        "The whole playlist as it was at a time (ms since 1970).",
        answer=shapes.State,
        query=("at",),
    ),
    Operation(
        "GET",
        f"{_PLAYLIST}/versions/{{version}}",
        "The whole playlist as it was at a version.",
        answer=shapes.State,
    ),
    Operation(
        "GET",
        f"{_PLAYLIST}/diff",
        "What leads from one version to another, as an op and entry by entry.",
        answer=shapes.Difference,
        query=("from", "to"),
    ),
    Operation(
        "POST",
        f"{_PLAYLIST}/restore",
        "Make the playlist what it was at a version. Editors and owners.",
        answer=shapes.Became,
        body=RestoreBody,
    ),
    Operation(
        "POST",
        f"{_PLAYLIST}/take-back",
        "Take back what one user did after version `since`, and keep what others did. Editors and owners.",
        answer=shapes.Became,
        body=TakeBackBody,
    ),
    Operation(
        "GET",
        f"{_PLAYLIST}/events",
        "The state, then every op as it is committed, as Server-Sent Events; see “Reading along”.",
        texts=("since?",),
        media="text/event-stream",
    ),
    Operation(
        "GET",
        f"{_PLAYLIST}/suggestions",
        "Tracks that stand beside those of the playlist elsewhere on this server; the best first.",
        answer=shapes.Suggestions,
        query=("limit?",),
    ),
    Operation(
        "POST",
        "/v1/jams/join",
        "Join a Jam by its code, however it is typed, or by an invite's secret; one of the two.",
        answer=shapes.Admission,
        body=JoinBody,
    ),
    Operation(
        "GET",
        f"{_JAM}/knock",
        "Whether I wait for the host to let me in; false, and no member: I was denied.",
        answer=shapes.Knock,
    ),
    Operation(
        "GET",
        f"{_JAM}/code",
        "The code that lets people in; made if there is none. Host, co-hosts and, if so set, guests.",
        answer=shapes.JoinCode,
    ),
    Operation(
        "POST",
        f"{_JAM}/code",
        "A new code; the old one and all invite links open nothing any more. Host and co-hosts.",
        201,
        shapes.JoinCode,
    ),
    Operation("GET", f"{_JAM}/qr.svg", "The code's address as a QR symbol.", media="image/svg+xml"),
    Operation("GET", f"{_JAM}/qr.png", "The code's address as a QR symbol.", media="image/png"),
    Operation(
        "GET",
        "/j/{code}",
        "Where a code's address leads: a page that shows it and says where it goes.",
        needs_token=False,
        media="text/html",
        also=((308, "The code as it is written leads to `/j/`."), (404, "This is no code.")),
    ),
    Operation(
        "GET",
        "/J/{code}",
        "The same, as a QR symbol spells it: leads to `/j/`.",
        308,
        needs_token=False,
        media="text/html",
        headers=("Location",),
        also=((200, "What is no code is shown on the same page."), (404, "This is no code.")),
    ),
    Operation(
        "GET",
        f"{_JAM}/invites",
        "The links that still let somebody in; a guest sees those that they made.",
        answer=shapes.Invites,
    ),
    Operation(
        "POST",
        f"{_JAM}/invites",
        "Make an invite link for guests or listeners; its secret is shown once.",
        201,
        shapes.NewInvite,
        JamInviteBody,
    ),
    Operation("DELETE", f"{_JAM}/invites/{{invite}}", "Revoke an invite link.", 204),
    Operation(
        "GET", "/v1/me/jams", "Jams that I am in, the newest first.", answer=jam_shapes.Jams, paged=True
    ),
    Operation(
        "POST",
        "/v1/jams",
        "Start a Jam as its host; the songs of a playlist play when there are no others.",
        201,
        jam_shapes.StartedJam,
        NewJam,
        headers=("Location",),
    ),
    Operation("GET", _JAM, "A Jam's state, its order, and when songs will play.", answer=jam_shapes.Jam),
    Operation("DELETE", _JAM, "End a Jam, if it has not, and delete it. The host only.", 204),
    Operation(
        "POST",
        f"{_JAM}/commands",
        "Give a command in its wire form, without a socket; ids of new entries are given by the server.",
        answer=jam_shapes.Decided,
        body=CommandBody,
    ),
    Operation("GET", f"{_JAM}/recap", "What the evening was, so far.", answer=jam_shapes.Recap),
    Operation("GET", f"{_JAM}/recap.svg", "The evening as a picture, 1200 × 630.", media="image/svg+xml"),
    Operation(
        "POST",
        f"{_JAM}/playlist",
        "Save what was played as a playlist of mine; skipped songs and repetitions are left out.",
        201,
        jam_shapes.SavedPlaylist,
        SaveBody,
        headers=("Location",),
    ),
    Operation(
        "GET",
        _PLAYER,
        "The Jam that I joined or did something in last, as a player.",
        answer=player_shapes.Player,
        also=((204, "Nothing plays."),),
    ),
    Operation("PUT", _PLAYER, "Make one of my Jams the player; `play`: go on there.", 204, body=TransferBody),
    Operation(
        "GET",
        f"{_PLAYER}/currently-playing",
        "What plays there, and where the music is.",
        answer=player_shapes.Playing,
        also=((204, "Nothing plays."),),
    ),
    Operation(
        "GET", f"{_PLAYER}/queue", "What plays there, and what comes next.", answer=player_shapes.Queue
    ),
    Operation(
        "POST",
        f"{_PLAYER}/queue",
        "Put a track into the queue, before the context; one that waits there gets my vote.",
        204,
        texts=("uri", "device_id?"),
    ),
    Operation("GET", f"{_PLAYER}/devices", "My Jams that have not ended.", answer=player_shapes.Devices),
    Operation(
        "GET",
        f"{_PLAYER}/recently-played",
        "What the player played since I joined; `after` or `before` a time (ms since 1970).",
        answer=player_shapes.HeardPage,
        query=("limit?", "after?", "before?"),
    ),
    Operation(
        "PUT",
        f"{_PLAYER}/play",
        "Go on; or play a playlist or tracks, in a Jam of my own if I am in none. Host and co-hosts.",
        204,
        body=PlayBody,
        body_optional=True,
        texts=("device_id?",),
    ),
    Operation("PUT", f"{_PLAYER}/pause", "Pause. Host and co-hosts.", 204, texts=("device_id?",)),
    Operation(
        "POST",
        f"{_PLAYER}/next",
        "End the song; a guest asks for that, or withdraws their own.",
        204,
        texts=("device_id?",),
    ),
    Operation(
        "POST",
        f"{_PLAYER}/previous",
        "Begin again, or in the first seconds play the one before. Host and co-hosts.",
        204,
        texts=("device_id?",),
    ),
    Operation(
        "PUT",
        f"{_PLAYER}/seek",
        "Go on from `position_ms`; beyond the end, with the next song. Host and co-hosts.",
        204,
        query=("position_ms",),
        texts=("device_id?",),
    ),
    Operation(
        "PUT",
        f"{_PLAYER}/repeat",
        "Repeat the track, the context (the whole queue), or nothing. Host and co-hosts.",
        204,
        texts=("state", "device_id?"),
    ),
    Operation(
        "PUT",
        f"{_PLAYER}/shuffle",
        "Shuffle what is to come of the context, or put it back into its order. Host and co-hosts.",
        204,
        texts=("state", "device_id?"),
    ),
    Operation(
        "PUT",
        f"{_PLAYER}/volume",
        "Set the volume. Host, co-hosts and, if so set, guests.",
        204,
        query=("volume_percent",),
        texts=("device_id?",),
    ),
    Operation(
        "GET",
        "/v1/search",
        "Tracks of this server that `q` may mean, for every letter that somebody types; `type` is `track`.",
        answer=shapes.SearchResult,
        paged=True,
        headers=("ETag",),
        texts=("q", "type?"),
    ),
    Operation(
        "GET",
        "/v1/tracks",
        "Up to 50 tracks by their ids, with commas between.",
        answer=shapes.Songs,
        texts=("ids",),
        headers=("ETag",),
    ),
    Operation("GET", "/v1/tracks/{track}", "A track of this server.", answer=shapes.Song, headers=("ETag",)),
    Operation(
        "GET",
        "/v1/audio/{track}",
        "A track's file, or the part of it that `Range` names; see “The music”.",
        media="audio/*",
        headers=("ETag",),
        also=((206, "The part that was asked for."),),
    ),
    Operation(
        "GET",
        "/v1/artwork/{artwork}",
        "The picture in a track's file; with `size`, 64, 300 or 640, no side is longer.",
        needs_token=False,
        query=("size?",),
        media="image/*",
        headers=("ETag",),
    ),
)
