"""How a Jam looks as somebody's player: devices, what plays, the queue, what was played.

The Spotify Web API's shapes: a Jam is a device, the playlist that plays when people's songs are out its
context, of which the Jam keeps only the songs. Pure: values in, maps out.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from collab.errors import CODES, Refusal
from collab.http_track_shapes import Json, track_json
from collab.jam_ports import JamView
from collab.player import REPEATS
from collab.player_context import is_shuffled, waiting
from jam.rules import is_steering
from jam.state import Jam, Played, role_of
from jam.timeline import position_at

# A remote control asks every second, and shows a few; `GET /v1/jams/{jam}` has them all.
QUEUE_MAX: Final = 100

_STATES: Final = {repeat: state for state, repeat in REPEATS.items()}

# The Spotify Web API's words for why a player does not do something.
_REASONS: Final = {
    "no_player": "NO_ACTIVE_DEVICE",
    "no_context": "NOT_PLAYING_CONTEXT",
    "context_unknown": "CONTEXT_DISALLOW",
    "other_play": "NO_SPECIFIC_TRACK",
    "already_playing": "ALREADY_PLAYING",
    "forbidden": "REMOTE_CONTROL_DISALLOW",
}


def reason_of(refusal: Refusal, is_volume: bool = False) -> str:
    """Why, in a word that existing clients know. `is_volume`: it was about that."""
    if is_volume and refusal.code == "forbidden":
        return "VOLUME_CONTROL_DISALLOW"
    known = "RATE_LIMITED" if CODES[refusal.code].status == 429 else "UNKNOWN"
    return _REASONS.get(refusal.code, known)


def devices_json(views: Sequence[JamView], user: str, active: JamView | None) -> Json:
    document = None if active is None else active.head.document
    return {"devices": [_device_json(view, user, view.head.document == document) for view in views]}


def player_json(base: str, view: JamView, user: str, now_ms: int) -> Json | None:
    """The whole player at room time `now_ms`; None if nothing plays or stands paused in it."""
    playing = playing_json(base, view, user, now_ms)
    if playing is None:
        return None
    return {
        "device": _device_json(view, user, is_active=True),
        "repeat_state": _STATES[view.jam.settings.repeat],
        "shuffle_state": is_shuffled(view.jam),
        "smart_shuffle": False,
        **playing,
    }


def playing_json(base: str, view: JamView, user: str, now_ms: int) -> Json | None:
    """What plays, and where the music is; None if nothing plays or stands paused."""
    jam = view.jam
    entry = jam.entries.get(jam.timeline.entry)
    if entry is None:
        return None
    return {
        # When it began, or was last paused, sought in, set going again; a start is scheduled a little ahead.
        "timestamp": min(jam.timeline.anchor_ms, now_ms),
        "context": None,
        "progress_ms": position_at(jam, now_ms),
        "item": track_json(base, entry.track),
        "currently_playing_type": "track",
        "actions": {"disallows": _disallows(jam, user)},
        "is_playing": _is_playing(jam),
    }


def queue_json(base: str, view: JamView | None) -> Json:
    """What plays and what comes next, first to last."""
    if view is None:
        return {"currently_playing": None, "queue": []}
    jam = view.jam
    playing = jam.entries.get(jam.timeline.entry)
    coming = [id for id in view.order[: QUEUE_MAX + 1] if id != jam.timeline.entry]
    return {
        "currently_playing": None if playing is None else track_json(base, playing.track),
        "queue": [track_json(base, jam.entries[id].track) for id in coming[:QUEUE_MAX]],
    }


def recent_json(
    base: str, view: JamView | None, user: str, limit: int, after: int | None, before: int | None
) -> Json:
    """What this person was there for, newest first; `after` and `before` are times at which songs ended."""
    url = f"{base}v1/me/player/recently-played"
    plays = [] if view is None else _heard(view.jam, user)
    if after is not None:
        # The page that follows: the oldest of what is newer.
        found = [play for play in plays if play.ended_at > after][-limit:]
    else:
        found = [play for play in plays if before is None or play.ended_at < before][:limit]
    older = bool(found) and any(play.ended_at < found[-1].ended_at for play in plays)
    return {
        "href": url,
        "items": [_play_json(base, play) for play in found],
        "limit": limit,
        "next": f"{url}?before={found[-1].ended_at}&limit={limit}" if older else None,
        "cursors": {"after": str(found[0].ended_at), "before": str(found[-1].ended_at)} if found else None,
        "total": len(plays),
    }


def _device_json(view: JamView, user: str, is_active: bool) -> Json:
    """`is_restricted`: nothing can be done there but listen."""
    settings = view.jam.settings
    return {
        "id": view.head.document,
        "is_active": is_active,
        "is_private_session": False,
        "is_restricted": role_of(view.jam, user) == "listener",
        "name": settings.name,
        "type": "Speaker",
        "volume_percent": settings.volume,
        "supports_volume": True,
    }


def _is_playing(jam: Jam) -> bool:
    return not jam.timeline.paused and jam.status == "live"


def _disallows(jam: Jam, user: str) -> Json:
    """What this person need not try; only what is true is named."""
    role = role_of(jam, user)
    is_remote = not is_steering(role)
    entry = jam.entries.get(jam.timeline.entry)
    is_own = entry is not None and entry.added_by == user
    may_skip = role == "guest" and (jam.settings.guests_skip or is_own)
    refused = {
        "interrupting_playback": is_remote,
        "pausing": is_remote or not _is_playing(jam),
        "resuming": is_remote or _is_playing(jam),
        "seeking": is_remote,
        "skipping_next": is_remote and not may_skip,
        "skipping_prev": is_remote,
        "toggling_repeat_context": is_remote,
        "toggling_repeat_track": is_remote,
        "toggling_shuffle": is_remote or (len(waiting(jam)) < 2 and not is_shuffled(jam)),
    }
    return {name: True for name, is_refused in refused.items() if is_refused}


def _heard(jam: Jam, user: str) -> list[Played]:
    """What was played since they joined, the newest first."""
    since = jam.members[user].since
    return [play for play in reversed(jam.played) if play.ended_at > since and play.ending != "failed"]


def _play_json(base: str, play: Played) -> Json:
    at = datetime.fromtimestamp(play.ended_at / 1000, UTC)
    return {
        "track": track_json(base, play.listed.track),
        "played_at": at.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z",
        "context": None,
    }
