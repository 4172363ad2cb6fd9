"""A whole list in the order in which it plays most smoothly.

The first song stays. From each song the walk goes on to the one that follows it most smoothly; then the
roughest places that this leaves are mended, by turning a stretch around or moving a song elsewhere (2-opt
and or-opt: Croes 1958, Or 1976). The best order is as hard to find as a travelling salesman's tour; this one
takes bounded time and is the same everywhere. Knows roughness. Does not know what the songs are.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from jam.smooth import Features, Spot, roughnesses, spot_of

# How many pairs of songs may be compared: about a second in all, for the longest list. Up to 1,400 songs the
# walk sees all that are left; in longer lists, those that are near in key and tempo.
WALK_PAIRS_MAX: Final = 2_000_000
MEND_PAIRS_MAX: Final = 1_000_000
_NEVER: Final = -(2**31)


def smooth_order(songs: Sequence[Features]) -> list[int]:
    """The indexes of the songs in their new order, which begins with the first. Raises ValueError as
    `smooth.spot_of`."""
    spots = [spot_of(song) for song in songs]
    if len(spots) < 3:
        return list(range(len(spots)))
    path = _Path(spots, _walk(spots))
    path.mend(MEND_PAIRS_MAX // (2 * len(spots)))
    return path.order


def _walk(spots: Sequence[Spot]) -> list[int]:
    """From each song to the one that follows most smoothly, of those near by that are left."""

    def place(index: int) -> tuple[int, int, int]:
        return spots[index].key, spots[index].tempo, index

    # Neighbours here sound alike: a window around the last song holds the best that are left.
    left = sorted(range(1, len(spots)), key=place)
    width = max(32, WALK_PAIRS_MAX // len(spots))
    order, at = [0], bisect_left(left, place(0), key=place)
    while left:
        start = max(0, min(at - width // 2, len(left) - width))
        costs = roughnesses(spots[order[-1]], [spots[index] for index in left[start : start + width]])
        at = start + costs.index(min(costs))
        order.append(left.pop(at))
    return order


class _Path:
    """An order that is being mended. `costs[i]` is the roughness between stops i and i + 1."""

    def __init__(self, spots: Sequence[Spot], order: list[int]) -> None:
        self.order = order
        self._spots = [spots[index] for index in order]
        self._costs = [self._cost(at, at + 1) for at in range(len(order) - 1)]

    def mend(self, attempts: int) -> None:
        """Takes the roughest places in turn, until nothing helps any more or there were enough attempts."""
        hopeless: set[tuple[int, int]] = set()
        has_changed = False
        for _ in range(attempts):
            at = self._roughest(hopeless)
            if at is None:
                if not has_changed:
                    return
                has_changed = False
                hopeless.clear()
            elif self._mend_at(at):
                has_changed = True
            else:
                hopeless.add((self.order[at], self.order[at + 1]))

    def _roughest(self, hopeless: set[tuple[int, int]]) -> int | None:
        order, costs = self.order, self._costs
        hopeful = (at for at, cost in enumerate(costs) if cost and (order[at], order[at + 1]) not in hopeless)
        return max(hopeful, key=costs.__getitem__, default=None)

    def _mend_at(self, at: int) -> bool:
        """Does what helps most against the roughness between `at` and the next stop. False if nothing does.

        Between u and v there are three ways. A turn joins u to some stop j and v to the one after j:

            … u v … j k …   becomes   … u j … v k …        (or the other way round, if j comes before u)

        Else v moves to stand between two others, or u does. A gain is what the path gets smoother by.
        """
        spots, costs, last = self._spots, self._costs, len(self._spots) - 1
        from_u, from_v = roughnesses(spots[at], spots), roughnesses(spots[at + 1], spots)
        turns = [cost - u - v for cost, u, v in zip(costs, from_u, from_v[1:], strict=False)]
        turns.append(-from_u[last])
        turn_gain, turn_at = _best(turns, at)
        v_gain, v_to = self._best_move(from_v, at + 1)
        u_gain, u_to = self._best_move(from_u, at) if at > 0 else (_NEVER, 0)
        turn_gain += costs[at]
        if max(turn_gain, v_gain, u_gain) <= 0:
            return False
        if turn_gain >= max(v_gain, u_gain):
            self._turn(min(at, turn_at) + 1, max(at, turn_at))
        elif v_gain >= u_gain:
            self._move(at + 1, v_to)
        else:
            self._move(at, u_to)
        return True

    def _best_move(self, from_it: list[int], at: int) -> tuple[int, int]:
        """What moving the stop `at` gains, and after which stop it should stand."""
        costs, last = self._costs, len(self._spots) - 1
        gains = [cost - one - other for cost, one, other in zip(costs, from_it, from_it[1:], strict=False)]
        gains.append(-from_it[last])
        gain, after = _best(gains, at - 1, at)
        gain += costs[at - 1]
        if at < last:
            gain += costs[at] - self._cost(at - 1, at + 1)
        return gain, after

    def _turn(self, first: int, last: int) -> None:
        """Turns the stops from `first` to `last` around."""
        self.order[first : last + 1] = self.order[first : last + 1][::-1]
        self._spots[first : last + 1] = self._spots[first : last + 1][::-1]
        self._costs[first:last] = self._costs[first:last][::-1]
        self._measure(first - 1, last)

    def _move(self, at: int, after: int) -> None:
        """Moves the stop `at` to stand after another one; where it was, its neighbours meet."""
        costs, closed, opened = self._costs, at - 1, after - (after > at)
        self.order.insert(opened + 1, self.order.pop(at))
        self._spots.insert(opened + 1, self._spots.pop(at))
        costs[closed : at + 1] = [0] if at < len(costs) else []
        costs[opened : opened + 1] = [0, 0] if opened < len(costs) else [0]
        self._measure(closed + (closed > opened), opened, opened + 1)

    def _measure(self, *places: int) -> None:
        for at in places:
            if at < len(self._costs):
                self._costs[at] = self._cost(at, at + 1)

    def _cost(self, one: int, other: int) -> int:
        [cost] = roughnesses(self._spots[one], [self._spots[other]])
        return cost


def _best(gains: list[int], *excluded: int) -> tuple[int, int]:
    """The largest gain and where it stands; the first of equals."""
    for at in excluded:
        gains[at] = _NEVER
    gain = max(gains)
    return gain, gains.index(gain)
