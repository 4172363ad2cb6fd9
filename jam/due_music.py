"""What the music wants of a Jam, and when.

A song's end, a skip whose countdown runs out, the choice of what is next, a speaker that drifted, a log that
nobody kept. Knows only room time; the order of what is yielded is the order in which it is decided.
"""

from collections.abc import Iterator

from jam import commands as c
from jam.choice import next_entry
from jam.lineup import Lineup
from jam.scene import Scene
from jam.skipping import is_miscounted
from jam.state import Jam
from jam.sync import position_of, read
from jam.timeline import ends_at, is_position, position_at

# A second device beside the speaker is heard as an echo from about here on.
SPEAKER_DRIFT_MS = 40


def music_due(lineup: Lineup, scene: Scene) -> Iterator[tuple[int, c.Command]]:
    """Pairs of room time from which on something is wanted, and what."""
    jam = lineup.jam
    timeline, times = jam.timeline, jam.settings.times
    if timeline.paused or jam.status != "live":
        return
    if not timeline.entry:
        if next_entry(jam, lineup) is not None:
            yield jam.at, c.Advance(timeline.play)
        return
    yield jam.at + times.restart_ms + 1, c.Interrupt()
    host = jam.members.get(jam.host)
    if jam.settings.speaker and host is not None and host.away_at:
        yield host.away_at + times.host_away_ms, c.Silence()
    yield from _speaker(jam, scene)
    if is_miscounted(jam, scene.acted_ms):
        yield jam.at, c.CountSkip(timeline.play)
    if jam.skip.due_at:
        yield jam.skip.due_at, c.SkipNow(timeline.play)
    over_at = ends_at(jam)
    if not jam.next:
        yield from _locking(lineup, scene, over_at)
    if over_at is not None:
        yield over_at, c.Advance(timeline.play)
    yield jam.at + times.tick_ms, c.Tick()


def _locking(lineup: Lineup, scene: Scene, over_at: int | None) -> Iterator[tuple[int, c.Command]]:
    jam = lineup.jam
    if len(jam.entries) < 2 or jam.settings.repeat == "one":
        return
    readings = read(scene)
    ahead = readings.fetched - {jam.timeline.entry}
    if ahead and next_entry(jam, lineup) in ahead:
        yield jam.at, c.LockNext()
    elif over_at is not None:
        ahead_ms = max(jam.settings.times.lock_next_ms, 2 * readings.slowest_ready_ms)
        yield over_at - ahead_ms, c.LockNext()


def _speaker(jam: Jam, scene: Scene) -> Iterator[tuple[int, c.Command]]:
    if not jam.settings.speaker:
        return
    report = position_of(scene, jam.host)
    if report is None or report.play != jam.timeline.play or report.at_ms <= jam.timeline.anchor_ms:
        return
    drift_ms = report.position_ms - position_at(jam, report.at_ms)
    if abs(drift_ms) >= SPEAKER_DRIFT_MS and is_position(jam, report.position_ms):
        yield report.at_ms, c.Correct(report.play, report.position_ms, report.at_ms)
