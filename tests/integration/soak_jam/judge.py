"""What must be true of a Jam's log, whoever wrote it.

Folds the log event by event, and looks at each with the rules in hand: the order by its definition (not as
it is kept), who succeeds a host, who may take the role back, which play ended when, and what those do who are
out. Pure: lines in, findings and figures out.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, assert_never

from msgspec.structs import replace

from jam import events as e
from jam.digest import digest, order_digest
from jam.hosting import successor
from jam.log import Begin, Line, Logged, Mark
from jam.queue import order
from jam.reduce import reduce
from jam.state import Jam, load

# What may change who is host.
_OF_HOSTS: Final = (e.Acting, e.CameBack, e.HandedOver)


@dataclass
class Judgement:
    """`orders` are the digests of the order by version. `counts`: `acting`, `took back`, `came too late`,
    `handed over`, `kicked` and the like. `digest` is that of the state at `version`."""

    findings: list[str] = field(default_factory=list)
    orders: dict[int, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    plays: int = 0
    version: int = 0
    digest: str = ""


def judge(lines: Iterable[Line]) -> Judgement:
    """Lines of a log, from version 0."""
    bench: _Bench | None = None
    for line in lines:
        match line:
            case Begin():
                bench = _Bench(load(line.snapshot))
            case Logged():
                assert bench is not None, "a log begins with a snapshot"
                bench.take(line)
            case Mark():
                pass
            case _:
                assert_never(line)
    assert bench is not None, "a log begins with a snapshot"
    return bench.judgement()


class _Bench:
    def __init__(self, jam: Jam) -> None:
        self._jam = jam
        self._said = Judgement()
        self._hosts = {jam.reign: jam.host}
        self._over: set[int] = set()

    def take(self, line: Logged) -> None:
        event = e.decode_event(line.event)
        before, after = self._jam, reduce(self._jam, event)
        if line.version != self._said.version + 1:
            self._find(line, f"follows version {self._said.version}")
        by_definition = order_digest(order(after))
        if by_definition != event.order:
            self._find(line, "bears another order than the definition gives")
        self._said.version, self._said.orders[line.version] = line.version, by_definition
        self._jam = after
        self._judge_presence(line, event, before)
        self._judge_host(line, event, before, after)
        self._judge_play(line, event, before, after)

    def judgement(self) -> Judgement:
        said, jam = self._said, self._jam
        said.plays, said.digest = jam.plays, digest(jam)
        still = {jam.timeline.play} if jam.timeline.entry else set()
        if self._over | still != set(range(1, jam.plays + 1)):
            said.findings.append(f"Of {jam.plays} plays {len(self._over)} ended.")
        return said

    def _judge_presence(self, line: Logged, event: e.AnyEvent, before: Jam) -> None:
        """Who is out does nothing, until they are let in again."""
        self._said.counts[line.event["event"]] += 1
        is_coming = isinstance(event, e.Joined | e.Knocked)
        if event.by and event.by not in before.members and not is_coming:
            self._find(line, "is by somebody who is no member")

    def _judge_host(self, line: Logged, event: e.AnyEvent, before: Jam, after: Jam) -> None:
        if (after.host == before.host) != (after.reign == before.reign):
            self._find(line, "changes the host or the reign, and not the other")
        if after.reign not in (before.reign, before.reign + 1):
            self._find(line, f"leads from reign {before.reign} to {after.reign}")
        if self._hosts.setdefault(after.reign, after.host) != after.host:
            self._find(line, f"gives reign {after.reign} a second host")
        if after.reign != before.reign and not isinstance(event, _OF_HOSTS):
            self._find(line, "changes the host, which it must not")
        if isinstance(event, _OF_HOSTS) and replace(after.timeline, reign=0) != replace(
            before.timeline, reign=0
        ):
            self._find(line, "changes the host and moves the music")
        match event:
            case e.Acting(at=at, user=user):
                self._judge_acting(line, at, user, before)
            case e.CameBack(at=at, users=users, host=host) if before.returning in users:
                is_in_time = at <= before.returning_until
                if host != (before.returning if is_in_time else ""):
                    self._find(line, "is not as the host's return has to be")
                self._said.counts["took back" if is_in_time else "came too late"] += 1
            case e.CameBack(host=host) if host:
                self._find(line, "makes somebody host who was none")

    def _judge_acting(self, line: Logged, at: int, user: str, before: Jam) -> None:
        away_at = before.members[before.host].away_at
        if not away_at or at - away_at < before.settings.times.host_away_ms:
            self._find(line, "replaces a host who was not away long enough")
        if user != successor(before):
            self._find(line, "makes somebody host who is not first in line")

    def _judge_play(self, line: Logged, event: e.AnyEvent, before: Jam, after: Jam) -> None:
        if not isinstance(event, e.Advanced):
            if (after.timeline.play, after.plays) != (before.timeline.play, before.plays):
                self._find(line, "begins a play")
            return
        if event.play != before.timeline.play:
            self._find(line, f"ends play {event.play} while {before.timeline.play} plays")
        if before.timeline.entry:
            if event.play in self._over:
                self._find(line, f"ends play {event.play} a second time")
            self._over.add(event.play)
            self._said.counts[f"ended: {event.ending}"] += 1
        if event.entry and after.timeline.play != before.plays + 1:
            self._find(line, f"begins play {after.timeline.play} after {before.plays}")

    def _find(self, line: Logged, what: str) -> None:
        self._said.findings.append(f"Version {line.version} ({line.event['event']}) {what}.")
