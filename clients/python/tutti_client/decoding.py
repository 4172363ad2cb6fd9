"""From the bytes of a file to samples that can be played.

Of mp3, flac, vorbis and wav, by miniaudio (the extra `player`). A small file may hold hours of silence, so no
more is decoded than will be kept. Knows formats. Does not know where the bytes come from. Blocks for about a
second per ten minutes of music: call it in a thread.
"""

from array import array
from typing import Final

from tutti_client.errors import CannotPlay, NoSound
from tutti_client.mixer import SAMPLE_RATE, Samples, Wave

# 106 MB. Longer than what guests may add to a Jam, and all of it has to be in memory.
MINUTES_MAX: Final = 20

_SAMPLES_MAX: Final = MINUTES_MAX * 60 * SAMPLE_RATE
_NO_EXTRA: Final = "For sound, install the extra: pip install 'tutti-collab[player]'."
# Where a file says what it is; in Ogg the codec's name follows the first page's header.
_HEAD_BYTES: Final = 256


def decode(content: bytes) -> Wave:
    """Raises CannotPlay, and NoSound without the extra."""
    try:
        import miniaudio  # only who wants sound has it
    except ImportError:
        raise NoSound("no_sound", _NO_EXTRA) from None
    samples: Samples = array("h")
    try:
        decoded = miniaudio.stream_memory(
            content, nchannels=1, sample_rate=SAMPLE_RATE, frames_to_read=SAMPLE_RATE
        )
        for second in decoded:
            samples.extend(second)
            if len(samples) > _SAMPLES_MAX:
                raise CannotPlay("too_long", f"This track lasts longer than {MINUTES_MAX} minutes.")
    except miniaudio.DecodeError:
        pass
    if not samples:
        raise CannotPlay("not_decodable", _not_decodable(content[:_HEAD_BYTES]))
    return Wave(samples)


def _not_decodable(head: bytes) -> str:
    if b"OpusHead" in head:
        kind = "is Opus"
    elif head[4:8] == b"ftyp":
        kind = "is MPEG-4 audio"
    else:
        kind = "is none of these, or damaged"
    return f"Here mp3, flac, vorbis and wav can be played; this track {kind}. A browser may play it."
