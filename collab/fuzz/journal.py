"""How far a run has come, in a file.

A run of hours is stopped, and goes on the next day. The file names what the run is of, so that nobody
continues it with other laws and believes the sum. Replaced as a whole, so a crash leaves the one before.
"""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from collab.errors import CannotStart
from ot.fuzz.rounds import Tally


@dataclass(slots=True)
class Progress:
    """What a run is of, the round that comes next, and what was done so far in how many seconds."""

    seed: int
    law: str
    against: str
    next: int = 0
    seconds: float = 0.0
    tally: Tally = field(default_factory=Tally)


def read_progress(path: Path) -> Progress | None:
    """What the file says; None if there is none yet."""
    try:
        content = json.loads(path.read_bytes())
        return Progress(**{**content, "tally": Tally(**content["tally"])})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotStart(f"{path} is no journal of a fuzz run: {error}.") from None


def write_progress(path: Path, progress: Progress) -> None:
    """Puts it in the place of what the file says."""
    beside = path.with_name(path.name + ".new")
    try:
        beside.write_text(json.dumps(asdict(progress)) + "\n")
        os.replace(beside, path)
    except OSError as error:
        raise CannotStart(f"The journal {path} cannot be written: {error.strerror}.") from None
