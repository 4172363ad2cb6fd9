"""A Jam's recap in lines for a terminal.

Pure: a recap in, lines out. What people wrote is shown without whatever a terminal would take for a command.
"""

from collections.abc import Iterator

from collab.history_text import plain, title_of
from jam.agreement import Pair
from jam.recap import Play, Recap

_LIKED_SHOWN = 3


def recap_lines(recap: Recap) -> Iterator[str]:
    names = {person.user: plain(person.name) for person in recap.people}
    people = counted(recap.people_in_all, "person", "people")
    yield (
        f"{plain(recap.name)}: {length(recap.until - recap.since)} with {people}, "
        f"{recap.most_at_once} of them at once, {recap.status}"
    )
    failed = sum(play.ending == "failed" for play in recap.played)
    yield (
        f"songs: {len(recap.played)} played, {len(recap.skipped)} skipped, {failed} unplayable; "
        f"{length(recap.music_ms)} of music"
    )
    plays = {play.play: play for play in recap.played}
    for number in recap.liked[:_LIKED_SHOWN]:
        yield _liked_line(plays[number], names)
    for pair in recap.pairs[:1]:
        yield _pair_line(pair, names)
    for person in recap.people[:1]:
        yield f"longest: {plain(person.name)}, {length(person.listened_ms)}"
    sync = recap.sync
    if sync.readings:
        p50, p95 = milliseconds(sync.p50_us), milliseconds(sync.p95_us)
        yield f"in step: half of {sync.readings} readings within {p50}, 95 % within {p95}"


def _liked_line(play: Play, names: dict[str, str]) -> str:
    by = f", from {names[play.added_by]}" if play.added_by in names else ""
    return f"liked: {title_of(play.track)}  +{play.up - play.down}{by}"


def _pair_line(pair: Pair, names: dict[str, str]) -> str:
    one, other = (names.get(user, user) for user in pair.users)
    return f"closest: {one} and {other}, alike on {counted(pair.agreed, 'song', 'songs')}"


def counted(number: int, one: str, more: str) -> str:
    return f"{number:,} {one if number == 1 else more}"


def length(ms: int) -> str:
    """Such as `3 h 12 min`, `48 min`, `30 s`."""
    seconds = ms // 1000
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def milliseconds(us: int) -> str:
    """Such as `0.4 ms`, `12 ms`."""
    tenths = (us + 50) // 100
    return f"{tenths // 10} ms" if tenths >= 100 else f"{tenths // 10}.{tenths % 10} ms"
