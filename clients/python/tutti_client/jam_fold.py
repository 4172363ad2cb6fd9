"""The rules of a Jam, as a replica asks for them.

The same pure package that the server runs. A state is a `jam.lineup.Lineup`: the Jam and its queue's order.
Knows how bodies become events and commands. Does not know how they travel.
"""

from collections.abc import Mapping, Sequence

import msgspec

from collab.messages import Body
from jam.commands import decode_command
from jam.decide import decide
from jam.digest import digest, order_digest
from jam.events import decode_event
from jam.lineup import Lineup
from jam.reduce import reduce
from jam.refusal import JamRefusal
from jam.rules import By as JamBy
from jam.state import load
from tutti_client.fold import By, Unfit


class JamFold:
    """A `Fold[Lineup]`."""

    def load(self, snapshot: Body) -> Lineup:
        try:
            return Lineup(load(snapshot))
        except msgspec.ValidationError as error:
            raise Unfit(f"The snapshot is no Jam that this program knows: {error}") from error

    def reduce(self, state: Lineup, event: Body) -> Lineup:
        try:
            return state.followed_by(reduce(state.jam, decode_event(event)))
        except (msgspec.ValidationError, LookupError, JamRefusal) as error:
            # A refusal: a newer server has settings that this program does not know.
            raise Unfit(f"The event does not fit the Jam: {error}") from error

    def predict(self, state: Lineup, command: Body, by: By, at_ms: int) -> Lineup:
        """What this node cannot see (how far away others are) is not foreseen: starts come somewhat later."""
        try:
            event = decide(state.jam, decode_command(command), JamBy(by.user, at_ms))
        except (msgspec.ValidationError, JamRefusal):
            return state
        return state if event is None else state.followed_by(reduce(state.jam, event))

    def digest(self, state: Lineup) -> str:
        return digest(state.jam)

    def order_digest(self, state: Lineup) -> str:
        return order_digest(state.order())

    def adds(self, command: Body) -> Sequence[str]:
        match command["do"]:
            case "add":
                return [command["entry"]]
            case "fallback":
                return [entry for entry, _ in command["tracks"]]
        return []

    def renamed(self, command: Body, names: Mapping[str, str]) -> Body:
        renamed = dict(command)
        for field in ("entry", "before"):
            if field in command:
                renamed[field] = names.get(command[field], command[field])
        if "tracks" in command:
            renamed["tracks"] = [[names.get(entry, entry), track] for entry, track in command["tracks"]]
        return renamed
