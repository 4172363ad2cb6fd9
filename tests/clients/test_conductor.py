"""What the player is told, at literal times. The own clock is an hour behind the room's."""

from random import Random

import msgspec
import pytest

from jam import commands as c
from jam.settings import Settings
from tests.jam.party import START, Party
from tutti_client.conductor import FETCH_AHEAD_MS, HAND_AHEAD_MS, LOST_MS, Conductor
from tutti_client.player import Track
from tutti_client.virtual_player import Device, VirtualPlayer

OFFSET_MS = -500_000.0
LEAD_MS = 400
EXACT = Device()


class Noted(VirtualPlayer):
    """Remembers its starts: track, position, and when."""

    def __init__(self, device: Device = EXACT) -> None:
        super().__init__(device)
        self.told: list[tuple[str, float, float]] = []
        self.stops = 0

    def start(self, track: Track, position_ms: float, at_ms: float, now_ms: float) -> None:
        self.told.append((str(track["track"]), position_ms, at_ms + OFFSET_MS))
        super().start(track, position_ms, at_ms, now_ms)

    def stop(self, now_ms: float) -> None:
        self.stops += 1
        super().stop(now_ms)


class Desk:
    """A party, and a device in it."""

    def __init__(self, device: Device = EXACT, **settings: object) -> None:
        self.party = Party(msgspec.convert(settings, Settings), "ben")
        self.player = Noted(device)
        self.conductor = Conductor(self.player)
        self.leads = False

    def at(self, room_ms: float, *, is_quiet: bool = False) -> None:
        """Conducts as often as is asked for until this room time. Meanwhile the room does what it wants, or
        is quiet."""
        while True:
            now_ms = self.party.now_ms - OFFSET_MS
            self.conductor.conduct(self.party.jam, OFFSET_MS, now_ms, leads=self.leads)
            if self.party.now_ms >= room_ms:
                return
            timer_ms = self.conductor.get_timer(now_ms)
            next_ms = room_ms if timer_ms is None else min(timer_ms + OFFSET_MS, room_ms)
            self._pass(int(next_ms) + 1 if next_ms % 1 else int(next_ms), is_quiet=is_quiet)

    def _pass(self, room_ms: int, *, is_quiet: bool) -> None:
        if is_quiet:
            self.party.now_ms = room_ms
            return
        # What the room does is known here at once.
        while self.party.now_ms < room_ms:
            before = len(self.party.events)
            self.party.passes(min(50, room_ms - self.party.now_ms))
            if len(self.party.events) > before:
                return

    def entry(self, title: str) -> str:
        [found] = [id for id, entry in self.party.jam.entries.items() if entry.track["title"] == title]
        return found

    def heard(self) -> tuple[str, float] | None:
        heard_ms = self.player.heard_ms(self.party.now_ms - OFFSET_MS)
        if heard_ms is None or self.player.track is None:
            return None
        return str(self.player.track["track"]), heard_ms


def playing(device: Device = EXACT, seconds: int = 200, **settings: object) -> Desk:
    """ "One" plays since START + LEAD_MS; "two" and "three" wait."""
    desk = Desk(device, **settings)
    for name in ("one", "two", "three"):
        desk.party.add("ann", name, seconds)
    desk.at(START)
    desk.party.steer("ann", c.Play)
    return desk


def test_a_start_is_handed_over_before_it_is_due() -> None:
    desk = playing(Device(latency_ms=50.0))
    desk.at(START + 1)
    # To be heard at the anchor it is given to the output earlier.
    assert desk.player.told == [("test:one", 0, START + LEAD_MS - 50)]
    assert desk.heard() is None
    desk.at(START + LEAD_MS + 1_000)
    assert desk.heard() == ("test:one", pytest.approx(1_000, abs=0.1))
    assert desk.conductor.is_locked
    assert desk.conductor.error_ms == pytest.approx(0, abs=0.1)


def test_before_anything_plays_the_first_song_is_fetched() -> None:
    desk = Desk(Device(fetch_ms=700))
    desk.at(START + 10)
    assert desk.conductor.get_timer(0) is None
    one = desk.party.add("ann", "one")
    desk.at(START + 100)
    assert desk.conductor.fetching == one
    desk.at(START + 900)
    assert (desk.conductor.fetching, desk.player.told) == ("", [])
    assert 700 <= desk.conductor.ready[one] <= 950


def test_who_joins_late_starts_where_the_others_are() -> None:
    desk = playing()
    late = Conductor(player := Noted())
    now_ms = START + 60_000 - OFFSET_MS
    late.conduct(desk.party.jam, OFFSET_MS, now_ms)
    assert player.heard_ms(now_ms) == 60_000 - LEAD_MS


