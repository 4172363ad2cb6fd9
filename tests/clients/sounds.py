"""Small files of music in every format that a catalogue takes."""

import io

import numpy as np
import soundfile

from tutti_client.mixer import SAMPLE_RATE

DECODED = ("WAV", "FLAC", "VORBIS", "MP3")


def sound(kind: str, seconds: float = 2.0, click_at_s: float = 1.0) -> bytes:
    """A file of silence with one click; of one of `DECODED`, or OPUS."""
    rate = 48_000 if kind == "OPUS" else SAMPLE_RATE
    samples = np.zeros(int(seconds * rate), np.float32)
    click = int(click_at_s * rate)
    samples[click : click + 64] = np.hanning(64)
    named, coding = {
        "WAV": ("WAV", "PCM_16"),
        "FLAC": ("FLAC", "PCM_16"),
        "VORBIS": ("OGG", "VORBIS"),
        "OPUS": ("OGG", "OPUS"),
        "MP3": ("MP3", "MPEG_LAYER_III"),
    }[kind]
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=named, subtype=coding)
    return file.getvalue()
