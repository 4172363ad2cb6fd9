"""An answer as JSON, written in one go. Takes what msgspec takes, so parts of it may be JSON already."""

from typing import Any, Final

import msgspec

_encoder: Final = msgspec.json.Encoder()


def encoded(answer: Any) -> bytes:
    return _encoder.encode(answer)
