"""Whether a history and what the database holds tell the same story.

A document's log is its one order, so the question of linearizability, hard in general (Herlihy and Wing,
1990), is answered in one pass here: every acknowledged op stands where its author was told, exactly once;
a refused one nowhere; an unknown one at most once; and what was acknowledged before something else was sent
stands before it. Pure. Knows histories, logs and digests. Does not know how they were come by.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.faults.history import History, Submission

# Of what is wrong, so much is said in words; the rest is counted.
SAID_MAX = 20


@dataclass(frozen=True, slots=True)
class LogRow:
    """One committed op; `markers` are the texts of what it inserts."""

    version: int
    client: str
    seq: int
    markers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Truth:
    """A document as the database has it: its whole log, and its state at the log's end."""

    document: str
    version: int
    rows: Sequence[LogRow]
    markers: Sequence[str]
    digest: str


@dataclass(frozen=True, slots=True)
class Replica:
    """What a live client holds, and whether anything still waits there."""

    document: str
    version: int
    digest: str
    is_settled: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """How often each promise was broken; `findings` says the first cases in words."""

    lost: int
    doubled: int
    torn: int
    misordered: int
    unequal: int
    waiting: int
    findings: Sequence[str]

    @property
    def holds(self) -> bool:
        return not any((self.lost, self.doubled, self.torn, self.misordered, self.unequal, self.waiting))


def check(history: History, truths: Mapping[str, Truth], replicas: Iterable[Replica] = ()) -> Verdict:
    """Every document of `history` and `replicas` is in `truths`, and everybody who wrote is in `history`."""
    check = _Check()
    by_document: defaultdict[str, list[Submission]] = defaultdict(list)
    for submission in history:
        by_document[submission.document].append(submission)
    for document, truth in truths.items():
        submissions = by_document.pop(document, [])
        check.log(truth, submissions)
        check.fates(truth, submissions)
        check.order(submissions)
    for document in by_document:
        check.broken("lost", f"{document} is gone, with everything in it")
    for replica in replicas:
        check.replica(replica, truths[replica.document])
    return check.verdict()


class _Check:
    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._findings: list[str] = []

    def broken(self, what: str, sentence: str) -> None:
        self._counts[what] += 1
        if len(self._findings) < SAID_MAX:
            self._findings.append(f"{what}: {sentence}")

    def verdict(self) -> Verdict:
        counts = self._counts
        return Verdict(
            lost=counts["lost"],
            doubled=counts["doubled"],
            torn=counts["torn"],
            misordered=counts["misordered"],
            unequal=counts["unequal"],
            waiting=counts["waiting"],
            findings=self._findings,
        )

    def log(self, truth: Truth, submissions: Sequence[Submission]) -> None:
        """By itself: contiguous, nothing twice, nothing that nobody sent."""
        versions = [row.version for row in truth.rows]
        if versions != list(range(1, truth.version + 1)):
            self.broken("torn", f"the versions of {truth.document} are not 1 to {truth.version}")
        named = Counter((row.client, row.seq) for row in truth.rows)
        for name, times in named.items():
            if times > 1:
                self.broken("doubled", f"{name} stands {times} times in {truth.document}")
        for name in named.keys() - {(each.client, each.seq) for each in submissions}:
            self.broken("doubled", f"{name} stands in {truth.document}, and nobody sent it")
        in_log = Counter(marker for row in truth.rows for marker in row.markers)
        for place, counted in (("log", in_log), ("state", Counter(truth.markers))):
            for marker, times in counted.items():
                if times > 1:
                    self.broken(
                        "doubled", f"{marker} stands {times} times in the {place} of {truth.document}"
                    )

    def fates(self, truth: Truth, submissions: Sequence[Submission]) -> None:
        """Each submission is where its author was told."""
        rows = {(row.client, row.seq): row for row in truth.rows}
        standing = set(truth.markers)
        for each in submissions:
            row = rows.get((each.client, each.seq))
            if each.outcome == "ok":
                if row is None:
                    self.broken("lost", f"{each} is not in the log")
                elif row.version != each.version:
                    self.broken("torn", f"{each} stands at version {row.version}")
                elif not standing.issuperset(each.markers) or set(each.markers) - set(row.markers):
                    self.broken("lost", f"{each} is in the log without what it inserts")
            elif each.outcome == "refused" and row is not None:
                self.broken("doubled", f"{each} stands at version {row.version}")

    def order(self, submissions: Sequence[Submission]) -> None:
        """What was acknowledged before something was sent has the smaller version."""
        known = [each for each in submissions if each.outcome == "ok"]
        acked = sorted(known, key=lambda each: each.answered_s or 0.0)
        place, newest = 0, 0
        for each in sorted(known, key=lambda each: each.sent_s):
            while place < len(acked) and (acked[place].answered_s or 0.0) < each.sent_s:
                newest = max(newest, acked[place].version or 0)
                place += 1
            if (each.version or 0) <= newest:
                self.broken("misordered", f"{each} was sent when version {newest} was acknowledged")

    def replica(self, replica: Replica, truth: Truth) -> None:
        if (replica.version, replica.digest) != (truth.version, truth.digest):
            self.broken(
                "unequal",
                f"a replica of {truth.document} is {replica.digest} at version {replica.version}, "
                f"the database {truth.digest} at {truth.version}",
            )
        if not replica.is_settled:
            self.broken("waiting", f"a replica of {truth.document} still has something to send")
