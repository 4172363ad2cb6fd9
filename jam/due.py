"""What time wants of a Jam, and when it wants it next.

Time acts on a Jam only through events. Every node that has the Jam in memory proposes what is due; it is
decided on the newest state like any other command, so it happens once.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from jam import commands as c
from jam.due_music import music_due
from jam.due_people import people_due
from jam.lineup import Lineup
from jam.scene import Scene

# Those that name people are proposed for all of them at once.
_OF_MANY: tuple[type[c.Away] | type[c.Back] | type[c.Asleep], ...] = (c.Away, c.Back, c.Asleep)


def proposals(lineup: Lineup, scene: Scene, now_ms: int) -> tuple[list[c.Command], int | None]:
    """What is due at room time `now_ms`, and when to ask again; None: not before something happens."""
    jam = lineup.jam
    if jam.status == "ended":
        return [], None
    due: list[c.Command] = []
    next_ms: int | None = None
    for at_ms, command in [*music_due(lineup, scene), *people_due(jam, scene)]:
        if at_ms <= now_ms:
            due.append(command)
        elif next_ms is None or at_ms < next_ms:
            next_ms = at_ms
    return _joined(due), next_ms


def _joined(due: Iterable[c.Command]) -> list[c.Command]:
    """The same, with one command for all people of whom the same is wanted."""
    single: list[c.Command] = []
    users: dict[type[c.Away] | type[c.Back] | type[c.Asleep], list[str]] = {}
    seen: list[str] = []
    for command in due:
        if isinstance(command, c.Away | c.Back | c.Asleep):
            users.setdefault(type(command), []).extend(command.users)
            seen += command.seen if isinstance(command, c.Back) else ()
        else:
            single.append(command)
    joined = [kind(users[kind]) for kind in _OF_MANY if kind in users]
    return single + [replace(each, seen=seen) if isinstance(each, c.Back) else each for each in joined]
