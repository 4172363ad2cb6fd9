/**
 * A place in a playlist that follows other people's ops.
 *
 * A cursor is a gap between entries, numbered by the entries before it. It moves as an inserted marker would:
 * `follow(position, op, side)` is where the marker of `transform(insert marker at position, op, side)` stands.
 */

import type { Op } from "./op.js";
import type { Side } from "./transform.js";

/**
 * The cursor after `op`, as a number of entries before it.
 *
 * With side "right" what others put exactly at the cursor comes to stand before it, with "left" after it. A
 * cursor never travels with a moved block: it stays where it was. Linear in the components before it.
 */
export function follow(position: number, op: Op, side: Side = "right"): number {
  let old = 0;
  let after = 0;
  for (const component of op.components) {
    if (component.kind === "insert" || component.kind === "drop") {
      if (old < position || side === "right") {
        after += component.n;
      }
      continue;
    }
    const n = Math.min(component.n, position - old);
    if (component.kind === "keep") {
      after += n;
    }
    if (n < component.n) {
      return after;
    }
    old += n;
  }
  // An op without components leaves every list as it is.
  return after + position - old;
}
