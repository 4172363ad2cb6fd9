"""With which codes each operation may be refused, by status.

Read from what an operation is (it wants a token, it takes a body, its path names something) and from the rows
below, which speak of whole families. What the application really answers is held against this wherever the
tests ask it over HTTP.
"""

import re
from collections.abc import Iterable
from typing import Final

from collab.errors import CODES
from tests.documents.operations import Operation

# Whoever asks too often, under a foreign host name, or while the database is away.
_ANY: Final = ("bad_request", "rate_limited", "unavailable", "internal")
_TOKEN: Final = ("token_missing", "token_invalid", "token_expired")
_WRITING: Final = ("outcome_unknown", "key_reused")
# What an op may be refused for, and the races that it may lose.
_OP: Final = (
    "op_malformed", "op_too_large", "op_length", "op_drops", "base_ahead", "base_gone", "entry_invalid",
    "uid_taken", "unknown_track", "playlist_full", "attribute_invalid", "busy", "overloaded",
)  # fmt: skip
# What a command to a Jam may be refused for.
_COMMAND: Final = (
    "command_malformed", "old_reign", "jam_ended", "jam_full", "host_leaves", "member_gone", "other_play",
    "seek_beyond", "setting_invalid", "chat_invalid", "too_many_messages", "message_gone", "entry_gone",
    "entry_fixed", "already_playing", "recently_played", "queue_full", "song_too_long", "too_many_waiting",
    "too_many_adds", "too_many_votes", "votes_frozen", "down_votes_off", "not_by_hand", "skip_too_early",
    "skip_vetoed", "unknown_track", "entry_invalid", "busy", "overloaded",
)  # fmt: skip

_FAMILIES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (r"POST /v1/guest$", ("overloaded",)),
    (r"POST /v1/guest/link", ("key_invalid", "forbidden")),
    (r"POST /v1/token$", ("token_invalid", "token_expired")),
    (r"POST /v1/me/link", ("forbidden",)),
    (r"GET /metrics", ("not_found",)),
    (r"(POST|PUT|DELETE) .*/playlists", ("forbidden", *_OP)),
    (r"\w+ /v1/playlists/.*(members|followers)", ("last_owner", "busy")),
    (r"PUT /v1/(playlists/.*followers|me/library)", ("forbidden", "not_found", "members_full")),
    (r"DELETE /v1/me/library", ("not_found", "last_owner", "busy")),
    (r"\w+ /v1/(playlists|jams)/.*(members|invites)", ("forbidden",)),
    (r"\w+ /v1/invites/accept", ("not_found", "busy")),
    (r"POST .*/import", ("file_unreadable",)),
    (r"\w+ .*/(history|versions|diff|restore|take-back)", ("history_gone",)),
    (r"(POST|DELETE) /v1/jams", ("forbidden", *_COMMAND)),
    (r"POST /v1/jams$", ("not_found",)),
    (r"POST .*/playlist$", _OP),
    (r"POST /v1/jams/join", ("key_invalid", "not_found")),
    (r"GET /v1/jams/.*/(code|qr|knock|invites)", ("forbidden", "jam_ended", "busy")),
    (
        r"(PUT|POST) /v1/me/player",
        ("forbidden", "not_found", "no_player", "no_context", "context_unknown", *_COMMAND),
    ),
    (r"GET /v1/audio", ("other_contents", "range_beyond")),
)


def refusals(operation: Operation) -> dict[int, list[str]]:
    """The codes that it may be refused with, by status."""
    by_status: dict[int, list[str]] = {}
    for code in sorted(set(_codes(operation))):
        by_status.setdefault(CODES[code].status, []).append(code)
    return dict(sorted(by_status.items()))


def _codes(operation: Operation) -> Iterable[str]:
    yield from _ANY
    if operation.needs_token:
        yield from _TOKEN
        if operation.method != "GET":
            yield from _WRITING
    if operation.body is not None:
        yield "too_large"
    if operation.takes:
        yield "too_large"
    if "{" in operation.path:
        yield "not_found"
    for family, codes in _FAMILIES:
        if re.match(family, " ".join(operation.name)):
            yield from codes
