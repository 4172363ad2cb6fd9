"""When Python looks for garbage that reference counting cannot free.

What a node holds is large and lives long: entries, the recent past of each room. With Python's defaults,
which look at everything young after 700 new objects, a hundred busy rooms spent a fifth of their time being
looked through. Knows the interpreter's thresholds. Does not know what is in memory.
"""

import gc
from typing import Final

# New objects before a look at the young ones: half a millisecond's work.
YOUNG_MAX: Final = 10_000
# How many such looks before the next older generation; Python's own numbers.
OLDER: Final = (10, 10)


def spare_collector() -> None:
    """Leaves what the program is made of out of every later look, and looks less often. Call it once
    everything is loaded, before people come."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, *OLDER)
