"""Who may come in.

The door's generation is raised by everything that makes old keys worthless: a kick, a ban, a lock, a demand.
It happens in the same event, so there is no moment at which somebody thrown out could return by an old key.
"""

from msgspec.structs import replace

from jam import commands as c
from jam import events as e
from jam.people import check_rank, joined, without_member
from jam.refusal import JamRefusal
from jam.rules import By, Rule, Step
from jam.state import Doors, Jam

BANNED_MAX = 1_000
# Longer than any user id.
USER_CODE_POINTS_MAX = 64


def _kick(jam: Jam, command: c.Kick, by: By) -> e.Event:
    check_rank(jam, command.user, by)
    return e.Kicked(at=by.at_ms, by=by.user, user=command.user)


def _ban(jam: Jam, command: c.Ban, by: By) -> e.Event | None:
    if command.user in jam.doors.banned:
        return None
    if command.user in jam.members:
        check_rank(jam, command.user, by)
    elif len(command.user) > USER_CODE_POINTS_MAX:
        raise JamRefusal("member_gone")
    if len(jam.doors.banned) >= BANNED_MAX:
        raise JamRefusal("jam_full", f"A Jam bans at most {BANNED_MAX} people; lock it instead.")
    return e.Banned(at=by.at_ms, by=by.user, user=command.user)


def _unban(jam: Jam, command: c.Unban, by: By) -> e.Event | None:
    if command.user not in jam.doors.banned:
        return None
    return e.Unbanned(at=by.at_ms, by=by.user, user=command.user)


def _approve(jam: Jam, command: c.Approve, by: By) -> e.Event | None:
    if command.user in jam.members:
        return None
    knock = jam.doors.knocks.get(command.user)
    if knock is None:
        raise JamRefusal("member_gone")
    return joined(jam, command.user, knock.name, knock.role, by)


def _deny(jam: Jam, command: c.Deny, by: By) -> e.Event | None:
    if command.user not in jam.doors.knocks:
        return None
    return e.Denied(at=by.at_ms, by=by.user, user=command.user)


def _lock(jam: Jam, command: c.Lock, by: By) -> e.Event | None:
    if command.locked == jam.doors.locked:
        return None
    return e.Locked(at=by.at_ms, by=by.user, locked=command.locked)


def _rotate(jam: Jam, command: c.Rotate, by: By) -> e.Event:
    return e.Rotated(at=by.at_ms, by=by.user)


# -- what events make of it -----------------------------------------------------------------------------


def _kicked(jam: Jam, event: e.Kicked) -> Jam:
    return _rekeyed(without_member(jam, event.user))


def _banned(jam: Jam, event: e.Banned) -> Jam:
    if event.user in jam.members:
        jam = without_member(jam, event.user)
    doors = replace(_without_knock(jam.doors, event.user), banned={**jam.doors.banned, event.user: event.at})
    return _rekeyed(replace(jam, doors=doors))


def _unbanned(jam: Jam, event: e.Unbanned) -> Jam:
    banned = {user: at for user, at in jam.doors.banned.items() if user != event.user}
    return replace(jam, doors=replace(jam.doors, banned=banned))


def _denied(jam: Jam, event: e.Denied) -> Jam:
    return replace(jam, doors=_without_knock(jam.doors, event.user))


def _locked(jam: Jam, event: e.Locked) -> Jam:
    return _rekeyed(replace(jam, doors=replace(jam.doors, locked=event.locked)))


def _rotated(jam: Jam, event: e.Rotated) -> Jam:
    return _rekeyed(jam)


def _rekeyed(jam: Jam) -> Jam:
    return replace(jam, doors=replace(jam.doors, generation=jam.doors.generation + 1))


def _without_knock(doors: Doors, user: str) -> Doors:
    return replace(doors, knocks={other: knock for other, knock in doors.knocks.items() if other != user})


RULES: dict[type[c.Command], Rule] = {
    c.Kick: _kick,
    c.Ban: _ban,
    c.Unban: _unban,
    c.Approve: _approve,
    c.Deny: _deny,
    c.Lock: _lock,
    c.Rotate: _rotate,
}
STEPS: dict[type[e.Event], Step] = {
    e.Kicked: _kicked,
    e.Banned: _banned,
    e.Unbanned: _unbanned,
    e.Denied: _denied,
    e.Locked: _locked,
    e.Rotated: _rotated,
}
