"""When two songs are the same song.

By recording: the ISRC if it is known, else the track's URI. So one person's file and another's stream of the
same recording are one entry, and a live version of it is another.
"""

from collections.abc import Mapping
from typing import Any

from jam.state import Jam, Played

# A song that nobody could play was not heard.
_UNHEARD = ("failed",)


def recording(track: Mapping[str, Any]) -> str:
    """What duplicates are told by."""
    isrc = track.get("isrc")
    if isinstance(isrc, str) and isrc:
        return "isrc:" + isrc.replace("-", "").upper()
    return str(track.get("track", ""))


def is_playing(jam: Jam, wanted: str) -> bool:
    playing = jam.entries.get(jam.timeline.entry)
    return playing is not None and recording(playing.track) == wanted


def recent_play(jam: Jam, wanted: str, at_ms: int) -> Played | None:
    """The last play of a recording, if it is too recent to be heard again: among the last songs, and within
    the time, whichever is less."""
    settings = jam.settings
    since_ms = at_ms - settings.times.recent_ms
    heard = [played for played in jam.played if played.ending not in _UNHEARD]
    recent = heard[-settings.limits.recent_plays :] if settings.limits.recent_plays else []
    for played in reversed(recent):
        if played.ended_at > since_ms and played.recording == wanted:
            return played
    return None
