/**
 * How a player is kept at the right place.
 *
 * Four times a second the wanted position is compared with the heard one, and the answer is a playback rate that
 * nobody can hear, or, when the device stalled and the gap is large, a fresh start at the right place. Knows what
 * ears and audio devices bear. Does not know clocks, timelines or players: positions and `nowMs` are handed in,
 * decisions are handed back.
 *
 *     error ── locked ──> 8 ms ──> nudge ──> 30 ms three times running, or 500 ms ──> splice
 *                 └────── < 3 ms <───┘
 *     start ──> three readings ──> 8 ms ──> splice, once, within the first second
 */

import { median } from "./median.js";

export const INTERVAL_MS = 250;
/** In the first two seconds, so that a start that missed is put right before anybody has found the beat. */
export const START_INTERVAL_MS = 100;

// What is inaudible and what devices do, with the reasons. Errors in ms, rates as differences from 1.

/** A read-out is off by some ms, now and then by much more: the median drops these, the weight smooths. */
const WINDOW = 5;
const WEIGHT = 0.35;
const LOCK_BELOW_MS = 3;
const UNLOCK_ABOVE_MS = 8;
/** Slow enough to average the read-out's noise away. */
const LOCKED_WITHIN_MS = 8_000;
const LOCKED_MOST = 0.001;
/** A change of half a percent is an eleventh of a semitone: nobody hears it. */
const NUDGE_WITHIN_MS = 4_000;
const NUDGE_MOST = 0.005;
/** The device's own drift is learned about as slowly as the error is taken out. */
const BASE_WITHIN_MS = 32_000;
const BASE_MOST = 0.0003;
/** Beyond this a nudge would take too long to be worth hearing an echo of the others. */
const SPLICE_ABOVE_MS = 30;
const SPLICE_TIMES = 3;
const SPLICE_AT_ONCE_MS = 500;
/** A device that misses a fresh start by this much would miss the next one too; do not stutter. */
const SPLICE_APART_MS = 5_000;
/**
 * A start may land 30 ms off. Nudged, that would be heard as an echo for seconds; and what is left after it was put
 * right can be nudged away sooner, while readings still come often.
 */
const START_ABOVE_MS = 8;
const START_READINGS = 3;
const START_WITHIN_MS = 1_000;
const START_NUDGE_WITHIN_MS = 1_000;
const START_NUDGE_FOR_MS = 2_000;
/** Safari's media element plays on for a while when its rate is changed, and stutters: it is only sought. */
const SEEK_ABOVE_MS = 40;
const SEEK_TIMES = 2;
/** After a suspended tab the error of the gap is not the device's drift. */
const ELAPSED_MOST_MS = 1_000;

/**
 * - keep: play on at this rate, a factor of the timeline's own.
 * - splice: start a second voice at this position as of now, cross-fade within 20 ms, and go on at this rate.
 * - seek: set the media element to this position as of now.
 */
export type Decision =
  | { readonly kind: "keep"; readonly rate: number }
  | { readonly kind: "splice"; readonly positionMs: number; readonly rate: number }
  | { readonly kind: "seek"; readonly positionMs: number };

/** Keeps one output of one device. Ask it every `INTERVAL_MS` while it plays. */
export class PlaybackController {
  /** What the output says of itself: more of it plays earlier. May change at any time. */
  latencyMs = 0;
  /** What the listener adds by ear for what the output does not say (a loudspeaker by radio, say). */
  nudgeMs = 0;
  isLocked = false;

  readonly #seekOnly: boolean;
  #base = 0;
  #correctedMs: number | null = null;
  #startedMs: number | null = null;
  #mayMiss = false;
  #recent: number[] = [];
  #smoothedMs: number | null = null;
  #decidedMs: number | null = null;
  #far = 0;

  constructor({ seekOnly = false } = {}) {
    this.#seekOnly = seekOnly;
  }

  /**
   * The player was started at this time. By how much it missed is put right in its first second, once; where the
   * place can only be sought, a second try would miss as the first did.
   */
  started(nowMs: number): void {
    this.reset();
    this.#startedMs = nowMs;
    this.#mayMiss = !this.#seekOnly;
    this.#correctedMs = null;
  }

  /** Whether to ask it every `START_INTERVAL_MS`. */
  isStarting(nowMs: number): boolean {
    return this.#isWithin(nowMs, START_NUDGE_FOR_MS);
  }