def test_who_fetches_slowly_catches_up_alone() -> None:
    desk = Desk(Device(fetch_ms=2_000))
    desk.party.add("ann", "one")
    desk.party.steer("ann", c.Play)
    desk.at(START + 1_900)
    assert desk.heard() is None
    desk.at(START + 2_100)
    assert desk.heard() == ("test:one", pytest.approx(2_100 - LEAD_MS, abs=1))


def test_what_played_before_is_not_heard_while_the_next_is_fetched() -> None:
    desk = playing(Device(fetch_ms=5_000))
    desk.at(START + 10_000)
    desk.party.steer("ann", c.Next, 1)
    desk.at(START + 10_000 + LEAD_MS - 100)
    assert desk.heard() is not None
    desk.at(START + 10_000 + LEAD_MS + 100)
    assert desk.heard() is None
    desk.at(START + 16_000)
    assert desk.heard() == ("test:two", pytest.approx(6_000 - LEAD_MS, abs=1))


def test_the_next_song_begins_without_being_told() -> None:
    desk = playing()
    over_at = START + LEAD_MS + 200_000
    desk.at(over_at - FETCH_AHEAD_MS - 300)
    two = desk.entry("two")
    assert two not in desk.conductor.ready
    desk.at(over_at - FETCH_AHEAD_MS + 300)
    assert two in desk.conductor.ready
    desk.at(over_at - HAND_AHEAD_MS - 300)
    assert desk.party.jam.next == two
    assert len(desk.player.told) == 1
    desk.at(over_at - 100)
    assert desk.player.told[1:] == [("test:two", 0, over_at)]
    # The room says nothing for three quarters of a second.
    desk.at(over_at + 750, is_quiet=True)
    assert desk.heard() == ("test:two", pytest.approx(750, abs=0.1))
    desk.party.passes(0)
    assert desk.party.jam.timeline.entry == two
    desk.at(over_at + 5_000)
    assert desk.heard() == ("test:two", pytest.approx(5_000, abs=0.1))
    assert (len(desk.player.told), desk.player.stops) == (2, 0)


def test_without_a_locked_next_the_end_is_silence_until_the_room_says_what_comes() -> None:
    desk = playing(seconds=20, mode="votes")
    desk.at(START + LEAD_MS + 20_010, is_quiet=True)
    assert desk.heard() is None
    desk.party.passes(0)
    desk.at(START + LEAD_MS + 22_000)
    assert desk.heard() == ("test:two", pytest.approx(2_000, abs=0.1)), (
        "the room knew when the last one was over"
    )


def test_a_song_is_repeated_without_a_gap() -> None:
    desk = playing(seconds=30, repeat="one")
    desk.at(START + LEAD_MS + 30_100, is_quiet=True)
    assert desk.heard() == ("test:one", pytest.approx(100, abs=0.1))
    desk.party.passes(0)
    desk.at(START + LEAD_MS + 40_000)
    assert desk.heard() == ("test:one", pytest.approx(10_000, abs=0.1))


@pytest.mark.parametrize("what", ["paused", "removed"])
def test_what_was_handed_over_can_be_taken_back(what: str) -> None:
    desk = playing(seconds=60)
    over_at = START + LEAD_MS + 60_000
    desk.at(over_at - 14_000)
    two = desk.party.jam.next
    desk.at(over_at - 500)
    assert len(desk.player.told) == 2
    if what == "paused":
        desk.party.steer("ann", c.Pause)
        desk.at(over_at + 1_000)
        assert desk.heard() is None
        desk.party.steer("ann", c.Play)
        desk.at(over_at + 1_000 + LEAD_MS + 100)
        assert desk.heard() == ("test:one", pytest.approx(59_600, abs=0.1))
    else:
        desk.party.steer("ann", c.Remove, two)
        desk.at(over_at - 100)
        assert desk.heard() == ("test:one", pytest.approx(59_900, abs=1))
        desk.at(over_at + 300)
        assert desk.heard() == ("test:three", pytest.approx(300, abs=0.1))


