/**
 * How a list that was differs from the list that is.
 *
 * An entry is itself by its uid. What stands elsewhere is as few as can be: all others kept their order among
 * themselves (a longest increasing subsequence, by patience sorting). Pure.
 */

import type { Entry } from "@tutti/client";
import { uidOf } from "../playlist/entry.js";

/** `elsewhere`: by uid, at which index it stands now. `later`: what is there only now, in its order. */
export interface Compared {
  readonly gone: ReadonlySet<string>;
  readonly elsewhere: ReadonlyMap<string, number>;
  readonly later: readonly Entry[];
}

export function compared(then: readonly Entry[], now: readonly Entry[]): Compared {
  const places = new Map(now.map((entry, index) => [uidOf(entry), index]));
  const kept: number[] = [];
  const gone = new Set<string>();
  for (const entry of then) {
    const place = places.get(uidOf(entry));
    if (place === undefined) {
      gone.add(uidOf(entry));
    } else {
      kept.push(place);
    }
  }
  const stayed = inOrder(kept);
  const elsewhere = new Map<string, number>();
  for (const entry of then) {
    const place = places.get(uidOf(entry));
    if (place !== undefined && !stayed.has(place)) {
      elsewhere.set(uidOf(entry), place);
    }
  }
  const uids = new Set(then.map(uidOf));
  return { gone, elsewhere, later: now.filter(entry => !uids.has(uidOf(entry))) };
}

/** As many of these different numbers as can stay while they ascend. */
function inOrder(places: readonly number[]): ReadonlySet<number> {
  // By length less one: the lowest number at which an ascending run of that length ends.
  const ends: number[] = [];
  const before = new Map<number, number | undefined>();
  for (const place of places) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 0) < place) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    before.set(place, ends[low - 1]);
    ends[low] = place;
  }
  const stayed = new Set<number>();
  for (let at = ends.at(-1); at !== undefined; at = before.get(at)) {
    stayed.add(at);
  }
  return stayed;
}
