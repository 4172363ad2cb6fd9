"""What a node sees of the people in a Jam.

Not part of the state: another node sees others. Out of it come proposals (somebody is away, the next song is
ready), and the conditions under which a command is decided (how far ahead must a start be scheduled); what
follows from them stands in the event.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Scene:
    """`here`: since when each user has had a connection on this node. `elsewhere`: who has one on another,
    as far as that is known. `left_ms`: when somebody's last one ended. `loaded_ms`: since when this node has
    watched. `shown`: each user's newest presence state, of which `sync` concerns the Jam. `acted_ms`:
    when those last did something of whom the log only knows that they were seen (`idle`). Room time, ms."""

    here: Mapping[str, int] = field(default_factory=dict)
    left_ms: Mapping[str, int] = field(default_factory=dict)
    loaded_ms: int = 0
    shown: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    elsewhere: Collection[str] = ()
    acted_ms: Mapping[str, int] = field(default_factory=dict)
