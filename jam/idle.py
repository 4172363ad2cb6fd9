"""Who is here and does nothing.

To the log any sign of life is one: that a node answers a doubt about somebody makes them active, in every
version alike, because versions that fold one log differently are not neighbours (P18). Whoever decides
remembers beside the state whom it was that a node only saw, and does not ask them about a skip. What is
remembered goes with the room; for the first minutes after that a few more are asked.
"""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from jam.events import CameBack, Event
from jam.state import Jam


class Seen(NamedTuple):
    """A doubt about somebody was answered at `at`; they last did something at `acted_at`. Room time, ms."""

    at: int
    acted_at: int


# By user. Never changed in place.
SeenOnly: TypeAlias = Mapping[str, Seen]


def noticed(seen: SeenOnly, before: Jam, event: Event) -> SeenOnly:
    """What is to be remembered after `event`, which happened to `before`."""
    if event.by in seen:
        return {user: sign for user, sign in seen.items() if user != event.by}
    if not isinstance(event, CameBack) or not event.seen:
        return seen
    acted_ms = {**{user: member.active_at for user, member in before.members.items()}, **idle(seen, before)}
    still = {user: sign for user, sign in seen.items() if user in acted_ms}
    return {**still, **{user: Seen(event.at, acted_ms[user]) for user in event.seen if user in acted_ms}}


def idle(seen: SeenOnly, jam: Jam) -> dict[str, int]:
    """When those last did something of whom `active_at` only says that they were seen."""
    return {
        user: sign.acted_at
        for user, sign in seen.items()
        if (member := jam.members.get(user)) is not None and member.active_at == sign.at
    }
