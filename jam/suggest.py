"""What else would go well with these tracks.

Lists of tracks (playlists, Jams; here baskets) say which tracks belong together: two of them are alike as the
cosine of the baskets that they stand in, so what stands everywhere is like nothing in particular. Each basket
has one vote, which its tracks share. No pairs are stored: a question reads the baskets of its tracks, so a
change costs what was changed, and memory grows with the entries. Integers only: equal baskets, equal answers,
whatever the order in which they came. Knows tracks and baskets by name. Does not know who may see which.

Item-based collaborative filtering, with rows normalised as in Karypis, "Evaluation of Item-Based Top-N
Recommendation Algorithms" (2001).
"""

from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass
from heapq import nsmallest
from math import isqrt
from typing import Final

# Entries of all baskets together, some 250 bytes each if no two are alike. The basket that was changed
# longest ago goes first.
ENTRIES_MAX: Final = 400_000
# What one question reads: of its tracks, the rarest first, the baskets they stand in; then the tracks of
# these, the closest baskets first. About a third of a second.
BASKETS_READ_MAX: Final = 100_000
TRACKS_READ_MAX: Final = 200_000
# How many of its own tracks a suggestion is explained by.
REASONS_MAX: Final = 3

# By how much the integers that stand for 1/√n, for a share of a vote, and for a score are larger.
_ROOT_SCALE: Final = 2**30
_SHARE_SCALE: Final = 2**20
_SCORE_SCALE: Final = 10**6


