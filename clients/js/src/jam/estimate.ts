/**
 * How far the server's clock is ahead, and how fast that changes.
 *
 * A Kalman filter over (offset, rate): Kalman 1960, in the form that NTP's descendants use. Each measurement says
 * how much it may be trusted; a rate learned from many of them carries the clock through minutes without any.
 * Knows arithmetic. Does not know probes, bursts, or which measurements deserve to be heard.
 *
 * Offsets are in ms from a place that the caller chooses, times in ms of the client's clock, rates in ms per
 * second: 0.001 of them is one part in a million.
 */

const PPM = 0.001;
/** A clock is up to 50 ppm wrong when we meet it, and what it is wrong by wanders 0.1 ppm in a minute. */
const RATE_SD = 50 * PPM;
const RATE_WALK_VARIANCE_PER_S = (0.1 * PPM * (0.1 * PPM)) / 60;

/** What is believed at `atMs`: two means and their covariance. */
export class Estimate {
  constructor(
    readonly atMs: number,
    readonly offsetMs: number,
    readonly rate: number,
    readonly offsetVariance: number,
    readonly covariance: number,
    readonly rateVariance: number,
  ) {}

  /** What that means later. Earlier, as a clock that was set back may have it: as it stands. */
  at(nowMs: number): Estimate {
    const elapsedS = Math.max(nowMs - this.atMs, 0) / 1000;
    const walked = RATE_WALK_VARIANCE_PER_S * elapsedS;
    const covariance = this.covariance + elapsedS * this.rateVariance;
    return new Estimate(
      nowMs,
      this.offsetMs + this.rate * elapsedS,
      this.rate,
      this.offsetVariance + elapsedS * (this.covariance + covariance) + (walked * elapsedS * elapsedS) / 3,
      covariance + (walked * elapsedS) / 2,
      this.rateVariance + walked,
    );
  }

  /** What is believed once a measurement at `atMs`, wrong by `sdMs`, has been heard. */
  measured(offsetMs: number, sdMs: number): Estimate {
    const total = this.offsetVariance + sdMs * sdMs;
    const gain = this.offsetVariance / total;
    const rateGain = this.covariance / total;
    const surpriseMs = offsetMs - this.offsetMs;
    return new Estimate(
      this.atMs,
      this.offsetMs + gain * surpriseMs,
      this.rate + rateGain * surpriseMs,
      this.offsetVariance - gain * this.offsetVariance,
      this.covariance - gain * this.covariance,
      this.rateVariance - rateGain * this.covariance,
    );
  }

  /** By how much a measurement at `atMs`, wrong by `sdMs`, may be expected to differ. */
  surpriseSdMs(sdMs: number): number {
    return Math.sqrt(this.offsetVariance + sdMs * sdMs);
  }

  get sdMs(): number {
    return Math.sqrt(this.offsetVariance);
  }
}

/** From one measurement alone: nothing is known of the rate. */
export function firstEstimate(atMs: number, offsetMs: number, sdMs: number): Estimate {
  return new Estimate(atMs, offsetMs, 0, sdMs * sdMs, 0, RATE_SD * RATE_SD);
}
