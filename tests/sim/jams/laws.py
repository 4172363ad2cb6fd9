"""What every step of a Jam keeps.

Laws over (the Jam before, an event, the Jam after), written without the rules that decide: what the
simulation folds comes from the same reducer as everybody's, so what it must amount to is said here once more,
in other words. Knows the promises of a Jam. Does not know who submitted what.
"""

from typing import Final

from jam import events as e
from jam.state import Entry, Jam, role_of
from tests.sim.oracle import expect

_ENDS_KEYS: Final = (e.Kicked, e.Banned, e.Locked, e.Rotated)
_TAKES_OUT: Final = (e.Removed, e.Cleared, e.Advanced, e.FallbackSet, e.Added)
_PUTS_IN: Final = (e.Added, e.FallbackSet, e.Advanced)


def check_step(before: Jam, event: e.Event, after: Jam) -> None:
    """All of them. Raises Violation."""
    expect(event.at >= before.at, "room time fell")
    expect(after.at == event.at, "the Jam is as old as its last event")
    expect(before.status != "ended" or isinstance(event, e.Left), "something happened after the end")
    _check_host(before, event, after)
    _check_people(before, event, after)
    _check_votes(after)
    _check_play(before, event, after)
    _check_entries(before, event, after)
    _check_absence(before, event)


def _check_host(before: Jam, event: e.Event, after: Jam) -> None:
    is_over = after.status == "ended"
    expect(after.host in after.members or is_over, "the host is no member")
    expect(after.reign >= before.reign, "the reign fell")
    expect(after.host == before.host or after.reign > before.reign, "another host in the same reign")
    times = before.settings.times
    match event:
        case e.Acting():
            host = before.members[before.host]
            is_due = 0 < host.away_at <= event.at - times.host_away_ms
            expect(is_due, "somebody acts for a host who is here")
            acting = before.members[event.user]
            expect(not acting.away_at and acting.role != "listener", "who acts for the host is not here")
        case e.CameBack() if event.host:
            is_in_time = event.host == before.returning and event.at <= before.returning_until
            expect(is_in_time and event.host in event.users, "a host took back what was lost")
        case e.HandedOver():
            expect(event.by == before.host, "somebody else handed over")
        case _:
            expect(after.host == before.host, "the host changed without a word")


def _check_people(before: Jam, event: e.Event, after: Jam) -> None:
    raised = isinstance(event, _ENDS_KEYS)
    expect(after.doors.generation == before.doors.generation + raised, "keys outlived what ends them")
    gone = before.members.keys() - after.members.keys()
    came = after.members.keys() - before.members.keys()
    match event:
        case e.Kicked() | e.Banned() | e.Left():
            expect(event.user not in after.members, "somebody stayed who was to go")
            expect(gone <= {event.user} and not came, "somebody else went")
            expect(event.user != before.host or before.status == "ended", "the host went")
        case e.Joined():
            expect(came <= {event.user} and not gone, "somebody else came")
            expect(event.user not in before.doors.banned, "somebody banned came in")
        case _:
            expect(not gone and not came, "somebody came or went without a word")


def _check_votes(after: Jam) -> None:
    awake = {user for user, member in after.members.items() if not member.asleep}
    for entry in after.entries.values():
        expect(entry.votes.keys() <= after.members.keys(), "somebody votes who is no member")
        score = sum(value for user, value in entry.votes.items() if user in awake)
        expect(entry.score == score, f"the score of {entry.id} is {entry.score}, its votes are {score}")
        expect(all(value in (-1, 1) for value in entry.votes.values()), "a vote is more than one")
    expect(after.skip.voters.keys() <= after.members.keys(), "somebody asks for a skip who is no member")


def _check_play(before: Jam, event: e.Event, after: Jam) -> None:
    timeline = before.timeline
    if not isinstance(event, e.Advanced):
        expect(after.plays == before.plays, "a play began without a word")
        same = (after.timeline.play, after.timeline.entry) == (timeline.play, timeline.entry)
        expect(same, "what plays changed without a word")
        if isinstance(event, e.Paused) and event.reason == "restart":
            expect(event.at - before.at > before.settings.times.restart_ms, "interrupted while it was kept")
        return
    expect(event.play == timeline.play, f"play {event.play} ended while {timeline.play} was on")
    expect(after.plays == before.plays + (event.entry != ""), "play ids count by one")
    expect(after.timeline.entry == event.entry, "the event says what plays")
    if not event.entry:
        expect(after.timeline.play == timeline.play, "nothing plays, under a new name")
    if event.ending == "skipped":
        expect(0 < before.skip.due_at <= event.at and not before.skip.vetoed, "a skip came too early")
    if event.ending == "finished" and not event.by and timeline.entry:
        expect(not timeline.paused and _is_over(before.entries[timeline.entry], before, event.at), "cut off")


def _is_over(playing: Entry, jam: Jam, at_ms: int) -> bool:
    duration = playing.track.get("duration_ms")
    timeline = jam.timeline
    return duration is not None and at_ms >= timeline.anchor_ms + duration - timeline.position_ms


def _check_entries(before: Jam, event: e.Event, after: Jam) -> None:
    gone = before.entries.keys() - after.entries.keys()
    came = after.entries.keys() - before.entries.keys()
    expect(not gone or isinstance(event, _TAKES_OUT), "songs vanished")
    expect(not came or isinstance(event, _PUTS_IN), "songs appeared")
    match event:
        case e.Removed():
            expect(gone == {event.entry}, "another song was taken out")
        case e.Advanced():
            expect(gone <= {before.timeline.entry} and len(came) <= event.again, "other songs went or came")
        case e.Added() | e.FallbackSet():
            expect(all(before.entries[id].fallback for id in gone), "somebody's songs made room for others")
        case _:
            pass


def _check_absence(before: Jam, event: e.Event) -> None:
    times = before.settings.times
    members = before.members
    match event:
        case e.FellAsleep():
            slept = all(0 < members[user].away_at <= event.at - times.asleep_ms for user in event.users)
            expect(slept, "votes of somebody fell asleep who is here")
        case e.FellDormant():
            gone = all(0 < member.away_at <= event.at - times.empty_ms for member in members.values())
            expect(gone, "the Jam fell dormant with somebody in it")
        case e.Ended() if not event.by:
            is_due = before.status == "dormant" and event.at - before.status_at >= times.dormant_ms
            expect(is_due, "the Jam ended by itself")
        case e.Ticked():
            expect(event.at - before.at >= times.tick_ms, "a tick though something happened")
        case _:
            pass


def roles_of(jam: Jam) -> dict[str, str]:
    """The members' table as it should be."""
    return {user: str(role_of(jam, user)) for user in jam.members}
