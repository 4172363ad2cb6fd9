"""The program that all JavaScript devices live in.

One process of Node for all schedules: a question is a line of JSON, and so is its answer. Knows lines and the
process. Does not know what is asked.
"""

import atexit
import subprocess
from collections import Counter
from functools import cache
from typing import Any, Final

import msgspec

from tests.clients.javascript import SIMULATION
from tutti_client.errors import ReadOnly

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder().decode


class Program:
    """Devices have numbers. A question is answered before the next one is asked; `asked` counts them."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["node", str(SIMULATION)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._devices = 0
        self.asked: Counter[str] = Counter()
        atexit.register(self._end)

    def clear(self) -> None:
        """Forgets all devices: a schedule begins."""
        self._devices = 0
        self._answer({"fn": "clear"})

    def birth(self, **birth: object) -> int:
        """The number of a new device."""
        self._devices += 1
        self._answer({"fn": "birth", "device": self._devices, **birth})
        return self._devices

    def ask(self, device: int, fn: str, arguments: dict[str, object]) -> dict[str, Any]:
        """The answer. Raises ReadOnly as the SDK does; whatever else it throws is a fault."""
        self.asked[fn] += 1
        return self._answer({"fn": fn, "device": device, **arguments})

    def _answer(self, question: dict[str, object]) -> dict[str, Any]:
        asked, answered = self._process.stdin, self._process.stdout
        assert asked is not None, "it is a pipe"
        assert answered is not None, "it is a pipe"
        asked.write(_encode(question) + b"\n")
        asked.flush()
        answer: dict[str, Any] = _decode(answered.readline())
        error = answer.get("error")
        if error is not None:
            if error["name"] == "ReadOnly":
                raise ReadOnly(error["message"])
            raise AssertionError(f"JavaScript, {question['fn']}: {error['name']}: {error['message']}")
        return answer

    def _end(self) -> None:
        """Who is asked nothing more leaves."""
        assert self._process.stdin is not None, "it is a pipe"
        self._process.stdin.close()
        self._process.wait()


@cache
def program() -> Program:
    """The one of this process."""
    return Program()
