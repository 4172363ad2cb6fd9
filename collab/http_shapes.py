"""How things look in JSON.

Playlists, users and pages have the shape of the Spotify Web API, so that its clients read them unchanged;
what is ours (`version`, `role`) stands beside it. Since February 2026 the original calls a playlist's tracks
its items; half of its clients do not, so both names stand here. Tracks: `http_track_shapes`. Pure: values
in, maps out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode

from collab.covers import image_urls
from collab.field_mask import EVERYTHING, Mask, masked
from collab.guests import Session
from collab.http_ports import DocumentView, EntryFields
from collab.http_requests import Page
from collab.http_track_shapes import item_json, user_ref_json
from collab.qr import join_url
from collab.uris import named
from jam.codes import shown
from storage.rows import Head
from storage.store import Invite, JoinCode, User

Json = dict[str, Any]

TRACKS_LIMIT = 100

# An entry with all that is shown of it, in what can be written as JSON.
WholeItem: TypeAlias = Callable[[str, EntryFields], Any]


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
        "uri": named("user", user_id),
    }


def profile_json(base: str, user_id: str, user: User | None) -> Json:
    """The same with all that the original's profiles have. Nobody here has a picture or followers."""
    return {
        **user_ref_json(base, user_id),
        "display_name": user.name if user is not None else None,
        "images": [],
        "followers": {"href": None, "total": 0},
    }


def me_json(base: str, user: User) -> Json:
    """Oneself. An account of ours is its id, and nothing else of a person is known."""
    return {
        **profile_json(base, user.id, user),
        "name": user.name,
        "account_id": user.id,
        "country": None,
        "email": None,
        "product": None,
        "explicit_content": {"filter_enabled": False, "filter_locked": False},
    }


def playlist_url(base: str, document: str) -> str:
    return f"{base}v1/playlists/{document}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A playlist and what is known of it besides. `page`: the entries that are shown with it, if any."""

    base: str
    view: DocumentView
    owner_id: str
    owner: User | None
    followers: int
    page: Page | None = None
    whole_item: WholeItem = item_json

    @property
    def url(self) -> str:
        return playlist_url(self.base, self.view.head.document)


def playlist_json(shown: Shown, mask: Mask = EVERYTHING) -> Json:
    """A playlist; in lists, without its entries."""
    return masked(_PLAYLIST, shown, mask)


def _entries(name: str, shown: Shown, mask: Mask) -> Json:
    if shown.page is not None:
        return items_json(shown.base, shown.view, shown.page, name, mask, {}, shown.whole_item)
    return {"href": f"{shown.url}/{name}", "total": len(shown.view.entries)}


_PLAYLIST: Final[Mapping[str, Callable[[Shown, Mask], Any]]] = {
    "id": lambda shown, mask: shown.view.head.document,
    "name": lambda shown, mask: shown.view.attributes.get("name", ""),
    "description": lambda shown, mask: shown.view.attributes.get("description"),
    "public": lambda shown, mask: shown.view.attributes.get("public", False),
    "collaborative": lambda shown, mask: shown.view.attributes.get("collaborative", False),
    "owner": lambda shown, mask: profile_json(shown.base, shown.owner_id, shown.owner),
    "followers": lambda shown, mask: {"href": None, "total": shown.followers},
    "images": lambda shown, mask: images_json(shown.base, shown.view.attributes),
    "primary_color": lambda shown, mask: None,
    "href": lambda shown, mask: shown.url,
    # Its page in the web app; clients look for it under this name.
    "external_urls": lambda shown, mask: {"spotify": f"{shown.base}p/{shown.view.head.document}"},
    "snapshot_id": lambda shown, mask: snapshot_id(shown.view.head),
    "items": lambda shown, mask: _entries("items", shown, mask),
    "tracks": lambda shown, mask: _entries("tracks", shown, mask),
    "type": lambda shown, mask: "playlist",
    "uri": lambda shown, mask: named("playlist", shown.view.head.document),
    "version": lambda shown, mask: shown.view.head.version,
    "role": lambda shown, mask: shown.view.role,
}


def images_json(base: str, attributes: Mapping[str, Any]) -> list[Json]:
    """Of a picture that somebody gave it, the original does not say the size either."""
    return [{"url": url, "width": None, "height": None} for url in image_urls(base, attributes)]


def items_json(
    base: str,
    view: DocumentView,
    page: Page,
    name: str = "tracks",
    mask: Mask = EVERYTHING,
    query: Mapping[str, str] = {},
    whole_item: WholeItem = item_json,
) -> Json:
    """A page of a playlist's entries, which goes on under the `name` by which it was asked for. `whole_item`
    shows an entry of which all is wanted."""
    href = f"{playlist_url(base, view.head.document)}/{name}"
    below = mask.below("items")
    chosen = view.entries[page.offset : page.offset + page.limit] if below is not None else ()
    if below is EVERYTHING:
        items = [whole_item(base, entry) for entry in chosen]
    else:
        items = [item_json(base, entry, below or EVERYTHING) for entry in chosen]
    whole = page_json(href, items, page, len(view.entries), query)
    return {name: member for name, member in whole.items() if mask.below(name) is not None}


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
