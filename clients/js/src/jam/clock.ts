/**
 * What time it is in the room.
 *
 * The room's clock is the server's. Each listener measures how far it is from the own one, by exchanges as in NTP
 * (RFC 5905, section 8), and from them makes a time that never jumps without need. Knows exchanges, and what makes
 * some worth more than others. Does not know sockets or timers: it says when it wants to be called, and takes the
 * time of the client's clock as an argument, in ms and fractions, of a clock that never steps back of itself
 * (`performance.now()`).
 *
 *     wait until getTimer(), or until an answer comes
 *     handleTimer(nowMs): if true, send a probe, stamped as late as possible
 *     receive({t0, t1, t2, t3}): the answer
 *     and again; reconnected(nowMs) on a new connection
 *
 * A burst of probes gives one measurement: the quickest way there and the quickest way back, be they of two probes.
 * By how much these two really differ nobody can measure from a path's ends; half the round trip bounds it.
 */

import { type Estimate, firstEstimate } from "./estimate.js";
import { median } from "./median.js";
import { ProbePlan } from "./probes.js";

/**
 * One probe and its answer, in whole µs: `t0` and `t3` of the client's clock, `t1` and `t2` of the server's.
 */
export interface Exchange {
  readonly t0: number;
  readonly t1: number;
  readonly t2: number;
  readonly t3: number;
}

// What the filter believes of networks and clocks, with the reasons.

/** Two clocks that are read to 0.1 ms, and the time between a stamp and the wire. */
const FLOOR_SD_MS = 0.12;
/** The least round trip of this time is what the path can do; longer, and a new path is taken for a queue. */
const LEAST_WITHIN_MS = 180_000;
const GATE_SDS = 5;
const GATE_MS = 1;
/** One odd burst is the network's doing; three alike are the clock's. */
const ODD_IN_A_ROW = 3;
/** Where half the probes wait longer than this over the least, the next burst has more of them. */
const NOISY_MS = 8;
/** 1 ms in a second is inaudible, and catches up with everything but a clock that was set. */
const SLEW = 0.001;
/** No path is quicker than nothing: then a clock was set during the burst. Coarse clocks are forgiven this. */
const BACKWARDS_MS = 1;
/** A clock that goes back by more was set. */
const SET_BACK_MS = 1_000;

/**
 * What one burst says: an offset (from the filter's zero), how wrong it may be, and the shortest round trip that
 * can be put together from it.
 */
interface Measurement {
  readonly atMs: number;
  readonly offsetMs: number;
  readonly sdMs: number;
  readonly roundTripMs: number;
}

/** The room's time on one client. */
export class ClockFilter {
  restarts = 0;
  boundMs = 0;
  rttMs = 0;

  readonly #plan: ProbePlan;
  #lastMs: number;
  #exchanges: Exchange[] = [];
  /**
   * Offsets are kept as differences from the first one that was seen: between clocks of different epochs a double
   * holds them to 0.2 µs only.
   */
  #zeroUs: number | null = null;
  #estimate: Estimate | null = null;
  #roundTrips: Measurement[] = [];
  #aside: Measurement[] = [];
  /** What the shown offset is off the estimate by, and since when that has been shrinking. */
  #residualMs = 0;
  #residualSinceMs: number;
  #wasBroken = false;

  constructor(nowMs: number) {
    this.#plan = new ProbePlan(nowMs);
    this.#lastMs = nowMs;
    this.#residualSinceMs = nowMs;
  }

  // -- when to ask

  /** When `handleTimer` wants to be called, by the client's clock. */
  getTimer(): number {
    return this.#plan.getTimer();
  }

  /** Whether a probe is to be sent now, stamped as late as possible. May be called at any time. */
  handleTimer(nowMs: number): boolean {
    this.#watch(nowMs);
    if (this.#plan.isGivenUp(nowMs)) {
      this.#finish(nowMs);
    }
    return this.#plan.isDue(nowMs);
  }

  /** Another connection, perhaps by another path: asks as at the start. The time stays. */
  reconnected(nowMs: number): void {
    this.#plan.join(nowMs);
    this.#exchanges = [];
    this.#roundTrips = [];
  }

