"""What the people in a Jam show of themselves.

Everybody has one small state that others see: under `sync` how their device keeps up, beside it that they
type, and their last reaction with a number, so that the same one twice is two. Newest wins and nothing of it
is kept. What others show is theirs: what is not as it should be is not there.
"""

from collections.abc import Iterable
from typing import Final

from collab.errors import CallerError
from collab.messages import Body, Member
from tutti_client.events import Reacted

# A face, a word; what others show is cut to it.
REACTION_CODE_POINTS_MAX: Final = 32


class Showing:
    """See the module. `sync` and `typing` are ours."""

    def __init__(self) -> None:
        self.sync: Body = {}
        self.typing = False
        self._reaction: Body = {}
        self._reactions = 0
        # By member id, the number of the last reaction that was seen.
        self._seen: dict[str, int] = {}

    def react(self, text: str) -> None:
        """Raises CallerError for what is too long or nothing."""
        if not 0 < len(text) <= REACTION_CODE_POINTS_MAX:
            raise CallerError(f"A reaction has 1 to {REACTION_CODE_POINTS_MAX} characters.")
        self._reactions += 1
        self._reaction = {"text": text, "number": self._reactions}

    def state(self) -> Body:
        """All that we show."""
        shown: Body = {"sync": self.sync, "reaction": self._reaction, "typing": self.typing}
        return {name: value for name, value in shown.items() if value}

    def reactions_of(self, members: Iterable[Member]) -> list[Reacted]:
        """Those that are new. Of somebody who was not here before, the last one is old."""
        seen, self._seen = self._seen, {}
        reacted = []
        for member in members:
            text, number = _reaction_of(member)
            self._seen[member.id] = number
            if member.id in seen and number > seen[member.id]:
                reacted.append(Reacted(member.user, text[:REACTION_CODE_POINTS_MAX]))
        return reacted


def typists(members: Iterable[Member]) -> frozenset[str]:
    """The users who type."""
    return frozenset(member.user for member in members if member.state.get("typing") is True)


def _reaction_of(member: Member) -> tuple[str, int]:
    match member.state.get("reaction"):
        case {"text": str(text), "number": int(number)}:
            return text, number
    return "", 0
