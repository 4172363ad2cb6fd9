"""How often somebody may guess.

Counts failures, and lets whoever had too many wait: at first a minute, and twice as long each time that it
happens again. The windows of the `limits` library do not fit: they do not grow, they let one more through
where two of them meet, and they read a clock of their own. Knows counts, of a bounded number of keys. Does
not know who or what a key stands for; `now_ms` is handed in.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Lenience:
    """`most` failures within `window_ms` are forgiven; then one waits `window_ms`, and each time that it
    happens again twice as long, up to `wait_ms_max`: a room full of people may share one address, and
    somebody who types badly must not shut them out for the evening. After `forget_ms` without a failure
    everything is as at first."""

    most: int
    window_ms: int = 60_000
    wait_ms_max: int = 8 * 60_000
    forget_ms: int = 60 * 60_000
    # Some hundred bytes each. Beyond it those are forgotten who failed longest ago.
    keys_max: int = 10_000


@dataclass(slots=True)
class _Tally:
    at_ms: list[int] = field(default_factory=list)
    waits: int = 0
    until_ms: int = 0


class Failures:
    def __init__(self, lenience: Lenience) -> None:
        self._lenience = lenience
        # In the order of their last failures.
        self._tallies: dict[str, _Tally] = {}

    def wait_ms(self, key: str, now_ms: int) -> int:
        """How long until this key may try; 0 if it may now."""
        tally = self._tallies.get(key)
        return max(0, tally.until_ms - now_ms) if tally is not None else 0

    def add(self, key: str, now_ms: int) -> None:
        """One more failure. Of those who wait none is expected, and none is counted."""
        if self.wait_ms(key, now_ms):
            return
        lenience = self._lenience
        tally = self._tallies.pop(key, None)
        if tally is None or now_ms - self._quiet_since_ms(tally) >= lenience.forget_ms:
            tally = _Tally()
        tally.at_ms = [at_ms for at_ms in tally.at_ms if now_ms - at_ms < lenience.window_ms]
        tally.at_ms.append(now_ms)
        if len(tally.at_ms) >= lenience.most:
            tally.until_ms = now_ms + min(lenience.window_ms << tally.waits, lenience.wait_ms_max)
            tally.waits += 1
            tally.at_ms.clear()
        self._tallies[key] = tally
        if len(self._tallies) > lenience.keys_max:
            del self._tallies[next(iter(self._tallies))]

    def _quiet_since_ms(self, tally: _Tally) -> int:
        """When it last failed, or last had to wait."""
        return max(tally.until_ms, *tally.at_ms, 0)
