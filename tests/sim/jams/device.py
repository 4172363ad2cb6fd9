"""A device in a Jam.

The SDK's link with the real replica, and a person's hand. Its clock may be an hour off. Knows what it was
asked, so it can tell at the end whether each command had one outcome. Out of the Jam it tells the world,
which stands at the door for it.
"""

from collections.abc import Callable, Iterable
from random import Random
from typing import Any, Final

from collab.messages import Digest, Open, Refused, ServerMessage, SetPresence, Submit
from jam import commands as c
from jam.lineup import Lineup
from tests.sim.device import Device, Surroundings
from tests.sim.events import START_MS
from tests.sim.jams.hand import Hand
from tests.sim.jams.oracle import JamOracle
from tests.sim.oracle import ABOUT_THE_SEQ, expect
from tutti_client import events as sdk
from tutti_client.errors import JamClosed, QueueFull
from tutti_client.jam_fold import JamFold
from tutti_client.jam_replica import JamReplica
from tutti_client.link import Link as Engine
from tutti_client.roster import Roster

FOLD: Final = JamFold()
HOUR_MS: Final = 3_600_000


class JamDevice(Device):
    """`shut_out` is called when the Jam closed itself to this device."""

    replica: JamReplica[Lineup]

    def __init__(
        self,
        name: str,
        user: str,
        random: Random,
        around: Surroundings,
        oracle: JamOracle,
        shut_out: Callable[["JamDevice"], None],
    ) -> None:
        super().__init__(name, user, random, around)
        self._oracle = oracle
        self._shut_out = shut_out
        self.engine = Engine(self._own_id(), user)
        self.roster: Roster
        self.replica, self.roster = self.engine.enter_jam(self._document, FOLD)
        # What it believes the room's time to be is so much off, besides.
        self.wrong_ms = 0
        self.returns = 0
        self._waiting: dict[int, bool] = {}
        self._acked: list[tuple[str, str, int]] = []

    @property
    def now_ms(self) -> int:
        return START_MS + self.events.now_us // 1000 + self.skew_ms

    @property
    def is_in(self) -> bool:
        """Whether it is in the Jam, as far as it knows."""
        return self.replica.closed is None and self.replica.state is not None

    def _hear(self, message: ServerMessage) -> None:
        if isinstance(message, Refused):
            # Whoever was shut out and came back may have left something under way.
            is_returned = self.returns > 0 and message.code in ABOUT_THE_SEQ
            if not is_returned:
                self._oracle.check_refusal(self.engine.client, message)
        elif isinstance(message, Digest):
            self._coverage.hit("digests were compared")
        self._receive_events(self.engine.receive(message, self.now_ms))

    def _happened(self, events: Iterable[sdk.Event]) -> None:
        for event in events:
            self._observe(event)

    def _observe(self, event: sdk.Event) -> None:
        match event:
            case sdk.Accepted():
                given_offline = self._waiting.pop(event.number)
                if given_offline and event.is_event:
                    self._coverage.hit("a vote given offline arrived")
                self._acked.append((self.replica.epoch, event.client, event.seq))
                self._oracle.check_ack(*self._acked[-1])
            case sdk.Rejected():
                del self._waiting[event.number]
                if event.code == "other_play":
                    self._coverage.hit("a second skip was refused")
                self._trace(f"{self.name} gets back {event.command}: {event.code}")
            case sdk.Delayed():
                self._coverage.hit("something had to wait and come again")
            case sdk.Resynced():
                self._coverage.hit("a catch-up took a snapshot")
                if event.reason == "epoch":
                    self._coverage.hit("the epoch changed")
                self._trace(f"{self.name} takes a snapshot: {event.reason}")
            case sdk.Diverged():
                expect(False, f"{self.name} found that it holds something else at {event.version}")
            case sdk.Closed():
                self._trace(f"{self.name} is shut out: {event.code}")
                expect(not self._waiting, f"{self.name} never heard again of {self._waiting}")
                # Not at once: the replica is in the middle of telling.
                self.events.after(0, self._shut_out, self)
            case _:
                pass

    def pump(self) -> None:
        if self.link is None:
            return
        engine = self.engine
        if engine.renewal_is_due:
            self._trace(f"{self.name} goes on under a new client id")
            self._coverage.hit("a client id was renewed")
            self._receive_events(engine.renew(self._own_id()))
            self.last_sent = None
            self.drop(drained=True, server_learns_us=0)
            return
        for message in engine.outgoing(self.now_ms):
            if isinstance(message, Submit):
                if self.last_sent is not None and self.last_sent.seq == message.seq:
                    self._coverage.hit("a submission was sent again")
                self.last_sent = message
                self._oracle.sent(engine.client, message.seq, message.op)
                self._trace(f"{self.name} submits {message.seq}: {message.op}")
            self.link.send_up(message)
        self._receive_events(engine.take_events())
        # The link's own timer would ask for clock probes, too; these are judged elsewhere (`make bench`).
        timers = [self.replica.get_timer()]
        if engine.is_live and self.replica.is_open:
            timers.append(self.roster.get_timer())
        due_ms = min((timer for timer in timers if timer is not None), default=None)
        if due_ms is None:
            self._sleep()
        else:
            self._wake_in(due_ms - self.now_ms)

    def enter_again(self) -> None:
        """The Jam's door is open to this person again."""
        if self.is_gone or self.replica.closed is None:
            return
        self.returns += 1
        self.engine.leave(self._document)
        self.replica, self.roster = self.engine.enter_jam(self._document, FOLD)
        self._waiting.clear()
        self.last_sent = None
        self.pump()

    def intrude(self) -> None:
        """Tries to come in as if nothing had happened, and to go on where it was."""
        if self.link is None or self.last_sent is None:
            return
        self._coverage.hit("a kicked member tried to resume")
        self._trace(f"{self.name} tries to resume")
        replica, last = self.replica, self.last_sent
        self.link.send_up(Open(self._document, replica.epoch, replica.version, last.seq))
        seq = replica.last_seq + 1
        vote = c.encode_command(c.Say("still here"))
        self._oracle.sent(self.engine.client, seq, vote)
        self.link.send_up(Submit(self._document, seq, replica.version, vote))
        self.link.send_up(SetPresence(self._document, 1_000, {"at": 1}))

    def _own_id(self) -> str:
        client = self._new_id()
        self._oracle.owners[client] = self.user
        return client

    # -- what the person does --------------------------------------------------------------------------------

    def act(self, random: Random) -> None:
        state = self.replica.state if self.is_in else None
        if self.is_gone or state is None:
            return
        if random.random() < 0.2:
            self.show(state, random)
        hand = Hand(random, self.user, state, self.replica.take_uid)
        self.give(hand.draw())

    def give(self, command: c.Command) -> None:
        """The person asks for this, and sees it at once."""
        body: dict[str, Any] = c.encode_command(command)
        at_ms = int(self.engine.room_ms(self.now_ms)) + self.wrong_ms
        try:
            number = self.replica.give(body, at_ms)
        except (JamClosed, QueueFull):
            return
        self._waiting[number] = self.link is None and isinstance(command, c.Vote)
        self._trace(f"{self.name} ({self.user}) wants {body}")
        self.check()
        self.pump()

    def show(self, state: Lineup, random: Random) -> None:
        """Says how far away it is, what it has fetched, and where its music is."""
        timeline = state.jam.timeline
        room_ms = int(self.engine.room_ms(self.now_ms)) + self.wrong_ms
        sync: dict[str, Any] = {
            "rtt_ms": random.choice((5, 60, 400)),
            "error_us": random.randrange(5_000),
            "ready": dict.fromkeys(state.order()[: random.randrange(3)], 200),
            "fetching": "",
        }
        if self.user == state.jam.host and timeline.entry:
            heard_ms = timeline.position_ms + max(0, room_ms - timeline.anchor_ms)
            heard_ms += random.choice((0, 30, 90, -90))
            sync["position"] = {"play": timeline.play, "position_ms": heard_ms, "at_ms": room_ms}
        self.roster.show({"sync": sync})
        self.pump()

    # -- what must hold --------------------------------------------------------------------------------------

    def check(self) -> None:
        replica = self.replica
        replica.check()
        if replica.closed is None and replica.committed is not None:
            self._oracle.check_client(self, replica.epoch, replica.version, replica.committed)
            waiting = replica.made - replica.settled
            expect(waiting == len(self._waiting), f"{self.name} waits for {waiting} outcomes")

    def check_acks(self) -> None:
        """What was acked is still there, in the epoch in which it was."""
        for epoch, client, seq in self._acked:
            self._oracle.check_ack(epoch, client, seq)
