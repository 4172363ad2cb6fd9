"""What people, and time, ask of a Jam.

A command says what somebody wants; it is decided on the newest state and becomes an event or a refusal. On
the wire it is a map with its name under `do`. Those of host and co-host name the reign they were given in, so
that a device that still believes to be host changes nothing. Those under "the room" are proposed by nodes,
those under "the server" come from its HTTP side; a client's are refused.
"""

from typing import Any, Final, get_args

import msgspec
from msgspec import Struct

from jam.state import Standing


class Command(Struct, frozen=True, tag_field="do"):
    """Root of all commands."""


class Steering(Command, frozen=True, kw_only=True):
    """Root of what host and co-host do. `reign` is looked at where one of them acts; a guest to whom a switch
    allows the same command may leave it out."""

    reign: int = 0


# -- the queue ------------------------------------------------------------------------------------------


class Add(Command, frozen=True, tag="add"):
    """`entry` is the id, `<client id>.<n>`. `override`: even if it was played recently (host, co-host)."""

    entry: str
    track: dict[str, Any]
    override: bool = False


class Vote(Command, frozen=True, tag="vote"):
    """Sets one's vote: −1, 0 or 1. Saying it twice changes nothing."""

    entry: str
    value: int


class Remove(Steering, frozen=True, tag="remove"):
    """Takes an entry out: one's own, or any for host and co-host."""

    entry: str


class Clear(Steering, frozen=True, tag="clear"):
    """Takes out all that waits and people added."""


class Pin(Steering, frozen=True, tag="pin"):
    """Puts an entry above all votes, before another pinned one or (empty) behind all pinned ones."""

    entry: str
    before: str = ""


class Unpin(Steering, frozen=True, tag="unpin"):
    """Puts a pinned entry back where votes or hands have it."""

    entry: str


class Move(Steering, frozen=True, tag="move"):
    """Reorders by hand, in modes `queue` and `host`: before another waiting entry, or (empty) to the end."""

    entry: str
    before: str = ""


class Shuffle(Steering, frozen=True, tag="shuffle"):
    """Reorders the fallback; `seed` is any text that the client drew."""

    seed: str


class Fallback(Steering, frozen=True, tag="fallback"):
    """Replaces the songs that play when people's are out: (entry id, track) each."""

    tracks: list[tuple[str, dict[str, Any]]]


# -- the music ------------------------------------------------------------------------------------------


class Play(Steering, frozen=True, tag="play"):
    """Goes on, or begins with the first in the queue."""


class Pause(Steering, frozen=True, tag="pause"):
    """Stops the music where it is."""


class Seek(Steering, frozen=True, tag="seek"):
    """Goes on from `position_ms` of the play named."""

    play: int
    position_ms: int


class Next(Steering, frozen=True, tag="next"):
    """Ends the play named, if it is the one playing."""

    play: int


class Previous(Steering, frozen=True, tag="previous"):
    """Starts the song again, or in its first seconds the one before it."""

    play: int


class PlayNow(Steering, frozen=True, tag="play_now"):
    """Ends what plays and starts this entry; if it plays already, as `play`."""

    entry: str


class VoteSkip(Command, frozen=True, tag="skip"):
    """Asks (or no longer asks) to skip the play named; ignored unless it is the one playing. Who added the
    song withdraws it with this at once."""

    play: int
    value: bool = True


class Veto(Steering, frozen=True, tag="veto"):
    """Stops the countdown to a skip that was voted."""

    play: int


class Unplayable(Command, frozen=True, tag="unplayable"):
    """What plays cannot be played: host's or co-host's word ends it, and its adder loses no turn."""

    play: int


# -- people ---------------------------------------------------------------------------------------------


class Leave(Command, frozen=True, tag="leave"):
    """The host has to hand over or end first."""


class Kick(Steering, frozen=True, tag="kick"):
    """Throws somebody out and ends all keys; by a new one they may return."""

    user: str


class Ban(Steering, frozen=True, tag="ban"):
    """As `kick`, and no key lets them in; also for somebody who is not here."""

    user: str


class Unban(Steering, frozen=True, tag="unban"):
    """Keys let them in again."""

    user: str


class Promote(Steering, frozen=True, tag="promote"):
    """Makes somebody a co-host, a guest or a listener."""

    user: str
    role: Standing


class Approve(Steering, frozen=True, tag="approve"):
    """Lets somebody in who knocked."""

    user: str


class Deny(Steering, frozen=True, tag="deny"):
    """Sends somebody away who knocked."""

    user: str


