"""What happened in a replay, in numbers and in sentences.

Counted while it runs, judged at its end: `failures` are the promises that did not hold. Knows what a good
replay is. Does not know how it is played.
"""

from dataclasses import dataclass, field

# With eight editors at work, at least this share of ops must have met somebody else's on their way; less
# would mean that they took turns, and the replay would prove little.
CROWD = 8
TRANSFORMED_MIN = 0.3


@dataclass(slots=True)
class Tally:
    """`steps_in_all` is known at the start; all else grows."""

    editors: int
    playlists: int
    steps_in_all: int
    steps: int = 0
    edits: int = 0
    acks: int = 0
    ops: int = 0
    transformed: int = 0
    reconnects: int = 0
    offline: int = 0
    resyncs: int = 0
    refusals: int = 0
    divergences: int = 0
    equal: int = 0
    as_recorded: int = 0
    journalled: int = 0
    found: int = 0
    empty: int = 0
    unreachable: int = 0
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list)

    @property
    def transformed_share(self) -> float:
        return self.transformed / self.ops if self.ops else 0.0

    def lines(self) -> list[str]:
        """The report, failures last."""
        everywhere = "byte-equal in all replicas, over HTTP and on a fresh socket"
        report = [
            f"replayed {self.playlists} playlists: {self.steps} steps, {self.edits} edits by {self.editors} "
            f"editors in {self.seconds:.1f} s",
            f"ops {self.ops} ({self.ops / max(self.seconds, 0.001):.0f} a second), acks {self.acks}",
            f"transformed over foreign ops: {self.transformed} of {self.ops} ({self.transformed_share:.0%})",
            f"reconnects {self.reconnects} (went offline {self.offline} times), resyncs {self.resyncs}, "
            f"refusals {self.refusals}, divergences {self.divergences}",
            f"acks in the journals: {self.journalled}; in the server's log {self.found}, left no op "
            f"{self.empty}, too old to ask for {self.unreachable}, lost {self.lost}",
            f"{everywhere}: {self.equal} of {self.playlists} playlists",
        ]
        if self.editors == 1:
            report.append(f"as last recorded: {self.as_recorded} of {self.playlists} playlists")
        return report + [f"FAILED: {failure}" for failure in self.failures()]

    @property
    def lost(self) -> int:
        """Acknowledged submissions that the server does not know any more."""
        return self.journalled - self.found - self.empty - self.unreachable

    def failures(self) -> list[str]:
        """What did not hold, a sentence each; empty if the replay is proof."""
        failures = list(self.findings)
        if self.refusals:
            failures.append(f"{self.refusals} submissions were refused.")
        if self.divergences:
            failures.append(f"Replicas diverged {self.divergences} times.")
        if self.lost:
            failures.append(f"{self.lost} acknowledged submissions are not in the server's log.")
        if self.equal < self.playlists:
            failures.append(f"{self.playlists - self.equal} playlists did not end equal everywhere.")
        if self.editors == 1 and self.as_recorded < self.playlists:
            failures.append(f"{self.playlists - self.as_recorded} playlists did not end as last recorded.")
        if self.editors >= CROWD and self.transformed_share < TRANSFORMED_MIN:
            failures.append(f"Fewer than {TRANSFORMED_MIN:.0%} of the ops met a foreign one on their way.")
        return failures
