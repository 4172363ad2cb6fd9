"""When people want the next song.

Everybody who is asked may press; when enough have, a countdown runs in which host or co-host may stop it. Who
added the song may withdraw it alone, at once. All name the play they mean: two presses never skip two songs.
When people leave, the wishes that are there are counted anew among those who stay.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from jam import commands as c
from jam import events as e
from jam.advancing import advanced
from jam.playback import check_play
from jam.quorum import electorate, is_reached
from jam.refusal import JamRefusal
from jam.rules import By, Rule, Step
from jam.state import Jam


def _vote_skip(jam: Jam, command: c.VoteSkip, by: By) -> e.Event | None:
    check_play(jam, command.play)
    if command.value and jam.entries[jam.timeline.entry].added_by == by.user:
        return advanced(jam, by, "withdrawn")
    skip = jam.skip
    if skip.vetoed:
        raise JamRefusal("skip_vetoed")
    quiet_ms = jam.timeline.started_at + jam.settings.times.skip_quiet_ms - by.at_ms
    if quiet_ms > 0:
        raise JamRefusal("skip_too_early", retry_after_ms=quiet_ms)
    voters = {*skip.voters, by.user} if command.value else {*skip.voters} - {by.user}
    # Who presses is awake, whatever was known of them.
    enough = is_reached(voters, electorate(jam, by.at_ms, by.scene.acted_ms) | {by.user})
    due_at = (skip.due_at or by.at_ms + jam.settings.times.skip_countdown_ms) if enough else 0
    if voters == skip.voters.keys() and due_at == skip.due_at:
        return None
    return e.SkipVoted(at=by.at_ms, by=by.user, play=command.play, value=command.value, due_at=due_at)


def is_miscounted(jam: Jam, acted_ms: Mapping[str, int]) -> bool:
    """Whether a countdown should run that does not, or the other way round, because of those who left.
    `acted_ms` as in `scene`. Who came does not stop one that runs."""
    skip = jam.skip
    if not skip.voters or skip.vetoed:
        return False
    is_enough = is_reached(skip.voters, electorate(jam, jam.at, acted_ms))
    if not skip.due_at:
        return is_enough
    return not is_enough and any(_has_left(jam, user, at) for user, at in skip.voters.items())


def _has_left(jam: Jam, user: str, since_ms: int) -> bool:
    member = jam.members.get(user)
    return member is None or member.away_at > since_ms


def _count_skip(jam: Jam, command: c.CountSkip, by: By) -> e.Event | None:
    is_meant = command.play == jam.timeline.play and jam.status == "live"
    if not is_meant or not is_miscounted(jam, by.scene.acted_ms):
        return None
    due_at = 0 if jam.skip.due_at else by.at_ms + jam.settings.times.skip_countdown_ms
    # Nobody's wish changes; only the countdown does.
    return e.SkipVoted(at=by.at_ms, by=by.user, play=command.play, value=False, due_at=due_at)


def _veto(jam: Jam, command: c.Veto, by: By) -> e.Event | None:
    check_play(jam, command.play)
    if not jam.skip.due_at:
        return None
    return e.Vetoed(at=by.at_ms, by=by.user, play=command.play)


def _skip_now(jam: Jam, command: c.SkipNow, by: By) -> e.Event | None:
    is_due = 0 < jam.skip.due_at <= by.at_ms
    if command.play != jam.timeline.play or not is_due or jam.status != "live":
        return None
    return advanced(jam, by, "skipped")


# -- what events make of it -----------------------------------------------------------------------------


def _skip_voted(jam: Jam, event: e.SkipVoted) -> Jam:
    voters = {user: at for user, at in jam.skip.voters.items() if user != event.by}
    if event.value:
        voters[event.by] = event.at
    return replace(jam, skip=replace(jam.skip, voters=voters, due_at=event.due_at))


def _vetoed(jam: Jam, event: e.Vetoed) -> Jam:
    return replace(jam, skip=replace(jam.skip, voters={}, due_at=0, vetoed=True))


RULES: dict[type[c.Command], Rule] = {
    c.VoteSkip: _vote_skip,
    c.CountSkip: _count_skip,
    c.Veto: _veto,
    c.SkipNow: _skip_now,
}
STEPS: dict[type[e.Event], Step] = {e.SkipVoted: _skip_voted, e.Vetoed: _vetoed}
