"""What the rooms of a node have in common."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import TypeAlias

from collab.bus import Bus
from collab.clock import Clock
from collab.committer import Committer
from collab.kinds import Kinds
from collab.metrics import Metrics
from collab.patience import Perseverance
from collab.songs import Songs
from storage.store import Store

# Which of these tracks (ids) there are. Raises StoreError.
SongSource: TypeAlias = Callable[[Collection[str]], Awaitable[Songs]]


async def no_songs(tracks: Collection[str]) -> Songs:
    """Of a node whose kinds admit any track: nobody asks."""
    return {}


@dataclass(frozen=True, slots=True)
class House:
    kinds: Kinds
    store: Store
    songs: SongSource
    committer: Committer
    bus: Bus
    clock: Clock
    metrics: Metrics
    perseverance: Perseverance
