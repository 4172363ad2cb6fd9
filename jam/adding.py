"""How songs come into the queue.

A recording waits only once: who adds what waits already votes for it. Guests are held to limits, so that
nobody fills the queue alone. Beneath people's songs lie those of a fallback, a playlist or suggestions, that
play when there are no others.
"""

from typing import Any

from msgspec.structs import replace

from jam import commands as c
from jam import events as e
from jam import limits
from jam.recordings import is_playing, recent_play, recording
from jam.refusal import JamRefusal
from jam.rules import By, Rule, Step, is_steering
from jam.state import Entry, Jam, Member, role_of
from jam.turns import takes_turn
from jam.voting import UP, check_vote, voted


def _add(jam: Jam, command: c.Add, by: By) -> e.Event | None:
    if command.entry in _ids(jam):
        raise JamRefusal("uid_taken")
    wanted = recording(command.track)
    if is_playing(jam, wanted):
        raise JamRefusal("already_playing")
    waiting = _find(jam, wanted)
    if waiting is not None:
        if waiting.votes.get(by.user, 0) == UP:
            return None
        check_vote(jam, by)
        return e.Merged(at=by.at_ms, by=by.user, entry=waiting.id, requested=command.entry)
    steers = is_steering(role_of(jam, by.user))
    if not (command.override and steers):
        _check_recent(jam, wanted, by)
    check_room(jam)
    if not steers:
        _check_guest(jam, command, by)
    return e.Added(at=by.at_ms, by=by.user, entry=command.entry, track=command.track)


def _find(jam: Jam, wanted: str) -> Entry | None:
    """The entry that waits with this recording and would stay if somebody else's were added."""
    found = (entry for entry in jam.entries.values() if recording(entry.track) == wanted)
    return next((entry for entry in found if _stays(jam, entry)), None)


def _stays(jam: Jam, entry: Entry) -> bool:
    """Whether it is more than a song of the fallback that nobody asked for."""
    return takes_turn(entry) or entry.pin > 0 or entry.id in (jam.timeline.entry, jam.next)


def _ids(jam: Jam) -> set[str]:
    """The ids that no new entry can have: also of what played lately, which may come back."""
    return {*jam.entries, *(played.listed.id for played in jam.played)}


def _check_recent(jam: Jam, wanted: str, by: By) -> None:
    """Raises JamRefusal(recently_played). It may be allowed sooner, after enough other songs."""
    played = recent_play(jam, wanted, by.at_ms)
    if played is not None:
        free_at = played.ended_at + jam.settings.times.recent_ms
        raise JamRefusal("recently_played", retry_after_ms=free_at - by.at_ms)


def _check_guest(jam: Jam, command: c.Add, by: By) -> None:
    allowed = jam.settings.limits
    duration_ms = command.track.get("duration_ms")
    if isinstance(duration_ms, int) and duration_ms > allowed.song_ms:
        minutes = allowed.song_ms // 60_000
        raise JamRefusal("song_too_long", f"Guests add songs of at most {minutes} minutes here.")
    own = sum(entry.added_by == by.user for entry in _people(jam))
    if own >= allowed.waiting:
        raise JamRefusal("too_many_waiting", f"Of one guest at most {allowed.waiting} songs may wait here.")
    retry_after_ms = limits.wait_ms(jam.members[by.user].adds, limits.adds(allowed), by.at_ms)
    if retry_after_ms:
        raise JamRefusal("too_many_adds", retry_after_ms=retry_after_ms)


def check_room(jam: Jam) -> None:
    """Whether one more of people's songs may wait. Raises JamRefusal(queue_full)."""
    if len(_people(jam)) >= jam.settings.limits.queue:
        raise JamRefusal("queue_full")


def _people(jam: Jam) -> list[Entry]:
    """What people added and waits."""
    playing = jam.timeline.entry
    return [entry for entry in jam.entries.values() if not entry.fallback and entry.id != playing]


def _fallback(jam: Jam, command: c.Fallback, by: By) -> e.Event | None:
    if len(command.tracks) > jam.settings.limits.fallback:
        raise JamRefusal("queue_full", f"A fallback has at most {jam.settings.limits.fallback} songs here.")
    ids = [entry_id for entry_id, _ in command.tracks]
    if len(set(ids)) < len(ids) or not _ids(jam).isdisjoint(ids):
        raise JamRefusal("uid_taken")
    kept = _kept(jam)
    known = {recording(entry.track) for entry in kept.values()}
    tracks: list[tuple[str, dict[str, Any]]] = []
    for entry_id, track in command.tracks:
        if recording(track) not in known:
            known.add(recording(track))
            tracks.append((entry_id, track))
    if not tracks and len(kept) == len(jam.entries):
        return None
    if len(tracks) + sum(entry.fallback for entry in kept.values()) > jam.settings.limits.fallback:
        raise JamRefusal("queue_full", "With what people want of the old fallback, that is too many songs.")
    return e.FallbackSet(at=by.at_ms, by=by.user, tracks=tracks)


def _kept(jam: Jam) -> dict[str, Entry]:
    """What a new fallback leaves in the queue: people's songs, and what they wanted of the old one."""
    return {id: entry for id, entry in jam.entries.items() if _stays(jam, entry)}


# -- what events make of it -----------------------------------------------------------------------------


def _added(jam: Jam, event: e.Added) -> Jam:
    number = jam.adds + 1
    entry = Entry(
        id=event.entry,
        track=event.track,
        added_by=event.by,
        added_at=event.at,
        added_seq=number,
        rank=number,
        votes={event.by: UP},
        score=0 if jam.members[event.by].asleep else UP,
    )
    return replace(
        jam,
        adds=number,
        entries={**_without_fallback_of(jam, entry), entry.id: entry},
        members=_after_add(jam, event),
    )


def _after_add(jam: Jam, event: e.Added) -> dict[str, Member]:
    if is_steering(role_of(jam, event.by)):
        return jam.members
    member = jam.members[event.by]
    bucket = limits.spend(member.adds, limits.adds(jam.settings.limits), event.at)
    return {**jam.members, event.by: replace(member, adds=bucket)}


def _without_fallback_of(jam: Jam, added: Entry) -> dict[str, Entry]:
    """Somebody wants it now as their own: the fallback need not bring it again."""
    wanted = recording(added.track)
    return {
        id: entry
        for id, entry in jam.entries.items()
        if _stays(jam, entry) or recording(entry.track) != wanted
    }


def _merged(jam: Jam, event: e.Merged) -> Jam:
    return voted(jam, event, event.entry, UP)


def _fallback_set(jam: Jam, event: e.FallbackSet) -> Jam:
    entries = _kept(jam)
    for number, (entry_id, track) in enumerate(event.tracks, jam.adds + 1):
        entries[entry_id] = Entry(
            id=entry_id,
            track=track,
            # Nobody's: what people lift out of it takes turns as if one more person had added it.
            added_by="",
            added_at=event.at,
            added_seq=number,
            rank=number,
            fallback=True,
        )
    return replace(jam, adds=jam.adds + len(event.tracks), entries=entries)


RULES: dict[type[c.Command], Rule] = {c.Add: _add, c.Fallback: _fallback}
STEPS: dict[type[e.Event], Step] = {e.Added: _added, e.Merged: _merged, e.FallbackSet: _fallback_set}
