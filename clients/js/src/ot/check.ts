/**
 * Does this op fit a list of this length?
 *
 * The one question between a decoded op and its use: past it, `apply`, `transform` and `compose` trust the op.
 * Knows lengths. Does not know the list: whether a uid is taken is the playlist kind's question.
 */

import { type Op, OpError } from "./op.js";

/**
 * The length of the list after `op`, for a list of `length` entries before it.
 *
 * Linear in the components, plus a sort of the drops: counts are summed, never walked. Throws OpError
 * op_length if keep, remove and pick do not cover the list exactly, op_drops if the drops do not partition the
 * picks.
 */
export function check(op: Op, length: number): number {
  if (op.components.length === 0) {
    return length;
  }
  let kept = 0;
  let removed = 0;
  let picked = 0;
  let inserted = 0;
  const drops: { start: number; n: number }[] = [];
  for (const component of op.components) {
    switch (component.kind) {
      case "keep":
        kept += component.n;
        break;
      case "remove":
        removed += component.n;
        break;
      case "pick":
        picked += component.n;
        break;
      case "insert":
        inserted += component.n;
        break;
      case "drop":
        drops.push(component);
        break;
    }
  }
  const covered = kept + removed + picked;
  if (covered !== length) {
    throw new OpError("op_length", `The op covers ${covered} entries and the list has ${length}.`);
  }
  drops.sort((one, other) => one.start - other.start);
  let dropped = 0;
  for (const { start, n } of drops) {
    if (start !== dropped) {
      throw new OpError("op_drops", "Each entry that an op picks is dropped exactly once.");
    }
    dropped += n;
  }
  if (dropped !== picked) {
    throw new OpError("op_drops", `The op picks ${picked} entries and drops ${dropped}.`);
  }
  return kept + picked + inserted;
}

/** The length of the list that an op is for; 0 if it fits every list. */
export function lengthBefore(op: Op): number {
  let length = 0;
  for (const component of op.components) {
    if (component.kind !== "insert" && component.kind !== "drop") {
      length += component.n;
    }
  }
  return length;
}
