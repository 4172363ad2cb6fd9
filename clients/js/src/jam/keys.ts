/**
 * What is sorted by more than one thing.
 *
 * A key is a list of numbers and, last, a text that tells all keys apart; the first difference decides. Knows
 * sorted lists of them.
 */

import { compareText } from "../ot/value.js";

export type SortKey = readonly [...numbers: number[], id: string];

/** Negative if `one` comes first. */
export function compareKeys(one: SortKey, other: SortKey): number {
  const last = one.length - 1;
  for (let at = 0; at < last; at += 1) {
    if (one[at] !== other[at]) {
      return (one[at] as number) - (other[at] as number);
    }
  }
  return compareText(one[last] as string, other[last] as string);
}

export function idOf(key: SortKey): string {
  return key[key.length - 1] as string;
}

/** The first place in a sorted list that is not below. `isBelow` holds of a beginning of the list. */
export function placeIn<T>(list: readonly T[], isBelow: (item: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBelow(list[middle]!)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** Where a key stands in a sorted list, or would. */
export function placeOf(list: readonly SortKey[], key: SortKey): number {
  return placeIn(list, other => compareKeys(other, key) < 0);
}
