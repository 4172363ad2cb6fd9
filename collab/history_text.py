"""A playlist's past in lines for a terminal.

Pure: steps, changes and names in, lines out. What people wrote is shown without whatever a terminal would
take for a command.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from collab.history import Change, Step
from ot.value import Entry, Value

# By deed: what stands at the beginning of a line.
_SIGNS = {"added": "+", "removed": "-", "moved": ">", "edited": "~"}

TITLE_CHARS_MAX = 60


def step_lines(step: Step, changes: Sequence[Change], names: Mapping[str, str], most: int) -> Iterator[str]:
    """One version: a line with who and when, and a line for each change, at most so many."""
    who = plain(names.get(step.author, step.author))
    how = " (restored or taken back)" if step.by_server else ""
    yield f"version {step.version}  {moment(step.at_ms)}  {who}{how}"
    yield from change_lines(changes, step.op.attributes, most)


def change_lines(changes: Sequence[Change], attributes: Mapping[str, Value], most: int) -> Iterator[str]:
    for name, value in attributes.items():
        yield f"  = {plain(name)}: {plain(value)}"
    for change in changes[:most]:
        yield f"  {change_line(change)}"
    if len(changes) > most:
        yield f"  … and {len(changes) - most} more"


def change_line(change: Change) -> str:
    """Such as `> 7 to 2  Teardrop — Massive Attack`; places count from 0."""
    match change.before, change.after:
        case None, place:
            where = f"{place}"
        case place, None:
            where = f"{place}"
        case before, after:
            where = f"{before}" if before == after else f"{before} to {after}"
    fields = change.fields or {}
    said = "".join(f"  {plain(name)}: {plain(value)}" for name, value in fields.items())
    return f"{_SIGNS[change.deed]} {where}  {title_of(change.entry)}{said}"


def title_of(entry: Entry) -> str:
    """Title and artists if it has them, else the track."""
    title, artists = entry.get("title"), entry.get("artists")
    if not isinstance(title, str) or not title:
        return plain(entry.get("track", ""))
    if isinstance(artists, list) and artists:
        title = f"{title} — {', '.join(str(artist) for artist in artists)}"
    return plain(title)


def moment(at_ms: int) -> str:
    """UTC, to the second."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def plain(value: Value) -> str:
    """Printable characters of one line, not too many."""
    text = "nothing" if value is None else str(value)
    text = "".join(symbol if symbol.isprintable() else "�" for symbol in text)
    return text if len(text) <= TITLE_CHARS_MAX else text[: TITLE_CHARS_MAX - 1] + "…"
