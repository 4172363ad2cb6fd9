"""What somebody in the Jam does next.

Draws from what their role may do, and now and then something that it may not, or that comes too late: these
have to be refused. Knows the SDK's Jam. Does not know what becomes of it.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from jam.commands import Pin
from jam.rules import is_steering
from jam.state import Jam as State
from tutti_client import Given, Jam

# Enough that most adds are new songs, few enough that some meet one that waits, plays or was heard.
SONGS: Final = 400
MODES: Final = ("fair", "votes", "queue", "host")
GONE: Final = "0000000000000000000000.1"


@dataclass(frozen=True, slots=True)
class Move:
    """`give` gives the command, once."""

    name: str
    give: Callable[[], Given[Any]]


_GUEST: Final = {
    "vote": 60, "add": 14, "say": 8, "skip": 5, "unask": 1, "remove_own": 2, "vote_gone": 1, "pause": 1,
    "delete_message": 1,
}  # fmt: skip
_STEERING: Final = {
    "vote": 30, "add": 6, "say": 6, "skip": 4, "pin": 10, "unpin": 8, "remove": 4, "veto": 4, "next": 0.5,
    "play_now": 0.5, "previous": 0.5, "seek": 4, "seek_beyond": 1, "pause": 1, "mode": 3, "volume": 3,
    "move": 6, "shuffle": 1, "freeze": 1, "stale_reign": 2, "delete_message": 2, "clear": 0.1,
}  # fmt: skip


def next_move(jam: Jam, draw: random.Random) -> Move:
    """Whoever steers sees to it that the music plays."""
    state, steers = jam.state, is_steering(jam.role)
    if steers and state.timeline.paused and draw.random() < 0.5:
        return Move("play", jam.play)
    if steers and state.settings.votes_frozen:
        return Move("set", lambda: jam.set(votes_frozen=False))
    wishes = _STEERING if steers else _GUEST
    [wish] = draw.choices(list(wishes), list(wishes.values()))
    return _move(wish, jam, state, draw)


def song(draw: random.Random) -> dict[str, Any]:
    """A song of one to four seconds."""
    number = draw.randrange(SONGS)
    return {"track": f"soak:{number}", "title": f"Song {number}", "duration_ms": draw.randint(1_000, 4_000)}


def _move(wish: str, jam: Jam, state: State, draw: random.Random) -> Move:
    me = jam.replica.user
    entries = [entry for entry in state.entries.values() if entry.id != state.timeline.entry]
    entry = draw.choice(entries) if entries else None
    some = GONE if entry is None else entry.id
    match wish:
        case "vote" if entry is not None:
            value = 0 if entry.votes.get(me) else 1
            return Move("vote", lambda: jam.vote(some, value))
        case "vote_gone":
            return Move("vote", lambda: jam.vote(GONE))
        case "say":
            return Move("say", lambda: jam.say(f"line {draw.randrange(1000)}"))
        case "delete_message" if state.chat:
            return Move("delete_message", lambda: jam.delete_message(draw.choice(state.chat).id))
        case "skip" | "unask":
            return Move("skip", lambda: jam.skip(wish == "skip"))
        case "remove_own":
            own = next((entry.id for entry in entries if entry.added_by == me), GONE)
            return Move("remove", lambda: jam.remove(own))
        case "remove":
            return Move("remove", lambda: jam.remove(some))
        case "pin":
            return Move("pin", lambda: jam.pin(some))
        case "unpin":
            pinned = next((entry.id for entry in entries if entry.pin), some)
            return Move("unpin", lambda: jam.unpin(pinned))
        case "move":
            return Move("move", lambda: jam.move(some))
        case "next":
            return Move("next", jam.next)
        case "previous":
            return Move("previous", jam.previous)
        case "play_now":
            return Move("play_now", lambda: jam.play_now(some))
        case "veto":
            return Move("veto", jam.veto)
        case "pause":
            return Move("pause", jam.pause)
        case "seek":
            return Move("seek", lambda: jam.seek(draw.randrange(1_000)))
        case "seek_beyond":
            return Move("seek", lambda: jam.seek(5_000_000))
        case "mode":
            return Move("set", lambda: jam.set(mode=draw.choice(MODES)))
        case "volume":
            return Move("set", lambda: jam.set(volume=draw.randrange(101)))
        case "freeze":
            return Move("set", lambda: jam.set(votes_frozen=True))
        case "shuffle":
            return Move("shuffle", jam.shuffle)
        case "clear":
            return Move("clear", jam.clear)
        case "stale_reign":
            return Move("pin", lambda: jam.give(Pin(some, reign=state.reign - 1)))
    return Move("add", lambda: jam.add(song(draw)))
