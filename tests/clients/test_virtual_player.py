"""A player that is wrong by as much as it is told, and the controller that puts it right."""

from random import Random

import pytest

from jam.drift import INTERVAL_MS, Keep, PlaybackController, Seek, Splice
from tutti_client.player import Player, Track
from tutti_client.virtual_player import FETCHED_MAX, Device, VirtualPlayer

SONG: Track = {"track": "tutti:track:song"}
EXACT = Device()


def playing(device: Device = EXACT, *, at_ms: float = 1_000.0) -> VirtualPlayer:
    """Told long before to be at 0 at this time."""
    player = VirtualPlayer(device)
    player.start(SONG, 0.0, at_ms, at_ms - 500)
    return player


def test_it_starts_at_the_time_it_was_told_and_plays_on() -> None:
    player: Player = playing()
    assert player.position_ms(999.0) is None
    assert player.position_ms(1_000.0) == 0.0
    assert player.position_ms(1_250.0) == 250.0
    player.set_rate(1.01, 2_000.0)
    assert player.position_ms(3_000.0) == pytest.approx(1_000 + 1_010)
    player.splice(500.0, 1.0, 3_000.0)
    assert player.position_ms(3_100.0) == pytest.approx(600)
    player.stop(4_000.0)
    assert player.position_ms(5_000.0) is None


def test_the_old_track_plays_until_the_new_one_starts() -> None:
    player = playing()
    player.start({"track": "t:next"}, 30_000.0, 5_000.0, 4_000.0)
    assert player.position_ms(4_999.0) == 3_999.0
    assert player.track == SONG
    assert player.position_ms(5_100.0) == 30_100.0
    assert player.track == {"track": "t:next"}
    player.start(SONG, 0.0, 9_000.0, 6_000.0)
    player.stop(7_000.0)
    assert player.position_ms(9_500.0) is None


def test_who_starts_late_starts_where_it_would_be_by_then() -> None:
    player = VirtualPlayer()
    player.start(SONG, 10_000.0, 1_000.0, 4_000.0)
    assert player.position_ms(4_000.0) == 13_000.0


def test_a_track_has_to_be_fetched_first() -> None:
    player = VirtualPlayer(Device(fetch_ms=2_000.0))
    player.prepare(SONG, 100.0)
    player.prepare(SONG, 1_500.0)
    assert not player.is_ready(SONG, 2_000.0)
    assert player.is_ready(SONG, 2_100.0)
    player.start({"track": "t:cold"}, 0.0, 3_000.0, 2_500.0)
    assert player.position_ms(4_400.0) is None
    assert player.position_ms(4_500.0) == 1_500.0
    for number in range(FETCHED_MAX):
        player.prepare({"track": f"t:{number}"}, 5_000.0)
    assert not player.is_ready(SONG, 9_000.0)


def test_its_device_drifts_stalls_and_misses() -> None:
    device = Device(
        drift_ppm=50.0,
        start_error_ms=lambda: 30.0,
        splice_error_ms=lambda: -2.0,
        read_error_ms=lambda: 5.0,
        stalls=((2_000.0, 100.0), (5_000.0, 40.0)),
    )
    player = playing(device)
    assert player.heard_ms(1_000.0) == -30.0
    assert player.position_ms(1_000.0) == -25.0
    assert player.heard_ms(2_050.0) == pytest.approx(970 + 0.05)
    assert player.heard_ms(2_100.0) == pytest.approx(970 + 0.05)
    assert player.heard_ms(6_000.0) == pytest.approx(-30 + (5_000 - 140) * 1.00005)
    player.splice(7_000.0, 1.0, 6_000.0)
    assert player.heard_ms(6_000.0) == 6_998.0


def test_what_is_heard_is_behind_what_the_output_gets() -> None:
    player = playing(Device(latency_ms=40.0, hidden_latency_ms=200.0))
    assert player.latency_ms == 40.0
    assert player.position_ms(2_000.0) == 1_000.0
    assert player.heard_ms(2_000.0) == 760.0


@pytest.mark.parametrize("seek_only", [False, True])
def test_the_controller_puts_it_right(seek_only: bool) -> None:
    random = Random(7)
    device = Device(
        drift_ppm=-50.0,
        start_error_ms=lambda: 25.0,
        splice_error_ms=lambda: random.gauss(0, 2),
        read_error_ms=lambda: random.gauss(0, 2),
        stalls=((60_000.0, 90.0),),
        latency_ms=40.0,
        seek_only=seek_only,
    )
    player = VirtualPlayer(device)
    controller = PlaybackController(seek_only=seek_only)
    controller.latency_ms = player.latency_ms
    # To be heard at 1,000 it has to be given to the output earlier.
    player.start(SONG, 0.0, 1_000.0 - player.latency_ms, 0.0)
    errors: dict[float, float] = {}
    now_ms = 1_000.0
    while now_ms < 120_000:
        wanted_ms, position_ms = now_ms - 1_000.0, player.position_ms(now_ms)
        assert position_ms is not None
        match controller.decide(now_ms, wanted_ms, position_ms):
            case Keep(rate):
                if not seek_only:
                    player.set_rate(rate, now_ms)
            case Splice(place_ms, rate):
                player.splice(place_ms, rate, now_ms)
            case Seek(place_ms):
                player.splice(place_ms, 1.0, now_ms)
        heard_ms = player.heard_ms(now_ms)
        assert heard_ms is not None
        errors[now_ms] = abs(heard_ms - wanted_ms)
        now_ms += INTERVAL_MS
    assert player.splices == 1
    assert max(error for at_ms, error in errors.items() if at_ms > 62_000) < (40 if seek_only else 6)
    assert max(error for at_ms, error in errors.items() if 30_000 < at_ms < 60_000) < (40 if seek_only else 3)
