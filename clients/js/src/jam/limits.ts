/**
 * How much somebody may do at once, and when they may again.
 *
 * A token bucket in integers: it holds `size` tokens, and `tokens` come back every `perMs`. What has been spent is
 * kept in thousandths, so that slow refills are not rounded away. Pure arithmetic over `state.Bucket`: the decision
 * looks whether a token is there, the reducer takes it, both from the event's time alone.
 */

import type { Limits } from "./settings.js";
import type { Bucket } from "./state.js";
import { quotient, quotientUp } from "./whole.js";

const MILLI = 1_000;

/** `size` at once, and `tokens` more each `perMs`. None of them is 0. */
export type Rate = readonly [size: number, tokens: number, perMs: number];

export function adds(limits: Limits): Rate {
  return [limits.adds, 1, limits.add_refill_ms];
}

export function votes(limits: Limits): Rate {
  return [limits.votes, limits.votes, limits.votes_ms];
}

export function chats(limits: Limits): Rate {
  return [limits.chats, limits.chats, limits.chats_ms];
}

/** How long until a token is there, in ms; 0: one is there now. */
export function waitMs([spentMilli, filledMs]: Bucket, [size, tokens, perMs]: Rate, atMs: number): number {
  const missingMilli = spentMilli + MILLI - size * MILLI;
  if (missingMilli <= 0) {
    return 0;
  }
  return Math.max(0, filledMs + quotientUp(missingMilli, perMs, tokens * MILLI) - atMs);
}

/** The bucket after one token was taken. */
export function spend([spentMilli, filledMs]: Bucket, [, tokens, perMs]: Rate, atMs: number): Bucket {
  const refilledMilli = quotient(atMs - filledMs, tokens * MILLI, perMs);
  return [Math.max(0, spentMilli - refilledMilli) + MILLI, atMs];
}
