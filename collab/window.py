"""The recent past of a room.

Keeps the last committed changes so that a submission written against an older version can be rebased, and
a client that comes back can be told what it missed. Law L (rebasing over a composition equals rebasing
step by step, to the letter) lets both go in big strides: version ranges [i·2^k, (i+1)·2^k) are composed
once and kept, so a change that is n versions behind meets about 2·log n blocks, however many writers
there are; and each block is prepared for being met by many (`Algebra.rebaser`), so that a small change does
not walk a big one. Knows versions and blocks; the algebra is its kind's.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import itemgetter
from typing import Generic, TypeVar

from collab.kind import Algebra, Kind
from collab.messages import Row

Change = TypeVar("Change")

# Half an hour of a busy room (one op a second), or what a client misses in a short tunnel.
KEEP_OPS = 2048
# Of ops as they are stored; in memory they take several times as much. One of the largest that can be
# submitted, or all of `KEEP_OPS` at eight times the size of an ordinary one.
KEEP_BYTES = 4 * 1024 * 1024
# Beyond 2^10 versions composing costs more than it saves: catching up that far sends a snapshot instead.
LEVEL_MAX = 10


@dataclass(frozen=True, slots=True)
class _Block(Generic[Change]):
    """Some versions as one change, and `Algebra.rebase` over it."""

    change: Change
    rebase: Callable[[Change], Change]


class Window(Generic[Change]):
    """Changes of the versions `start` + 1 … `end`."""

    def __init__(self, kind: Kind[Change], start: int) -> None:
        self._kind = kind
        self.start = start
        self._changes: list[Change] = []
        self._rows: list[Row] = []
        self._sizes: list[int] = []
        self._bytes = 0
        self._blocks: dict[tuple[int, int], _Block[Change]] = {}

    @property
    def end(self) -> int:
        return self.start + len(self._changes)

    @property
    def _algebra(self) -> Algebra[Change]:
        algebra = self._kind.algebra
        assert algebra is not None, "the room asks to rebase or compose only where there is an algebra"
        return algebra

    def append(self, change: Change, row: Row, body_bytes: int = 0) -> None:
        """`change` made version `end` + 1; its op takes `body_bytes` where it is stored, 0 if it is not."""
        assert row.version == self.end + 1, "the room appends versions in order"
        self._changes.append(change)
        self._rows.append(row)
        self._sizes.append(body_bytes)
        self._bytes += body_bytes

    def prepend(self, older: list[tuple[Change, Row, int]]) -> None:
        """Versions just before `start`, read back from the store, each as `append` takes it."""
        if not older:
            return
        assert older[-1][1].version == self.start, "the store gives versions without a gap"
        self._changes[:0] = [change for change, _, _ in older]
        self._rows[:0] = [row for _, row, _ in older]
        sizes = [body_bytes for _, _, body_bytes in older]
        self._sizes[:0] = sizes
        self._bytes += sum(sizes)
        self.start -= len(older)

    def truncate(self, version: int) -> None:
        """Forgets versions after `version`: their batch was not committed."""
        kept = version - self.start
        self._bytes -= sum(self._sizes[kept:])
        del self._changes[kept:]
        del self._rows[kept:]
        del self._sizes[kept:]
        self._blocks = {
            (level, index): block
            for (level, index), block in self._blocks.items()
            if (index + 1) << level <= version
        }

    def trim(self) -> None:
        """Keeps the last `KEEP_OPS`, of at most `KEEP_BYTES`, once twice as much of either has gathered."""
        self.trim_to(KEEP_OPS, KEEP_BYTES)

    def trim_to(self, ops: int, body_bytes: int) -> None:
        """As `trim`, with other limits. The last one stays, however large it is."""
        if len(self._changes) < 2 * ops and self._bytes < 2 * body_bytes:
            return
        surplus = max(0, len(self._changes) - ops)
        kept_bytes = sum(self._sizes[surplus:])
        while kept_bytes > body_bytes and surplus < len(self._changes) - 1:
            kept_bytes -= self._sizes[surplus]
            surplus += 1
        if not surplus:
            return
        self._bytes = kept_bytes
        del self._changes[:surplus]
        del self._rows[:surplus]
        del self._sizes[:surplus]
        self.start += surplus
        self._blocks = {
            (level, index): block
            for (level, index), block in self._blocks.items()
            if index << level >= self.start
        }

    def rebase(self, change: Change, base: int) -> Change:
        """`change`, written against version `base`, as it reads after version `end`."""
        algebra = self._algebra
        for level, index in self._strides(base, self.end):
            if level:
                change = self._block(level, index).rebase(change)
            else:
                change = algebra.rebase(change, self._changes[index - self.start])
        return change

    def rows(self, after: int, through: int) -> list[Row]:
        """What was committed after a version up to another, one row each."""
        return self._rows[after - self.start : through - self.start]

    def bytes_after(self, version: int) -> int:
        """What the ops after a version take where they are stored."""
        return sum(self._sizes[version - self.start :])

    def composed_rows(self, after: int, through: int, own_client: str) -> tuple[Row, ...]:
        """As `rows`, with neighbours composed; rows of `own_client` stay single, since each of them is the
        ack of something that this client may still have in flight."""
        result: list[Row] = []
        run_start = after
        for row in self.rows(after, through):
            if row.client == own_client:
                self._close_run(result, run_start, row.version - 1)
                result.append(row)
                run_start = row.version
        self._close_run(result, run_start, through)
        return tuple(result)

    def _close_run(self, result: list[Row], after: int, through: int) -> None:
        if through - after == 1:
            result.append(self._rows[through - 1 - self.start])
        elif through > after:
            composed = self._whole(after, through)
            result.append(Row(through, "", 0, "", self._kind.encode(composed), through - after))

    def _whole(self, after: int, through: int) -> Change:
        """Those versions as one change. Their blocks grow up to the largest and shrink again; small ones are
        composed with small ones first, which costs a fraction of going from left to right."""
        strides = list(self._strides(after, through))
        largest = strides.index(max(strides, key=itemgetter(0)))
        blocks = [self._composed(level, index) for level, index in strides]
        compose = self._algebra.compose
        whole = reduce(compose, blocks[: largest + 1])
        if largest + 1 == len(blocks):
            return whole
        rest = blocks[-1]
        for block in reversed(blocks[largest + 1 : -1]):
            rest = compose(block, rest)
        return compose(whole, rest)

    def _strides(self, after: int, through: int) -> Iterator[tuple[int, int]]:
        """The fewest aligned blocks that cover the versions after `after` up to `through`, each as its level
        and index."""
        assert self.start <= after <= through <= self.end, "the room checks that the window reaches back"
        version = after
        while version < through:
            level = min((version & -version).bit_length() - 1 if version else LEVEL_MAX, LEVEL_MAX)
            while version + (1 << level) > through:
                level -= 1
            yield level, version >> level
            version += 1 << level

    def _composed(self, level: int, index: int) -> Change:
        return self._block(level, index).change if level else self._changes[index - self.start]

    def _block(self, level: int, index: int) -> _Block[Change]:
        block = self._blocks.get((level, index))
        if block is None:
            first, then = self._composed(level - 1, 2 * index), self._composed(level - 1, 2 * index + 1)
            composed = self._algebra.compose(first, then)
            block = self._blocks[level, index] = _Block(composed, self._algebra.rebaser(composed))
        return block
