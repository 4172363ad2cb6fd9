/**
 * A worker's time, by the page's clock.
 *
 * Both count from a moment of their own, and say when that was; so the difference is known at once, and exactly, in
 * browsers that derive both from one clock. Where that is not so (the device's clock was set between the two, or the
 * page's is not the device's) letters tell: none comes before it left, and the quickest of them is hardly slower. So
 * each way gives a bound, and what the browser says is believed as far as it keeps them. Pure: times are arguments,
 * ms.
 */

import type { Crossing } from "./letters.js";

/** So fast two clocks of one machine may part at worst; a bound of some seconds ago is that much less sharp. */
const DRIFT = 200e-6;

/** Say of each letter how it crossed. */
export class ThreadClock {
  /** What the page's clock shows more than the worker's: as the browser says, and at least and at most. */
  readonly #saidMs: number;
  #leastMs = Number.NEGATIVE_INFINITY;
  #mostMs = Number.POSITIVE_INFINITY;
  #leastAtMs = 0;
  #mostAtMs = 0;

  /** When each of the two clocks began, in ms since 1970. */
  constructor(pageOriginMs: number, workerOriginMs: number) {
    this.#saidMs = workerOriginMs - pageOriginMs;
  }

  /** The page's letter reached the worker. */
  toWorker({ leftMs, cameMs }: Crossing): void {
    const least = leftMs - cameMs;
    const aged = this.#leastMs - DRIFT * (leftMs - this.#leastAtMs);
    if (least >= aged) {
      this.#leastMs = least;
      this.#leastAtMs = leftMs;
    }
    if (this.#least(leftMs) > this.#most(leftMs)) {
      this.#mostMs = Number.POSITIVE_INFINITY;
    }
  }

  /** The worker's letter reached the page. */
  toPage({ leftMs, cameMs }: Crossing): void {
    const most = cameMs - leftMs;
    if (most <= this.#most(cameMs)) {
      this.#mostMs = most;
      this.#mostAtMs = cameMs;
    }
    if (this.#least(cameMs) > this.#most(cameMs)) {
      this.#leastMs = Number.NEGATIVE_INFINITY;
    }
  }

  /** How long ago this moment of the worker's clock was, at this moment of the page's. */
  ageMs(workerMs: number, nowMs: number): number {
    return Math.max(0, nowMs - (workerMs + this.#aheadMs(nowMs)));
  }

  /** How long the page's letter took, as far as is known now. */
  tookMs({ leftMs, cameMs }: Crossing, nowMs: number): number {
    return Math.max(0, cameMs + this.#aheadMs(nowMs) - leftMs);
  }

  #aheadMs(nowMs: number): number {
    return Math.min(Math.max(this.#saidMs, this.#least(nowMs)), this.#most(nowMs));
  }

  #least(nowMs: number): number {
    return this.#leastMs - DRIFT * (nowMs - this.#leastAtMs);
  }

  #most(nowMs: number): number {
    return this.#mostMs + DRIFT * (nowMs - this.#mostAtMs);
  }
}
