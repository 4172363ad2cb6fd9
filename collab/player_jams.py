"""Which Jam is somebody's player.

A music app's remote control knows one player and no rooms; a person may be in several Jams. Theirs is the
one that they joined or did something in last, which the Jams' own state says, and so every node alike. What
they chose over HTTP counts as done there; only the node that was asked remembers it, until they do something.
Knows Jams and who is in them. Does not know what a player does.
"""

from dataclasses import dataclass
from typing import Final

from collab.errors import Refusal
from collab.jam_ports import JamView
from collab.jams import KIND, Jams
from jam.rules import is_steering
from jam.state import role_of
from storage.store import Store

# Of one person the newest so many are looked at; an older one that still goes on is found by its id.
JAMS_MAX: Final = 50
# What has ended stays so, and need not be read again to learn that.
ENDED_KEPT: Final = 10_000
CHOICES_KEPT: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Choice:
    jam: str
    at_ms: int


class PlayerJams:
    def __init__(self, jams: Jams, store: Store) -> None:
        self._jams = jams
        self._store = store
        self._ended: dict[str, None] = {}
        self._chosen: dict[str, _Choice] = {}

    async def of(self, user: str) -> list[JamView]:
        """The Jams that somebody is in and that have not ended: where they were active last comes first."""
        infos, _ = await self._store.documents_of(user, KIND, 0, JAMS_MAX)
        views = [await self._look(info.head.document, user) for info in infos]
        found = [view for view in views if view is not None]
        return sorted(found, key=lambda view: self._activity(view, user), reverse=True)

    async def current(self, user: str) -> JamView | None:
        """Their player; None if they have none. A Jam in which nobody is left, and which they could not set
        going again, is none."""
        return next((view for view in await self.of(user) if is_player(view, user)), None)

    async def named(self, user: str, jam: str) -> JamView | None:
        """The Jam of this id, if they are in it and it has not ended."""
        return await self._look(jam, user)

    def choose(self, user: str, jam: str, at_ms: int) -> None:
        """They chose this Jam, or did something in it, at server time `at_ms`."""
        self._chosen.pop(user, None)
        self._chosen[user] = _Choice(jam, at_ms)
        while len(self._chosen) > CHOICES_KEPT:
            del self._chosen[next(iter(self._chosen))]

    async def _look(self, document: str, user: str) -> JamView | None:
        if document in self._ended:
            return None
        try:
            view = await self._jams.read(document, user)
        except Refusal:  # deleted, or they were taken out, meanwhile
            return None
        if view.jam.status != "ended":
            return view
        self._ended[document] = None
        while len(self._ended) > ENDED_KEPT:
            del self._ended[next(iter(self._ended))]
        return None

    def _activity(self, view: JamView, user: str) -> tuple[int, bool, int, str]:
        """The Jam notes only every few seconds that somebody is active; whoever joined later was so later."""
        member = view.jam.members[user]
        choice = self._chosen.get(user)
        is_chosen = choice is not None and choice.jam == view.head.document
        chosen_ms = choice.at_ms if choice is not None and is_chosen else 0
        return max(member.active_at, chosen_ms), is_chosen, member.since, view.head.document


def is_player(view: JamView, user: str) -> bool:
    """Whether somebody's player can be this Jam that they are in."""
    return view.jam.status == "live" or is_steering(role_of(view.jam, user))
