/**
 * The whole list anew, as one op.
 *
 * Sort, shuffle, reverse, deduplicate, replace all: what a person does with a playlist in one stroke, and what
 * others then meet. Each keeps the longest increasing run in place, so an edit made meanwhile on an entry that need
 * not move loses nothing. Knows how members are ordered and compared. Does not draw: randomness is handed in.
 */

import { diff, permute } from "./build.js";
import { Builder } from "./builder.js";
import { canonicalJson } from "./digest.js";
import type { Document } from "./document.js";
import type { Op } from "./op.js";
import { compareText, type Entry, memberOf, type Value } from "./value.js";

/** Sorts the entries by what `key` says of each; equal ones keep their order either way. */
export function sortBy(document: Document, key: (entry: Entry) => number | string, descending = false): Op {
  const keyed = document.entries.map((entry, index) => ({ index, value: key(entry) }));
  return permute(sorted(keyed, descending));
}

/**
 * Sorts the entries by a member that may be of any type; equal ones keep their order either way.
 *
 * Text is compared without regard to case, lists item by item. Of different types, booleans come before numbers,
 * these before text, lists and maps. Entries without the member come last, also when descending.
 */
export function sortByField(document: Document, field: string, descending = false): Op {
  const having: Keyed[] = [];
  const missing: number[] = [];
  document.entries.forEach((entry, index) => {
    const value = memberOf(entry, field);
    if (value === undefined) {
      missing.push(index);
    } else {
      having.push({ index, value: folded(value) });
    }
  });
  return permute([...sorted(having, descending), ...missing]);
}

/**
 * Puts the entries in an order at random. `below(n)` draws a number from 0 to n - 1, each as likely as any other:
 * then so is each order (Fisher and Yates, as Durstenfeld wrote it down in 1964).
 */
export function shuffle(length: number, below: (n: number) => number): Op {
  const order = Array.from({ length }, (_, index) => index);
  for (let last = length - 1; last > 0; last -= 1) {
    const other = below(last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return permute(order);
}

/** Puts the last entry first. */
export function reverse(length: number): Op {
  return permute(Array.from({ length }, (_, index) => length - 1 - index));
}

/**
 * Removes each entry whose member `field` an entry before it has, too; nothing moves.
 *
 * Entries without the member are no duplicates.
 */
export function deduplicate(document: Document, field: string): Op {
  const seen = new Set<string>();
  const builder = new Builder();
  for (const entry of document.entries) {
    const value = canonical(entry, field);
    if (value !== undefined && seen.has(value)) {
      builder.remove(1);
    } else {
      builder.keep(1);
    }
    if (value !== undefined) {
      seen.add(value);
    }
  }
  return builder.op();
}

/**
 * Makes the list read as `entries` do by the member `field`, for example as a new list of tracks.
 *
 * An entry that stands already with the same value there is used again, as it is: it keeps its uid, its other
 * members, and its place if it can. The rest of the old ones go; for what is missing, the new entry is inserted. The
 * attributes stay.
 */
export function replaceAll(document: Document, entries: readonly Entry[], field: string): Op {
  const standing = new Map<string, Entry[]>();
  for (const entry of [...document.entries].reverse()) {
    const value = canonical(entry, field);
    if (value !== undefined) {
      standing.set(value, [...(standing.get(value) ?? []), entry]);
    }
  }
  const wanted = entries.map(entry => standing.get(canonical(entry, field) ?? "")?.pop() ?? entry);
  return diff(document, { entries: wanted, attributes: document.attributes });
}

interface Keyed {
  readonly index: number;
  readonly value: Value;
}

function sorted(keyed: Keyed[], descending: boolean): number[] {
  const sign = descending ? -1 : 1;
  return keyed.sort((one, other) => sign * compare(one.value, other.value)).map(({ index }) => index);
}

/** The order of values of all types. */
function compare(one: Value, other: Value): number {
  const difference = rank(one) - rank(other);
  if (difference !== 0) {
    return difference;
  }
  if (typeof one === "string") {
    return compareText(one, other as string);
  }
  if (Array.isArray(one)) {
    return compareLists(one, other as readonly Value[]);
  }
  if (typeof one === "object") {
    return one === null ? 0 : compareText(canonicalJson(one), canonicalJson(other));
  }
  return Number(one) - Number(other);
}

function compareLists(one: readonly Value[], other: readonly Value[]): number {
  const shorter = Math.min(one.length, other.length);
  for (let at = 0; at < shorter; at += 1) {
    const difference = compare(one[at]!, other[at]!);
    if (difference !== 0) {
      return difference;
    }
  }
  return one.length - other.length;
}

function rank(value: Value): number {
  if (typeof value === "object") {
    return value === null ? 0 : Array.isArray(value) ? 4 : 5;
  }
  return ["boolean", "number", "string"].indexOf(typeof value) + 1;
}

/** Text without case, also in lists. */
function folded(value: Value): Value {
  if (typeof value === "string") {
    // Sign by sign, so that no sigma is a final one. Of all letters of our time only ı is folded otherwise in Python.
    return Array.from(value, sign => sign.toUpperCase().toLowerCase()).join("");
  }
  return Array.isArray(value) ? value.map(folded) : value;
}

function canonical(entry: Entry, field: string): string | undefined {
  const value = memberOf(entry, field);
  return value === undefined ? undefined : canonicalJson(value);
}
