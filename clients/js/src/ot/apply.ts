/**
 * What an op makes of a document.
 *
 * Knows documents and ops that fit them (`check`). Works on slices: what is kept is copied, never looked at.
 */

import type { Document } from "./document.js";
import { type Component, type Op, OpError } from "./op.js";
import { type Edits, type Entry, edited, isEmpty } from "./value.js";

/**
 * Up to here it is cheaper to copy the list whole and change the copy: each change shifts what stands behind
 * it, which costs little, while gathering slices copies everything entry by entry.
 */
const PATCHED_MAX = 8;

/** The document after `op`. Throws OpError op_length if the op is for a list of another length. */
export function apply(document: Document, op: Op): Document {
  const attributes = isEmpty(op.attributes)
    ? document.attributes
    : edited(document.attributes, op.attributes);
  if (op.components.length === 0) {
    return { entries: document.entries, attributes };
  }
  const old = document.entries;
  const covered = op.components.reduce((sum, part) => (isProducer(part) ? sum : sum + part.n), 0);
  if (covered !== old.length) {
    throw new OpError("op_length", `The op covers ${covered} entries and the list has ${old.length}.`);
  }
  const lifted = pickedBy(old, op.components);
  const entries =
    op.components.length <= PATCHED_MAX
      ? patched(old, op.components, lifted)
      : gathered(old, op.components, lifted);
  return { entries, attributes };
}

/** The entries that the op brings, in the order of its walk. */
export function inserted(op: Op): Entry[] {
  const entries: Entry[] = [];
  for (const component of op.components) {
    append(entries, component.entries);
  }
  return entries;
}

/** The entries that the op takes away, in the order of `document`, the state before it. */
export function removed(document: Document, op: Op): Entry[] {
  const entries: Entry[] = [];
  let position = 0;
  for (const component of op.components) {
    if (component.kind === "remove") {
      append(entries, document.entries, position, position + component.n);
    }
    if (!isProducer(component)) {
      position += component.n;
    }
  }
  return entries;
}

/** The new list, slice by slice. */
function gathered(
  old: readonly Entry[],
  components: readonly Component[],
  lifted: readonly Entry[],
): Entry[] {
  const entries: Entry[] = [];
  let position = 0;
  for (const { kind, n, edits, entries: fresh, start } of components) {
    switch (kind) {
      case "keep":
        appendEdited(entries, old, position, position + n, edits);
        break;
      case "insert":
        append(entries, fresh);
        break;
      case "drop":
        append(entries, lifted, start, start + n);
        break;
    }
    if (kind !== "insert" && kind !== "drop") {
      position += n;
    }
  }
  return entries;
}

/** As `gathered`, by changing a copy. */
function patched(old: readonly Entry[], components: readonly Component[], lifted: readonly Entry[]): Entry[] {
  let entries = old.slice();
  let at = 0;
  for (const { kind, n, edits, entries: fresh, start } of components) {
    if (kind === "insert" || kind === "drop") {
      const coming = kind === "insert" ? fresh : lifted.slice(start, start + n);
      if (n === 1) {
        entries.splice(at, 0, coming[0]!);
      } else {
        // Not `splice(…, ...coming)`: an engine takes only so many arguments.
        entries = entries.slice(0, at).concat(coming, entries.slice(at));
      }
      at += n;
    } else if (kind === "keep") {
      if (edits !== null) {
        for (let index = at; index < at + n; index += 1) {
          entries[index] = edited(entries[index]!, edits);
        }
      }
      at += n;
    } else {
      entries.splice(at, n);
    }
  }
  return entries;
}

/** The picked entries by number, already edited: drops may stand before the picks that they name. */
function pickedBy(old: readonly Entry[], components: readonly Component[]): Entry[] {
  const lifted: Entry[] = [];
  let position = 0;
  for (const component of components) {
    if (component.kind === "pick") {
      appendEdited(lifted, old, position, position + component.n, component.edits);
    }
    if (!isProducer(component)) {
      position += component.n;
    }
  }
  return lifted;
}

function isProducer(component: Component): boolean {
  return component.kind === "insert" || component.kind === "drop";
}

function append(target: Entry[], source: readonly Entry[], start = 0, end = source.length): void {
  for (let at = start; at < end; at += 1) {
    target.push(source[at]!);
  }
}

function appendEdited(
  target: Entry[],
  source: readonly Entry[],
  start: number,
  end: number,
  edits: Edits | null,
): void {
  if (edits === null) {
    append(target, source, start, end);
    return;
  }
  for (let at = start; at < end; at += 1) {
    target.push(edited(source[at]!, edits));
  }
}