  /** Whether nobody can see the page: then it asks once a minute. */
  setHidden(isHidden: boolean, nowMs: number): void {
    this.#plan.setHidden(isHidden, nowMs);
  }

  /** Takes an answer. One that comes after its probe was given up is dropped. */
  receive(exchange: Exchange): void {
    const nowMs = exchange.t3 / 1000;
    this.#watch(nowMs);
    if (!this.#plan.isAwaited(exchange.t0 / 1000)) {
      return;
    }
    if (exchange.t3 >= exchange.t0 && exchange.t2 >= exchange.t1) {
      this.#exchanges.push(exchange);
    }
    if (this.#plan.receive(nowMs)) {
      this.#finish(nowMs);
    }
  }

  /** Notices a clock that was set back: what was planned by it would be an hour late. */
  #watch(nowMs: number): void {
    if (nowMs < this.#lastMs - SET_BACK_MS) {
      this.#plan.join(nowMs);
      this.#exchanges = [];
    }
    this.#lastMs = nowMs;
  }

  // -- what time it is

  /** Whether the room's time is known at all: after the first burst. */
  get isSet(): boolean {
    return this.#estimate !== null;
  }

  /**
   * The room's time in ms. Between restarts it runs on without a step and never back.
   *
   * Throws RangeError before the first burst (`isSet`).
   */
  roomMs(nowMs: number): number {
    return nowMs + this.offsetMs(nowMs);
  }

  /** How far the room's clock is ahead of the client's, as shown. Throws like `roomMs`. */
  offsetMs(nowMs: number): number {
    const shownMs = this.#shown(this.#known(), nowMs);
    return (this.#zeroUs ?? 0) / 1000 + shownMs;
  }

  /**
   * By how much the offset may be wrong (one sd), the path's asymmetry aside; at most `boundMs` more for that. Grows
   * while nothing is heard. Throws like `roomMs`.
   */
  sdMs(nowMs: number): number {
    return this.#known().at(nowMs).sdMs;
  }

  #known(): Estimate {
    if (this.#estimate === null) {
      throw new RangeError("The room's time is not known before the first answers.");
    }
    return this.#estimate;
  }

  #shown(estimate: Estimate, nowMs: number): number {
    return estimate.at(nowMs).offsetMs + this.#residualAt(estimate, nowMs);
  }

  /** It shrinks at the slew less the clock's own rate, so that both together keep within the slew. */
  #residualAt(estimate: Estimate, nowMs: number): number {
    const perMs = Math.max(SLEW - Math.abs(estimate.rate) / 1000, 0);
    const shrunkMs = Math.max(nowMs - this.#residualSinceMs, 0) * perMs;
    return this.#residualMs > 0
      ? Math.max(this.#residualMs - shrunkMs, 0)
      : Math.min(this.#residualMs + shrunkMs, 0);
  }

  // -- what a burst says

  /** The burst is over: believe it, set it aside, or drop it, and plan the next. */
  #finish(nowMs: number): void {
    const exchanges = this.#exchanges;
    this.#exchanges = [];
    const last = exchanges[exchanges.length - 1];
    if (last === undefined) {
      this.#plan.rest(nowMs, false, false);
      return;
    }
    this.rttMs = median(exchanges.map(({ t0, t1, t2, t3 }) => (t3 - t0 - (t2 - t1)) / 1000));
    const [measurement, excessMs] = this.#measure(exchanges, last.t3);
    const isBroken = measurement.roundTripMs < -BACKWARDS_MS;
    const atOnce = isBroken ? !this.#wasBroken : this.#weigh(measurement);
    this.#wasBroken = isBroken;
    this.#plan.rest(nowMs, excessMs > NOISY_MS, atOnce);
  }

  /** The burst's measurement, and by how much its median round trip exceeds the least. */
  #measure(exchanges: readonly Exchange[], atUs: number): [Measurement, number] {
    const [first] = exchanges as [Exchange];
    this.#zeroUs ??= first.t1 - first.t0;
    const zeroUs = this.#zeroUs;
    const rate = this.#estimate?.rate ?? 0;
    // What the clocks drifted between an exchange and the burst's end is taken out at the known rate.
    const there = exchanges.map(({ t0, t1 }) => (t1 - t0 - zeroUs) / 1000 + rate * ((atUs - t0) / 1e6));
    const back = exchanges.map(({ t2, t3 }) => (t3 - t2 + zeroUs) / 1000 - rate * ((atUs - t3) / 1e6));
    const thereMs = Math.min(...there);
    const backMs = Math.min(...back);
    const atMs = atUs / 1000;
    const roundTripMs = thereMs + backMs;
    const leastMs = Math.min(roundTripMs, ...this.#recent(atMs).map(known => known.roundTripMs));
    const excessMs = Math.max(this.rttMs - leastMs, 0);
    const sdMs = FLOOR_SD_MS + (roundTripMs - leastMs) / 2 + excessMs / exchanges.length;
    return [{ atMs, offsetMs: (thereMs - backMs) / 2, sdMs, roundTripMs }, excessMs];
  }

  /** Believes the measurement or sets it aside. True if the next burst is wanted at once. */
  #weigh(measurement: Measurement): boolean {
    this.#remember(measurement);
    if (this.#estimate === null) {
      this.#start(measurement, []);
      return false;
    }
    const expected = this.#estimate.at(measurement.atMs);
    if (!isOdd(expected, measurement)) {
      this.#aside = [];
      this.#believe(expected.measured(measurement.offsetMs, measurement.sdMs), measurement);
      return false;
    }
    this.#aside.push(measurement);
    if (this.#aside.length < ODD_IN_A_ROW) {
      return true;
    }
    // Three that contradict each other too are no clock. The next will be judged with the last two.
    const [first, ...others] = this.#aside as [Measurement, ...Measurement[]];
    const fresh = firstEstimate(first.atMs, first.offsetMs, first.sdMs);
    if (others.some(other => isOdd(fresh.at(other.atMs), other))) {
      this.#aside = others;
    } else {
      this.#start(first, others);
      this.restarts += 1;
    }
    return false;
  }

  /** Forgets everything but these; the time steps. */
  #start(first: Measurement, others: readonly Measurement[]): void {
    this.#estimate = others.reduce(
      (estimate, other) => estimate.at(other.atMs).measured(other.offsetMs, other.sdMs),
      firstEstimate(first.atMs, first.offsetMs, first.sdMs),
    );
    this.#residualMs = 0;
    this.#aside = [];
    this.#roundTrips = [];
    for (const measurement of [first, ...others]) {
      this.#remember(measurement);
    }
    this.#bound(others[others.length - 1] ?? first);
  }

  /** The time goes on from where it is shown, and from there to the new estimate. */
  #believe(estimate: Estimate, measurement: Measurement): void {
    const shownMs = this.#shown(this.#known(), measurement.atMs);
    this.#estimate = estimate;
    this.#residualMs = shownMs - estimate.offsetMs;
    this.#residualSinceMs = measurement.atMs;
    this.#bound(measurement);
  }

  #bound(measurement: Measurement): void {
    this.boundMs = Math.max(measurement.roundTripMs, 0) / 2;
  }

  #remember(measurement: Measurement): void {
    // A longer round trip before a shorter one can never be the least again.
    const kept = this.#recent(measurement.atMs).filter(known => known.roundTripMs < measurement.roundTripMs);
    this.#roundTrips = [...kept, measurement];
  }

  /** The round trips of the last minutes. */
  #recent(atMs: number): Measurement[] {
    return this.#roundTrips.filter(known => known.atMs > atMs - LEAST_WITHIN_MS && known.atMs <= atMs);
  }
}

function isOdd(expected: Estimate, measurement: Measurement): boolean {
  const allowedMs = GATE_SDS * expected.surpriseSdMs(measurement.sdMs);
  return Math.abs(measurement.offsetMs - expected.offsetMs) > allowedMs + GATE_MS;
}
