"""Sound from this machine's output.

A `Player` on miniaudio (the extra `player`). Knows devices and threads: the device asks for samples in a
thread of its own, tracks are made ready in another. What the samples are is the mixer's.
"""

import os
import sys
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import Any, Final

from tutti_client.clock import DEVICE, Clock
from tutti_client.errors import NoSound
from tutti_client.mixer import SAMPLE_RATE, Mixer, Wave
from tutti_client.music import Source
from tutti_client.player import Track

# Short enough that a pause is heard at once, long enough for Python to fill it in time.
BUFFER_MS: Final = 60
# Tracks that are kept: what plays, what is next, and a few that were thought of again.
KEPT_MAX: Final = 8
# And what they may have together before the oldest goes: three of the longest that are decoded.
KEPT_BYTES_MAX: Final = 320 * 1024 * 1024
# What plays, and what is next.
_KEPT_ALWAYS: Final = 2


class SoundPlayer:
    """See the module. `source` makes a track's samples, as `music.Music` does, and may take its time; what it
    raises means that the track cannot be played. `close` at the end."""

    latency_ms: float = BUFFER_MS
    seek_only = False

    def __init__(self, source: Source, clock: Clock = DEVICE, *, silent: bool = False) -> None:
        """`silent` plays on a device that throws everything away. Raises NoSound."""
        self._source = source
        self._clock = clock
        self._mixer = Mixer()
        self._lock = Lock()
        # Only the newest start counts, however long its track takes.
        self._wishes = 0
        self._makers = ThreadPoolExecutor(1, "tutti sound")
        self._waves: dict[object, Future[Wave]] = {}
        self._device = _open_device(silent)
        stream = self._stream()
        next(stream)
        self._device.start(stream)

    def close(self) -> None:
        self._device.close()
        self._makers.shutdown(wait=False, cancel_futures=True)

    def __enter__(self) -> "SoundPlayer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- as a player -----------------------------------------------------------------------------------------

    def prepare(self, track: Track, now_ms: float) -> None:
        if track["track"] not in self._waves:
            self._waves[track["track"]] = self._makers.submit(self._source, track)
            while len(self._waves) > _KEPT_ALWAYS and self._is_too_much():
                del self._waves[next(iter(self._waves))]

    def _is_too_much(self) -> bool:
        kept_bytes = sum(_bytes_in(made) for made in self._waves.values())
        return len(self._waves) > KEPT_MAX or kept_bytes > KEPT_BYTES_MAX

    def is_ready(self, track: Track, now_ms: float) -> bool:
        made = self._waves.get(track["track"])
        return made is not None and _is_made(made)

    def is_broken(self, track: Track) -> bool:
        return self.why_broken(track) is not None

    def why_broken(self, track: Track) -> Exception | None:
        """What says why this track cannot be played here, if that is known by now."""
        made = self._waves.get(track["track"])
        if made is None or not made.done() or made.cancelled():
            return None
        error = made.exception()
        return error if isinstance(error, Exception) else None

    def start(self, track: Track, position_ms: float, at_ms: float, now_ms: float) -> None:
        self.prepare(track, now_ms)
        with self._lock:
            self._wishes += 1
            wish = self._wishes
        self._waves[track["track"]].add_done_callback(partial(self._start, wish, position_ms, at_ms))

    def _start(self, wish: int, position_ms: float, at_ms: float, made: Future[Wave]) -> None:
        """In whatever thread made the wave, or at once."""
        if not _is_made(made):
            return
        with self._lock:
            if wish == self._wishes:
                self._mixer.start(made.result(), position_ms, at_ms, self._clock.monotonic_ms())

    def position_ms(self, now_ms: float) -> float | None:
        with self._lock:
            return self._mixer.position_ms(now_ms)

    def set_rate(self, rate: float, now_ms: float) -> None:
        with self._lock:
            self._mixer.set_rate(rate)

    def splice(self, position_ms: float, rate: float, now_ms: float) -> None:
        with self._lock:
            self._mixer.splice(position_ms, rate, now_ms)

    def stop(self, now_ms: float) -> None:
        with self._lock:
            self._wishes += 1
            self._mixer.stop()

    # -- as a device has it ----------------------------------------------------------------------------------

    def _stream(self) -> Generator[bytes, int, None]:
        """Runs in the device's thread."""
        given = b""
        while True:
            count = yield given
            now_ms = self._clock.monotonic_ms()
            with self._lock:
                given = self._mixer.fill(count, now_ms).tobytes()


def _is_made(made: Future[Wave]) -> bool:
    return made.done() and not made.cancelled() and made.exception() is None


def _bytes_in(made: Future[Wave]) -> int:
    if not _is_made(made):
        return 0
    samples = made.result().samples
    return len(samples) * samples.itemsize


def _open_device(silent: bool) -> Any:
    try:
        import miniaudio  # only who wants sound has it
    except ImportError:
        raise NoSound(
            "no_sound", "For sound, install the extra: pip install 'tutti-collab[player]'."
        ) from None
    backends = [miniaudio.Backend.NULL] if silent else None
    try:
        with _hushed():
            return miniaudio.PlaybackDevice(
                output_format=miniaudio.SampleFormat.SIGNED16,
                nchannels=1,
                sample_rate=SAMPLE_RATE,
                buffersize_msec=BUFFER_MS,
                backends=backends,
                app_name="Tutti",
            )
    except miniaudio.MiniaudioError as error:
        raise NoSound("no_sound", "This machine has no output to play on.") from error


@contextmanager
def _hushed() -> Iterator[None]:
    """While it looks for devices ALSA tells the terminal what it does not find."""
    try:
        terminal = sys.stderr.fileno()
    except (OSError, ValueError, AttributeError):
        yield
        return
    kept = os.dup(terminal)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, terminal)
        yield
    finally:
        os.dup2(kept, terminal)
        os.close(kept)
        os.close(nowhere)
