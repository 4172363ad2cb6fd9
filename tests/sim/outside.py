"""What comes from outside.

A world by itself is a machine: what happens in it follows from who comes, what their hands do and what goes
wrong. These acts are begun in one place, and each draws from dice of its own, so that it can be written down
as plain data and happen again without the stream that it was once drawn from. Knows acts and dice; not what
an act does.
"""

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import msgspec

from tests.sim.streams import Stream, Streams

if TYPE_CHECKING:
    from _typeshed import SupportsLenAndGetItem

T = TypeVar("T")

Kind = Literal["begin", "hand", "fault"]
_PLAIN: Final = (str, int, float)


class Act(msgspec.Struct):
    """Something at a moment: people come, the hand of the device `who` acts, the trouble `who` is brought
    about. `drawn` is all that was drawn for it, in order: numbers as they are, what was chosen by its name,
    or by its place if it has none."""

    at_us: int
    act: Kind
    who: str
    drawn: list[Any]


class Outside:
    """Acts happen as a seed draws them; or as the `script` has them, if there is one."""

    def __init__(self, streams: Streams, script: Sequence[Act] | None = None) -> None:
        self.script = script
        self._streams = streams

    def begin(self, at_us: int, act: Kind, who: str = "", which: str = "") -> Random:
        """The dice of an act. Those of one kind by the same one (or by `which`) share a stream."""
        return self._streams.of(f"{act}/{which or who}")


class Recording(Outside):
    """The same, and `acts` tells it afterwards."""

    def __init__(self, streams: Streams) -> None:
        super().__init__(streams)
        self.acts: list[Act] = []

    def begin(self, at_us: int, act: Kind, who: str = "", which: str = "") -> Random:
        self.acts.append(Act(at_us, act, who, []))
        return _Recorder(super().begin(at_us, act, who, which), self.acts[-1].drawn)


class _Dice(Stream):
    """Whatever is drawn is one of these four; all else of `Random` is made of them."""

    def __new__(cls, *_: Any) -> "_Dice":
        return super().__new__(cls)

    def getrandbits(self, k: int) -> int:
        return int.from_bytes(self.randbytes((k + 7) // 8), "big") >> (-k % 8)


class _Recorder(_Dice):
    """Notes in `drawn` what `source` draws."""

    def __init__(self, source: Random, drawn: list[Any]) -> None:
        super().__init__()
        self._source = source
        self._drawn = drawn

    def random(self) -> float:
        value = self._source.random()
        # It decides between few things: more digits would say nothing to who reads them.
        self._drawn.append(min(round(value, 3), 0.999))
        return value

    def randint(self, a: int, b: int) -> int:
        self._drawn.append(value := self._source.randint(a, b))
        return value

    def choice(self, seq: "SupportsLenAndGetItem[T]") -> T:
        place = self._source.randint(0, len(seq) - 1)
        value = seq[place]
        self._drawn.append(value if type(value) in _PLAIN else place)
        return value

    def randbytes(self, n: int) -> bytes:
        value = self._source.randbytes(n)
        self._drawn.append(value.hex())
        return value


class Replay(_Dice):
    """Draws what was drawn before. What does not fit any more is made to fit; what is missing, since more is
    drawn today, is the middle of what it may be."""

    def __init__(self, drawn: Sequence[Any]) -> None:
        super().__init__()
        self._drawn = iter(drawn)

    def random(self) -> float:
        value = next(self._drawn, None)
        return value if isinstance(value, float) and 0.0 <= value < 1.0 else 0.5

    def randint(self, a: int, b: int) -> int:
        value = next(self._drawn, None)
        return min(max(a, value), b) if isinstance(value, int) else (a + b) // 2

    def choice(self, seq: "SupportsLenAndGetItem[T]") -> T:
        value = next(self._drawn, None)
        for place in range(len(seq)):
            if type(seq[place]) in _PLAIN and seq[place] == value:
                return seq[place]
        return seq[value % len(seq) if isinstance(value, int) else len(seq) // 2]

    def randbytes(self, n: int) -> bytes:
        value = next(self._drawn, None)
        return bytes.fromhex(value)[:n].ljust(n, b"\0") if isinstance(value, str) else bytes(n)
