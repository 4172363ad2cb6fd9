"""What is asked of a Jam over HTTP: to make one, to come in, its keys, and to look back on it.

Knows paths and the shapes of answers. Does not know rooms: what happens in a Jam comes over the socket.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

from msgspec import Struct

from collab.ids import is_id
from collab.messages import Body
from jam.recap import Recap
from tutti_client.asker import Asker
from tutti_client.errors import RequestRefused
from tutti_client.http import http_url
from tutti_client.tokens import TokenSource

INVITE_LIFE_S: Final = 7 * 24 * 60 * 60


class JoinCode(Struct, frozen=True):
    """`code` as it is read aloud, `url` where a browser goes with it; good until `expires_at` (server's wall
    time, ms), or until the door's keys are changed."""

    code: str
    url: str
    expires_at: int


class JamInvite(Struct, frozen=True):
    """An invite link's `secret`, which is shown once, and the `id` by which it is revoked."""

    id: str
    role: str
    secret: str
    expires_at: int


class Saved(Struct, frozen=True):
    """The playlist that a Jam's songs were saved as, and how many they are."""

    playlist: str
    version: int
    songs: int


class _Made(Struct, frozen=True):
    id: str


class _Admission(Struct, frozen=True):
    jam: str
    role: str | None


class _Knock(Struct, frozen=True):
    waits: bool


class JamRequests:
    """Everything raises RequestRefused and Unreachable."""

    def __init__(self, url: str, tokens: TokenSource) -> None:
        self._asker = Asker(f"{http_url(url)}/v1", tokens)

    async def create(self, playlist: str | None, settings: Mapping[str, Any]) -> str:
        """A new Jam with these settings, by name; returns its id."""
        body: Body = {"settings": dict(settings)}
        if playlist is not None:
            body["playlist"] = playlist
        return (await self._asker.ask("POST", "jams", _Made, body=body)).id

    async def join(self, key: str) -> tuple[str, str | None]:
        """The id of the Jam that a code, or a link, opens, and our role there; None if the host has to let us
        in first."""
        admission = await self._asker.ask("POST", "jams/join", _Admission, body=key_in(key))
        return admission.jam, admission.role

    async def is_member(self, jam: str) -> bool:
        """Whether we are in the Jam."""
        try:
            await self._asker.ask("GET", _path(jam), _Made)
        except RequestRefused as refusal:
            if refusal.code != "not_found":
                raise
            return False
        return True

    async def waits(self, jam: str) -> bool:
        """Whether we knocked at the Jam's door and the host has not answered yet."""
        try:
            return (await self._asker.ask("GET", _path(jam, "knock"), _Knock)).waits
        except RequestRefused as refusal:
            # A server of version 0.1 does not say.
            if refusal.code != "not_found":
                raise
            return True

    async def code(self, jam: str) -> JoinCode:
        """The code that opens the Jam now."""
        return await self._asker.ask("GET", _path(jam, "code"), JoinCode)

    async def rotate(self, jam: str) -> JoinCode:
        """A new code; the old one and all invite links open nothing any more."""
        return await self._asker.ask("POST", _path(jam, "code"), JoinCode)

    async def invite(self, jam: str, role: str, expires_in_s: int) -> JamInvite:
        body = {"role": role, "expires_in_s": expires_in_s}
        return await self._asker.ask("POST", _path(jam, "invites"), JamInvite, body=body)

    async def qr(self, jam: str) -> bytes:
        """The code's address as a QR symbol, an SVG document."""
        return await self._asker.fetch(_path(jam, "qr.svg"))

    async def recap(self, jam: str) -> Recap:
        return await self._asker.ask("GET", _path(jam, "recap"), Recap)

    async def recap_picture(self, jam: str) -> bytes:
        """The evening as a picture, an SVG document of 1200 × 630."""
        return await self._asker.fetch(_path(jam, "recap.svg"))

    async def save(self, jam: str, name: str | None) -> Saved:
        body = {} if name is None else {"name": name}
        return await self._asker.ask("POST", _path(jam, "playlist"), Saved, body=body)


def key_in(text: str) -> dict[str, Any]:
    """The key in what somebody typed or scanned: a code however it is written, a link to it
    (`…/j/K7QX2MBD`), an invite's secret, or a link that ends with it, in its path or behind `#`."""
    typed = text.strip()
    parts = urlsplit(typed)
    if parts.scheme and parts.netloc:
        typed = unquote(parts.fragment or parts.path.rstrip("/").rpartition("/")[2])
    return {"invite": typed} if is_id(typed) else {"code": typed}


def _path(jam: str, what: str = "") -> str:
    path = f"jams/{quote(jam, safe='')}"
    return f"{path}/{what}" if what else path
