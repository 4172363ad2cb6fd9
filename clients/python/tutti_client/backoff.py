"""When to come back.

Full jitter below a ceiling that doubles up to a cap (Brooker, "Exponential Backoff and Jitter", AWS 2015), on
top of the time that the server named. While an absence is young the ceiling stays low: a node that died is
back, or its balancer knows, within two or three seconds, and people are to edit again within five (P7). By
doubling alone a hundredth of them waited 10 s for a node that was gone for 2.5 s, and 20 s when that happened
some times in a row. So nobody waits much longer than a third of what has passed. A thousand clients then ask
a dead port a thousand times a second at worst, which costs it nothing; a node that is back and cannot take
all at once says so, with a time.

All falls back only after a session that stood for a while: a server that accepts and drops everybody at once
must not be hammered. Who is told to come back now does so at once, a few times in a row.

There is no budget beside the cap, as requests have (`asker`). Retries need one because each of them comes on
top of first attempts that go on being made; a client has one socket, and tries to open one at a time. Cap and
jitter bound what all of them do together (at the cap, a tenth of them a second), and a budget that ran out
would keep somebody away from a server that is back: a client that was offline for an hour must return.
Pure: the random number and `now_ms` are arguments.
"""

from dataclasses import dataclass, replace

from collab.closing import Advice


@dataclass(frozen=True, slots=True)
class Policy:
    """`base_ms` and `cap_ms` are replaced by those of the server's `welcome`."""

    base_ms: int = 250
    cap_ms: int = 20_000
    # In a young absence the ceiling is this: a restart takes 2 to 3 s, and all in all 5 s are promised (P7).
    young_ms: int = 2_000
    # Later it is this part of the time that has passed.
    part: int = 3
    # A session that stood this long was a good one. Longer, and a client whose nodes are killed every few
    # seconds would count all of it as one absence; shorter than a server takes to find out that it is sick.
    healthy_ms: int = 3_000
    # So often in a row "come back now" is taken at its word.
    returns_max: int = 3


class Backoff:
    """The attempts of one client. Call `stood` when a session was welcomed, `delay_ms` when it is over."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._attempts = 0
        self._returns = 0
        self._since_ms: int | None = None
        self._lost_ms: int | None = None

    def stood(self, now_ms: int, base_ms: int, cap_ms: int) -> None:
        """A session stands, on a server that names these times."""
        self._since_ms = now_ms
        self._policy = replace(self._policy, base_ms=max(1, base_ms), cap_ms=max(1, base_ms, cap_ms))

    def delay_ms(self, advice: Advice, hint_ms: int, now_ms: int, random: float) -> int:
        """How long to wait before the next attempt; `random` is at least 0 and below 1."""
        policy = self._policy
        if self._since_ms is not None and now_ms - self._since_ms >= policy.healthy_ms:
            self._attempts = self._returns = 0
            self._lost_ms = None
        self._since_ms = None
        if self._lost_ms is None:
            self._lost_ms = now_ms
        if advice == "come_back" and self._returns < policy.returns_max:
            self._returns += 1
            return hint_ms + int(random * policy.base_ms)
        by_age_ms = max(policy.young_ms, (now_ms - self._lost_ms) // policy.part)
        ceiling_ms = min(policy.cap_ms, by_age_ms, policy.base_ms << min(self._attempts, 16))
        self._attempts += 1
        return hint_ms + int(random * ceiling_ms)