  #isWithin(nowMs: number, sinceStartMs: number): boolean {
    return this.#startedMs !== null && nowMs < this.#startedMs + sinceStartMs;
  }

  /** After the player was paused or sought, or started long ago. What is known of the device's drift stays. */
  reset(): void {
    this.#recent = [];
    this.#smoothedMs = null;
    this.#decidedMs = null;
    this.#far = 0;
    this.isLocked = false;
  }

  /** Wanted less heard, smoothed: above 0 the player is behind. 0 before the first reading. */
  get errorMs(): number {
    return this.#smoothedMs ?? 0;
  }

  /** What the device's rate is corrected by when there is no error. */
  get base(): number {
    return this.#base;
  }

  /**
   * What the player must do now. `wantedMs`: where the timeline is; `positionMs`: what the player gives to its
   * output at the moment. `nowMs` may be of any clock that does not step back.
   */
  decide(nowMs: number, wantedMs: number, positionMs: number): Decision {
    const earlyMs = this.latencyMs + this.nudgeMs;
    const errorMs = wantedMs + earlyMs - positionMs;
    const smoothedMs = this.#smooth(errorMs);
    const elapsedMs = this.#decidedMs === null ? 0 : nowMs - this.#decidedMs;
    this.#decidedMs = nowMs;
    const isTooFar = this.#isTooFar(errorMs);
    if (this.#missedItsStart(nowMs)) {
      this.#mayMiss = false;
    } else if (isTooFar && this.#mayCorrect(nowMs)) {
      this.#correctedMs = nowMs;
    } else {
      return this.#keep(nowMs, smoothedMs, elapsedMs);
    }
    this.reset();
    const placeMs = wantedMs + earlyMs;
    return this.#seekOnly
      ? { kind: "seek", positionMs: placeMs }
      : { kind: "splice", positionMs: placeMs, rate: 1 + this.#base };
  }

  #keep(nowMs: number, smoothedMs: number, elapsedMs: number): Decision {
    this.#lock(Math.abs(smoothedMs));
    const rate = this.#seekOnly ? 1 : 1 + this.#correction(smoothedMs, elapsedMs, this.isStarting(nowMs));
    return { kind: "keep", rate };
  }

  #smooth(errorMs: number): number {
    this.#recent = [...this.#recent, errorMs].slice(-WINDOW);
    const medianMs = median(this.#recent);
    const beforeMs = this.#smoothedMs ?? medianMs;
    this.#smoothedMs = beforeMs + WEIGHT * (medianMs - beforeMs);
    return this.#smoothedMs;
  }

  /**
   * Single readings count here, so that a stall is answered within a second; a wild one is alone, and the median
   * does not know it.
   */
  #isTooFar(errorMs: number): boolean {
    const [limitMs, times] = this.#seekOnly ? [SEEK_ABOVE_MS, SEEK_TIMES] : [SPLICE_ABOVE_MS, SPLICE_TIMES];
    this.#far = Math.abs(errorMs) > limitMs ? this.#far + 1 : 0;
    return this.#far >= times || Math.abs(median(this.#recent)) > SPLICE_AT_ONCE_MS;
  }

  #missedItsStart(nowMs: number): boolean {
    const isEarly = this.#mayMiss && this.#isWithin(nowMs, START_WITHIN_MS);
    if (!isEarly || this.#recent.length < START_READINGS) {
      return false;
    }
    return Math.abs(median(this.#recent)) > START_ABOVE_MS;
  }

  #mayCorrect(nowMs: number): boolean {
    return this.#correctedMs === null || nowMs - this.#correctedMs >= SPLICE_APART_MS;
  }

  #lock(sizeMs: number): void {
    if (sizeMs < LOCK_BELOW_MS) {
      this.isLocked = true;
    } else if (sizeMs > UNLOCK_ABOVE_MS) {
      this.isLocked = false;
    }
  }

  #correction(errorMs: number, elapsedMs: number, isStarting: boolean): number {
    if (!this.isLocked) {
      const withinMs = isStarting ? START_NUDGE_WITHIN_MS : NUDGE_WITHIN_MS;
      return limited(this.#base + errorMs / withinMs, NUDGE_MOST);
    }
    const passedMs = Math.min(Math.max(elapsedMs, 0), ELAPSED_MOST_MS);
    const learned = (errorMs * passedMs) / (LOCKED_WITHIN_MS * BASE_WITHIN_MS);
    this.#base = limited(this.#base + learned, BASE_MOST);
    return limited(this.#base + errorMs / LOCKED_WITHIN_MS, LOCKED_MOST);
  }
}

function limited(value: number, most: number): number {
  return Math.min(Math.max(value, -most), most);
}
