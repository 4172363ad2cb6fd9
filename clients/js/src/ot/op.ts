/**
 * What a change to a playlist is.
 *
 * An op is a run-length list of components that walks the old list from left to right, and a map of attributes
 * to set. Knows the components and when two ops are equal. Does not know their wire form (`wire.ts`), how ops
 * meet, nor the list that an op is for: `check` compares the two.
 *
 * Two things are never normalised away, because `transform` needs them: the order of producing and consuming
 * components within one gap, and moves that change nothing.
 */

import { type Edits, type Entry, isEmpty, sameMembers } from "./value.js";

/**
 * An op that must not be applied. `code` is op_malformed, op_too_large, op_length or op_drops; the message is
 * one sentence.
 */
export class OpError extends Error {
  override readonly name = "OpError";

  constructor(
    readonly code: "op_malformed" | "op_too_large" | "op_length" | "op_drops",
    message: string,
  ) {
    super(message);
  }
}

/**
 * One step of the walk. `n` is how many entries it is about, `entries.length` for an insert.
 *
 * - keep: `n` entries stay, each with the members of `edits` set; a null in it deletes. `edits` is null or not
 *   empty.
 * - remove: `n` entries go.
 * - pick: `n` entries are lifted, with `edits`, to be dropped elsewhere. The j-th entry picked in old order has
 *   the number j.
 * - insert: new entries stand here.
 * - drop: the entries with pick numbers `start` … `start + n - 1` stand here.
 *
 * All have the same members in the same order: the walks read them by the thousand, and an engine reads
 * objects of one shape several times as fast as those of five.
 */
export interface Component {
  readonly kind: "keep" | "remove" | "pick" | "insert" | "drop";
  readonly n: number;
  readonly edits: Edits | null;
  readonly entries: readonly Entry[];
  readonly start: number;
}

const NONE: readonly Entry[] = [];

export function keep(n: number, edits: Edits | null = null): Component {
  return { kind: "keep", n, edits, entries: NONE, start: 0 };
}

export function remove(n: number): Component {
  return { kind: "remove", n, edits: null, entries: NONE, start: 0 };
}

export function pick(n: number, edits: Edits | null = null): Component {
  return { kind: "pick", n, edits, entries: NONE, start: 0 };
}

export function insert(entries: readonly Entry[]): Component {
  return { kind: "insert", n: entries.length, edits: null, entries, start: 0 };
}

export function drop(start: number, n: number): Component {
  return { kind: "drop", n, edits: null, entries: NONE, start };
}

/** Whether the component walks over entries of the old list; an insert and a drop stand in a gap of it. */
export function covers(component: Component): boolean {
  return component.kind !== "insert" && component.kind !== "drop";
}

/**
 * One change. `components` is empty when the list stays as it is, whatever its length; otherwise keep, remove
 * and pick cover the old list exactly. In `attributes` a null deletes.
 */
export interface Op {
  readonly components: readonly Component[];
  readonly attributes: Edits;
}

export const NO_COMPONENTS: readonly Component[] = [];
export const NO_ATTRIBUTES: Edits = {};
/** Changes nothing. */
export const IDENTITY: Op = { components: NO_COMPONENTS, attributes: NO_ATTRIBUTES };

export function makeOp(components: readonly Component[], attributes: Edits = NO_ATTRIBUTES): Op {
  return { components, attributes };
}

/** Whether the op says nothing at all. A move to where the entries already stand does say something. */
export function isIdentity(op: Op): boolean {
  return op.components.length === 0 && isEmpty(op.attributes);
}

/** Whether two ops in normal form are the same change. */
export function sameOp(one: Op, other: Op): boolean {
  return (
    one === other ||
    (one.components.length === other.components.length &&
      one.components.every((component, at) => sameComponent(component, other.components[at]!)) &&
      sameMembers(one.attributes, other.attributes))
  );
}

/** Whether two edits are the same; none is the same as an empty map. */
export function sameEdits(one: Edits | null, other: Edits | null): boolean {
  if (one === null || other === null) {
    return one === other;
  }
  return one === other || sameMembers(one, other);
}

function sameComponent(one: Component, other: Component): boolean {
  return (
    one.kind === other.kind &&
    one.n === other.n &&
    one.start === other.start &&
    sameEdits(one.edits, other.edits) &&
    one.entries.every((entry, at) => sameMembers(entry, other.entries[at]!))
  );
}
