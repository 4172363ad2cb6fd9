"""A world with one Jam.

People with phones, some with a second device; whoever is not in the Jam stands at its door with a key, old or
new. When the storm is over everybody who may is back, and the Jam knows who is here, who is host, and what
plays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from collab.codec import pack_body
from jam.choice import next_entry
from jam.commands import Command, Fallback, Join, Play, encode_command
from jam.lineup import Lineup
from jam.rules import By
from jam.settings import Settings
from jam.state import Jam, dump, new_jam
from jam.step import step
from jam.timeline import ends_at
from tests.sim.coverage import Coverage
from tests.sim.device import Device
from tests.sim.events import START_MS
from tests.sim.jams.device import FOLD, JamDevice
from tests.sim.jams.faults import JamFaults
from tests.sim.jams.hand import DURATIONS_MS
from tests.sim.jams.laws import roles_of
from tests.sim.jams.oracle import SKEW_MS_MAX, JamOracle
from tests.sim.jams.plan import JamPlan
from tests.sim.machine import Quartz
from tests.sim.oracle import expect
from tests.sim.outside import Outside
from tests.sim.store import run
from tests.sim.streams import Streams
from tests.sim.world import Trace, World

HOST: Final = "ann"
PEOPLE: Final = (HOST, "ben", "cem", "dee")
# So often somebody tries a door before they go home.
KNOCKS_MAX: Final = 4
KNOCK_AGAIN_US: Final = (50_000, 600_000)
# A node that dies with somebody at its door does not say so.
ANSWER_US: Final = 12_000_000
# A song that was to end so long ago hangs.
OVERDUE_MS: Final = 1_500
# Timers of one node, in a second and for a commit: more is a room that runs in circles.
TIMERS_PER_S: Final = 12
TIMERS_PER_COMMIT: Final = 12


def _first_steps(plan: JamPlan) -> Sequence[Command]:
    """What the host did before anybody came."""
    songs: list[tuple[str, dict[str, Any]]] = [
        (f"first.{n}", {"track": f"song:{n}", "duration_ms": DURATIONS_MS[n % len(DURATIONS_MS)]})
        for n in range(plan.fallback)
    ]
    return (Fallback(songs, reign=1), Play(reign=1)) if songs else ()


@dataclass(slots=True)
class Person:
    """Somebody with devices. `generation` is that of the key in their hand, 0: none yet."""

    user: str
    generation: int = 0
    knocks: int = 0
    knocking: int = 0


class JamWorld(World[JamPlan, JamOracle]):
    """See the module."""

    def __init__(
        self, streams: Streams, plan: JamPlan, outside: Outside, coverage: Coverage, trace: Trace | None
    ) -> None:
        self.phones: list[JamDevice] = []
        self.people = {user: Person(user) for user in PEOPLE[: plan.people]}
        super().__init__(streams, plan, outside, coverage, trace)
        self.faults = JamFaults(self)

    @property
    def devices(self) -> Sequence[Device]:
        return self.phones

    # -- building --------------------------------------------------------------------------------------------

    def _judge(self, epoch: str) -> JamOracle:
        plan = self.plan
        settings = Settings(
            mode=plan.mode,
            down_votes=plan.down_votes,
            approval=plan.approval,
            speaker=plan.speaker,
            guests_reorder=True,
            times=plan.times,
            limits=plan.limits,
        )
        jam = new_jam(HOST, HOST, START_MS, settings)
        for command in _first_steps(plan):
            decided = step(Lineup(jam), command, By(HOST, START_MS))
            assert decided is not None, "the first song begins"
            jam = decided.jam
        return JamOracle(epoch, jam, self.trace, self.events, self.coverage)

    def _create(self, epoch: str) -> None:
        snapshot = pack_body(dump(self.oracle.state))
        memory = self.store.memory
        run(memory.create_document(self.document, "jam", epoch, HOST, snapshot, START_MS, role="host"))

    def _quartz(self, node: str) -> Quartz:
        return Quartz(self.streams.of("skew").choice((0, 0, 7, SKEW_MS_MAX)))

    def _begin(self, random: Random) -> None:
        users = list(self.people)
        for user in [*users, *users[: self.plan.second_devices]]:
            self.events.after(random.randint(0, 400_000), self.join, user)

    def join(self, user: str) -> None:
        if self.is_calm:
            return
        name = f"c{len(self.phones)}"
        self.trace(f"{name} is {user}")
        phone = JamDevice(name, user, self.streams.of(name), self.around, self.oracle, self._shut_out)
        self.phones.append(phone)
        phone.go_online()
        self._act_later(phone)

    # -- at the door -----------------------------------------------------------------------------------------

    def _shut_out(self, phone: JamDevice) -> None:
        """A device is out: never let in, kicked, or gone by itself."""
        if phone.is_gone:
            return
        self.coverage.hit("a member was shut out")
        random = self.streams.of("door")
        if random.random() < 0.5:
            phone.intrude()
        person = self.people[phone.user]
        person.knocks = 0
        if not person.knocking:
            self._knock_later(person)

    def _knock_later(self, person: Person) -> None:
        random = self.streams.of("door")
        self.events.after(random.randint(*KNOCK_AGAIN_US), self._knock, person)
        person.knocking += 1

    def _knock(self, person: Person) -> None:
        jam: Jam = self.oracle.state
        random = self.streams.of("door")
        if person.user in jam.members:
            self._let_in(person)
            return
        if person.knocks >= KNOCKS_MAX:
            self._go_home(person)
            return
        person.knocks += 1
        # The first time with the key that they came in by, if they did.
        if not person.generation or person.knocks > 1 or random.random() < 0.3:
            person.generation = jam.doors.generation
        up = [node for node in self.nodes if node.is_up]
        if not up:
            self._knock_later(person)
            return
        wish = encode_command(Join(person.user, person.user, "guest", person.generation))
        ticket = person.knocking
        node = random.choice(up)
        self.trace(f"{person.user} knocks at {node.name} with a key of {person.generation}")
        node.send_errand(
            self.document, person.user, wish, lambda outcome: self._answered(person, ticket, outcome)
        )
        self.events.after(ANSWER_US, self._answered, person, ticket, "busy", patient=True)

    def _answered(self, person: Person, ticket: int, outcome: int | str) -> None:
        if person.knocking != ticket:
            return
        self.trace(f"{person.user} is answered {outcome}")
        if isinstance(outcome, int) and person.user in self.oracle.state.members:
            self._let_in(person)
        elif outcome == "jam_ended":
            self._go_home(person)
        else:
            self._knock_later(person)

    def _let_in(self, person: Person) -> None:
        person.knocking = 0
        for phone in self.phones:
            if phone.user == person.user:
                phone.enter_again()

    def _go_home(self, person: Person) -> None:
        self.trace(f"{person.user} goes home")
        person.knocking = 0
        for phone in self.phones:
            if phone.user == person.user:
                phone.quit()

    # -- what everybody agrees on ----------------------------------------------------------------------------

    def _waiting(self) -> str | None:
        for node in self.nodes:
            # Whoever leaves a Jam while its only node stops is seen to be gone when somebody comes back.
            if node.is_draining or not node.is_up:
                return f"{node.name} has not come back"
        head = run(self.store.memory.heads([self.document]))[self.document]
        jam: Jam = self.oracle.state
        roles = roles_of(jam)
        here = set()
        for phone in self.phones:
            replica = phone.replica
            if phone.is_gone:
                continue
            if not replica.is_open or replica.needs_client:
                return f"{phone.name} is not in the Jam"
            if (replica.epoch, replica.version) != (head.epoch, head.version):
                return f"{phone.name} is at {replica.version}, not {head.version}"
            if replica.role != roles.get(phone.user):
                return f"{phone.name} has the role {replica.role}, not {roles.get(phone.user)}"
            if not replica.is_synced:
                return f"{phone.name} waits for an outcome"
            here.add(phone.user)
        return self._absence(jam, here) or self._silence(jam)

    def _absence(self, jam: Jam, here: set[str]) -> str | None:
        """Whether the Jam knows who is here, and somebody who is steers."""
        if jam.status == "ended" or not here:
            return None
        for user, member in jam.members.items():
            if (user in here) == bool(member.away_at):
                return f"{user} is not known to be {'here' if user in here else 'away'}"
            if user not in here and not member.asleep:
                return f"the votes of {user} are awake"
        if any(jam.members[user].role != "listener" for user in here) and jam.host not in here:
            return "nobody who is here is host"
        return None if jam.status == "live" else "the Jam sleeps with people in it"

    def _silence(self, jam: Jam) -> str | None:
        """Whether the music goes on where it should."""
        timeline = jam.timeline
        if jam.status != "live" or timeline.paused:
            return None
        if not timeline.entry:
            return "nothing plays, and songs wait" if next_entry(jam) else None
        over_at = ends_at(jam)
        is_overdue = over_at is not None and self.events.now_ms > over_at + OVERDUE_MS
        return f"play {timeline.play} does not end" if is_overdue else None

    def _check_end(self) -> None:
        for phone in self.phones:
            if not phone.is_gone:
                phone.check()
                replica = phone.replica
                assert replica.committed is not None, "it is in the Jam"
                truth = self.oracle.history.digest(replica.version, self.oracle._digest)
                expect(FOLD.digest(replica.committed) == truth, f"{phone.name} has another digest")
                expect(replica.made == replica.settled, f"{phone.name} never heard of a command")
            phone.check_acks()

    def _leave(self) -> None:
        was_anybody_here = any(not phone.is_gone for phone in self.phones)
        super()._leave()
        expect(not was_anybody_here or self.oracle.state.status != "live", "nobody is left, and it goes on")
        seconds, commits = self.events.now_us / 1e6, self.oracle.history.version
        for node in self.nodes:
            is_calm = node.timers <= TIMERS_PER_S * seconds + TIMERS_PER_COMMIT * commits
            expect(is_calm, f"{node.name} was woken {node.timers} times for {commits} commits")
