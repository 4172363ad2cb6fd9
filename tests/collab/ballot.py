"""A small kind of document that is decided, not rebased.

A ballot: members vote, the teller lets people in and out, and it closes by itself. What is submitted (`do`)
becomes an event (`event`) by the newest state; members stand in the state; time and absence want something of
it. As small as a kind can be that needs all of what a room offers to the Jam.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from collab.errors import Refusal
from collab.kind import Author, Roles, Scene
from collab.messages import Body

AWAY_MS = 1000


@dataclass(frozen=True)
class Ballot:
    """`closes_ms`: when it closes by itself. `wants`: commands that time wants at every moment, for ever."""

    roles: Roles
    votes: dict[str, int] = field(default_factory=dict)
    away: tuple[str, ...] = ()
    closes_ms: int | None = None
    is_closed: bool = False
    wants: tuple[str, ...] = ()
    count: int = 0


def decide(ballot: Ballot, command: Body, author: Author) -> Body | None:
    """The event that a command becomes; None: nothing changes. Raises Refusal."""
    role = ballot.roles.get(author.user)
    match command:
        case {"do": "vote", "value": int(value)}:
            if ballot.is_closed or role is None:
                raise Refusal("forbidden")
            if ballot.votes.get(author.user) == value:
                return None
            return {"event": "voted", "by": author.user, "value": value}
        case {"do": "join", "role": str(granted)} if author.is_server:
            if role is not None:
                return None
            return {"event": "joined", "by": author.user, "role": granted, "name": author.name}
        case {"do": "kick", "user": str(user)}:
            if role != "host":
                raise Refusal("forbidden")
            return {"event": "kicked", "user": user} if user in ballot.roles else None
        case {"do": "close"} if author.is_room:
            return None if ballot.is_closed else {"event": "closed", "at": author.now_ms}
        case {"do": "away", "user": str(user)} if author.is_room:
            is_back = user in author.scene.here
            return None if is_back or user in ballot.away else {"event": "away", "user": user}
        case {"do": "count"} if author.is_room:
            return {"event": "counted"}
        case {"do": "nothing"} if author.is_room:
            return None
        case {"do": "size"}:
            return {"event": "sized", "note": "x" * int(command["bytes"])}
    raise Refusal("forbidden")


def reduce(ballot: Ballot, event: Body) -> Ballot:
    match event["event"]:
        case "voted":
            return replace(ballot, votes={**ballot.votes, event["by"]: event["value"]})
        case "joined":
            return replace(ballot, roles={**ballot.roles, event["by"]: event["role"]})
        case "kicked":
            return replace(
                ballot, roles={user: role for user, role in ballot.roles.items() if user != event["user"]}
            )
        case "away":
            return replace(ballot, away=(*ballot.away, event["user"]))
        case "closed":
            return replace(ballot, is_closed=True)
        case "counted":
            return replace(ballot, count=ballot.count + 1)
    return ballot


class BallotDraft:
    def __init__(self, ballot: Ballot) -> None:
        self.ballot = ballot

    def accept(self, change: Body, author: Author) -> Body | None:
        event = decide(self.ballot, change, author)
        if event is not None:
            self.ballot = reduce(self.ballot, event)
        return event

    def apply(self, change: Body) -> None:
        self.ballot = reduce(self.ballot, change)

    def replay(self, change: Body, author: Author) -> None:
        if change.get("by", author.user) != author.user:
            raise Refusal("forbidden", "The event bears another name than its author's.")
        self.apply(change)

    def roles(self) -> Roles:
        return self.ballot.roles


class BallotState:
    def __init__(self, ballot: Ballot) -> None:
        self.ballot = ballot

    def draft(self) -> BallotDraft:
        return BallotDraft(self.ballot)

    def absorb(self, draft: BallotDraft) -> None:
        self.ballot = draft.ballot

    def view(self) -> Body:
        return dump(self.ballot)

    def dump(self) -> Body:
        return dump(self.ballot)

    def digest(self) -> str:
        return str(hash(str(sorted(self.view().items(), key=str))))

    def roles(self) -> Roles:
        return self.ballot.roles

    def proposals(self, scene: Scene, now_ms: int) -> tuple[Sequence[Body], int | None]:
        ballot = self.ballot
        wanted: list[Body] = [{"do": what} for what in ballot.wants]
        due: list[int] = []
        for user, left_ms in scene.left_ms.items():
            if user in ballot.roles and user not in ballot.away:
                if now_ms >= left_ms + AWAY_MS:
                    wanted.append({"do": "away", "user": user})
                else:
                    due.append(left_ms + AWAY_MS)
        if ballot.closes_ms is not None and not ballot.is_closed:
            if now_ms >= ballot.closes_ms or "close" in scene.shown.get("hal", {}):
                wanted.append({"do": "close"})
            else:
                due.append(ballot.closes_ms)
        return wanted, min(due, default=None)

    @property
    def at_ms(self) -> int:
        return 0

    @property
    def lives(self) -> bool:
        return not self.ballot.is_closed


class BallotKind:
    name = "ballot"
    proposes = True
    algebra = None

    def load(self, snapshot: Body) -> BallotState:
        return BallotState(Ballot(**{**snapshot, **{key: tuple(snapshot[key]) for key in ("away", "wants")}}))

    def decode(self, body: Body) -> Body:
        if not isinstance(body.get("do"), str):
            raise Refusal("op_malformed")
        return body

    def tracks(self, change: Body) -> frozenset[str]:
        return frozenset()

    def read(self, body: Body) -> Body:
        if not isinstance(body.get("event"), str):
            raise Refusal("op_malformed")
        return body

    def encode(self, change: Body) -> Body:
        return change


def dump(ballot: Ballot) -> dict[str, Any]:
    return {
        "roles": dict(ballot.roles),
        "votes": ballot.votes,
        "away": list(ballot.away),
        "closes_ms": ballot.closes_ms,
        "is_closed": ballot.is_closed,
        "wants": list(ballot.wants),
        "count": ballot.count,
    }
