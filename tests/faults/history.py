"""What clients did, and what became of it as they saw it.

Each submission is written down when it leaves and again when its fate is known: ok with a version, refused
with a code, or unknown for ever. Kept as JSON lines, so that a history which failed can be looked at. Knows
what clients know. Does not know what the database holds: the checker compares the two.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Outcome = Literal["ok", "refused", "unknown"]


@dataclass(slots=True)
class Submission:
    """(`document`, `client`, `seq`) names it; `markers` are texts that only what it inserts has. Times are
    seconds of this machine's monotonic clock, the same in all processes. `attempts` is how often it was sent.
    """

    client: str
    seq: int
    document: str
    markers: tuple[str, ...]
    sent_s: float
    attempts: int = 1
    outcome: Outcome = "unknown"
    version: int | None = None
    code: str = ""
    answered_s: float | None = None


class History:
    """Submissions by name, in the order in which they were first sent."""

    def __init__(self) -> None:
        self._submissions: dict[tuple[str, str, int], Submission] = {}

    def __iter__(self) -> Iterator[Submission]:
        return iter(self._submissions.values())

    def __len__(self) -> int:
        return len(self._submissions)

    def sent(
        self, document: str, client: str, seq: int, markers: tuple[str, ...], now_s: float
    ) -> Submission:
        """It leaves, for the first time or again."""
        known = self._submissions.get((document, client, seq))
        if known is not None:
            known.attempts += 1
            return known
        made = Submission(client, seq, document, markers, now_s)
        self._submissions[document, client, seq] = made
        return made

    def acked(self, document: str, client: str, seq: int, version: int, now_s: float) -> None:
        """It stands at a version; the first answer counts, and every other must be the same."""
        known = self._submissions[document, client, seq]
        if known.outcome == "ok":
            assert known.version == version, f"{known} was answered again, with version {version}"
        elif known.outcome == "unknown":
            known.outcome, known.version, known.answered_s = "ok", version, now_s
        else:
            raise AssertionError(f"{known} was refused, and then acknowledged at version {version}")

    def refused(self, document: str, client: str, seq: int, code: str, now_s: float) -> None:
        """It will never stand."""
        known = self._submissions[document, client, seq]
        assert known.outcome != "ok", f"{known} was acknowledged, and then refused with {code}"
        known.outcome, known.code, known.answered_s = "refused", code, now_s

    @property
    def acks(self) -> int:
        return sum(each.outcome == "ok" for each in self)

    @property
    def attempts_ratio(self) -> float:
        """How often a submission was sent, on average; 1 when nothing was sent yet."""
        return sum(each.attempts for each in self) / len(self) if len(self) else 1.0

    def write(self, path: Path) -> None:
        with path.open("w") as file:
            file.writelines(json.dumps(asdict(each)) + "\n" for each in self)

    @classmethod
    def read(cls, path: Path) -> "History":
        history = cls()
        with path.open() as file:
            for line in file:
                fields = json.loads(line)
                each = Submission(**fields | {"markers": tuple(fields["markers"])})
                history._submissions[each.document, each.client, each.seq] = each
        return history
