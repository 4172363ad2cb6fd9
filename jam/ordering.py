"""Putting the queue in order by hand.

Pins stand above all votes. In modes `queue` and `host` every entry has a place, and a move gives it another:
those between change places with it, so that ranks stay the same few numbers. A shuffle does that with all
of the fallback, by hashes that everybody computes alike.
"""

from collections.abc import Sequence
from hashlib import sha256

from msgspec.structs import replace

from jam import commands as c
from jam import events as e
from jam.adding import check_room
from jam.queue import is_by_hand
from jam.refusal import JamRefusal
from jam.rules import By, Rule, Step, is_steering
from jam.state import Entry, Jam, role_of
from jam.voting import entry_of

SEED_CODE_POINTS_MAX = 64


def _remove(jam: Jam, command: c.Remove, by: By) -> e.Event | None:
    entry = entry_of(jam, command.entry)
    if entry.added_by != by.user and not is_steering(role_of(jam, by.user)):
        raise JamRefusal("forbidden", "Only your own songs can be taken out by you.")
    if entry.id == jam.timeline.entry:
        raise JamRefusal("entry_fixed", "It plays; skip it instead.")
    return e.Removed(at=by.at_ms, by=by.user, entry=entry.id)


def _clear(jam: Jam, command: c.Clear, by: By) -> e.Event | None:
    if len(_cleared_entries(jam)) == len(jam.entries):
        return None
    return e.Cleared(at=by.at_ms, by=by.user)


def _pin(jam: Jam, command: c.Pin, by: By) -> e.Event | None:
    entry = _movable(jam, command.entry)
    if command.before and not entry_of(jam, command.before).pin:
        raise JamRefusal("entry_fixed", "The entry to pin it before is not pinned.")
    if entry.pin and _pinned_ids(jam, entry.id, command.before) == [other.id for other in _pins(jam)]:
        return None
    return e.Pinned(at=by.at_ms, by=by.user, entry=entry.id, before=command.before)


def _unpin(jam: Jam, command: c.Unpin, by: By) -> e.Event | None:
    if not entry_of(jam, command.entry).pin:
        return None
    return e.Unpinned(at=by.at_ms, by=by.user, entry=command.entry)


def _move(jam: Jam, command: c.Move, by: By) -> e.Event | None:
    if not is_by_hand(jam):
        raise JamRefusal("not_by_hand")
    if jam.settings.mode == "host" and not is_steering(role_of(jam, by.user)):
        raise JamRefusal("forbidden", "Only host and co-host put this queue in order.")
    entry = _movable(jam, command.entry)
    if command.before == entry.id:
        return None
    for other in (entry, _movable(jam, command.before) if command.before else entry):
        if other.pin:
            raise JamRefusal("entry_fixed", "What is pinned has its place above the others.")
    moved = _moved_entries(jam, entry.id, command.before)
    if moved == jam.entries:
        return None
    if moved[entry.id].fallback != entry.fallback:
        check_room(jam)
    return e.Moved(at=by.at_ms, by=by.user, entry=entry.id, before=command.before)


def _shuffle(jam: Jam, command: c.Shuffle, by: By) -> e.Event | None:
    if len(command.seed) > SEED_CODE_POINTS_MAX:
        raise JamRefusal("command_malformed", f"A seed has at most {SEED_CODE_POINTS_MAX} code points.")
    if not any(entry.fallback for entry in jam.entries.values()):
        return None
    return e.Shuffled(at=by.at_ms, by=by.user, seed=command.seed)


def _movable(jam: Jam, entry_id: str) -> Entry:
    """Raises JamRefusal(entry_gone, entry_fixed)."""
    entry = entry_of(jam, entry_id)
    if entry_id == jam.timeline.entry:
        raise JamRefusal("entry_fixed", "It plays already.")
    if entry_id == jam.next:
        raise JamRefusal("entry_fixed", "It is the next to play, and everybody fetches it already.")
    return entry


# -- what events make of it -----------------------------------------------------------------------------


def _removed(jam: Jam, event: e.Removed) -> Jam:
    entries = {id: entry for id, entry in jam.entries.items() if id != event.entry}
    return _with_entries(jam, entries)


