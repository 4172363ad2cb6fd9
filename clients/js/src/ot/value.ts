/**
 * What an entry is made of.
 *
 * Entries and attributes are flat maps of plain values; an edit sets some members of an entry and deletes
 * others. Knows which values may stand in a list at all (no floats, 53-bit integers, no lone surrogates) and
 * how text is ordered. Does not know which fields exist: that is the playlist kind's table.
 *
 * Anybody may name a member `__proto__` or `toString`, so members are asked for with `Object.hasOwn` and set
 * by spreading or `Object.fromEntries`, which define a member and never call a setter.
 */

export type Value =
  | boolean
  | number
  | string
  | readonly Value[]
  | { readonly [member: string]: Value }
  | null;

/** Treated as immutable everywhere: an entry is shared between lists, ops and caches. */
export type Entry = { readonly [member: string]: Value };
/** Members that are set, to null those that are deleted. */
export type Edits = Entry;

/** What a double holds exactly, so that every client reads the same number. */
export const INTEGER_MAX = Number.MAX_SAFE_INTEGER;

/**
 * Lists and maps inside one value. The codec's limit on whole messages is tighter; this one protects the
 * recursive readers from what comes by other ways.
 */
export const VALUE_DEPTH_MAX = 4;

const LONE_SURROGATE = /\p{Surrogate}/u;
const BEYOND_LATIN = /[\ud800-\uffff]/;

/** Whether this is a string that UTF-8 can carry: one without lone surrogates. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && !LONE_SURROGATE.test(value);
}

/** Whether this came of a JSON map, and is no list. */
export function isMap(value: unknown): value is { readonly [member: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Whether a member may hold this. Null may stand only inside lists and maps. JavaScript does not tell `1.0`
 * from `1`; what has a fraction is refused.
 */
export function isValue(value: unknown, depth = VALUE_DEPTH_MAX): value is Value {
  switch (typeof value) {
    case "string":
      return isText(value);
    case "number":
      return Number.isSafeInteger(value);
    case "boolean":
      return true;
    case "object":
      break;
    default:
      return false;
  }
  if (value === null || depth === 0) {
    return false;
  }
  if (Array.isArray(value)) {
    return value.every(item => item === null || isValue(item, depth - 1));
  }
  return Object.entries(value).every(
    ([member, item]) => isText(member) && (item === null || isValue(item, depth - 1)),
  );
}

/** A member of a map that anybody may have sent; undefined if it has none of that name. */
export function memberOf<T>(map: { readonly [member: string]: T }, name: string): T | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

/** Equality at any depth; the order of members says nothing. */
export function same(one: Value | undefined, other: Value | undefined): boolean {
  if (one === other) {
    return true;
  }
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) {
    return false;
  }
  if (Array.isArray(one) || Array.isArray(other)) {
    return (
      Array.isArray(one) &&
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((item, at) => same(item, other[at]))
    );
  }
  return sameMembers(one as Entry, other as Entry);
}

/** As `same`, of two maps. */
export function sameMembers(one: Entry, other: Entry): boolean {
  const members = Object.keys(one);
  return (
    members.length === Object.keys(other).length &&
    members.every(member => Object.hasOwn(other, member) && same(one[member], other[member]))
  );
}

/** A new entry with the members set; null deletes one. */
export function edited(entry: Entry, edits: Edits): Entry {
  const after: { [member: string]: Value } = { ...entry, ...edits };
  for (const member of Object.keys(edits)) {
    if (edits[member] === null) {
      delete after[member];
    }
  }
  return after;
}

/** The edits that make `next` of `old`. */
export function difference(old: Entry, next: Entry): Edits {
  const edits: [string, Value][] = [];
  for (const member of Object.keys(next)) {
    if (!(Object.hasOwn(old, member) && same(old[member], next[member]))) {
      edits.push([member, next[member]!]);
    }
  }
  for (const member of Object.keys(old)) {
    if (!Object.hasOwn(next, member)) {
      edits.push([member, null]);
    }
  }
  return Object.fromEntries(edits);
}

/** Whether a map has no members. */
export function isEmpty(members: Entry): boolean {
  for (const member in members) {
    if (Object.hasOwn(members, member)) {
      return false;
    }
  }
  return true;
}

/**
 * The order of two strings by code point, negative if `one` comes first. JavaScript's own order is by UTF-16
 * unit, which puts U+E000 … U+FFFF behind everything beyond them.
 */
export function compareText(one: string, other: string): number {
  if (BEYOND_LATIN.test(one) || BEYOND_LATIN.test(other)) {
    const length = Math.min(one.length, other.length);
    for (let at = 0; at < length; at += 1) {
      const difference = rank(one.charCodeAt(at)) - rank(other.charCodeAt(at));
      if (difference !== 0) {
        return difference;
      }
    }
    return one.length - other.length;
  }
  return one < other ? -1 : one > other ? 1 : 0;
}

/** A UTF-16 unit's place in the order of code points: halves of a pair stand for what is beyond U+FFFF. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
