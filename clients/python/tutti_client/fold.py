"""What a document that is a fold of events asks of its rules.

`commands` and `jam_replica` know how commands travel and when they are settled, not what they mean. Whoever
knows that hands in one value of this shape; for a Jam it leans on `jam.reduce` and `jam.decide`, the same
that the server runs. States are immutable. Commands and events are maps as they travel.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from collab.messages import Body

State = TypeVar("State")


class Unfit(Exception):
    """This snapshot or event is none that these rules know, or does not follow on this state."""


@dataclass(frozen=True, slots=True)
class By:
    """Who gives a command, from which client."""

    user: str
    client: str


class Fold(Protocol[State]):
    """Pure rules. None of them keeps anything."""

    def load(self, snapshot: Body) -> State:
        """The state in a snapshot. Raises Unfit."""

    def reduce(self, state: State, event: Body) -> State:
        """The state after an event that was committed. Raises Unfit."""

    def predict(self, state: State, command: Body, by: By, at_ms: int) -> State:
        """The state as it will be if the command is decided on this one, at room time `at_ms` or later;
        `state` itself if the command would be refused or changes nothing. Raises nothing."""

    def digest(self, state: State) -> str:
        """Of the whole state: 16 hex digits, as the server's `digest` messages carry."""

    def order_digest(self, state: State) -> str:
        """Of the queue's order: 16 hex digits, as each event carries under `order`."""

    def adds(self, command: Body) -> Sequence[str]:
        """The ids of entries that the command makes; they begin with the client id."""

    def renamed(self, command: Body, names: Mapping[str, str]) -> Body:
        """The command with entry ids replaced, new by old, wherever it names one."""
