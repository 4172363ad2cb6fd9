"""Spans of time as people write them on a command line: `90s`, `15m`, `12h`, `30d`."""

import re
from typing import Final

from collab.errors import CannotStart

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SPAN: Final = re.compile(r"([0-9]{1,9})([smhd])")


def seconds_of(text: str) -> int:
    """Raises CannotStart if this is no span of time."""
    match = _SPAN.fullmatch(text.strip().lower())
    if match is None:
        raise CannotStart(f"{text} is no span of time; write it like 12h or 30d.")
    return int(match[1]) * _SECONDS[match[2]]
