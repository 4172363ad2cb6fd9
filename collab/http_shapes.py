"""How things look in JSON.

Playlists, tracks, users and pages have the shape of the Spotify Web API, so that its clients read them
unchanged; what is ours (`version`, `role`, an entry's `uid`) stands beside it. Pure: values in, maps out.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from collab.guests import Session
from collab.http_ports import DocumentView, EntryFields
from collab.http_requests import Page
from collab.qr import join_url
from jam.codes import shown
from storage.rows import Head
from storage.store import Invite, JoinCode, User

Json = dict[str, Any]

TRACKS_LIMIT = 100


def session_json(session: Session) -> Json:
    return {
        "token": session.token,
        "refresh_token": session.refresh_token,
        "expires_at": session.expires_ms,
        "user": {"id": session.user.id, "name": session.user.name},
    }


def user_json(user_id: str, user: User | None) -> Json:
    """A person as others see them. A user who is gone (None) keeps the id and loses the name."""
    return {
        "id": user_id,
        "display_name": user.name if user is not None else None,
        "type": "user",
        "uri": f"tutti:user:{user_id}",
    }


def me_json(user: User) -> Json:
    return {**user_json(user.id, user), "name": user.name}


def playlist_url(base: str, document: str) -> str:
    return f"{base}v1/playlists/{document}"


def playlist_json(base: str, view: DocumentView, owner_id: str, owner: User | None) -> Json:
    """A playlist without its tracks, as it stands in lists."""
    document = view.head.document
    url = playlist_url(base, document)
    return {
        "id": document,
        "name": view.attributes.get("name", ""),
        "description": view.attributes.get("description"),
        "public": view.attributes.get("public", False),
        "collaborative": view.attributes.get("collaborative", False),
        "owner": user_json(owner_id, owner),
        "images": [],
        "href": url,
        "external_urls": {},
        "snapshot_id": snapshot_id(view.head),
        "tracks": {"href": f"{url}/tracks", "total": len(view.entries)},
        "type": "playlist",
        "uri": f"tutti:playlist:{document}",
        "version": view.head.version,
        "role": view.role,
    }


def tracks_json(base: str, view: DocumentView, page: Page) -> Json:
    """A page of a playlist's entries."""
    chosen = view.entries[page.offset : page.offset + page.limit]
    href = f"{playlist_url(base, view.head.document)}/tracks"
    return page_json(href, [_item_json(entry) for entry in chosen], page, len(view.entries))


def page_json(
    href: str, items: Sequence[Json], page: Page, total: int, query: Mapping[str, str] = {}
) -> Json:
    """A paging object; its neighbours are absolute URLs, or null at either end. `query` is what was asked
    besides."""

    def at(offset: int) -> str:
        return f"{href}?{urlencode({**query, 'offset': offset, 'limit': page.limit})}"

    following = page.offset + page.limit
    return {
        "href": at(page.offset),
        "items": list(items),
        "limit": page.limit,
        "next": at(following) if following < total else None,
        "offset": page.offset,
        "previous": at(max(0, page.offset - page.limit)) if page.offset > 0 else None,
        "total": total,
    }


def snapshot_id(head: Head, version: int | None = None) -> str:
    """Names a version of a playlist, by default its newest, for ever: a restored backup has another epoch."""
    return f"{head.epoch}.{head.version if version is None else version}"


def member_json(user_id: str, user: User | None, role: str) -> Json:
    return {**user_json(user_id, user), "role": role}


def invite_json(invite: Invite) -> Json:
    return {
        "id": invite.id,
        "role": invite.role,
        "created_by": invite.created_by,
        "created_at": invite.created_ms,
        "expires_at": invite.expires_ms,
    }


def join_code_json(base: str, code: JoinCode) -> Json:
    """A join code as it is read aloud, and where a browser goes with it."""
    return {
        "code": shown(code.code),
        "url": join_url(base, code.code),
        "expires_at": code.expires_ms,
    }


def track_json(entry: EntryFields) -> Json:
    """A track, from the fields of an entry."""
    uri = str(entry["track"])
    album = entry.get("album")
    isrc = entry.get("isrc")
    return {
        "id": uri.rpartition(":")[2],
        "uri": uri,
        "type": "track",
        "name": entry.get("title", ""),
        "artists": [{"name": name, "type": "artist"} for name in entry.get("artists", ())],
        "album": {"name": album, "type": "album"} if album is not None else None,
        "duration_ms": entry.get("duration_ms", 0),
        "external_ids": {"isrc": isrc} if isrc is not None else {},
        "is_local": False,
    }


def _item_json(entry: EntryFields) -> Json:
    return {
        "added_at": _iso(entry.get("added_at")),
        "added_by": _added_by_json(entry.get("added_by")),
        "is_local": False,
        "track": track_json(entry),
        "uid": entry["uid"],
        "note": entry.get("note"),
    }


def _added_by_json(user_id: str | None) -> Json | None:
    if user_id is None:
        return None
    return {"id": user_id, "type": "user", "uri": f"tutti:user:{user_id}"}


def _iso(at_ms: int | None) -> str | None:
    """Spotify's timestamps have whole seconds. One beyond the year 9999 has no such form."""
    if at_ms is None:
        return None
    try:
        return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return None
