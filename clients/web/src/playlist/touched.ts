/** Which places of the new list an op has put something at, or changed. Pure. */

import type { Op } from "@tutti/client";

/** More than this is no change to be followed with the eyes. */
export const TOUCHED_MAX = 200;

/** Indexes of the list after it, ascending, at most `TOUCHED_MAX`. */
export function touchedBy({ components }: Op): number[] {
  const touched: number[] = [];
  let index = 0;
  for (const { kind, n, edits } of components) {
    if (kind === "remove" || kind === "pick") {
      continue;
    }
    if (kind !== "keep" || edits !== null) {
      for (let at = index; at < index + n && touched.length < TOUCHED_MAX; at += 1) {
        touched.push(at);
      }
    }
    index += n;
  }
  return touched;
}
