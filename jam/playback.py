"""What plays, and what host and co-host (and time) do to it.

Commands name the play they mean; one that is over cannot be paused, sought in or skipped by a late press.
"""

from msgspec.structs import replace

from jam import commands as c
from jam import events as e
from jam.advancing import advance, advanced, finished, previous
from jam.choice import next_entry
from jam.refusal import JamRefusal
from jam.rules import By, Rule, Step
from jam.state import Jam
from jam.timeline import ends_at, is_position, position_at, start_at

# Within these, `previous` means the song before; later it means this one's beginning.
PREVIOUS_WITHIN_MS = 3_000


def check_play(jam: Jam, play: int) -> None:
    """Raises JamRefusal(other_play) unless this is the play now playing."""
    if play != jam.timeline.play or not jam.timeline.entry:
        raise JamRefusal("other_play")


def _play(jam: Jam, command: c.Play, by: By) -> e.Event | None:
    if not jam.timeline.paused:
        return None
    if not jam.timeline.entry:
        return advanced(jam, by, "finished")
    return e.Resumed(at=by.at_ms, by=by.user, anchor_ms=start_at(by.scene, by.at_ms))


def _pause(jam: Jam, command: c.Pause, by: By) -> e.Event | None:
    return paused(jam, by, "host")


def paused(jam: Jam, by: By, reason: str, at_ms: int | None = None) -> e.Paused | None:
    """Where it is now, or was at `at_ms`; None if it stands already."""
    if jam.timeline.paused:
        return None
    position_ms = position_at(jam, by.at_ms if at_ms is None else at_ms)
    return e.Paused(at=by.at_ms, by=by.user, position_ms=position_ms, reason=reason)


def _seek(jam: Jam, command: c.Seek, by: By) -> e.Event:
    check_play(jam, command.play)
    if not is_position(jam, command.position_ms):
        raise JamRefusal("seek_beyond")
    return _sought(jam, command.position_ms, by)


def _sought(jam: Jam, position_ms: int, by: By) -> e.Sought:
    anchor_ms = by.at_ms if jam.timeline.paused else start_at(by.scene, by.at_ms)
    return e.Sought(
        at=by.at_ms, by=by.user, play=jam.timeline.play, position_ms=position_ms, anchor_ms=anchor_ms
    )


def _next(jam: Jam, command: c.Next, by: By) -> e.Event:
    check_play(jam, command.play)
    return advanced(jam, by, "next")


def _previous(jam: Jam, command: c.Previous, by: By) -> e.Event:
    check_play(jam, command.play)
    is_late = position_at(jam, by.at_ms) > PREVIOUS_WITHIN_MS
    if is_late or not jam.played or jam.played[-1].listed.id in jam.entries:
        return _sought(jam, 0, by)
    return previous(jam, by)


def _play_now(jam: Jam, command: c.PlayNow, by: By) -> e.Event | None:
    if command.entry not in jam.entries:
        raise JamRefusal("entry_gone")
    if command.entry == jam.timeline.entry:
        return _play(jam, c.Play(), by)
    return advanced(jam, by, "next", command.entry)


def _unplayable(jam: Jam, command: c.Unplayable, by: By) -> e.Event:
    check_play(jam, command.play)
    return advanced(jam, by, "failed")


# -- what time wants ------------------------------------------------------------------------------------


def _advance(jam: Jam, command: c.Advance, by: By) -> e.Event | None:
    if command.play != jam.timeline.play or jam.timeline.paused or jam.status != "live":
        return None
    if not jam.timeline.entry:
        return advanced(jam, by, "finished") if next_entry(jam, by.lineup) else None
    over_at = ends_at(jam)
    return finished(jam, by) if over_at is not None and by.at_ms >= over_at else None


def _lock_next(jam: Jam, command: c.LockNext, by: By) -> e.Event | None:
    entry = next_entry(jam, by.lineup)
    if not jam.timeline.entry or entry is None or entry == jam.next:
        return None
    return e.NextLocked(at=by.at_ms, by="", entry=entry)


def _correct(jam: Jam, command: c.Correct, by: By) -> e.Event | None:
    timeline = jam.timeline
    if command.play != timeline.play or timeline.paused or not jam.settings.speaker:
        return None
    if not timeline.anchor_ms < command.at_ms <= by.at_ms or not is_position(jam, command.position_ms):
        return None
    return e.Sought(
        at=by.at_ms, by="", play=command.play, position_ms=command.position_ms, anchor_ms=command.at_ms
    )


def _interrupt(jam: Jam, command: c.Interrupt, by: By) -> e.Event | None:
    is_abandoned = by.at_ms - jam.at > jam.settings.times.restart_ms
    return paused(jam, by, "restart", jam.at) if is_abandoned else None


def _silence(jam: Jam, command: c.Silence, by: By) -> e.Event | None:
    host = jam.members.get(jam.host)
    if not jam.settings.speaker or host is None or not host.away_at:
        return None
    if by.at_ms - host.away_at < jam.settings.times.host_away_ms:
        return None
    return paused(jam, by, "host_away")


# -- what events make of it -----------------------------------------------------------------------------


def _resumed(jam: Jam, event: e.Resumed) -> Jam:
    timeline = replace(jam.timeline, anchor_ms=event.anchor_ms, paused=False, reason="", reign=jam.reign)
    return replace(jam, timeline=timeline)


def _paused(jam: Jam, event: e.Paused) -> Jam:
    timeline = replace(
        jam.timeline,
        position_ms=event.position_ms,
        anchor_ms=event.at,
        paused=True,
        reason=event.reason,
        reign=jam.reign,
    )
    return replace(jam, timeline=timeline)


def _sought_step(jam: Jam, event: e.Sought) -> Jam:
    timeline = replace(
        jam.timeline, position_ms=event.position_ms, anchor_ms=event.anchor_ms, reign=jam.reign
    )
    return replace(jam, timeline=timeline)


def _next_locked(jam: Jam, event: e.NextLocked) -> Jam:
    return replace(jam, next=event.entry)


RULES: dict[type[c.Command], Rule] = {
    c.Play: _play,
    c.Pause: _pause,
    c.Seek: _seek,
    c.Next: _next,
    c.Previous: _previous,
    c.PlayNow: _play_now,
    c.Unplayable: _unplayable,
    c.Advance: _advance,
    c.LockNext: _lock_next,
    c.Correct: _correct,
    c.Interrupt: _interrupt,
    c.Silence: _silence,
}
STEPS: dict[type[e.Event], Step] = {
    e.Advanced: advance,
    e.Resumed: _resumed,
    e.Paused: _paused,
    e.Sought: _sought_step,
    e.NextLocked: _next_locked,
}
