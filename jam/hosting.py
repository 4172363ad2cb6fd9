"""Who steers, and by which settings.

Exactly one member is host. The role changes hands on purpose, or because the host was away too long: then
somebody acts for them, and the host who returns in time takes the role back, whatever was done with it
meanwhile. Every change raises the reign, and what was commanded in an old one is refused.
"""

from typing import Any

import msgspec
from msgspec.structs import replace

from jam import commands as c
from jam import events as e
from jam.people import with_standing
from jam.refusal import JamRefusal
from jam.rules import By, Rule, Step
from jam.settings import Settings
from jam.state import Jam, Timeline
from jam.timeline import position_at

NAME_CODE_POINTS_MAX = 100
VOLUME_MAX = 100
# Chosen when the Jam is made, by whoever runs the server.
FIXED = frozenset({"times", "limits"})


def _hand_over(jam: Jam, command: c.HandOver, by: By) -> e.Event | None:
    member = jam.members.get(command.user)
    if member is None:
        raise JamRefusal("member_gone")
    if command.user == jam.host:
        return None
    if member.away_at or member.role == "listener":
        raise JamRefusal("forbidden", "Hand over to somebody who is here and takes part.")
    return e.HandedOver(at=by.at_ms, by=by.user, user=command.user)


def _act(jam: Jam, command: c.Act, by: By) -> e.Event | None:
    host = jam.members.get(jam.host)
    if jam.status != "live" or host is None or not host.away_at:
        return None
    if by.at_ms - host.away_at < jam.settings.times.host_away_ms:
        return None
    user = successor(jam)
    return None if user is None else e.Acting(at=by.at_ms, by="", user=user)


def successor(jam: Jam) -> str | None:
    """Who would act for the host: the first co-host who is here, else the participant who is here longest."""
    waiting = [
        (member.role != "cohost", member.since, user)
        for user, member in jam.members.items()
        if user != jam.host and not member.away_at and member.role != "listener"
    ]
    return min(waiting)[2] if waiting else None


def _end(jam: Jam, command: c.End, by: By) -> e.Event:
    if jam.returning and by.at_ms <= jam.returning_until:
        # There is no way back from an end, and the host may be on the way back.
        raise JamRefusal("forbidden", "The host for whom you act may still return, and then ends the Jam.")
    return e.Ended(at=by.at_ms, by=by.user, position_ms=position_at(jam, by.at_ms))


def _set(jam: Jam, command: c.Set, by: By) -> e.Event | None:
    after = changed(jam.settings, command.settings)
    if after == jam.settings:
        return None
    return e.SettingsSet(at=by.at_ms, by=by.user, settings=command.settings)


def changed(settings: Settings, changes: dict[str, Any]) -> Settings:
    """The settings with some of them changed. Raises JamRefusal(setting_invalid)."""
    for name in changes:
        if name in FIXED or name not in Settings.__struct_fields__:
            raise JamRefusal("setting_invalid", f"A Jam has no setting {name!r} to change.")
    try:
        after = msgspec.convert({**msgspec.to_builtins(settings), **changes}, Settings)
    except msgspec.ValidationError as error:
        raise JamRefusal("setting_invalid", f"{error}.") from None
    if not 0 <= after.volume <= VOLUME_MAX:
        raise JamRefusal("setting_invalid", f"The volume is from 0 to {VOLUME_MAX}.")
    if not 0 < len(after.name.strip()) <= NAME_CODE_POINTS_MAX or not after.name.isprintable():
        raise JamRefusal(
            "setting_invalid", f"A Jam's name has 1 to {NAME_CODE_POINTS_MAX} visible characters."
        )
    return after


# -- what events make of it -----------------------------------------------------------------------------


def _handed_over(jam: Jam, event: e.HandedOver) -> Jam:
    jam = with_standing(with_standing(jam, jam.host, "cohost"), event.user, "cohost")
    if event.user == jam.returning:
        jam = replace(jam, returning="", returning_until=0)
    return reigning(jam, event.user)


def _acting(jam: Jam, event: e.Acting) -> Jam:
    # Whoever did not return in time has lost the role to the one who acted, and now is gone as well.
    if not jam.returning or event.at > jam.returning_until:
        until = event.at + jam.settings.times.host_return_ms
        jam = replace(jam, returning=jam.host, returning_until=until)
    return reigning(jam, event.user)


def reigning(jam: Jam, user: str) -> Jam:
    """A new term, under this host."""
    reign = jam.reign + 1
    return replace(jam, host=user, reign=reign, timeline=replace(jam.timeline, reign=reign))


def _ended(jam: Jam, event: e.Ended) -> Jam:
    return replace(
        jam, status="ended", status_at=event.at, timeline=_stopped(jam.timeline, event.position_ms)
    )


def _stopped(timeline: Timeline, position_ms: int) -> Timeline:
    return replace(timeline, paused=True, position_ms=position_ms, reason="ended")


def _settings_set(jam: Jam, event: e.SettingsSet) -> Jam:
    return replace(jam, settings=changed(jam.settings, event.settings))


RULES: dict[type[c.Command], Rule] = {c.HandOver: _hand_over, c.Act: _act, c.End: _end, c.Set: _set}
STEPS: dict[type[e.Event], Step] = {
    e.HandedOver: _handed_over,
    e.Acting: _acting,
    e.Ended: _ended,
    e.SettingsSet: _settings_set,
}