@dataclass(frozen=True, slots=True)
class Reason:
    """One of the tracks asked with, and in how many baskets it stands together with the suggestion."""

    track: str
    baskets: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`score` compares the suggestions of one answer. `reasons`: the strongest first, at least one."""

    track: str
    score: int
    reasons: tuple[Reason, ...]


class CoOccurrence:
    """Baskets, and which tracks stand in them. A track counts once in a basket."""

    def __init__(self, entries_max: int = ENTRIES_MAX) -> None:
        self._entries_max = entries_max
        self._entries = 0
        # The one changed longest ago first.
        self._baskets: dict[str, tuple[str, ...]] = {}
        self._standing: dict[str, list[str]] = {}

    def __len__(self) -> int:
        """How many baskets there are."""
        return len(self._baskets)

    def __contains__(self, track: str) -> bool:
        """Whether the track stands in any basket."""
        return track in self._standing

    # -- baskets --------------------------------------------------------------------------------------------

    def add_basket(self, basket: str, tracks: Iterable[str]) -> list[str]:
        """A basket with these tracks, instead of the one of this name if there is one. Returns the tracks
        that now stand nowhere; some may have gone with older baskets, to make room."""
        new = tuple(dict.fromkeys(tracks))
        old = self._baskets.pop(basket, ())
        self._baskets[basket] = new
        self._entries += len(new) - len(old)
        before, after = set(old), set(new)
        for track in new:
            if track not in before:
                self._standing.setdefault(track, []).append(basket)
        gone = self._take_out(basket, [track for track in old if track not in after])
        while self._entries > self._entries_max:
            gone += self.remove_basket(next(iter(self._baskets)))
        return gone

    def change(self, basket: str, added: Iterable[str], removed: Collection[str]) -> list[str]:
        """Takes tracks out of a basket and adds others; one that is not there is new. As `add_basket`."""
        left_out = set(removed)
        kept = [track for track in self._baskets.get(basket, ()) if track not in left_out]
        return self.add_basket(basket, [*kept, *added])

    def remove_basket(self, basket: str) -> list[str]:
        """Forgets a basket, if it is there. Returns the tracks that now stand nowhere."""
        tracks = self._baskets.pop(basket, ())
        self._entries -= len(tracks)
        return self._take_out(basket, tracks)

    def _take_out(self, basket: str, tracks: Iterable[str]) -> list[str]:
        gone = []
        for track in tracks:
            standing = self._standing[track]
            standing.remove(basket)
            if not standing:
                del self._standing[track]
                gone.append(track)
        return gone

    # -- questions ------------------------------------------------------------------------------------------

    def baskets_with(self, track: str, other: str) -> set[str]:
        """The baskets in which both tracks stand."""
        fewer, more = sorted((self._standing.get(track, []), self._standing.get(other, [])), key=len)
        return set(fewer).intersection(more)

    def suggest(
        self,
        tracks: Iterable[str],
        excluded: Collection[str],
        n: int,
        *,
        trusted: Set[str] = frozenset(),
        baskets_min: int = 1,
    ) -> list[Suggestion]:
        """At most `n` tracks that go with `tracks`, the best first, equal ones by name; none of `tracks` nor
        of `excluded`. Each stands in one of the `trusted` baskets, or in at least `baskets_min`.

        The score of t is the sum, over the tracks s, of their cosine with t: for each basket that holds both,
        1/size; divided by √(baskets with s · baskets with t).
        """
        reading = _Reading(self._baskets, self._standing, tracks)
        unwanted = reading.tracks.union(excluded)
        candidates = []
        for track, votes in reading.votes().items():
            standing = self._standing[track]
            if track not in unwanted and (len(standing) >= baskets_min or not trusted.isdisjoint(standing)):
                candidates.append((-votes * _one_by_root(len(standing)), track))
        return [
            Suggestion(track, -score // _SCORE_UNIT, self._reasons(reading, track))
            for score, track in nsmallest(n, candidates)
        ]

    def _reasons(self, reading: "_Reading", track: str) -> tuple[Reason, ...]:
        parts = reading.parts(self._standing[track])
        strongest = nsmallest(REASONS_MAX, parts, key=lambda other: (-parts[other], other))
        return tuple(Reason(other, len(self.baskets_with(track, other))) for other in strongest)


class _Reading:
    """What one question reads, within its limits: the baskets in which some of its tracks stand."""

    def __init__(
        self, baskets: Mapping[str, tuple[str, ...]], standing: Mapping[str, list[str]], tracks: Iterable[str]
    ) -> None:
        self.tracks = frozenset(tracks)
        self._baskets = baskets
        # 1/√n of each track, and which of them each basket holds.
        self._roots: dict[str, int] = {}
        self._held: dict[str, list[str]] = {}
        self._look_up(standing)
        # What each basket that is read gives to each of its tracks.
        self._gifts = self._closest()

    def _look_up(self, standing: Mapping[str, list[str]]) -> None:
        """Finds the baskets, the rarest track first: it says most."""
        left = BASKETS_READ_MAX
        for n, track in sorted((len(standing[track]), track) for track in self.tracks if track in standing):
            if left <= 0:
                break
            left -= n
            self._roots[track] = _one_by_root(n)
            for basket in standing[track]:
                self._held.setdefault(basket, []).append(track)

    def _closest(self) -> dict[str, int]:
        """The baskets that are read; the more of the tracks they hold, and the rarer ones, the closer."""
        gifts = {
            basket: sum(self._roots[track] for track in held) * self._share(basket)
            for basket, held in self._held.items()
        }
        closest: dict[str, int] = {}
        left = TRACKS_READ_MAX
        for basket in sorted(gifts, key=lambda basket: (-gifts[basket], basket)):
            if left <= 0:
                break
            left -= len(self._baskets[basket])
            closest[basket] = gifts[basket]
        return closest

    def votes(self) -> dict[str, int]:
        """For every track of these baskets, the sum of their gifts."""
        votes: dict[str, int] = {}
        for basket, gift in self._gifts.items():
            for track in self._baskets[basket]:
                votes[track] = votes.get(track, 0) + gift
        return votes

    def parts(self, standing: Iterable[str]) -> dict[str, int]:
        """What each of the tracks contributed to one that stands in these baskets."""
        parts: dict[str, int] = {}
        for basket in standing:
            if basket in self._gifts:
                for track in self._held[basket]:
                    parts[track] = parts.get(track, 0) + self._roots[track] * self._share(basket)
        return parts

    def _share(self, basket: str) -> int:
        return _SHARE_SCALE // len(self._baskets[basket])


_SCORE_UNIT: Final = _ROOT_SCALE**2 * _SHARE_SCALE // _SCORE_SCALE


def _one_by_root(n: int) -> int:
    return isqrt(_ROOT_SCALE**2 // n)
