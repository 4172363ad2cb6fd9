"""The edits of a story, one after the other, for whoever makes the next one.

Pieces are as long as one person makes them in one go. A removal that could not be made, because its entries
had not arrived where it was tried, is put back and comes again after the next `reshuffle`. Pure.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from collab.replay.deal import cut
from collab.replay.steps import Edit, Item, Removal, Story


@dataclass(frozen=True, slots=True)
class Card:
    """An edit, and the list that was to come of it and its neighbours."""

    edit: Edit
    target: Sequence[Item]


class Deck:
    """See the module."""

    def __init__(self, story: Story) -> None:
        self._rest: Iterator[Card] = (
            Card(part, step.target) for step in story.steps for edit in step.edits for part in cut(edit)
        )
        self._again: deque[Card] = deque()
        self._put_back: list[Card] = []

    def draw(self) -> Card | None:
        """The next edit; None if there is none until the next `reshuffle`, or at all."""
        return self._again.popleft() if self._again else next(self._rest, None)

    def put_back(self, items: Sequence[Item]) -> None:
        """These still have to go."""
        if items:
            self._put_back.append(Card(Removal(tuple(items)), ()))

    def reshuffle(self) -> None:
        """What was put back is on top."""
        self._again.extendleft(reversed(self._put_back))
        self._put_back.clear()
