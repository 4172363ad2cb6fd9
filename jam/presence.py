"""What absence and time do to a Jam.

People go and come back without a word, and the log must know it, for it decides whose votes count and who is
host. So nodes propose what they see: `away` for whom they have no connection, `back` for whom they have one.
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from msgspec.structs import replace

from jam import commands as c
from jam import events as e
from jam.hosting import reigning
from jam.rules import By, Rule, Step
from jam.state import Jam, Member
from jam.timeline import position_at
from jam.voting import rescored

_Wanted: TypeAlias = Callable[[Member], bool]
_Change: TypeAlias = Callable[[Member], Member]


def _away(jam: Jam, command: c.Away, by: By) -> e.Event | None:
    users = _members(jam, command.users, lambda member: not member.away_at)
    return e.WentAway(at=by.at_ms, by="", users=users) if users else None


def _back(jam: Jam, command: c.Back, by: By) -> e.Event | None:
    users = _members(jam, command.users, lambda member: bool(member.away_at))
    if not users:
        return None
    returns = jam.returning in users and by.at_ms <= jam.returning_until
    seen = [user for user in users if user in command.seen]
    return e.CameBack(at=by.at_ms, by="", users=users, host=jam.returning if returns else "", seen=seen)


def _asleep(jam: Jam, command: c.Asleep, by: By) -> e.Event | None:
    since = by.at_ms - jam.settings.times.asleep_ms
    users = _members(jam, command.users, lambda member: 0 < member.away_at <= since and not member.asleep)
    return e.FellAsleep(at=by.at_ms, by="", users=users) if users else None


def _fall_dormant(jam: Jam, command: c.FallDormant, by: By) -> e.Event | None:
    since = empty_since(jam)
    if jam.status != "live" or since is None or by.at_ms - since < jam.settings.times.empty_ms:
        return None
    return e.FellDormant(at=by.at_ms, by="", position_ms=position_at(jam, by.at_ms))


def empty_since(jam: Jam) -> int | None:
    """Since when nobody is here, in room time; None while somebody is."""
    latest = jam.started_at
    for member in jam.members.values():
        if not member.away_at:
            return None
        latest = max(latest, member.away_at)
    return latest


def _expire(jam: Jam, command: c.Expire, by: By) -> e.Event | None:
    if jam.status != "dormant" or by.at_ms - jam.status_at < jam.settings.times.dormant_ms:
        return None
    return e.Ended(at=by.at_ms, by="", position_ms=position_at(jam, by.at_ms))


def _tick(jam: Jam, command: c.Tick, by: By) -> e.Event | None:
    is_quiet = by.at_ms - jam.at >= jam.settings.times.tick_ms
    return e.Ticked(at=by.at_ms, by="") if is_quiet and not jam.timeline.paused else None


def _members(jam: Jam, users: Iterable[str], wanted: _Wanted) -> list[str]:
    found = {user for user in users if (member := jam.members.get(user)) is not None and wanted(member)}
    return sorted(found)


# -- what events make of it -----------------------------------------------------------------------------


def _went_away(jam: Jam, event: e.WentAway) -> Jam:
    return _with(jam, event.users, lambda member: replace(member, away_at=event.at))


def _came_back(jam: Jam, event: e.CameBack) -> Jam:
    sleepers = [user for user in event.users if jam.members[user].asleep]
    jam = _with(jam, event.users, lambda member: replace(member, away_at=0, asleep=False, active_at=event.at))
    jam = rescored(jam, sleepers)
    if jam.status == "dormant":
        jam = replace(jam, status="live", status_at=event.at)
    if event.host:
        jam = reigning(replace(jam, returning="", returning_until=0), event.host)
    return jam


def _fell_asleep(jam: Jam, event: e.FellAsleep) -> Jam:
    return rescored(_with(jam, event.users, lambda member: replace(member, asleep=True)), event.users)


def _fell_dormant(jam: Jam, event: e.FellDormant) -> Jam:
    timeline = jam.timeline
    if not timeline.paused:
        timeline = replace(timeline, paused=True, position_ms=event.position_ms, reason="empty")
    return replace(jam, status="dormant", status_at=event.at, timeline=timeline)


def _ticked(jam: Jam, event: e.Ticked) -> Jam:
    return jam


def _with(jam: Jam, users: Iterable[str], change: _Change) -> Jam:
    members = dict(jam.members)
    for user in users:
        members[user] = change(members[user])
    return replace(jam, members=members)


RULES: dict[type[c.Command], Rule] = {
    c.Away: _away,
    c.Back: _back,
    c.Asleep: _asleep,
    c.FallDormant: _fall_dormant,
    c.Expire: _expire,
    c.Tick: _tick,
}
STEPS: dict[type[e.Event], Step] = {
    e.WentAway: _went_away,
    e.CameBack: _came_back,
    e.FellAsleep: _fell_asleep,
    e.FellDormant: _fell_dormant,
    e.Ticked: _ticked,
}