class Lock(Steering, frozen=True, tag="lock"):
    """Locks or unlocks the door; old keys do not open it again."""

    locked: bool


class Rotate(Steering, frozen=True, tag="rotate"):
    """Ends all codes and invite links made so far."""


class HandOver(Steering, frozen=True, tag="hand_over"):
    """Makes somebody host who is here and takes part; the old host becomes a co-host."""

    user: str


class End(Steering, frozen=True, tag="end"):
    """The Jam is over: it can be read, and nothing else. Not while an acting host's host may return."""


class Set(Steering, frozen=True, tag="set"):
    """Changes settings by name; see `jam.settings`. Guests may set `volume` where a switch allows it."""

    settings: dict[str, Any]


# -- chat -----------------------------------------------------------------------------------------------


class Say(Command, frozen=True, tag="say"):
    """Writes a line into the chat."""

    text: str


class DeleteMessage(Steering, frozen=True, tag="delete_message"):
    """One's own, or anybody's for host and co-host."""

    message: int


# -- the server, for somebody who is at the door ------------------------------------------------------------


class Join(Command, frozen=True, tag="join"):
    """With a key of this generation."""

    user: str
    name: str
    role: Standing
    generation: int


# -- the room, when time or presence wants it ---------------------------------------------------------------


class Away(Command, frozen=True, tag="away"):
    """No connection on the node that proposes it; another one may answer with `back`."""

    users: list[str]


class Back(Command, frozen=True, tag="back"):
    """The node that proposes it has a connection of theirs. Those in `seen` have had it all along: another
    node doubted that they are here."""

    users: list[str]
    seen: list[str] = []


class Asleep(Command, frozen=True, tag="asleep"):
    """Away so long that their votes do not count."""

    users: list[str]


class Act(Command, frozen=True, tag="act"):
    """The host was away too long: somebody acts for them."""


class FallDormant(Command, frozen=True, tag="fall_dormant"):
    """Nobody is left."""


class Expire(Command, frozen=True, tag="expire"):
    """Dormant for so long that the Jam ends."""


class Tick(Command, frozen=True, tag="tick"):
    """The music goes on and nothing else happens."""


class Interrupt(Command, frozen=True, tag="interrupt"):
    """No server kept this log for a while: the music pauses where it stood."""


class Silence(Command, frozen=True, tag="silence"):
    """In speaker mode, the speaker is gone."""


class LockNext(Command, frozen=True, tag="lock_next"):
    """The first that waits will be next."""


class Advance(Command, frozen=True, tag="advance"):
    """The play named is over, or (0, or the last one) something can begin at last."""

    play: int


class CountSkip(Command, frozen=True, tag="count_skip"):
    """People left: those who want the skip are enough by now, or not any more."""

    play: int


class SkipNow(Command, frozen=True, tag="skip_now"):
    """The countdown to a skip has run out."""

    play: int


class Correct(Command, frozen=True, tag="correct"):
    """The speaker is elsewhere than the timeline says: at room time `at_ms` it was at `position_ms`."""

    play: int
    position_ms: int
    at_ms: int


ByClient = (
    Add | Vote | Remove | Clear | Pin | Unpin | Move | Shuffle | Fallback
    | Play | Pause | Seek | Next | Previous | PlayNow | VoteSkip | Veto | Unplayable
    | Leave | Kick | Ban | Unban | Promote | Approve | Deny | Lock | Rotate | HandOver | End | Set
    | Say | DeleteMessage
)  # fmt: skip
ByServer = Join
ByRoom = (
    Away | Back | Asleep | Act | FallDormant | Expire | Tick | Interrupt | Silence | LockNext | Advance
    | CountSkip | SkipNow | Correct
)  # fmt: skip
AnyCommand = ByClient | ByServer | ByRoom


_BY_NAME: Final[dict[str | int | None, type[AnyCommand]]] = {
    kind.__struct_config__.tag: kind for kind in get_args(AnyCommand)
}


def decode_command(body: dict[str, Any]) -> AnyCommand:
    """Raises msgspec.ValidationError. Who may give which command is decided later."""
    name = body.get("do")
    # A union's types are looked through anew with each call: a hundred times the work of knowing the one.
    known = _BY_NAME.get(name) if isinstance(name, str) else None
    command: AnyCommand = msgspec.convert(body, AnyCommand if known is None else known)
    return command


def encode_command(command: Command) -> dict[str, Any]:
    """The canonical form: the same command always gives the same map."""
    body: dict[str, Any] = msgspec.to_builtins(command)
    return body
