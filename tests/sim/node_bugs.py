"""Bugs of nodes that are planted to see that they are caught.

As `tests.sim.bugs`, for what only several nodes can get wrong: hints that are believed where they do not fit,
races that are lost and not run again, heads that nobody compares.
"""

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Final

from collab import room as room_module
from collab.hints import Stretch
from collab.room import Room
from tests.sim.node import SimNode
from tests.sim.planting import Bug, replaced
from tests.sim.room_task import RoomTask


def hint_beyond_a_gap_followed() -> AbstractContextManager[None]:
    """A hint is applied if its ops follow, whatever was written before them: refusals are missed."""

    def make(stretch_in: Any) -> Any:
        def trusting(hint: Any, head: Any) -> Any:
            is_told = hint.since is not None
            return stretch_in(replace(hint, since=min(hint.since, head.changes)) if is_told else hint, head)

        return trusting

    return replaced((room_module, "stretch_in", make))


def outcomes_not_followed() -> AbstractContextManager[None]:
    """Of a hint the ops are applied, and nobody learns whose seqs they settled."""

    def make(stretch_in: Any) -> Any:
        def forgetful(hint: Any, head: Any) -> Any:
            stretch = stretch_in(hint, head)
            return None if stretch is None else Stretch(stretch.head, stretch.ops, ())

        return forgetful

    return replaced((room_module, "stretch_in", make))


def own_echo_followed() -> AbstractContextManager[None]:
    """What a hint tells is applied again by those who have it already."""

    def make(_: Any) -> Any:
        return lambda hint, head: Stretch(head, hint.rows, hint.settled) if hint.rows else None

    return replaced((room_module, "stretch_in", make), (room_module, "is_old", lambda _: _never))


def hint_followed_in_flight() -> AbstractContextManager[None]:
    """A hint is applied at once, also under a commit that is on its way."""

    def make(follow: Any) -> Any:
        def hasty(self: RoomTask, hint: Any) -> None:
            if self.room is None or self.room._flight is None:
                follow(self, hint)
                return
            flight, self.room._flight = self.room._flight, None
            self._perform(self.room.follow(hint))
            self.room._flight = flight
            self.room.check()

        return hasty

    return replaced((RoomTask, "follow", make))


def heads_not_compared() -> AbstractContextManager[None]:
    """Nodes rely on hints: one that was the last and is lost shows no gap."""
    return replaced((SimNode, "_compare", lambda _: lambda self, watched, heads: None))


def submission_lost_with_its_race() -> AbstractContextManager[None]:
    """Somebody was faster, and what was decided is thrown away with what was to be decided."""

    def make(lost: Any) -> Any:
        def forget(self: Room[Any], *, raced: bool) -> Any:
            if raced and self._flight is not None:
                self._flight.submissions.clear()
            return lost(self, raced=raced)

        return forget

    return replaced((Room, "lost", make))


def race_run_again_with_old_roles() -> AbstractContextManager[None]:
    """The news that a lost race brings are applied, the roles that came with them are not."""

    def make(receive_news: Any) -> Any:
        def deaf(self: Room[Any], news: Any) -> Any:
            is_known = news is not None
            return receive_news(self, replace(news, members=self.members) if is_known else news)

        return deaf

    return replaced((Room, "receive_news", make))


def _never(*_: Any) -> bool:
    return False


NODE_BUGS: Final[dict[str, Bug]] = {
    bug.__name__: bug
    for bug in (
        hint_beyond_a_gap_followed,
        outcomes_not_followed,
        own_echo_followed,
        hint_followed_in_flight,
        heads_not_compared,
        submission_lost_with_its_race,
        race_run_again_with_old_roles,
    )
}
