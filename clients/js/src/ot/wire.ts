/**
 * How an op travels: `{"l": [component, …], "a": {attribute: value}}`, both members optional.
 *
 *     ["k", n] ["k", n, edits]   keep         ["i", [entry, …]]   insert
 *     ["p", n] ["p", n, edits]   pick         ["d", start, n]     drop
 *     ["r", n]                   remove
 *
 * Knows what may stand there. Does not know the list that an op is for: `check` compares the two.
 */

import { Builder } from "./builder.js";
import { type Component, makeOp, type Op, OpError } from "./op.js";
import { type Edits, type Entry, INTEGER_MAX, isEmpty, isMap, isText, isValue, memberOf } from "./value.js";

/** Composed offline work of 10,000 mixed edits has some 12,000 components; twice that is room enough. */
export const COMPONENTS_MAX = 25_000;

/** The wire form, of plain values, ready for JSON or MessagePack. Shares entries with the op. */
export function encode(op: Op): { l?: unknown[]; a?: Edits } {
  const wire: { l?: unknown[]; a?: Edits } = {};
  if (op.components.length > 0) {
    wire.l = op.components.map(encodeComponent);
  }
  if (!isEmpty(op.attributes)) {
    wire.a = op.attributes;
  }
  return wire;
}

/**
 * An op in normal form from what a decoder made of bytes that anybody may have sent.
 *
 * Counts are never expanded: the cost is bounded by the size of `wire`. The op shares its entries and values.
 * Throws OpError op_malformed or op_too_large. A member that this version does not know is refused and not
 * ignored: half an edit must not be applied.
 */
export function decode(wire: unknown, componentsMax = COMPONENTS_MAX): Op {
  if (!isMap(wire) || !Object.keys(wire).every(member => member === "l" || member === "a")) {
    malformed("An op is a map with `l`, `a`, or both.");
  }
  const components = memberOf(wire, "l") ?? (Object.hasOwn(wire, "l") ? null : []);
  if (!Array.isArray(components)) {
    malformed("`l` is a list of components.");
  }
  if (components.length > componentsMax) {
    throw new OpError("op_too_large", `An op has at most ${componentsMax} components.`);
  }
  const attributes = Object.hasOwn(wire, "a") ? wire["a"] : {};
  if (!areEdits(attributes)) {
    malformed("`a` is a map of attribute names to values.");
  }
  const builder = new Builder();
  const uids = new Set<string>();
  let consumed = 0;
  for (const component of components) {
    consumed += decodeComponent(component, builder, uids);
    if (consumed > INTEGER_MAX) {
      malformed("The counts of an op exceed 2^53 - 1 together.");
    }
  }
  return makeOp(builder.components(), attributes);
}

function encodeComponent(component: Component): unknown[] {
  switch (component.kind) {
    case "keep":
      return component.edits === null ? ["k", component.n] : ["k", component.n, component.edits];
    case "remove":
      return ["r", component.n];
    case "pick":
      return component.edits === null ? ["p", component.n] : ["p", component.n, component.edits];
    case "insert":
      return ["i", component.entries];
    case "drop":
      return ["d", component.start, component.n];
  }
}

/** Adds one component; returns how many entries of the old list it covers. */
function decodeComponent(wire: unknown, builder: Builder, uids: Set<string>): number {
  if (!Array.isArray(wire) || wire.length < 2 || wire.length > 3) {
    malformed("A component is a list of its letter and its arguments.");
  }
  const [letter, argument, more]: unknown[] = wire;
  if (letter === "i") {
    if (wire.length !== 2 || !Array.isArray(argument) || argument.length === 0) {
      malformed("An insert holds a list of at least one entry.");
    }
    for (const entry of argument) {
      checkEntry(entry, uids);
    }
    builder.insert(argument);
    return 0;
  }
  if (letter === "d") {
    if (wire.length !== 3 || !isCount(more) || !Number.isSafeInteger(argument)) {
      malformed("A drop holds a first pick number and a count.");
    }
    const start = argument as number;
    if (start < 0 || start > INTEGER_MAX - more) {
      malformed("A drop's pick numbers lie between 0 and 2^53 - 1.");
    }
    builder.drop(start, more);
    return 0;
  }
  if (!isCount(argument)) {
    malformed("A count is an integer from 1 to 2^53 - 1.");
  }
  if (letter === "r") {
    if (wire.length !== 2) {
      malformed("A remove holds nothing but its count.");
    }
    builder.remove(argument);
    return argument;
  }
  const edits = wire.length === 3 ? more : null;
  if (edits !== null && !(areEdits(edits) && !Object.hasOwn(edits, "uid"))) {
    malformed("Edits are a map of members to values, and a uid is never edited.");
  }
  if (letter === "k") {
    builder.keep(argument, edits);
  } else if (letter === "p") {
    builder.pick(argument, edits);
  } else {
    malformed("A component is one of k, r, p, i and d.");
  }
  return argument;
}

function checkEntry(entry: unknown, uids: Set<string>): asserts entry is Entry {
  if (!areMembers(entry)) {
    malformed("An entry is a map of member names to values, none of them null or a float.");
  }
  const uid = memberOf(entry, "uid");
  if (typeof uid !== "string" || uid === "") {
    malformed("An entry has a uid, a string that is not empty.");
  }
  if (uids.has(uid)) {
    malformed("An op inserts no uid twice.");
  }
  uids.add(uid);
}

/** Whether this is a map of named values, none of them null. */
export function areMembers(members: unknown): members is Entry {
  return (
    isMap(members) &&
    Object.entries(members).every(([name, value]) => name !== "" && isText(name) && isValue(value))
  );
}

export function areEdits(members: unknown): members is Edits {
  return (
    isMap(members) &&
    Object.entries(members).every(
      ([name, value]) => name !== "" && isText(name) && (value === null || isValue(value)),
    )
  );
}

function isCount(number: unknown): number is number {
  return Number.isSafeInteger(number) && (number as number) > 0;
}

function malformed(message: string): never {
  throw new OpError("op_malformed", message);
}
