"""How far the server's clock is ahead, and how fast that changes.

A Kalman filter over (offset, rate): Kalman 1960, in the form that NTP's descendants use. Each measurement
says how much it may be trusted; a rate learned from many of them carries the clock through minutes without
any. Knows arithmetic. Does not know probes, bursts, or which measurements deserve to be heard.

Offsets are in ms from a place that the caller chooses, times in ms of the client's clock, rates in ms per
second: 0.001 of them is one part in a million.
"""

from dataclasses import dataclass
from math import sqrt

PPM = 0.001
# A clock is up to 50 ppm wrong when we meet it, and what it is wrong by wanders 0.1 ppm in a minute.
RATE_SD = 50 * PPM
RATE_WALK_VARIANCE_PER_S = (0.1 * PPM) ** 2 / 60


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is believed at `at_ms`: two means and their covariance."""

    at_ms: float
    offset_ms: float
    rate: float
    offset_variance: float
    covariance: float
    rate_variance: float

    def at(self, now_ms: float) -> "Estimate":
        """What that means later. Earlier, as a clock that was set back may have it: as it stands."""
        elapsed_s = max(now_ms - self.at_ms, 0.0) / 1000
        walked = RATE_WALK_VARIANCE_PER_S * elapsed_s
        covariance = self.covariance + elapsed_s * self.rate_variance
        return Estimate(
            now_ms,
            self.offset_ms + self.rate * elapsed_s,
            self.rate,
            self.offset_variance
            + elapsed_s * (self.covariance + covariance)
            + walked * elapsed_s * elapsed_s / 3,
            covariance + walked * elapsed_s / 2,
            self.rate_variance + walked,
        )

    def measured(self, offset_ms: float, sd_ms: float) -> "Estimate":
        """What is believed once a measurement at `at_ms`, wrong by `sd_ms`, has been heard."""
        total = self.offset_variance + sd_ms * sd_ms
        gain, rate_gain = self.offset_variance / total, self.covariance / total
        surprise_ms = offset_ms - self.offset_ms
        return Estimate(
            self.at_ms,
            self.offset_ms + gain * surprise_ms,
            self.rate + rate_gain * surprise_ms,
            self.offset_variance - gain * self.offset_variance,
            self.covariance - gain * self.covariance,
            self.rate_variance - rate_gain * self.covariance,
        )

    def surprise_sd_ms(self, sd_ms: float) -> float:
        """By how much a measurement at `at_ms`, wrong by `sd_ms`, may be expected to differ."""
        return sqrt(self.offset_variance + sd_ms * sd_ms)

    @property
    def sd_ms(self) -> float:
        return sqrt(self.offset_variance)


def first_estimate(at_ms: float, offset_ms: float, sd_ms: float) -> Estimate:
    """From one measurement alone: nothing is known of the rate."""
    return Estimate(at_ms, offset_ms, 0.0, sd_ms * sd_ms, 0.0, RATE_SD * RATE_SD)
