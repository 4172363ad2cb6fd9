/**
 * The op that takes an op back.
 *
 * Removed content is not carried by ops, so the inverse is computed from the document at hand when the op is
 * applied. Knows the walk and the entries that it passes.
 */

import { Builder } from "./builder.js";
import type { Document } from "./document.js";
import { makeOp, type Op, OpError } from "./op.js";
import { Runs } from "./runs.js";
import { type Edits, type Entry, memberOf, type Value } from "./value.js";

/**
 * The op that leads from `apply(document, op)` back to `document`, the state BEFORE `op`.
 *
 * Linear in the components and the entries removed or edited, plus a sort of the drops. Throws OpError
 * op_length if the op is for a list of another length.
 */
export function invert(op: Op, document: Document): Op {
  const attributes = oldMembers(document.attributes, op.attributes);
  if (op.components.length === 0) {
    return makeOp([], attributes);
  }
  const { places, edits } = movesOf(op, document);
  const out = new Builder();
  let position = 0;
  let picks = 0;
  for (const component of op.components) {
    if (component.kind === "insert") {
      out.remove(component.n);
      continue;
    }
    if (component.kind === "drop") {
      if (edits.size > 0) {
        for (let number = component.start; number < component.start + component.n; number += 1) {
          out.pick(1, edits.get(number) ?? null);
        }
      } else {
        out.pick(component.n);
      }
      continue;
    }
    const end = position + component.n;
    if (component.kind === "remove") {
      out.insert(document.entries.slice(position, end));
    } else if (component.kind === "pick") {
      for (const { offset, n, value } of places.within(picks, component.n)) {
        out.drop(value + offset, n);
      }
      picks += component.n;
    } else if (component.edits !== null) {
      for (const entry of document.entries.slice(position, end)) {
        out.keep(1, oldMembers(entry, component.edits));
      }
    } else {
      out.keep(component.n);
    }
    position = end;
  }
  if (position !== document.entries.length) {
    throw new OpError(
      "op_length",
      `The op covers ${position} entries and the list has ${document.entries.length}.`,
    );
  }
  return out.op(attributes);
}

/** By the op's pick numbers: the inverse's pick numbers, and the old members of the entries edited. */
function movesOf(op: Op, document: Document): { places: Runs<number>; edits: Map<number, Edits> } {
  const places = new Runs<number>();
  const edits = new Map<number, Edits>();
  let position = 0;
  let picks = 0;
  let dropped = 0;
  for (const component of op.components) {
    if (component.kind === "insert") {
      continue;
    }
    if (component.kind === "drop") {
      places.add(component.start, component.n, dropped);
      dropped += component.n;
      continue;
    }
    if (component.kind === "pick") {
      if (component.edits !== null) {
        for (let at = 0; at < component.n; at += 1) {
          const entry = document.entries[position + at];
          if (entry !== undefined) {
            edits.set(picks + at, oldMembers(entry, component.edits));
          }
        }
      }
      picks += component.n;
    }
    position += component.n;
  }
  return { places, edits };
}

function oldMembers(entry: Entry, edits: Edits): Edits {
  return Object.fromEntries(
    Object.keys(edits).map((name): [string, Value] => [name, memberOf(entry, name) ?? null]),
  );
}
