"""The conformance vectors of the Jam.

`decide`: a snapshot, a command, who gives it and what their node sees, and what it becomes: an event with the
order that it leaves, that order's digest (in the event) and the digest of the Jam after it; or a refusal; or
nothing. Whoever only follows a Jam reads `state` and the event, and checks the rest. `order`: a snapshot,
its order and the digests of both.

Orders and digests are those of `tests.jam.plain`, which shares no code with what they judge. Cases come from
random lives, a few of each kind of outcome of each command; a new command in `tests.jam.lives` is in here.
"""

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

from jam import commands as c
from jam.commands import encode_command
from jam.events import encode_event
from jam.rules import By, Source
from jam.scene import Scene
from jam.state import dump
from jam.step import Decided, step
from tests.jam.lives import MODES, Moment, any_queue, life
from tests.jam.party import Party
from tests.jam.plain import plain_digest, plain_order

Vector = dict[str, Any]

LIVES = 550
COMMANDS = 60
# So many of each event that a command becomes, of each of its refusals, and of the refusals that do not ask
# what a command means; and of each mode.
EVENTS_MAX = 6
REFUSALS_MAX = 2
SAME_FOR_ALL = frozenset({"forbidden", "jam_ended", "old_reign"})
ORDERS = 25


def jams(random: Random) -> Iterator[Vector]:
    seen: Counter[tuple[str, str]] = Counter()
    for _ in range(LIVES):
        for moment in life(random, COMMANDS):
            kind = (_name(moment.command), _outcome_name(moment))
            seen[kind] += 1
            if seen[kind] <= _wanted(moment):
                yield decide_vector(f"{kind[0]}: {kind[1]} {seen[kind]}", moment)
    yield from recounts()
    for mode in sorted(set(MODES)):
        for number in range(ORDERS):
            yield _order(f"order in mode {mode} {number}", dump(any_queue(random, mode)))


def recounts() -> Iterator[Vector]:
    """People leave while others ask for a skip; random lives rarely do that."""
    for name, leaving in (("those who stay are enough", "dee"), ("they are not", "")):
        party = Party(None, "bob", "cem", "dee")
        party.add("ann", "one")
        party.steer("ann", c.Play)
        party.passes(10_000)
        for user in ("bob", "cem"):
            party.do(user, c.VoteSkip(1))
        if leaving:
            party.do(leaving, c.Leave())
        command, by = c.CountSkip(1), By("", party.now_ms, Source.ROOM, party.scene)
        outcome = step(party.lineup, command, by)
        yield decide_vector(f"count_skip: {name}", Moment(party.lineup, command, by, outcome))


def _wanted(moment: Moment) -> int:
    if isinstance(moment.outcome, Decided):
        return EVENTS_MAX
    return 1 if moment.outcome is None or moment.outcome.code in SAME_FOR_ALL else REFUSALS_MAX


def decide_vector(name: str, moment: Moment) -> Vector:
    given = {
        "fn": "decide",
        "state": dump(moment.before.jam),
        "command": encode_command(moment.command),
        "by": _by(moment.by),
    }
    return {"name": name, "given": given, "expected": _expected(moment)}


def _expected(moment: Moment) -> Vector:
    outcome = moment.outcome
    if outcome is None:
        return {"nothing": True}
    if not isinstance(outcome, Decided):
        return {"refused": {"code": outcome.code, "retry_after_ms": outcome.retry_after_ms}}
    after = dump(outcome.jam)
    order = plain_order(after)
    event = {**encode_event(outcome.event), "order": plain_digest(order)}
    return {"event": event, "order": order, "digest": plain_digest(after)}


def _order(name: str, state: Vector) -> Vector:
    order = plain_order(state)
    expected = {"order": order, "order_digest": plain_digest(order), "digest": plain_digest(state)}
    return {"name": name, "given": {"fn": "order", "state": state}, "expected": expected}


def _by(by: By) -> Vector:
    given: Vector = {"user": by.user, "at_ms": by.at_ms, "source": by.source.name.lower()}
    return given if by.scene == Scene() else {**given, "shown": by.scene.shown}


def _name(command: object) -> str:
    return type(command).__name__


def _outcome_name(moment: Moment) -> str:
    outcome = moment.outcome
    if outcome is None:
        return "nothing"
    return _name(outcome.event) if isinstance(outcome, Decided) else outcome.code