def _cleared(jam: Jam, event: e.Cleared) -> Jam:
    return _with_entries(jam, _cleared_entries(jam))


def _cleared_entries(jam: Jam) -> dict[str, Entry]:
    return {id: entry for id, entry in jam.entries.items() if entry.fallback or id == jam.timeline.entry}


def _with_entries(jam: Jam, entries: dict[str, Entry]) -> Jam:
    """What was to be next is so no longer if it is not there."""
    return replace(jam, entries=entries, next=jam.next if jam.next in entries else "")


def _pinned(jam: Jam, event: e.Pinned) -> Jam:
    entries = dict(jam.entries)
    for number, id in enumerate(_pinned_ids(jam, event.entry, event.before), 1):
        if entries[id].pin != number:
            entries[id] = replace(entries[id], pin=number)
    return replace(jam, entries=entries)


def _pinned_ids(jam: Jam, entry_id: str, before: str) -> list[str]:
    """The pinned ones in their order once this one stands there."""
    if before == entry_id:
        return [entry.id for entry in _pins(jam)]
    ids = [entry.id for entry in _pins(jam) if entry.id != entry_id]
    ids.insert(ids.index(before) if before in ids else len(ids), entry_id)
    return ids


def _pins(jam: Jam) -> list[Entry]:
    pinned = (entry for entry in jam.entries.values() if entry.pin and entry.id != jam.timeline.entry)
    return sorted(pinned, key=lambda entry: entry.pin)


def _unpinned(jam: Jam, event: e.Unpinned) -> Jam:
    entry = replace(jam.entries[event.entry], pin=0)
    return replace(jam, entries={**jam.entries, event.entry: entry})


def _moved(jam: Jam, event: e.Moved) -> Jam:
    return replace(jam, entries=_moved_entries(jam, event.entry, event.before))


def _moved_entries(jam: Jam, entry_id: str, before: str) -> dict[str, Entry]:
    """The entries once this one stands before the other, or (empty) at the end of its kind. A song of the
    fallback that is put among people's becomes one of theirs; one of theirs goes no lower than their end."""
    entries = dict(jam.entries)
    moved = entries[entry_id]
    if moved.fallback and before and not entries[before].fallback:
        moved = entries[entry_id] = replace(moved, fallback=False)
    ranked = sorted(entries.values(), key=_by_rank)
    kind = [entry.id for entry in ranked if entry.fallback == moved.fallback]
    target = [id for id in kind if id != entry_id]
    target.insert(target.index(before) if before in target else len(target), entry_id)
    return {**entries, **_ranked(entries, kind, target)}


def _shuffled(jam: Jam, event: e.Shuffled) -> Jam:
    kind = [entry.id for entry in sorted(jam.entries.values(), key=_by_rank) if entry.fallback]
    target = sorted(kind, key=lambda id: (sha256((event.seed + id).encode()).digest(), id))
    return replace(jam, entries={**jam.entries, **_ranked(jam.entries, kind, target)})


def _ranked(entries: dict[str, Entry], kind: Sequence[str], target: Sequence[str]) -> dict[str, Entry]:
    """Those that change their place: `kind` in its present order, `target` in the new one."""
    places = sorted(entries[id].rank for id in kind)
    return {
        id: replace(entries[id], rank=rank)
        for id, rank in zip(target, places, strict=True)
        if entries[id].rank != rank
    }


def _by_rank(entry: Entry) -> tuple[int, int]:
    return (entry.rank, entry.added_seq)


RULES: dict[type[c.Command], Rule] = {
    c.Remove: _remove,
    c.Clear: _clear,
    c.Pin: _pin,
    c.Unpin: _unpin,
    c.Move: _move,
    c.Shuffle: _shuffle,
}
STEPS: dict[type[e.Event], Step] = {
    e.Removed: _removed,
    e.Cleared: _cleared,
    e.Pinned: _pinned,
    e.Unpinned: _unpinned,
    e.Moved: _moved,
    e.Shuffled: _shuffled,
}
