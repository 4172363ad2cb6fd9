"""What must be true of a Jam.

Adds to the oracle what Jams promise: each event keeps the laws, is the answer to what was asked, comes from
somebody who may, and leaves the order that it says; whoever was thrown out hears and changes nothing more.
"""

from collections import deque
from collections.abc import Callable
from operator import eq
from typing import Any, Final

from collab.codec import pack_body, unpack_body
from collab.ids import ROOM_CLIENT, is_server_client
from collab.jam_kind import JamState
from collab.messages import Body, Row
from collab.room import Room
from jam import commands as c
from jam import events as e
from jam.commands import decode_command
from jam.digest import digest, order_digest
from jam.events import decode_event, encode_event
from jam.lineup import Lineup
from jam.queue import order
from jam.reduce import reduce
from jam.state import Jam, dump, role_of
from storage.rows import Commit, OpRow
from tests.sim.coverage import Coverage
from tests.sim.events import Events
from tests.sim.jams.answers import fits
from tests.sim.jams.laws import check_step, roles_of
from tests.sim.oracle import ABOUT_THE_SEQ, History, Oracle, expect

# No node's clock is further ahead than this.
SKEW_MS_MAX: Final = 50
# Within a second of room time; people's own commands lead to more.
ROOM_ROWS_MAX: Final = 16
ROWS_PER_COMMAND: Final = 5
SECOND_US: Final = 1_000_000


class JamHistory(History[Jam]):
    """With the order at each version, the plays that ended, and who was host in which reign."""

    def __init__(
        self,
        states: list[Jam],
        rows: list[OpRow],
        op_ids: dict[tuple[str, int], int],
        settled: dict[tuple[str, int], int | str],
    ) -> None:
        super().__init__(states, rows, op_ids, settled)
        self.orders = [order(jam) for jam in states]
        self.hosts = {jam.reign: jam.host for jam in states}
        self.ended = {body["play"] for body in self.bodies if body["event"] == "advanced"}


