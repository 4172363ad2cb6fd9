"""Clocks that are wrong by as much as a test says."""

from tutti_client.clock import DEVICE, Clock

# What a monotonic clock shows may be anything from 0 up: room enough to be an hour behind.
_AT_LEAST_MS = 10_000_000


def skewed(*, ahead_ms: float = 0.0, ppm: float = 0.0) -> Clock:
    """The device's clock, ahead by so much and too fast by so many millionths, the wall clock with it."""
    start_ms, wall_ms = DEVICE.monotonic_ms(), DEVICE.wall_ms()

    def passed_ms() -> float:
        return (DEVICE.monotonic_ms() - start_ms) * (1 + ppm / 1e6)

    return Clock(
        lambda: _AT_LEAST_MS + ahead_ms + passed_ms(),
        lambda: wall_ms + int(ahead_ms + passed_ms()),
    )
