"""Three clients with two ops each, in every order of events.

    makes 1, sends 1 ───────► 1 arrives ─────────┐
                    makes 2 ────┴── or makes 2 ──┴─► sends 2 ───► 2 arrives

Each client makes its first op at once, on the same list, and its second at any time: while the first is under
way it waits behind it. The server rebases what arrives, op by op; a client hears of everything before it
makes or sends anything, foreign commits in a row as one composed op. A client's prediction of its own commit
must be that commit to the letter (law L), and all end equal. Knows no client of ours: this is the algebra
alone, so any implementation can be tried on it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby, product
from typing import Final, TypeAlias

from ot.build import insert_at, move_range, remove_range
from ot.document import Document
from ot.fuzz.algebra import Algebra
from ot.fuzz.every import list_of
from ot.fuzz.expect import Broken
from ot.op import Op, encode

CLIENTS: Final = 3
LENGTH: Final = 2

# Who does what: "make" the second op, or have the first or the second "arrive".
_Event: TypeAlias = tuple[int, str]
Schedule: TypeAlias = tuple[_Event, ...]

# What a person does, given the length of the list and a new uid. All in one place, so that they meet.
_KINDS: Final[tuple[Callable[[int, str], Op], ...]] = (
    lambda length, uid: insert_at(length, min(length, 1), [{"uid": uid}]),
    lambda length, uid: remove_range(length, 0, min(length, 1)),
    lambda length, uid: move_range(length, 0, min(length, 1), length),
)


@cache
def schedules() -> tuple[Schedule, ...]:
    """Every order of events but for the clients' names: the n-th client is the n-th to do something."""
    events = [(client, what) for client in range(CLIENTS) for what in ("make", "first", "second")]
    found: list[Schedule] = []

    def extend(schedule: Schedule, left: list[_Event]) -> None:
        if not left:
            found.append(schedule)
        seen = {client for client, _ in schedule}
        for event in left:
            client, what = event
            if client > len(seen) or (what == "second" and len([e for e in left if e[0] == client]) > 1):
                continue
            extend((*schedule, event), [other for other in left if other != event])

    extend((), events)
    return tuple(found)


def meetings(algebra: Algebra, schedule: Schedule) -> int:
    """Plays the schedule with every choice of ops; returns how many there are. Raises Broken."""
    start = list_of(LENGTH)
    played = 0
    for kinds in product(_KINDS, repeat=CLIENTS):
        firsts = [kind(LENGTH, f"{number}.1") for number, kind in enumerate(kinds)]
        clients = [_Client(0, 0, op, op, None, algebra.apply(start, op)) for op in firsts]
        played += _play(algebra, _State(start, (), tuple(clients)), schedule)
    return played


@dataclass(frozen=True, slots=True)
class _Client:
    """`sent`, against version `base`, is under way; `inflight` is the same op carried over what was heard
    since. `pending` waits behind it."""

    version: int
    base: int
    sent: Op | None
    inflight: Op | None
    pending: Op | None
    document: Document


@dataclass(frozen=True, slots=True)
class _State:
    """`history` is (client, op) by version, and `document` what it leads to."""

    document: Document
    history: tuple[tuple[int, Op], ...]
    clients: tuple[_Client, ...]

    def with_client(self, number: int, client: _Client) -> "_State":
        return replace(self, clients=(*self.clients[:number], client, *self.clients[number + 1 :]))


def _play(algebra: Algebra, state: _State, schedule: Schedule) -> int:
    """The rest of a schedule; a second op is tried in every kind."""
    if not schedule:
        for number in range(CLIENTS):
            heard = _hear(algebra, state, number)
            if heard.document != state.document:
                raise Broken(f"{_told(state)} client {number} ends on {heard.document.entries}.")
        return 1
    (number, what), rest = schedule[0], schedule[1:]
    if what == "make":
        client = _hear(algebra, state, number)
        made = [kind(len(client.document.entries), f"{number}.2") for kind in _KINDS]
        return sum(_play(algebra, state.with_client(number, _edit(algebra, client, op)), rest) for op in made)
    state = _arrive(algebra, state, number)
    if state.clients[number].pending is not None:
        state = state.with_client(number, _send(_hear(algebra, state, number)))
    return _play(algebra, state, rest)


def _edit(algebra: Algebra, client: _Client, op: Op) -> _Client:
    client = replace(client, pending=op, document=algebra.apply(client.document, op))
    return _send(client) if client.sent is None else client


def _send(client: _Client) -> _Client:
    op = client.pending
    return replace(client, base=client.version, sent=op, inflight=op, pending=None)


def _arrive(algebra: Algebra, state: _State, number: int) -> _State:
    """The server takes in what the client sent."""
    client = state.clients[number]
    op = client.sent
    assert op is not None, "a schedule lets nothing arrive before it is sent"
    for _, earlier in state.history[client.base :]:
        op = algebra.transform(op, earlier, "right")
    document = algebra.apply(state.document, op)
    return replace(state, document=document, history=(*state.history, (number, op)))


def _hear(algebra: Algebra, state: _State, number: int) -> _Client:
    """The client after everything that was committed reached it."""
    client = state.clients[number]
    for own, commits in groupby(state.history[client.version :], lambda commit: commit[0] == number):
        ops = [op for _, op in commits]
        if own:
            # The second one is sent only after the first was heard, so there is but one in a row.
            if ops != [client.inflight]:
                raise Broken(f"{_told(state)} client {number} had predicted {client.inflight}.")
            client = replace(client, sent=None, inflight=None)
            continue
        remote = ops[0]
        for op in ops[1:]:
            remote = algebra.compose(remote, op)
        waiting = []
        for mine in (client.inflight, client.pending):
            waiting.append(algebra.transform(mine, remote, "right") if mine is not None else None)
            remote = algebra.transform(remote, mine, "left") if mine is not None else remote
        document = algebra.apply(client.document, remote)
        client = replace(client, inflight=waiting[0], pending=waiting[1], document=document)
    return replace(client, version=len(state.history))


def _told(state: _State) -> str:
    """The history so far, for a message."""
    return "; ".join(f"client {number} commits {encode(op)}" for number, op in state.history) + ":"
