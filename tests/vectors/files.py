"""Where the vectors lie and how they are written: JSON lines, one vector each, ASCII so that every editor and
every language reads the same."""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from tests.vectors.algebra import algebra
from tests.vectors.arranging import arrangements
from tests.vectors.clock import clocks
from tests.vectors.codes import codes
from tests.vectors.generate import close_codes, digests, frames
from tests.vectors.jam import jams
from tests.vectors.jam_logs import jam_logs
from tests.vectors.sessions import sessions

FOLDER = Path(__file__).parent
SEED = 1


@cache
def generated() -> dict[str, bytes]:
    """The files that are made, by name."""
    return {
        "arrange.jsonl": _lines(arrangements(Random(SEED))),
        "clock.jsonl": _lines(clocks(Random(SEED))),
        "close_codes.jsonl": _lines(close_codes()),
        "codec.jsonl": _lines(frames(Random(SEED))),
        "codes.jsonl": _lines(codes(Random(SEED))),
        "digest.jsonl": _lines(digests(Random(SEED))),
        "jam.jsonl": _lines(jams(Random(SEED))),
        "jam_logs.jsonl": _lines(jam_logs(Random(SEED))),
        "ot.jsonl": _lines(algebra(Random(SEED))),
        "sessions.jsonl": _lines(sessions(Random(SEED))),
    }


def read(name: str) -> list[dict[str, Any]]:
    with (FOLDER / name).open(encoding="ascii") as file:
        return [json.loads(line) for line in file]


def _lines(vectors: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(vector).encode("ascii") + b"\n" for vector in vectors)
