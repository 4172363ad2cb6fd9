/**
 * What an audio context's clock shows at which moment of the page's.
 *
 * `currentTime` leaps by a buffer whenever the device asks for one, so of the readings of the last moment the most
 * advanced is right. `getOutputTimestamp` is as smooth as the device, and says what is heard; it is believed once it
 * has proved sane. How far what is given to the output is ahead of what is heard is then known by measurement, else
 * the context says so.
 *
 * Pure: readings are handed in. Times are ms, the page's those of the client's clock. Does not know contexts.
 */

import { median } from "../jam/median.js";

/** A device drifts from the page's clock by 0.1 ms in so long, at most. */
const WINDOW_MS = 1_500;
const READINGS_MAX = 64;
/** An output that stood still is noticed after so many readings, beyond what a buffer and a busy page explain. */
const STOOD_READINGS = 3;
const STOOD_MS = 4;
/** So many timestamps have to make sense before they are believed, or not any more. */
const SANE_READINGS = 6;
/** A timestamp tells of a buffer or two ago, and of what no output delays for longer. */
const OLD_MS_MAX = 1_000;
/** Most of them agree to this; a device that is late now and then is none the worse. */
const SANE_SPREAD_MS = 10;
/** What is given is ahead by as much as it was until that changed by more than this. */
const HELD_MS = 2;

/** What was read at one moment. `heard`: what getOutputTimestamp says. `saidMs`: base and output latency. */
export interface Reading {
  readonly nowMs: number;
  readonly contextMs: number;
  readonly heard: { readonly contextMs: number; readonly nowMs: number } | null;
  readonly saidMs: number;
}

/** Of one context. Give it readings often. */
export class ContextClock {
  /** How far what is given to the output is ahead of what is heard. */
  latencyMs = 0;
  readonly #given: Line;
  readonly #heard = new Line(median, STOOD_MS);
  #isSane = false;
  #isMeasured = false;
  #lastHeardMs = Number.NEGATIVE_INFINITY;

  /** `bufferMs`: how much the device asks for at once, as far as is known. */
  constructor(bufferMs: number) {
    this.#given = new Line(most, STOOD_MS + bufferMs);
  }

  /** Whether timestamps of the output are believed. */
  get isSane(): boolean {
    return this.#isSane;
  }

  /** What is given to the output at this moment of the page; null before the first reading. */
  contextMs(nowMs: number): number | null {
    const offsetMs = this.#offsetMs();
    return offsetMs === null ? null : nowMs + offsetMs;
  }

  /**
   * Whatever was read before no longer holds: the context stood still, or another device plays. If it `isSameOutput`,
   * what was measured of its latency does.
   */
  reset(isSameOutput = false): void {
    this.#given.clear();
    this.#distrust();
    this.#isMeasured = this.#isMeasured && isSameOutput;
  }

  read({ nowMs, contextMs, heard, saidMs }: Reading): void {
    this.#given.add(nowMs, contextMs - nowMs);
    if (heard === null || !this.#isPlausible(nowMs, contextMs, heard)) {
      this.#distrust();
    } else if (heard.nowMs > this.#lastHeardMs) {
      this.#lastHeardMs = heard.nowMs;
      this.#heard.add(nowMs, heard.contextMs - heard.nowMs);
      if (this.#heard.count >= SANE_READINGS) {
        this.#isSane = this.#heard.spreadMs <= SANE_SPREAD_MS;
      }
    } else if (nowMs - this.#lastHeardMs > OLD_MS_MAX) {
      this.#distrust();
    }
    this.#setLatency(saidMs);
  }

  #offsetMs(): number | null {
    return this.#isSane ? this.#heard.offsetMs! + this.latencyMs : this.#given.offsetMs;
  }

  /** What was once measured is better than what is said, also while timestamps make no sense. */
  #setLatency(saidMs: number): void {
    if (!this.#isSane && this.#isMeasured) {
      return;
    }
    const aheadMs = this.#isSane ? this.#given.offsetMs! - this.#heard.offsetMs! : saidMs;
    this.#isMeasured = this.#isSane;
    if (Math.abs(aheadMs - this.latencyMs) > HELD_MS) {
      this.latencyMs = aheadMs;
    }
  }

  #isPlausible(nowMs: number, contextMs: number, heard: NonNullable<Reading["heard"]>): boolean {
    const agoMs = nowMs - heard.nowMs;
    const behindMs = contextMs - heard.contextMs;
    return (
      heard.contextMs > 0 && agoMs > -STOOD_MS && agoMs < OLD_MS_MAX && behindMs >= 0 && behindMs < OLD_MS_MAX
    );
  }

  #distrust(): void {
    this.#heard.clear();
    this.#isSane = false;
    this.#lastHeardMs = Number.NEGATIVE_INFINITY;
  }
}

/** By how much one clock is ahead of another, from the readings of the last moment. */
class Line {
  #readings: { readonly atMs: number; readonly offsetMs: number }[] = [];
  readonly #choose: (offsets: readonly number[]) => number;
  readonly #stoodMs: number;

  constructor(choose: (offsets: readonly number[]) => number, stoodMs: number) {
    this.#choose = choose;
    this.#stoodMs = stoodMs;
  }

  get offsetMs(): number | null {
    return this.#readings.length === 0 ? null : this.#choose(this.#offsets());
  }

  get count(): number {
    return this.#readings.length;
  }

  /** Within how much the middle half of the readings agrees. */
  get spreadMs(): number {
    const sorted = this.#offsets().sort((one, other) => one - other);
    const quarter = sorted.length >> 2;
    return sorted.at(-1 - quarter)! - sorted[quarter]!;
  }

  clear(): void {
    this.#readings = [];
  }

  add(atMs: number, offsetMs: number): void {
    const recent = this.#readings.filter(reading => reading.atMs > atMs - WINDOW_MS);
    this.#readings = [...recent, { atMs, offsetMs }].slice(-READINGS_MAX);
    const newest = this.#readings.slice(-STOOD_READINGS);
    const chosenMs = this.#choose(this.#offsets());
    const awayMs = newest.map(reading => reading.offsetMs - chosenMs);
    const limitMs = this.#stoodMs;
    if (
      awayMs.length === STOOD_READINGS &&
      (awayMs.every(ms => ms > limitMs) || awayMs.every(ms => ms < -limitMs))
    ) {
      this.#readings = newest;
    }
  }

  #offsets(): number[] {
    return this.#readings.map(({ offsetMs }) => offsetMs);
  }
}

function most(offsets: readonly number[]): number {
  return Math.max(...offsets);
}
