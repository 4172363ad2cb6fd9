/**
 * When to come back.
 *
 * Full jitter below a ceiling that doubles up to a cap (Brooker, "Exponential Backoff and Jitter", AWS 2015), on
 * top of the time that the server named. While an absence is young the ceiling stays low: a node that died is back,
 * or its balancer knows, within two or three seconds, and people are to edit again within five (P7). Later nobody
 * waits much longer than a third of what has passed. A thousand clients then ask a dead port a thousand times a
 * second at worst, which costs it nothing; a node that is back and cannot take all at once says so, with a time.
 *
 * All falls back only after a session that stood for a while: a server that accepts and drops everybody at once
 * must not be hammered. Who is told to come back now does so at once, a few times in a row. Pure: the random number
 * and `nowMs` are arguments.
 */

import type { Advice } from "./wire/closing.js";

/** `baseMs` and `capMs` are replaced by those of the server's `welcome`. */
export interface Policy {
  readonly baseMs: number;
  readonly capMs: number;
  readonly youngMs: number;
  readonly part: number;
  readonly healthyMs: number;
  readonly returnsMax: number;
}

export const POLICY: Policy = {
  baseMs: 250,
  capMs: 20_000,
  // In a young absence the ceiling is this: a restart takes 2 to 3 s, and all in all 5 s are promised (P7).
  youngMs: 2_000,
  // Later it is this part of the time that has passed.
  part: 3,
  // A session that stood this long was a good one. Longer, and a client whose nodes are killed every few seconds
  // would count all of it as one absence; shorter than a server takes to find out that it is sick.
  healthyMs: 3_000,
  // So often in a row "come back now" is taken at its word.
  returnsMax: 3,
};

/** The attempts of one client. Call `stood` when a session was welcomed, `delayMs` when it is over. */
export class Backoff {
  #policy: Policy;
  #attempts = 0;
  #returns = 0;
  #sinceMs: number | null = null;
  #lostMs: number | null = null;

  constructor(policy: Policy = POLICY) {
    this.#policy = policy;
  }

  /** A session stands, on a server that names these times. */
  stood(nowMs: number, baseMs: number, capMs: number): void {
    this.#sinceMs = nowMs;
    this.#policy = { ...this.#policy, baseMs: Math.max(1, baseMs), capMs: Math.max(1, baseMs, capMs) };
  }

  /** How long to wait before the next attempt; `random` is at least 0 and below 1. */
  delayMs(advice: Advice, hintMs: number, nowMs: number, random: number): number {
    const policy = this.#policy;
    if (this.#sinceMs !== null && nowMs - this.#sinceMs >= policy.healthyMs) {
      this.#attempts = this.#returns = 0;
      this.#lostMs = null;
    }
    this.#sinceMs = null;
    this.#lostMs ??= nowMs;
    if (advice === "come_back" && this.#returns < policy.returnsMax) {
      this.#returns += 1;
      return hintMs + Math.floor(random * policy.baseMs);
    }
    const byAgeMs = Math.max(policy.youngMs, Math.floor((nowMs - this.#lostMs) / policy.part));
    const ceilingMs = Math.min(policy.capMs, byAgeMs, policy.baseMs * 2 ** Math.min(this.#attempts, 16));
    this.#attempts += 1;
    return hintMs + Math.floor(random * ceilingMs);
  }
}
