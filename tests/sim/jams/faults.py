"""How things go wrong for a Jam."""

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, Final

from collab.ids import ID_BYTES, ROOM_CLIENT, encode_id
from collab.messages import Body
from jam import commands as c
from jam import events as e
from jam.due import proposals
from jam.events import encode_event
from jam.lineup import Lineup
from jam.refusal import JamRefusal
from jam.rules import By, Source
from jam.scene import Scene
from jam.state import role_of
from jam.step import step
from tests.sim.faults import Faults
from tests.sim.jams.device import HOUR_MS, JamDevice
from tests.sim.jams.laws import roles_of
from tests.sim.plan import Trouble

if TYPE_CHECKING:
    from tests.sim.jams.world import JamWorld

# Gone so long: nobody notices, an acting host steps in, the host comes back too late.
HOST_GONE_US: Final = ((200_000, 900_000), (1_800_000, 2_600_000), (4_000_000, 5_000_000))
ALL_GONE_US: Final = ((200_000, 900_000), (2_500_000, 4_000_000))
BLACKOUT_US: Final = ((300_000, 1_200_000), (3_200_000, 4_500_000))


class JamFaults(Faults):
    """Hosts that vanish, people who are thrown out in the middle of a word, two presses on one button."""

    def __init__(self, world: "JamWorld") -> None:
        super().__init__(world)
        self._jam = world
        self._random = world.streams.of("strangers")
        self._strangers: dict[str, str] = {}

    def _bring_about(self, trouble: Trouble, random: Random) -> None:
        match trouble:
            case Trouble.HOST_GONE:
                self._vanish(self._of(self._jam.oracle.state.host), HOST_GONE_US, random)
            case Trouble.ALL_GONE:
                self._vanish(self._present(), ALL_GONE_US, random)
            case Trouble.BLACKOUT:
                down_us = random.randint(*random.choice(BLACKOUT_US))
                for node in self._world.nodes:
                    self._crash(node, down_us)
            case Trouble.DOUBLE_SKIP:
                self._skip_twice(random)
            case Trouble.KICK:
                self._kick(random)
            case Trouble.CLOCK_JUMP:
                self._jump(random)
            case Trouble.SLEEP:
                self._sleep(random)
            case _:
                raise AssertionError(f"no Jam meets {trouble}")

    # -- people ----------------------------------------------------------------------------------------------

    def _present(self) -> list[JamDevice]:
        return [device for device in self._jam.phones if not device.is_gone and device.is_in]

    def _of(self, user: str) -> list[JamDevice]:
        return [device for device in self._present() if device.user == user]

    def _steering(self) -> list[JamDevice]:
        jam = self._jam.oracle.state
        return [device for device in self._present() if role_of(jam, device.user) in ("host", "cohost")]

    def _vanish(
        self, devices: Sequence[JamDevice], for_us: Sequence[tuple[int, int]], random: Random
    ) -> None:
        gone_us = random.randint(*random.choice(for_us))
        for device in devices:
            device.act(random)
            device.go_offline(server_learns_us=random.choice((0, 5_000, 400_000)))
            # They go on for a while as if nothing had happened.
            for _ in range(random.choice((0, 1, 3))):
                device.act(random)
            self._world.events.after(gone_us + random.randint(0, 200_000), device.go_online)

    def _skip_twice(self, random: Random) -> None:
        """Two devices press the same button for the same song, at once; or everybody asks for a skip."""
        jam = self._jam.oracle.state
        play, steering = jam.timeline.play, self._steering()
        playing = jam.entries.get(jam.timeline.entry)
        if random.random() < 0.5 and playing is not None:
            for device in self._present():
                if device.user != playing.added_by:
                    device.give(c.VoteSkip(play))
            for device in steering[:1]:
                self._world.events.after(random.randint(100_000, 600_000), self._veto, device, play)
            return
        if not steering:
            return
        first = random.choice(steering)
        second = random.choice([other for other in steering if other is not first] or [first])
        for device in (first, second):
            assert device.replica.state is not None, "it is in the Jam"
            device.give(c.Next(play, reign=device.replica.state.jam.reign))

    @staticmethod
    def _veto(device: JamDevice, play: int) -> None:
        if device.is_in:
            assert device.replica.state is not None, "it is in the Jam"
            device.give(c.Veto(play, reign=device.replica.state.jam.reign))

    def _kick(self, random: Random) -> None:
        """Somebody is thrown out while what they say is under way, and tries to come back by every way."""
        jam = self._jam.oracle.state
        hosts = [device for device in self._of(jam.host) if device.link is not None]
        victims = [device for device in self._present() if device.user != jam.host]
        if not (hosts and victims):
            return
        host, victim = random.choice(hosts), random.choice(victims)
        assert host.replica.state is not None, "it is in the Jam"
        reign = host.replica.state.jam.reign
        is_ban = random.random() < 0.2
        victim.act(random)
        host.give(c.Ban(victim.user, reign=reign) if is_ban else c.Kick(victim.user, reign=reign))
        for _ in range(random.choice((1, 2, 3))):
            victim.act(random)
        if is_ban and random.random() < 0.5:
            self._world.events.after(1_000_000, host.give, c.Unban(victim.user, reign=reign))

    def _jump(self, random: Random) -> None:
        """A clock is an hour off: ahead at once, or behind in what the person's app believes."""
        devices = self._present()
        if devices:
            device = random.choice(devices)
            self._world.coverage.hit("a client was an hour off")
            if random.random() < 0.5:
                device.skew_ms += HOUR_MS
                device.pump()
            else:
                device.wrong_ms = random.choice((-HOUR_MS, HOUR_MS))

    def _sleep(self, random: Random) -> None:
        """A phone goes to sleep: the server learns late, and its clock has stood still when it wakes."""
        devices = self._present()
        if devices:
            device, for_ms = random.choice(devices), random.randint(800, 6_000)
            device.go_offline(drained=True, server_learns_us=random.randint(200_000, 3_000_000))
            self._world.events.after(for_ms * 1000, self._wake, device, for_ms)

    @staticmethod
    def _wake(device: JamDevice, slept_ms: int) -> None:
        device.skew_ms -= slept_ms
        device.go_online()

    # -- another program -------------------------------------------------------------------------------------

    def _stranger_writes(self, version: int, seq: int) -> tuple[str, str, int, Body] | None:
        """What a node would propose that serves nobody here; else the host says something elsewhere."""
        world = self._jam
        lineup = Lineup(world.oracle.state)
        at_ms = max(world.events.now_ms, lineup.jam.at)
        by = By("", at_ms, Source.ROOM)
        for command in proposals(lineup, Scene(loaded_ms=at_ms), at_ms)[0]:
            event = self._decided(lineup, command, by)
            if event is not None:
                return ROOM_CLIENT, "", version, encode_event(event)
        host, said = lineup.jam.host, c.Say(f"stranger {seq}")
        event = self._decided(lineup, said, By(host, at_ms))
        if event is None:
            return None
        # A client id is one person's.
        client = self._strangers.setdefault(host, encode_id(self._random.randbytes(ID_BYTES)))
        world.oracle.sent(client, seq, c.encode_command(said))
        return client, host, seq, encode_event(event)

    @staticmethod
    def _decided(lineup: Lineup, command: c.Command, by: By) -> e.Event | None:
        """The event; None if there is none, or it would change the members' table."""
        try:
            decided = step(lineup, command, by)
        except JamRefusal:
            return None
        is_quiet = decided is not None and roles_of(decided.jam) == roles_of(lineup.jam)
        return decided.event if decided is not None and is_quiet else None
