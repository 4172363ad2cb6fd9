/**
 * What is known about numbered runs.
 *
 * Pick numbers are implicit, so the walks of the algebra keep asking the same question: what was noted for the
 * numbers from `start` on, `n` of them? Knows intervals and values, not ops, except how to renumber drops.
 */

import { Builder } from "./builder.js";
import { type Component, drop } from "./op.js";

/** Longer than any list: what a walk has left of an op that is at its end. */
export const END = Number.POSITIVE_INFINITY;

/** What was noted about a part of a run: where it begins within the run, how long it is, and the run's value. */
export interface Part<T> {
  readonly offset: number;
  readonly n: number;
  readonly value: T;
}

/** A value for each of some disjoint runs of numbers. Runs may be added in any order. */
export class Runs<T> {
  readonly #runs: { readonly start: number; readonly n: number; readonly value: T }[] = [];
  #isSorted = true;

  /** Notes `value` for the numbers `start` … `start + n - 1`. */
  add(start: number, n: number, value: T): void {
    const last = this.#runs[this.#runs.length - 1];
    if (last !== undefined && start < last.start) {
      this.#isSorted = false;
    }
    this.#runs.push({ start, n, value });
  }

  /**
   * What was noted from `start` on, cut to those `n` numbers. Numbers for which nothing was noted are passed
   * over.
   */
  within(start: number, n: number): Part<T>[] {
    if (!this.#isSorted) {
      this.#runs.sort((one, other) => one.start - other.start);
      this.#isSorted = true;
    }
    const end = start + n;
    const found: Part<T>[] = [];
    for (let at = Math.max(this.#lastUpTo(start), 0); at < this.#runs.length; at += 1) {
      const run = this.#runs[at]!;
      if (run.start >= end) {
        break;
      }
      const low = Math.max(start, run.start);
      const high = Math.min(end, run.start + run.n);
      if (low < high) {
        found.push({ offset: low - run.start, n: high - low, value: run.value });
      }
    }
    return found;
  }

  /** The index of the last run that begins at `start` or before; -1 if none does. */
  #lastUpTo(start: number): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#runs[middle]!.start <= start) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }
}

/** Whether anything is moved; most ops move nothing, and then there is nothing to note. */
export function moves(components: readonly Component[]): boolean {
  return components.some(component => component.kind === "pick");
}

/**
 * The components with each drop pointing to the new numbers of its entries, in normal form.
 *
 * `places` holds the first new number of each run of old ones; entries without a new number are not dropped.
 */
export function renumbered(components: readonly Component[], places: Runs<number>): readonly Component[] {
  const renumbered: Component[] = [];
  for (const component of components) {
    if (component.kind !== "drop") {
      renumbered.push(component);
      continue;
    }
    const runs = places.within(component.start, component.n);
    if (runs.length === 0) {
      // What stood on both sides of this drop may be one now.
      return merged(components, places);
    }
    for (const { offset, n, value } of runs) {
      const start = value + offset;
      const last = renumbered[renumbered.length - 1];
      if (last !== undefined && last.kind === "drop" && last.start + last.n === start) {
        renumbered[renumbered.length - 1] = drop(last.start, last.n + n);
      } else {
        renumbered.push(drop(start, n));
      }
    }
  }
  return renumbered;
}

function merged(components: readonly Component[], places: Runs<number>): readonly Component[] {
  const builder = new Builder();
  for (const component of components) {
    if (component.kind === "drop") {
      for (const { offset, n, value } of places.within(component.start, component.n)) {
        builder.drop(value + offset, n);
      }
    } else {
      builder.add(component);
    }
  }
  return builder.components();
}
