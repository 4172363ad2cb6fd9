"""What people think of a song.

A vote is set, never toggled, and each person has one per entry. The score counts those who are awake: votes
of people who have long been away sleep, and wake when they return. Knows members; does not know what the
score does to the queue.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from jam import commands as c
from jam import events as e
from jam import limits
from jam.quorum import electorate, is_reached
from jam.refusal import JamRefusal
from jam.rules import By, Rule, Step
from jam.state import Entry, Jam

UP = 1


def entry_of(jam: Jam, entry_id: str) -> Entry:
    """Raises JamRefusal(entry_gone)."""
    entry = jam.entries.get(entry_id)
    if entry is None:
        raise JamRefusal("entry_gone")
    return entry


def check_vote(jam: Jam, by: By) -> None:
    """Whether `by` may vote now. Raises JamRefusal(votes_frozen, too_many_votes)."""
    if jam.settings.votes_frozen:
        raise JamRefusal("votes_frozen")
    bucket = jam.members[by.user].votes
    retry_after_ms = limits.wait_ms(bucket, limits.votes(jam.settings.limits), by.at_ms)
    if retry_after_ms:
        raise JamRefusal("too_many_votes", retry_after_ms=retry_after_ms)


def _vote(jam: Jam, command: c.Vote, by: By) -> e.Event | None:
    if command.value not in (-UP, 0, UP):
        raise JamRefusal("command_malformed", "A vote is −1, 0 or 1.")
    entry = entry_of(jam, command.entry)
    if entry.votes.get(by.user, 0) == command.value:
        return None
    if command.value < 0 and not jam.settings.down_votes:
        raise JamRefusal("down_votes_off")
    check_vote(jam, by)
    return e.Voted(at=by.at_ms, by=by.user, entry=command.entry, value=command.value)


# -- what events make of it -----------------------------------------------------------------------------


def _voted(jam: Jam, event: e.Voted) -> Jam:
    return voted(jam, event, event.entry, event.value)


def voted(jam: Jam, event: e.Event, entry_id: str, value: int) -> Jam:
    """The Jam after `event.by` has voted; it has cost them a token."""
    entry = jam.entries[entry_id]
    member = jam.members[event.by]
    votes = {**entry.votes, event.by: value}
    if not value:
        del votes[event.by]
    change = 0 if member.asleep else value - entry.votes.get(event.by, 0)
    bucket = limits.spend(member.votes, limits.votes(jam.settings.limits), event.at)
    return replace(
        jam,
        entries={**jam.entries, entry_id: replace(entry, votes=votes, score=entry.score + change)},
        members={**jam.members, event.by: replace(member, votes=bucket)},
    )


def rescored(jam: Jam, users: Iterable[str]) -> Jam:
    """The Jam after these people, members or not, fell asleep, woke, came or went."""
    changed = set(users)
    entries = {
        id: _scored(jam, entry) for id, entry in jam.entries.items() if not changed.isdisjoint(entry.votes)
    }
    return replace(jam, entries={**jam.entries, **entries}) if entries else jam


def without_votes_of(jam: Jam, user: str) -> Jam:
    """The Jam without any vote of somebody who is thrown out or leaves; their songs stay."""
    entries = {
        id: replace(entry, votes={other: value for other, value in entry.votes.items() if other != user})
        for id, entry in jam.entries.items()
        if user in entry.votes
    }
    if user in jam.skip.voters:
        voters = {other: at for other, at in jam.skip.voters.items() if other != user}
        enough = is_reached(voters, electorate(jam, jam.at) - {user})
        due_at = jam.skip.due_at if enough else 0
        jam = replace(jam, skip=replace(jam.skip, voters=voters, due_at=due_at))
    if not entries:
        return jam
    entries = {id: _scored(jam, entry) for id, entry in entries.items()}
    return replace(jam, entries={**jam.entries, **entries})


def recounted(jam: Jam, entry: Entry) -> Entry:
    """An entry that comes back into the queue: without the votes of those who are gone since."""
    votes = {user: value for user, value in entry.votes.items() if user in jam.members}
    return _scored(jam, replace(entry, votes=votes))


def _scored(jam: Jam, entry: Entry) -> Entry:
    members = jam.members
    score = sum(
        value
        for user, value in entry.votes.items()
        if (member := members.get(user)) is not None and not member.asleep
    )
    return entry if score == entry.score else replace(entry, score=score)


RULES: dict[type[c.Command], Rule] = {c.Vote: _vote}
STEPS: dict[type[e.Event], Step] = {e.Voted: _voted}
