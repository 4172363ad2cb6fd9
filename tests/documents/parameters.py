"""What stands in paths, queries and headers of requests: each name with what it may be.

A name that is not here is a text as long as a request's header may be, or a number of as many digits as are
read.
"""

import re
from typing import Any, Final, get_args

from collab.fields import UID_CHARS_MAX
from collab.formats import FORMATS
from collab.http_followers import IDS_MAX, URIS_MAX
from collab.http_formats import NAME_CHARS_MAX
from collab.http_history import HISTORY_LIMIT, HISTORY_LIMIT_MAX, TIME_DIGITS
from collab.http_jams import JAMS_LIMIT, JAMS_LIMIT_MAX
from collab.http_members import MEMBERS_LIMIT
from collab.http_player import RECENT_LIMIT, RECENT_LIMIT_MAX
from collab.http_playlists import PLAYLISTS_LIMIT, PLAYLISTS_LIMIT_MAX
from collab.http_requests import DIGITS_MAX
from collab.http_search import SEARCH_LIMIT, SEARCH_LIMIT_MAX, TRACKS_MAX
from collab.http_shapes import TRACKS_LIMIT
from collab.http_suggestions import SUGGESTIONS_LIMIT, SUGGESTIONS_LIMIT_MAX
from collab.ids import ID_LENGTH
from collab.music.pictures import SIZES
from collab.music.tags import ARTWORK_HEX
from collab.player import RepeatState
from collab.uris import URI_CHARS_MAX
from jam.hosting import VOLUME_MAX
from storage.catalogue import FOUND_MAX
from tests.documents.bounds import ID_PATTERN, URL_CHARS_MAX

Json = dict[str, Any]

# Default and most, by how the path ends.
_LIMITS: Final = {
    "/playlists": (PLAYLISTS_LIMIT, PLAYLISTS_LIMIT_MAX),
    "/jams": (JAMS_LIMIT, JAMS_LIMIT_MAX),
    "/tracks": (TRACKS_LIMIT, TRACKS_LIMIT),
    "/items": (TRACKS_LIMIT, TRACKS_LIMIT),
    "/search": (SEARCH_LIMIT, SEARCH_LIMIT_MAX),
    "/members": (MEMBERS_LIMIT, MEMBERS_LIMIT),
    "/history": (HISTORY_LIMIT, HISTORY_LIMIT_MAX),
    "/recently-played": (RECENT_LIMIT, RECENT_LIMIT_MAX),
    "/suggestions": (SUGGESTIONS_LIMIT, SUGGESTIONS_LIMIT_MAX),
}
_ID: Final[Json] = {"type": "string", "pattern": ID_PATTERN, "minLength": ID_LENGTH, "maxLength": ID_LENGTH}
_NUMBER: Final[Json] = {"type": "integer", "minimum": 0, "maximum": 10**DIGITS_MAX - 1}
_IN_PATHS: Final[dict[str, Json]] = {
    "version": {"type": "integer", "minimum": 0, "maximum": 10**DIGITS_MAX - 1},
    "uid": {"type": "string", "pattern": "^[^/]+$", "minLength": 1, "maxLength": UID_CHARS_MAX},
    # Whatever a phone's camera read: a page says whether it is a code.
    "code": {"type": "string", "pattern": "^[^/]+$", "minLength": 1, "maxLength": URL_CHARS_MAX},
    "artwork": {"type": "string", "pattern": f"^[0-9a-f]{{{ARTWORK_HEX}}}$", "maxLength": ARTWORK_HEX},
}
_IN_QUERIES: Final[dict[str, Json]] = {
    "at": {"type": "integer", "minimum": 0, "maximum": 10**TIME_DIGITS - 1},
    "size": {"type": "integer", "enum": list(SIZES)},
    "ids": {
        "type": "string",
        "pattern": f"^[0-9A-Za-z]{{{ID_LENGTH}}}(,[0-9A-Za-z]{{{ID_LENGTH}}}){{0,{TRACKS_MAX - 1}}}$",
        "maxLength": TRACKS_MAX * (ID_LENGTH + 1) - 1,
    },
    "type": {"type": "string", "enum": ["track"]},
    "format": {"type": "string", "enum": list(FORMATS)},
    "name": {"type": "string", "maxLength": NAME_CHARS_MAX},
    "uri": {"type": "string", "minLength": 1, "maxLength": URI_CHARS_MAX},
    "contains ids": {
        "type": "string",
        "pattern": f"^[0-9A-Za-z]{{{ID_LENGTH}}}(,[0-9A-Za-z]{{{ID_LENGTH}}}){{0,{IDS_MAX - 1}}}$",
        "maxLength": IDS_MAX * (ID_LENGTH + 1) - 1,
    },
    "uris": {
        "type": "string",
        "pattern": f"^([^,]+(,[^,]+){{0,{URIS_MAX - 1}}})?$",
        "maxLength": URIS_MAX * (URI_CHARS_MAX + 1) - 1,
    },
    "device_id": _ID,
    "volume_percent": {"type": "integer", "minimum": 0, "maximum": VOLUME_MAX},
    # Of one path alone.
    "recently-played after": {"type": "integer", "minimum": 0, "maximum": 10**TIME_DIGITS - 1},
    "recently-played before": {"type": "integer", "minimum": 0, "maximum": 10**TIME_DIGITS - 1},
    "repeat state": {"type": "string", "enum": list(get_args(RepeatState))},
    "shuffle state": {"type": "string", "enum": ["true", "false"]},
}
_SAID: Final = {
    "limit": "How many, at most.",
    "offset": "How many to pass over.",
    "ids": "With commas between.",
    "uris": "With commas between.",
    "device_id": "One of my Jams; else the one that I joined or did something in last.",
}


def path_parameters(path: str) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _IN_PATHS.get(name, _ID)}
        for name in re.findall(r"{(\w+)}", path)
    ]


def page_parameters(path: str) -> list[Json]:
    beyond = FOUND_MAX if path.endswith("/search") else 10**DIGITS_MAX - 1
    offset = {"type": "integer", "minimum": 0, "maximum": beyond, "default": 0}
    return [_query("limit", False, _limit(path)), _query("offset", False, offset)]


def query_parameters(path: str, numbers: tuple[str, ...], texts: tuple[str, ...]) -> list[Json]:
    """`?` after a name: it may be left out."""
    described = []
    for name in (*numbers, *texts):
        plain, is_required = name.removesuffix("?"), not name.endswith("?")
        otherwise = _NUMBER if name in numbers else {"type": "string", "maxLength": URL_CHARS_MAX}
        here = _IN_QUERIES.get(f"{path.rpartition('/')[2]} {plain}")
        schema = here or (_limit(path) if plain == "limit" else _IN_QUERIES.get(plain, otherwise))
        described.append(_query(plain, is_required, schema))
    return described


def _limit(path: str) -> Json:
    default, most = next(found for end, found in _LIMITS.items() if path.endswith(end))
    return {"type": "integer", "minimum": 1, "maximum": most, "default": default}


def _query(name: str, is_required: bool, schema: Json) -> Json:
    said = {"description": _SAID[name]} if name in _SAID else {}
    return {"name": name, "in": "query", "required": is_required, **said, "schema": schema}
