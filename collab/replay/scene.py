"""One playlist while it is replayed.

What its editors share: the story, who makes which edit, which entry stands for which item, and how far
everybody is. Nobody runs ahead by more than a few steps: edits of one step are made at the same time, and a
step builds on those before. Knows items and uids. Does not know the SDK.
"""

from collections.abc import Iterable, Mapping, Sequence
from random import Random

from collab.replay.deal import deal
from collab.replay.steps import Edit, Item, Story
from tutti_client.signal import Signal

# Where steps have a single edit, this is what lets two people be at work at once.
STEPS_AHEAD = 2


class Scene:
    """`document` is the playlist's id on the server."""

    def __init__(self, document: str, name: str, story: Story, editors: int, random: Random) -> None:
        self.document = document
        self.name = name
        self.story = story
        self._shares = [deal(step.edits, editors, random) for step in story.steps]
        # How many editors have not made their share, by step.
        self._missing = [sum(1 for share in shares if share) for shares in self._shares]
        # How many steps, from the first on, were made by everybody.
        self._made = 0
        self._signal = Signal()
        self._items: dict[str, Item] = {}

    def shares_of(self, editor: int) -> Iterable[tuple[int, Sequence[Edit]]]:
        """(step, edits) wherever an editor has something to do."""
        for step, shares in enumerate(self._shares):
            if shares[editor]:
                yield step, shares[editor]

    async def wait_for(self, step: int) -> None:
        """Returns when it is time for a step."""
        while self._made < step - STEPS_AHEAD:
            await self._signal.wait()

    def made(self, step: int) -> int:
        """Somebody has made their share. Returns how many steps that completed."""
        before = self._made
        self._missing[step] -= 1
        while self._made < len(self._missing) and not self._missing[self._made]:
            self._made += 1
        self._signal.notify()
        return self._made - before

    # -- items and entries ---------------------------------------------------------------------------------

    def inserted(self, items: Sequence[Item], uids: Sequence[str]) -> None:
        """These entries stand for these items."""
        self._items.update(zip(uids, items, strict=True))

    def renamed(self, uids: Mapping[str, str]) -> None:
        """A client goes on under another id, and so do its unsaved entries."""
        for old, new in uids.items():
            if old in self._items:
                self._items[new] = self._items[old]

    def items(self, uids: Sequence[str]) -> list[Item | None]:
        """The entries with these uids as items; None for what this replay did not insert."""
        return [self._items.get(uid) for uid in uids]
