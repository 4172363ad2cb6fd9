"""When Python looks for garbage that reference counting cannot free.

What a node holds is large and lives long: entries, the recent past of each room. With Python's defaults,
which look at everything young after 700 new objects, a hundred busy rooms spent a fifth of their time being
looked through. Knows the interpreter's thresholds. Does not know what is in memory.
"""

import gc
from typing import Final

# New objects before a look at the young ones: two milliseconds' work when a crowd comes.
YOUNG_MAX: Final = 5_000
# After how many such looks the next older generation is looked at, too. Each look stops everybody, and one at
# what ten others left, Python's own number, took 40 ms: so the middle one comes each second time, which is
# the same work in small pieces, and the oldest as rarely as it would have.
OLDER: Final = (1, 100)


def spare_collector() -> None:
    """Leaves what the program is made of out of every later look, and looks less often. Call it once
    everything is loaded, before people come."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, *OLDER)
