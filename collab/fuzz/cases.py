"""Failing cases as files, which are kept by name and tried again."""

import json
from pathlib import Path

from collab.errors import CannotStart
from ot.fuzz.case import Case, decode_case, encode_case
from ot.fuzz.rounds import Failure


def write_case(folder: Path, found: Failure, seed: int) -> Path:
    """Writes the case, named by its law, seed and round, beside what makes it fail; returns its path."""
    path = folder / f"{found.law.name}-{seed}-{found.round}.json"
    why = {"law": found.law.name, "reason": found.reason, "seed": seed, "round": found.round}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**why, **encode_case(found.case)}, indent=1) + "\n")
    except OSError as error:
        raise CannotStart(f"{path} cannot be written: {error.strerror}.") from None
    return path


def read_case(path: Path) -> Case:
    """The case in a file."""
    try:
        return decode_case(json.loads(path.read_bytes()))
    except OSError as error:
        raise CannotStart(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError) as error:
        raise CannotStart(f"{path} is no case: {error}.") from None
