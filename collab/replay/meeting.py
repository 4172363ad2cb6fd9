"""Branches of one playlist, written on the same list, come together.

    base ──┬── online: edit, edit, … sent as they are made ──► commits ──┐
           ├── away:   edit, edit, edit, …                               ├──► everybody hears everything
           ├── away:   edit, edit, …        ──► back: one commit each ───┘
           └── (the others only watch)

Two to four devices make 1 to 200 edits each; which of them makes the next one is drawn, by the room that each
has left. One is online, so its branch arrives in pieces, and what is made while a piece is under way waits
behind it; the others come back one after the other, each with one op written against the base. Then everybody
hears what happened, in rows or composed, in portions of any size. Knows devices, authority and chance. Does
not know what must be equal afterwards. Pure: randomness is an argument.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from collab.replay.authority import Authority
from collab.replay.deck import Deck
from collab.replay.device import Device
from ot.document import Document
from ot.op import Op

BRANCHES: Final = (2, 4)
EDITS_MAX: Final = 200
# How probably the answer to what is in flight arrives between two edits.
ANSWER_CHANCE: Final = 1 / 4


@dataclass(slots=True)
class Branch:
    """What one device edits in this meeting: at most `edits_max` edits."""

    device: Device
    edits_max: int
    edits: list[Op] = field(default_factory=list)
    commits: list[Op] = field(default_factory=list)

    @property
    def room(self) -> int:
        return self.edits_max - len(self.edits)

    def arrive(self, authority: Authority) -> None:
        """What is in flight is committed."""
        op = self.device.commit(authority)
        if op is not None:
            self.commits.append(op)


@dataclass(frozen=True, slots=True)
class Met:
    """A meeting that is over: what the branches were written on, and the branches in the order of their
    commits."""

    base: Document
    branches: Sequence[Branch]


def meet(deck: Deck, authority: Authority, devices: Sequence[Device], random: Random) -> Met:
    """Plays one meeting; all devices have heard everything before, and have again afterwards. Raises Refusal
    and Diverged, and whatever else the algebra may raise."""
    base = authority.document
    deck.reshuffle()
    branches = [
        Branch(device, round(EDITS_MAX ** random.random()))
        for device in random.sample(devices, random.randint(*BRANCHES))
    ]
    online, *away = branches
    _edit(deck, branches, online, authority, random)
    while not online.device.is_synced:
        _exchange(online, authority)
    random.shuffle(away)
    # All of them before the first arrives: nobody has heard anything when they send.
    for branch in [branch for branch in away if branch.device.send()]:
        branch.arrive(authority)
    for device in devices:
        _hear(device, authority, random)
    authority.forget()
    return Met(base, [branch for branch in (online, *away) if branch.edits])


def _edit(
    deck: Deck, branches: Sequence[Branch], online: Branch, authority: Authority, random: Random
) -> None:
    """Deals edits until every branch is full, or there are no more."""
    while any(rooms := [branch.room for branch in branches]):
        card = deck.draw()
        if card is None:
            return
        [branch] = random.choices(branches, rooms)
        ops, left = branch.device.make(card, branch.room)
        branch.edits += ops
        deck.put_back(left)
        if branch is online and (not branch.device.is_waiting or random.random() < ANSWER_CHANCE):
            _exchange(branch, authority)


def _exchange(branch: Branch, authority: Authority) -> None:
    """The answer to what is in flight arrives, and what waits is sent."""
    if branch.device.is_waiting:
        branch.arrive(authority)
        branch.device.hear(authority.rows(branch.device.version, authority.version))
    branch.device.send()


def _hear(device: Device, authority: Authority, random: Random) -> None:
    """Everything up to now, in portions."""
    while (after := device.version) < authority.version:
        through = random.randint(after + 1, authority.version)
        if random.random() < 0.5:
            device.hear(authority.rows(after, through))
        else:
            device.hear(authority.composed_rows(after, through, device.author.client))
