"""Long lives of Jams, for whoever only follows: a snapshot, the events, and what they lead to.

Each event carries the digest of the order that it leaves; after every so many, the digest of the whole Jam is
given. Both are those of `tests.jam.plain`. Some lives have the narrow limits at which most refusals happen;
some have room for a queue so long that a replica which keeps its order from one event to the next has
something to keep.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

from jam.events import encode_event
from jam.settings import Limits, Mode
from jam.state import dump
from jam.step import Decided
from tests.jam.lives import LIMITS, MODES, life
from tests.jam.plain import plain_digest, plain_order

Vector = dict[str, Any]

COMMANDS = 320
DIGEST_EVERY = 20
ROOMY = Limits(adds=500, waiting=500, votes=500, chats=50, chat_tail=5)


def jam_logs(random: Random) -> Iterator[Vector]:
    for mode in sorted(set(MODES)):
        yield _log(f"a narrow life in mode {mode}", random, mode, LIMITS)
        yield _log(f"a roomy life in mode {mode}", random, mode, ROOMY)


def _log(name: str, random: Random, mode: Mode, limits: Limits) -> Vector:
    state: Vector = {}
    events: list[Vector] = []
    digests: list[tuple[int, str]] = []
    for moment in life(random, COMMANDS, mode, limits):
        state = state or dump(moment.before.jam)
        if not isinstance(moment.outcome, Decided):
            continue
        after = dump(moment.outcome.jam)
        events.append({**encode_event(moment.outcome.event), "order": plain_digest(plain_order(after))})
        if len(events) % DIGEST_EVERY == 0:
            digests.append((len(events), plain_digest(after)))
    return {"name": name, "given": {"state": state, "events": events}, "expected": {"digests": digests}}
