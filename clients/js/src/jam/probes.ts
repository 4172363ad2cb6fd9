/**
 * When to ask the server for its time.
 *
 * Probes go out in bursts, one after another: the quickest of several says most, and probes that wait in one queue
 * would say the same. Many at the start, when the rate of the clock is unknown; few later. Knows intervals and what
 * is under way. Does not know what the answers mean: the filter says whether a burst was noisy or odd.
 */

const JOIN_PROBES = 12;
/** Closer together, they would meet the same queue. */
const SPACING_MS = 25;
/** The rate is learned from the ends of a longer and longer base line: at first it pays to ask often. */
const EARLY_EVERY_MS = 2_000;
const EARLY_FOR_MS = 10_000;
const EVERY_MS = 10_000;
const PROBES = 4;
/** Where queues are long, an empty one is met more seldom. */
const NOISY_PROBES = 8;
/** A hidden tab's timers are throttled, and nobody looks at it. */
const HIDDEN_EVERY_MS = 60_000;
/** Over TCP an answer is late, never lost; later than this the connection is dark, and asking can wait. */
const ANSWER_WITHIN_MS = 2_000;

/** The schedule of one connection's probes. At most one is under way. */
export class ProbePlan {
  #isHidden = false;
  #isNoisy = false;
  #joinedMs = 0;
  #beganMs = 0;
  #dueMs = 0;
  #left = 0;
  #sentMs: number | null = null;

  constructor(nowMs: number) {
    this.join(nowMs);
  }

  /** Starts over on a new connection; what was under way is forgotten. */
  join(nowMs: number): void {
    this.#joinedMs = nowMs;
    this.#beganMs = nowMs;
    this.#dueMs = nowMs;
    this.#left = JOIN_PROBES;
    this.#sentMs = null;
  }

  /** When the next probe is due, or the one under way is given up. */
  getTimer(): number {
    return this.#sentMs === null ? this.#dueMs : this.#sentMs + ANSWER_WITHIN_MS;
  }

  /** Whether the probe under way has waited long enough. If so the burst is over: call `rest`. */
  isGivenUp(nowMs: number): boolean {
    return this.#sentMs !== null && nowMs >= this.getTimer();
  }

  /** Whether a probe is to be sent now. If so it counts as sent. */
  isDue(nowMs: number): boolean {
    if (this.#sentMs !== null || nowMs < this.#dueMs) {
      return false;
    }
    if (this.#left === 0) {
      this.#beganMs = nowMs;
      this.#left = this.#isNoisy ? NOISY_PROBES : PROBES;
    }
    this.#left -= 1;
    this.#sentMs = nowMs;
    return true;
  }

  /**
   * Whether an answer with this `t0` belongs to the probe under way, not to one given up before. The wire's whole
   * microseconds may have rounded it down.
   */
  isAwaited(t0Ms: number): boolean {
    return this.#sentMs !== null && t0Ms >= this.#sentMs - 0.001;
  }

  /** The answer that `isAwaited` has come. True if it was the burst's last: call `rest`. */
  receive(nowMs: number): boolean {
    this.#dueMs = Math.max(nowMs, (this.#sentMs ?? nowMs) + SPACING_MS);
    this.#sentMs = null;
    return this.#left === 0;
  }

  /** The burst is over; the next comes after the usual interval, or at once. */
  rest(nowMs: number, isNoisy: boolean, atOnce: boolean): void {
    this.#left = 0;
    this.#isNoisy = isNoisy;
    if (this.#sentMs !== null) {
      this.#sentMs = null;
      this.#dueMs = nowMs;
    }
    if (!atOnce) {
      this.#dueMs = Math.max(this.#dueMs, this.#beganMs + this.#everyMs());
    }
  }

  /** Whether nobody can see the page. A burst under way goes on. */
  setHidden(isHidden: boolean, nowMs: number): void {
    this.#isHidden = isHidden;
    if (this.#left === 0 && this.#sentMs === null) {
      this.#dueMs = Math.max(nowMs, this.#beganMs + this.#everyMs());
    }
  }

  #everyMs(): number {
    if (this.#isHidden) {
      return HIDDEN_EVERY_MS;
    }
    return this.#beganMs - this.#joinedMs < EARLY_FOR_MS ? EARLY_EVERY_MS : EVERY_MS;
  }
}
