/**
 * An op that says no more than it does.
 *
 * Undo of what was never sent leaves traces in a composed op: entries removed and put back under their own uid,
 * moves that end where they began. Here the first become moves, or edits in place, and the second become keeps.
 * For a client's unsent edits only: a move without effect is a decision that `transform` respects, and once
 * somebody may have met it, taking it out changes what they met (`docs/OT.md`). With `diff` the only one here
 * that looks at uids.
 */

import { longestIncreasing } from "./build.js";
import { Builder } from "./builder.js";
import { type Document, uidOf } from "./document.js";
import type { Component, Op } from "./op.js";
import { difference, type Edits, type Entry, isEmpty } from "./value.js";

/** Old index → what changes about the entry that leaves there and stands elsewhere afterwards. */
type Moved = Map<number, Edits | null>;

/**
 * An op that leads from `document`, the list before `op`, to the same list as `op`.
 *
 * What was kept stays kept; new entries and removals stay in their order. Linear in the components and the
 * entries removed, moved and inserted, plus sorts of those moved.
 */
export function compact(op: Op, document: Document): Op {
  const { picked, gone } = leaving(op, document);
  if (picked.size === 0 && gone.size === 0) {
    return op;
  }
  const moved: Moved = new Map(picked);
  const parts = partsOf(op, document, [...picked.keys()], gone, moved);
  if (moved.size === 0) {
    return op;
  }
  const staying = new Set(parts.flatMap(part => (part instanceof Stretch ? part.staying() : [])));
  const leavers = [...moved.keys()].filter(index => !staying.has(index)).sort((one, other) => one - other);
  const numbers = new Map(leavers.map((index, number) => [index, number]));
  const out = new Builder();
  for (const part of parts) {
    if (part instanceof Stretch) {
      part.write(out, moved, numbers);
    } else {
      out.keep(part.n, part.edits);
    }
  }
  return out.op(op.attributes);
}

/**
 * What an op does between two keeps. An entry that leaves and comes back within it need not move.
 *
 * Each item has its place in the op's walk: old indexes that leave, and what is put here, moved entries as their
 * old indexes.
 */
class Stretch {
  readonly leaving: { readonly place: number; readonly index: number }[] = [];
  readonly coming: { readonly place: number; readonly item: number | Entry }[] = [];

  /** The old indexes of as many entries as can be kept without changing the order. */
  staying(): number[] {
    const here = new Set(this.leaving.map(leaver => leaver.index));
    return longestIncreasing(
      this.coming
        .map(comer => comer.item)
        .filter(item => typeof item === "number" && here.has(item)) as number[],
    );
  }

  /** Adds the components; what stays is a barrier, the rest keeps its order in the walk. */
  write(out: Builder, moved: Moved, numbers: ReadonlyMap<number, number>): void {
    let left = 0;
    let came = 0;
    for (const index of [...this.staying(), -1]) {
      while (true) {
        const leaver = this.leaving[left];
        const comer = this.coming[came];
        const mayLeave = leaver !== undefined && leaver.index !== index;
        const mayCome = comer !== undefined && comer.item !== index;
        if (mayLeave && !(mayCome && comer.place < leaver.place)) {
          left += 1;
          if (numbers.has(leaver.index)) {
            out.pick(1, moved.get(leaver.index) ?? null);
          } else {
            out.remove(1);
          }
        } else if (mayCome) {
          came += 1;
          if (typeof comer.item === "number") {
            out.drop(numbers.get(comer.item)!, 1);
          } else {
            out.insert([comer.item]);
          }
        } else {
          break;
        }
      }
      if (index >= 0) {
        left += 1;
        came += 1;
        out.keep(1, moved.get(index) ?? null);
      }
    }
  }
}

/** The entries that `op` picks, by old index in order, and those that it removes, by uid. */
function leaving(op: Op, document: Document): { picked: Moved; gone: Map<string, number> } {
  const picked: Moved = new Map();
  const gone = new Map<string, number>();
  let position = 0;
  for (const component of op.components) {
    if (component.kind === "insert" || component.kind === "drop") {
      continue;
    }
    for (let index = position; index < position + component.n; index += 1) {
      if (component.kind === "pick") {
        picked.set(index, component.edits);
      } else if (component.kind === "remove") {
        const uid = uidOf(document.entries[index]!);
        if (!gone.has(uid)) {
          gone.set(uid, index);
        }
      } else {
        break;
      }
    }
    position += component.n;
  }
  return { picked, gone };
}

/** The op as keeps and what lies between them. Adds to `moved` what it inserts under a uid of `gone`. */
function partsOf(
  op: Op,
  document: Document,
  picked: readonly number[],
  gone: Map<string, number>,
  moved: Moved,
): (Component | Stretch)[] {
  const parts: (Component | Stretch)[] = [];
  let stretch = new Stretch();
  let position = 0;
  let place = 0;

  function come(item: number | Entry): void {
    const index = typeof item === "number" ? undefined : gone.get(uidOf(item));
    if (typeof item !== "number" && index !== undefined) {
      gone.delete(uidOf(item));
      const changed = difference(document.entries[index]!, item);
      moved.set(index, isEmpty(changed) ? null : changed);
    }
    stretch.coming.push({ place, item: index ?? item });
    place += 1;
  }

  for (const component of op.components) {
    switch (component.kind) {
      case "insert":
        component.entries.forEach(come);
        break;
      case "drop":
        picked.slice(component.start, component.start + component.n).forEach(come);
        break;
      case "keep":
        parts.push(stretch, component);
        stretch = new Stretch();
        position += component.n;
        break;
      default:
        for (let index = position; index < position + component.n; index += 1) {
          stretch.leaving.push({ place, index });
          place += 1;
        }
        position += component.n;
    }
  }
  parts.push(stretch);
  return parts;
}
