"""The player that makes sound, on a device that throws it away."""

import threading
import time
from array import array
from collections.abc import Callable
from functools import partial

import pytest

from tutti_client import sound_player
from tutti_client.clock import DEVICE
from tutti_client.errors import CannotPlay, NoSound
from tutti_client.mixer import Wave
from tutti_client.player import Player, Track
from tutti_client.sound_player import KEPT_MAX, SoundPlayer
from tutti_client.tones import tone

SONG: Track = {"track": "demo:one"}
HUNG_S = 20.0


def wait_for(is_so: Callable[[], bool]) -> None:
    """A device has no way to tell what it has played."""
    deadline_s = time.monotonic() + HUNG_S
    while not is_so():
        assert time.monotonic() < deadline_s
        time.sleep(0.005)


def now_ms() -> float:
    return DEVICE.monotonic_ms()


def test_it_plays() -> None:
    with SoundPlayer(tone, silent=True) as sound:
        player: Player = sound
        player.prepare(SONG, now_ms())
        wait_for(lambda: player.is_ready(SONG, now_ms()))
        player.start(SONG, 5_000.0, now_ms() - 100, now_ms())
        wait_for(lambda: (player.position_ms(now_ms()) or 0) > 5_150)
        player.splice(60_000.0, 1.0, now_ms())
        wait_for(lambda: (player.position_ms(now_ms()) or 0) > 60_050)
        player.stop(now_ms())
        assert player.position_ms(now_ms()) is None


def test_a_track_that_cannot_be_made_is_broken() -> None:
    asked = threading.Event()

    def source(track: Track) -> Wave:
        asked.set()
        raise OSError("no such file")

    with SoundPlayer(source, silent=True) as player:
        player.prepare(SONG, 0.0)
        assert asked.wait(HUNG_S)
        wait_for(lambda: player.is_broken(SONG))
        assert not player.is_ready(SONG, 0.0)
        for number in range(KEPT_MAX):
            player.prepare({"track": f"t:{number}"}, 0.0)
        assert not player.is_broken(SONG)


def test_without_the_extra_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "miniaudio", None)
    with pytest.raises(NoSound, match="player"):
        SoundPlayer(tone)


def test_it_says_why_a_track_is_broken() -> None:
    def source(track: Track) -> Wave:
        raise CannotPlay("too_long", "This track is too long.")

    with SoundPlayer(source, silent=True) as player:
        assert player.why_broken(SONG) is None
        player.prepare(SONG, 0.0)
        wait_for(lambda: player.is_broken(SONG))
        assert str(player.why_broken(SONG)) == "This track is too long."


def test_it_keeps_only_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    wave = Wave(array("h", bytes(2_000)))
    monkeypatch.setattr(sound_player, "KEPT_BYTES_MAX", 5_000)
    with SoundPlayer(lambda track: wave, silent=True) as player:
        tracks: list[Track] = [{"track": f"t:{number}"} for number in range(5)]
        for track in tracks:
            player.prepare(track, 0.0)
            wait_for(partial(player.is_ready, track, 0.0))
        assert [player.is_ready(track, 0.0) for track in tracks] == [False, False, True, True, True]
        # What plays and what is next stay, however long they are.
        monkeypatch.setattr(sound_player, "KEPT_BYTES_MAX", 100)
        player.prepare({"track": "t:5"}, 0.0)
        assert [player.is_ready(track, 0.0) for track in tracks] == [False] * 4 + [True]
