/**
 * From what a person does to an op.
 *
 * Insert, remove, move, edit, rearrange; and the op between two documents. What changes order keeps as many
 * entries as it can in place (the longest increasing run), because a concurrent op meets only what really moved.
 * Knows positions, and uids in `diff`. Does not know who asks, nor what to arrange by: that is `arrange`.
 */

import { Builder } from "./builder.js";
import { type Document, uidOf } from "./document.js";
import { type Component, IDENTITY, makeOp, type Op } from "./op.js";
import { difference, type Edits, type Entry, isEmpty, type Value } from "./value.js";

/** The new list by what stands in it: an old entry, by its old index, or a new one. */
type Plan = readonly (number | Entry)[];

/** Puts `entries` before the entry that stands at `index`; `index === length` appends. */
export function insertAt(length: number, index: number, entries: readonly Entry[]): Op {
  checkRange(length, index, 0);
  const builder = new Builder();
  builder.keep(index);
  builder.insert(entries);
  builder.keep(length - index);
  return builder.op();
}

/** Removes the `n` entries from `start` on. */
export function removeRange(length: number, start: number, n = 1): Op {
  checkRange(length, start, n);
  const builder = new Builder();
  builder.keep(start);
  builder.remove(n);
  builder.keep(length - start - n);
  return builder.op();
}

/**
 * Moves the `n` entries from `start` on to stand before the one now at `before`; `before === length` means the
 * end. Identity if they stand there already.
 */
export function moveRange(length: number, start: number, n: number, before: number): Op {
  checkRange(length, start, n);
  checkRange(length, before, 0);
  if (n === 0 || (start <= before && before <= start + n)) {
    return IDENTITY;
  }
  const builder = new Builder();
  if (before < start) {
    builder.keep(before);
    builder.drop(0, n);
    builder.keep(start - before);
    builder.pick(n);
    builder.keep(length - start - n);
  } else {
    builder.keep(start);
    builder.pick(n);
    builder.keep(before - start - n);
    builder.drop(0, n);
    builder.keep(length - before);
  }
  return builder.op();
}

/** Sets one member of the entry at `index`; null deletes it. */
export function setField(length: number, index: number, field: string, value: Value): Op {
  checkRange(length, index, 1);
  if (field === "uid") {
    throw new RangeError("A uid is never edited.");
  }
  const builder = new Builder();
  builder.keep(index);
  builder.keep(1, Object.fromEntries([[field, value]]));
  builder.keep(length - index - 1);
  return builder.op();
}

/** Sets an attribute of the playlist; null deletes it. */
export function setAttribute(name: string, value: Value): Op {
  return makeOp([], Object.fromEntries([[name, value]]));
}

/**
 * Rearranges the list: `order[i]` is the old index of the entry that comes to stand at `i`.
 *
 * Throws RangeError if `order` is no permutation.
 */
export function permute(order: readonly number[]): Op {
  const named = new Set(order);
  if (named.size !== order.length || !order.every(index => index >= 0 && index < order.length)) {
    throw new RangeError("An order names each entry exactly once.");
  }
  return makeOp(rearranged(order.length, order, new Map()));
}

/**
 * The op from `old` to `next`: entries with equal uids are the same entry, moved or edited.
 *
 * `apply(old, diff(old, next))` equals `next`. Near-linear in the entries.
 */
export function diff(old: Document, next: Document): Op {
  const indexes = new Map<string, number>();
  old.entries.forEach((entry, index) => {
    if (!indexes.has(uidOf(entry))) {
      indexes.set(uidOf(entry), index);
    }
  });
  const plan: (number | Entry)[] = [];
  const edits = new Map<number, Edits>();
  for (const entry of next.entries) {
    const index = indexes.get(uidOf(entry));
    if (index === undefined) {
      plan.push(entry);
      continue;
    }
    indexes.delete(uidOf(entry));
    plan.push(index);
    const before = old.entries[index]!;
    const changed = before === entry ? {} : difference(before, entry);
    if (!isEmpty(changed)) {
      edits.set(index, changed);
    }
  }
  return makeOp(rearranged(old.entries.length, plan, edits), difference(old.attributes, next.attributes));
}

/** The components that lead to `plan`; old entries that are not in it are removed. */
function rearranged(length: number, plan: Plan, edits: ReadonlyMap<number, Edits>): readonly Component[] {
  const kept = plan.filter(item => typeof item === "number");
  const inPlace = new Set(longestIncreasing(kept));
  const moved = kept.filter(index => !inPlace.has(index)).sort((one, other) => one - other);
  const numbers = new Map(moved.map((index, number) => [index, number]));
  const builder = new Builder();
  let position = 0;

  function passOver(end: number): void {
    for (let index = position; index < end; index += 1) {
      if (numbers.has(index)) {
        builder.pick(1, edits.get(index) ?? null);
      } else {
        builder.remove(1);
      }
    }
  }

  for (const item of plan) {
    if (typeof item !== "number") {
      builder.insert([item]);
      continue;
    }
    const number = numbers.get(item);
    if (number !== undefined) {
      builder.drop(number, 1);
    } else {
      passOver(item);
      builder.keep(1, edits.get(item) ?? null);
      position = item + 1;
    }
  }
  passOver(length);
  return builder.components();
}

/** A longest increasing subsequence of distinct numbers (patience sorting: Fredman, 1975). */
export function longestIncreasing(numbers: readonly number[]): number[] {
  // ends[k]: the smallest number on which an increasing run of k + 1 can end so far
  const ends: number[] = [];
  const before = new Map<number, number>();
  for (const number of numbers) {
    const at = firstNotBelow(ends, number);
    if (at > 0) {
      before.set(number, ends[at - 1]!);
    }
    ends[at] = number;
  }
  const run: number[] = [];
  for (let last = ends[ends.length - 1]; last !== undefined; last = before.get(last)) {
    run.push(last);
  }
  return run.reverse();
}

function firstNotBelow(rising: readonly number[], number: number): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rising[middle]! < number) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

function checkRange(length: number, start: number, n: number): void {
  if (!(start >= 0 && n >= 0 && start + n <= length)) {
    throw new RangeError(`${n} entries from ${start} on are not within a list of ${length}.`);
  }
}
