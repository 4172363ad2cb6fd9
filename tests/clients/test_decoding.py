"""Files as encoders write them, and as accidents leave them."""

import pytest

from tests.clients.sounds import DECODED, sound
from tutti_client import decoding
from tutti_client.decoding import decode
from tutti_client.errors import CannotPlay, NoSound
from tutti_client.mixer import SAMPLE_RATE


@pytest.mark.parametrize("kind", DECODED)
def test_a_click_is_where_it_was(kind: str) -> None:
    """Also in mp3, whose encoders put silence in front: players everywhere have to take it off alike."""
    samples = decode(sound(kind)).samples
    assert len(samples) == 2 * SAMPLE_RATE
    loudest = max(range(len(samples)), key=lambda place: abs(samples[place]))
    assert abs(loudest - (SAMPLE_RATE + 32)) < SAMPLE_RATE // 1000


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (sound("OPUS"), "Opus"),
        (b"\0\0\0\x20ftypM4A \0\0\0\0M4A mp42isom\0\0\0\0" + bytes(1_000), "MPEG-4"),
        (b"", "damaged"),
        (b"no music at all", "damaged"),
        (bytes(10_000), "damaged"),
        (sound("FLAC")[:40], "damaged"),
    ],
)
def test_what_cannot_be_decoded_says_so(content: bytes, said: str) -> None:
    with pytest.raises(CannotPlay, match=said) as refused:
        decode(content)
    assert refused.value.code == "not_decodable"


@pytest.mark.parametrize("kind", DECODED)
def test_of_a_file_that_was_cut_off_the_beginning_is_heard(kind: str) -> None:
    content = sound(kind, click_at_s=0.2)
    assert 0 < len(decode(content[:-100]).samples) <= 2 * SAMPLE_RATE


def test_a_small_file_may_hold_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "_SAMPLES_MAX", 5 * SAMPLE_RATE)
    assert decode(sound("FLAC", 5.0)).samples
    long = sound("FLAC", 600.0)
    assert len(long) < 200_000
    with pytest.raises(CannotPlay, match="longer") as refused:
        decode(long)
    assert refused.value.code == "too_long"


def test_without_the_extra_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "miniaudio", None)
    with pytest.raises(NoSound, match="player"):
        decode(b"")