class JamOracle(Oracle[Jam, JamHistory]):
    """The judge of one Jam. Devices say whose they are (`owners`)."""

    mistakes = ABOUT_THE_SEQ | {"command_malformed", "base_ahead", "base_gone", "uid_foreign"}

    def __init__(
        self,
        epoch: str,
        state: Jam,
        trace: Callable[[str | Callable[[], str]], None],
        events: Events,
        coverage: Coverage,
    ) -> None:
        super().__init__(epoch, state, trace)
        self.owners: dict[str, str] = {}
        self._events = events
        self._coverage = coverage
        self._sent: dict[tuple[str, int], list[Body]] = {}
        self._held: dict[int, tuple[object, Lineup, JamHistory, int]] = {}
        self._recent: deque[tuple[int, bool]] = deque()
        self._shut_out: set[str] = set()

    def sent(self, client: str, seq: int, body: Body) -> None:
        self._sent.setdefault((client, seq), []).append(unpack_body(pack_body(body)))

    # -- what the store does ---------------------------------------------------------------------------------

    def _new_history(
        self,
        states: list[Jam],
        rows: list[OpRow],
        op_ids: dict[tuple[str, int], int],
        settled: dict[tuple[str, int], int | str],
    ) -> JamHistory:
        return JamHistory(states, rows, op_ids, settled)

    def _step(self, history: JamHistory, row: OpRow, body: Body, members: dict[str, str]) -> Jam:
        event, before = decode_event(body), history.state
        self.trace(f"committed {row.version}: {row.author or 'the room'} {row.seq} {_short(body)}")
        expect(pack_body(encode_event(event)) == row.body, "the event is not in its canonical form")
        self._check_author(before, event, row)
        expect(event.at <= self._events.now_ms + SKEW_MS_MAX, "an event of the future")
        after = reduce(before, event)
        ordered = order(after)
        expect(order_digest(ordered) == event.order, "the order is not that of the fold")
        check_step(before, event, after)
        host = history.hosts.setdefault(after.reign, after.host)
        expect(host == after.host, f"{host} and {after.host} are host in reign {after.reign}")
        if isinstance(event, e.Advanced) and before.timeline.entry:
            expect(event.play not in history.ended, f"play {event.play} ended twice")
            history.ended.add(event.play)
        if row.client_id != ROOM_CLIENT:
            self._check_answer(before, body, row)
        self._check_pace(row.client_id == ROOM_CLIENT)
        history.orders.append(ordered)
        self._observe(before, event)
        return after

    def _check_author(self, before: Jam, event: e.AnyEvent, row: OpRow) -> None:
        expect(event.by == row.author, "the event says another author than its row")
        if row.client_id == ROOM_CLIENT:
            expect(not row.author and row.seq == row.version, "the room has no name, and counts by version")
        elif is_server_client(row.client_id):
            is_joining = isinstance(event, e.Joined | e.Knocked) and event.user == row.author
            expect(is_joining, "the server does for people only that they join")
        else:
            expect(row.author in before.members, f"a command of {row.author} was accepted after they went")

    def _check_answer(self, before: Jam, body: Body, row: OpRow) -> None:
        """The event is what one of the commands under this name wanted."""
        commands = self._sent.get((row.client_id, row.seq), [])
        fitting = [decode_command(command) for command in commands if fits(command, body)]
        expect(bool(fitting), f"{_short(body)} is no answer to {commands}")
        # Whoever was shut out and came back may have said something else under the same seq: one of them.
        doubts = [self._doubt(before, command, row.author) for command in fitting]
        expect("" in doubts, doubts[0])

    @staticmethod
    def _doubt(before: Jam, command: c.AnyCommand, author: str) -> str:
        """Why this command cannot have been accepted; nothing if it can."""
        match command:
            case c.Steering() if role_of(before, author) in ("host", "cohost"):
                is_old = command.reign != before.reign
                return f"a command of reign {command.reign} was accepted" if is_old else ""
            case c.Join() if before.doors.locked:
                return "a locked door was opened"
            case c.Join() if command.generation != before.doors.generation:
                return "an old key opened the door"
        return ""

    def _check_commit(self, commit: Commit, members: dict[str, str]) -> None:
        history = self.history
        expect(members == roles_of(history.state), "the members' table is not that of the Jam")
        for row in commit.settled:
            name = (row.client_id, row.seq)
            if row.version is None:
                self._observe_refusal(row.client_id, row.user_id, row.code)
            elif name not in history.op_ids:
                self._coverage.hit("a command changed nothing")
                entries, sent = history.states[row.version].entries, self._sent.get(name, [])
                if all(command["do"] == "vote" for command in sent):
                    # As above, one of them; what was said of an entry that is gone was refused.
                    named = [entries.get(command["entry"]) for command in sent]
                    stands = [entry and entry.votes.get(row.user_id, 0) for entry in named]
                    wanted = [command["value"] for command in sent]
                    is_so = any(map(eq, stands, wanted))
                    expect(is_so, f"a vote of {wanted} changed nothing, and is {stands}")

    def _check_pace(self, is_room: bool) -> None:
        """The room does not go round in circles by itself."""
        now_us, recent = self._events.now_us, self._recent
        recent.append((now_us, is_room))
        while recent[0][0] < now_us - SECOND_US:
            recent.popleft()
        by_room = sum(is_room for _, is_room in recent)
        others = len(recent) - by_room
        expect(by_room <= ROOM_ROWS_MAX + ROWS_PER_COMMAND * others, "the room talks to itself")

    def observe_lost(self, commit: Commit) -> None:
        ended = self.history.ended
        for row in commit.ops:
            body = unpack_body(row.body) if row.client_id == ROOM_CLIENT else {}
            if body.get("event") == "advanced" and body["play"] in ended:
                self._coverage.hit("two nodes proposed the same")

    # -- what the server says --------------------------------------------------------------------------------

    def _view(self, state: Jam) -> Body:
        return dump(state)

    def _digest(self, state: Jam) -> str:
        return digest(state)

    def _check_composed(self, before: Jam, row: Row, after: Jam) -> None:
        expect(False, "events are never composed")

    def _check_told(self, client: str, history: JamHistory, version: int) -> None:
        if is_server_client(client):
            return
        is_member = self.owners[client] in history.states[version].members
        expect(is_member, f"{self.owners[client]} is told what follows on {version}, and is no member")

    # -- what rooms and clients hold -------------------------------------------------------------------------

    def _holds(self, room: Room[Any], history: JamHistory) -> bool:
        state = room.state
        assert isinstance(state, JamState), "the rooms of this world are Jams"
        if not self._is_fold(room, state.lineup, history, room.head.version):
            return False
        return dict(room.members) == roles_of(state.jam)

    def check_client(self, device: object, epoch: str, version: int, held: Lineup) -> None:
        history = self._known(epoch)
        expect(version <= history.version, "a client ran ahead of the store")
        is_fold = self._is_fold(device, held, history, version)
        expect(is_fold, f"a client's state at {version} is not the fold")

    def _is_fold(self, holder: object, held: Lineup, history: JamHistory, version: int) -> bool:
        """What is held is immutable: the same again need not be compared again."""
        known = self._held.get(id(holder))
        if known is not None and known[1] is held and known[2:] == (history, version):
            return True
        self._held[id(holder)] = (holder, held, history, version)
        return held.jam == history.states[version] and held.order() == history.orders[version]

    # -- what is interesting ---------------------------------------------------------------------------------

    def _observe(self, before: Jam, event: e.AnyEvent) -> None:
        hit = self._coverage.hit
        match event:
            case e.Acting():
                hit("somebody acted for the host")
            case e.HandedOver():
                hit("a host handed over")
            case e.CameBack():
                self._observe_return(before, event)
            case e.FellAsleep() if any(_votes(before, user) for user in event.users):
                hit("votes fell asleep")
            case e.Paused(reason="restart"):
                hit("interrupted after a restart")
            case e.Merged():
                hit("a duplicate became a vote")
            case e.NextLocked():
                hit("the next song was locked")
            case e.Vetoed():
                hit("a skip was vetoed")
            case e.Advanced(ending="skipped"):
                hit("a skip was executed")
            case e.Advanced(ending="withdrawn"):
                hit("a song was withdrawn")
            case e.Advanced(ending="failed"):
                hit("a play failed")
            case e.Sought(by=""):
                hit("a speaker was followed")
            case e.Kicked():
                self._shut_out.add(event.user)
            case e.Joined():
                if event.user in self._shut_out:
                    hit("a kicked member came back by a new key")
                    self._shut_out.discard(event.user)
                if event.user in before.doors.knocks:
                    hit("somebody was let in who knocked")
            case _:
                pass

    def _observe_return(self, before: Jam, event: e.CameBack) -> None:
        hit = self._coverage.hit
        if event.host:
            hit("the host took the role back")
        elif before.returning in event.users:
            hit("the host came back too late")
        if before.status == "dormant":
            hit("dormant and woken")
        if any(before.members[user].asleep and _votes(before, user) for user in event.users):
            hit("votes woke")

    def _observe_refusal(self, client: str, user: str, code: str) -> None:
        if code == "key_invalid" and user in self._shut_out:
            self._coverage.hit("a kicked member knocked with an old key")
        elif code == "forbidden" and user not in self.state.members:
            self._coverage.hit("a command of a kicked member was refused")
        elif code == "old_reign":
            self._coverage.hit("a command of an old reign was refused")


def _votes(jam: Jam, user: str) -> bool:
    return any(user in entry.votes for entry in jam.entries.values())


def _short(event: Body) -> str:
    return str({name: value for name, value in event.items() if name not in ("order", "by")})
