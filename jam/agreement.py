"""Who likes what others like.

Two people agree on a song when both gave it the same vote. How much they agree is told out of the songs that
at least one of them voted on (Jaccard's index): where nobody votes against songs, two who both voted always
agree, and what tells people apart is what they let pass. Votes are kept as bits, one for each song, so that a
pair costs a few operations on integers however long the evening was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from msgspec import Struct

# Pairs of so many people are compared, those who voted most: 2,016 pairs.
PEOPLE_MAX = 64
# Whoever is called somebody's closest should not owe it to a single song: so many disagreements are assumed.
_DOUBT = 3


class Pair(Struct, frozen=True):
    """Two people, in the order of their ids. `agreed` of the songs on which `both` voted; `permille` is their
    share of those on which either did."""

    users: tuple[str, str]
    both: int
    agreed: int
    permille: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """`pairs`: who agreed on something, the most agreeing first. `closest`: of each person in them."""

    pairs: tuple[Pair, ...]
    closest: Mapping[str, str]


@dataclass(slots=True)
class _Bits:
    """The songs that somebody voted for and against, by number."""

    up: int = 0
    down: int = 0

    @property
    def any(self) -> int:
        return self.up | self.down


def agreement(ballots: Sequence[Mapping[str, int]]) -> Agreement:
    """From the votes (not 0) on each song, by user."""
    voters: dict[str, _Bits] = {}
    for number, ballot in enumerate(ballots):
        for user, value in ballot.items():
            bits = voters.setdefault(user, _Bits())
            if value > 0:
                bits.up |= 1 << number
            else:
                bits.down |= 1 << number
    busiest = sorted(voters, key=lambda user: (-voters[user].any.bit_count(), user))[:PEOPLE_MAX]
    found = []
    for one, other in combinations(sorted(busiest), 2):
        pair, likeness = _compare(one, voters[one], other, voters[other])
        if pair.agreed:
            found.append((-likeness, pair))
    found.sort(key=lambda ranked: (ranked[0], ranked[1].users))
    closest: dict[str, str] = {}
    for _, pair in found:
        one, other = pair.users
        closest.setdefault(one, other)
        closest.setdefault(other, one)
    return Agreement(tuple(pair for _, pair in found), closest)


def _compare(one: str, ours: _Bits, other: str, theirs: _Bits) -> tuple[Pair, int]:
    """The pair, and by what it is ranked."""
    agreed = (ours.up & theirs.up | ours.down & theirs.down).bit_count()
    both = (ours.any & theirs.any).bit_count()
    either = (ours.any | theirs.any).bit_count()
    return Pair((one, other), both, agreed, agreed * 1000 // either), agreed * 1_000_000 // (either + _DOUBT)
