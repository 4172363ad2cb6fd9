"""From playlists to Jams, and back.

A playlist's songs become what a Jam plays when people's are out; what a Jam played becomes a playlist again,
in which each song says who brought it and what people thought of it. Pure.
"""

from collections.abc import Iterable, Mapping

from collab.fields import song_of
from jam.recap import Play, Recap
from jam.recordings import recording
from ot.value import Entry, Value

# What people did not want to hear, and what nobody heard.
_LEFT_OUT = frozenset({"skipped", "withdrawn", "failed"})


def fallback_of(entries: Iterable[Mapping[str, Value]], prefix: str) -> list[tuple[str, Entry]]:
    """The songs of a playlist with ids of their own, as the command `fallback` takes them."""
    return [(f"{prefix}.{number}", song_of(entry)) for number, entry in enumerate(entries, 1)]


def played_entries(recap: Recap, prefix: str, owner: str) -> list[Entry]:
    """What was played, in order, as entries of a playlist of `owner`; each recording where it stood first.
    What nobody had added came from the fallback and counts as the owner's."""
    entries = []
    for number, play in enumerate(_once(recap.played), 1):
        entry: Entry = {
            **song_of(play.track),
            "uid": f"{prefix}.{number}",
            "added_by": play.added_by or owner,
            "added_at": play.added_at,
        }
        if play.up or play.down:
            entry["note"] = _votes(play)
        entries.append(entry)
    return entries


def _once(played: Iterable[Play]) -> Iterable[Play]:
    known: set[str] = set()
    for play in played:
        name = recording(play.track)
        if play.ending not in _LEFT_OUT and name not in known:
            known.add(name)
            yield play


def _votes(play: Play) -> str:
    """Such as `+5`, `+5 −1`."""
    return f"+{play.up} −{play.down}" if play.down else f"+{play.up}"
