"""Who is in the Jam, and as what.

Coming in (or knocking, where the host wants to be asked), leaving, and being given a role. Whether a key
opens the door at all is asked here, on the newest state, so no old key survives the event that ended it.
"""

from msgspec.structs import replace

from jam import commands as c
from jam import events as e
from jam.refusal import JamRefusal
from jam.rules import By, Rule, Step, is_steering
from jam.state import Jam, Knock, Member, Standing, role_of
from jam.voting import without_votes_of

# More than a host can look through.
KNOCKS_MAX = 100


def _join(jam: Jam, command: c.Join, by: By) -> e.Event | None:
    user = command.user
    if user in jam.members:
        return None
    doors = jam.doors
    if user in doors.banned or doors.locked or command.generation != doors.generation:
        # One answer for all: who stands outside learns nothing about the Jam.
        raise JamRefusal("key_invalid")
    if jam.settings.approval:
        if user in doors.knocks:
            return None
        if len(doors.knocks) >= KNOCKS_MAX:
            raise JamRefusal("jam_full", "Too many people wait at the door of this Jam.")
        return e.Knocked(at=by.at_ms, by=user, user=user, name=command.name, role=command.role)
    return joined(jam, user, command.name, command.role, by)


def joined(jam: Jam, user: str, name: str, role: Standing, by: By) -> e.Joined:
    """Somebody takes a seat, or listens when no seat is free. Raises JamRefusal(jam_full)."""
    limits = jam.settings.limits
    seated = listening = 0
    for member in jam.members.values():
        if not member.asleep:
            listening += member.role == "listener"
            seated += member.role != "listener"
    if role != "listener" and seated >= limits.seats:
        role = "listener"
    # People asleep keep their place in the list, though not their seat; it is bounded all the same.
    is_crowded = len(jam.members) >= 2 * (limits.seats + limits.listeners)
    if is_crowded or (role == "listener" and listening >= limits.listeners):
        raise JamRefusal("jam_full", f"This Jam is full: {seated} take part and {listening} listen.")
    return e.Joined(at=by.at_ms, by=by.user or user, user=user, name=name, role=role)


def _leave(jam: Jam, command: c.Leave, by: By) -> e.Event:
    if by.user == jam.host and jam.status != "ended":
        raise JamRefusal("host_leaves")
    return e.Left(at=by.at_ms, by=by.user, user=by.user)


def _promote(jam: Jam, command: c.Promote, by: By) -> e.Event | None:
    check_rank(jam, command.user, by)
    if command.role == "cohost" and by.user != jam.host:
        raise JamRefusal("forbidden", "Only the host names co-hosts.")
    if jam.members[command.user].role == command.role:
        return None
    return e.Promoted(at=by.at_ms, by=by.user, user=command.user, role=command.role)


def check_rank(jam: Jam, user: str, by: By) -> None:
    """Whether `by` may decide about another member. Raises JamRefusal(member_gone, forbidden)."""
    role = role_of(jam, user)
    if role is None:
        raise JamRefusal("member_gone")
    if user == by.user or role == "host" or (is_steering(role) and by.user != jam.host):
        raise JamRefusal("forbidden", "That is for the host to decide.")
    if user == jam.returning and by.at_ms <= jam.returning_until:
        raise JamRefusal("forbidden", "You act for this person, who may yet return.")


# -- what events make of it -----------------------------------------------------------------------------


def _knocked(jam: Jam, event: e.Knocked) -> Jam:
    knocks = {**jam.doors.knocks, event.user: Knock(event.name, event.role, event.at)}
    return replace(jam, doors=replace(jam.doors, knocks=knocks))


def _joined(jam: Jam, event: e.Joined) -> Jam:
    member = Member(event.name, event.role, event.at, event.at)
    if jam.status == "dormant":
        jam = replace(jam, status="live", status_at=event.at)
    knocks = {user: knock for user, knock in jam.doors.knocks.items() if user != event.user}
    return replace(
        jam,
        members={**jam.members, event.user: member},
        doors=replace(jam.doors, knocks=knocks) if len(knocks) < len(jam.doors.knocks) else jam.doors,
    )


def _left(jam: Jam, event: e.Left) -> Jam:
    return without_member(jam, event.user)


def without_member(jam: Jam, user: str) -> Jam:
    """Somebody is out: their seat, their votes and their turn are gone, their songs stay."""
    jam = without_votes_of(jam, user)
    return replace(
        jam,
        members={other: member for other, member in jam.members.items() if other != user},
        served={other: served for other, served in jam.served.items() if other != user},
        returning="" if jam.returning == user else jam.returning,
        returning_until=0 if jam.returning == user else jam.returning_until,
    )


def _promoted(jam: Jam, event: e.Promoted) -> Jam:
    return with_standing(jam, event.user, event.role)


def with_standing(jam: Jam, user: str, role: Standing) -> Jam:
    """A member's role, without asking whether they are host besides."""
    return replace(jam, members={**jam.members, user: replace(jam.members[user], role=role)})


RULES: dict[type[c.Command], Rule] = {c.Join: _join, c.Leave: _leave, c.Promote: _promote}
STEPS: dict[type[e.Event], Step] = {
    e.Knocked: _knocked,
    e.Joined: _joined,
    e.Left: _left,
    e.Promoted: _promoted,
}