def test_the_host_seeks_pauses_and_goes_on() -> None:
    desk = playing()
    desk.at(START + 10_000)
    desk.party.steer("ann", c.Seek, 1, 100_000)
    desk.at(START + 10_000 + LEAD_MS - 50)
    assert desk.heard() == ("test:one", pytest.approx(9_950, abs=0.1))
    desk.at(START + 10_000 + LEAD_MS + 50)
    assert desk.heard() == ("test:one", pytest.approx(100_050, abs=0.1))
    desk.party.steer("ann", c.Pause)
    desk.at(START + 12_000)
    assert desk.heard() is None
    assert desk.conductor.get_timer(0) is None
    desk.party.steer("ann", c.Play)
    desk.at(START + 13_000)
    assert desk.heard() == ("test:one", pytest.approx(100_050 + 1_000 - LEAD_MS, abs=0.1))


def test_a_start_that_missed_is_put_right_within_a_second_and_once() -> None:
    desk = playing(Device(start_error_ms=lambda: 25.0, splice_error_ms=lambda: 9.0))
    desk.at(START + LEAD_MS + 1_000)
    assert desk.player.splices == 1
    assert desk.heard() == ("test:one", pytest.approx(1_005, abs=4))
    desk.at(START + LEAD_MS + 10_000)
    assert desk.player.splices == 1
    assert desk.conductor.is_locked


def test_a_drifting_device_stays_in_place() -> None:
    random = Random(3)
    device = Device(
        drift_ppm=50.0,
        start_error_ms=lambda: random.gauss(0, 30),
        splice_error_ms=lambda: random.gauss(0, 2),
        read_error_ms=lambda: random.gauss(0, 2),
        stalls=[(START - OFFSET_MS + 90_000.0, 80.0)],
    )
    desk = playing(device)
    desk.at(START + LEAD_MS + 60_000)
    assert desk.heard() == ("test:one", pytest.approx(60_000, abs=4))
    splices = desk.player.splices
    desk.at(START + LEAD_MS + 95_000)
    assert desk.player.splices == splices + 1
    assert desk.heard() == ("test:one", pytest.approx(95_000, abs=5))


def test_a_start_moves_with_the_clock_while_it_is_to_come() -> None:
    desk = playing()
    desk.at(START + 1)
    now_ms = START - OFFSET_MS + 2
    desk.conductor.conduct(desk.party.jam, OFFSET_MS + 1, now_ms)
    assert len(desk.player.told) == 1
    desk.conductor.conduct(desk.party.jam, OFFSET_MS + 30, now_ms)
    assert desk.player.told[1:] == [("test:one", 0, START + LEAD_MS - 30)]


def test_the_speaker_is_followed_not_led() -> None:
    desk = playing(Device(drift_ppm=-3_000.0), speaker=True)
    desk.leads = True
    desk.at(START + LEAD_MS + 20_000)
    assert (desk.player.splices, desk.player.rates) == (0, 0)
    heard = desk.heard()
    assert heard is not None
    desk.party.shows("ann", position={"play": 1, "position_ms": int(heard[1]), "at_ms": desk.party.now_ms})
    desk.party.passes(0)
    assert desk.party.events[-1].by == ""
    desk.at(START + LEAD_MS + 21_000)
    assert len(desk.player.told) == 1, "its own correction does not start it again"
    # Somebody else's device goes on where the speaker is.
    other = Conductor(player := Noted())
    now_ms = desk.party.now_ms - OFFSET_MS
    other.conduct(desk.party.jam, OFFSET_MS, now_ms)
    assert player.heard_ms(now_ms) == pytest.approx(heard[1] + 1_000, abs=1)


def test_what_cannot_be_played_is_known() -> None:
    desk = playing(Device(broken=frozenset({"test:one"})))
    desk.at(START + 1_000)
    assert desk.conductor.broken == desk.party.jam.timeline.entry
    assert desk.heard() is None


class Dying(Noted):
    """Loses its output at a time of its own clock."""

    dies_ms = float("inf")

    def position_ms(self, now_ms: float) -> float | None:
        if self.dies_ms < now_ms:
            self.track = None
        return super().position_ms(now_ms)

    def start(self, track: Track, position_ms: float, at_ms: float, now_ms: float) -> None:
        self.dies_ms = float("inf")
        super().start(track, position_ms, at_ms, now_ms)


def test_a_player_that_lost_its_output_is_started_anew() -> None:
    desk = Desk()
    player = Dying()
    desk.player, desk.conductor = player, Conductor(player)
    desk.party.add("ann", "one")
    desk.party.steer("ann", c.Play)
    desk.at(START + 5_000)
    player.dies_ms = START + 5_000 - OFFSET_MS
    desk.at(START + 5_000 + LOST_MS + 600)
    assert desk.heard() == ("test:one", pytest.approx(5_600 + LOST_MS - LEAD_MS, abs=1))
