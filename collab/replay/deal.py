"""Who makes which edit.

Deals a step's edits to editors like cards, from a random one on, so that neighbouring edits fall to
different people; what is long is cut, so that everybody has a hand in it. With one editor nothing is cut
and all is his. Pure: the random numbers come from the caller.
"""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from collab.replay.steps import Edit, Removal

# Somebody who adds forty tracks drags them in a few at a time.
RUN_MAX = 8


def deal(edits: Sequence[Edit], editors: int, random: Random) -> list[list[Edit]]:
    """The edits of each editor; in each share they keep their order."""
    if editors == 1:
        return [list(edits)]
    shares: list[list[Edit]] = [[] for _ in range(editors)]
    first = random.randrange(editors)
    for number, part in enumerate(part for edit in edits for part in cut(edit)):
        shares[(first + number) % editors].append(part)
    return shares


def cut(edit: Edit) -> list[Edit]:
    """The edit in pieces that one person makes in one go."""
    parts: list[Edit] = []
    for start in range(0, len(edit.items), RUN_MAX):
        items = edit.items[start : start + RUN_MAX]
        if isinstance(edit, Removal):
            parts.append(Removal(items))
        else:
            parts.append(replace(edit, items=items, place=edit.place + start))
    return parts
