"""The twelve pieces, in the order in which they are rendered.

No two neighbours sound alike, and the quickest to render is the first: it is what a new server has to show.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from collab.music.pieces.compositions import (
    bossa,
    chiptune,
    drone,
    dub,
    gamelan,
    lofi,
    musicbox,
    nocturne,
    swing,
    synthwave,
    techno,
    waltz,
)
from collab.music.pieces.score import Score

Composition: TypeAlias = Callable[[], Score]

COMPOSITIONS: Final[tuple[Composition, ...]] = (
    musicbox.compose,
    lofi.compose,
    nocturne.compose,
    bossa.compose,
    techno.compose,
    drone.compose,
    waltz.compose,
    chiptune.compose,
    gamelan.compose,
    swing.compose,
    dub.compose,
    synthwave.compose,
)
