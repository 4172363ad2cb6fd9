"""Randomness with labels.

Each place that draws has its own stream, derived from the seed and its label, so that one more draw in one
place shifts no other: a changed test replays old seeds as far as it can.
"""

from random import Random


class Streams:
    """All streams of one seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._streams: dict[str, Random] = {}

    def of(self, label: str) -> Random:
        stream = self._streams.get(label)
        if stream is None:
            stream = self._streams[label] = Random(f"{self._seed}/{label}")
        return stream
