/**
 * How two ops meet.
 *
 *     d ──a──► ·            One symmetric picture, not a table of pairs: both ops are walked over the old
 *     │        │            entries in lockstep. In a gap, what the first party produces stands left of what
 *     b     T(b, a, right)  the second does. `left` says that the rewritten op was committed first (or will
 *     ▼        ▼            have been), `right` that it comes later; nothing else breaks a tie.
 *     ·──────► ·
 *      T(a, b, left)        (for a first)
 *
 * Knows positions and pick numbers. Does not look at an entry, so it does not know uids.
 */

import { Builder } from "./builder.js";
import { type Component, makeOp, NO_ATTRIBUTES, type Op, OpError } from "./op.js";
import { END, moves, Runs, renumbered } from "./runs.js";
import { type Edits, isEmpty, type Value } from "./value.js";

/** Breaks ties between two concurrent ops; nothing else does. */
export type Side = "left" | "right";

/**
 * What `a` does to a run of entries that `b` picks: its component there, those of its edits that stand, and
 * its pick number if it picks them too.
 */
interface Deed {
  readonly component: Component;
  readonly edits: Edits | null;
  readonly number: number;
}

/**
 * `a`, rewritten to be applied after `b`; both were written for the same document.
 *
 * `side` is that of `a`: "left" if `a` is the earlier of the two, "right" if it is the later. Linear in the
 * components of both, plus sorts of drops. Throws OpError op_length if the ops are for lists of different
 * lengths.
 */
export function transform(a: Op, b: Op, side: Side): Op {
  const later = side === "right";
  const attributes = standingAttributes(a, b, later);
  if (a.components.length === 0 || b.components.length === 0) {
    return attributes === a.attributes ? a : makeOp(a.components, attributes);
  }
  return makeOp(rewritten(a.components, b.components, later), attributes);
}

/** The components of `a` in the order of the list that `b` leaves. */
function rewritten(a: readonly Component[], b: readonly Component[], later: boolean): readonly Component[] {
  const deeds = moves(b) ? deedsOf(a, b, later) : null;
  const out = new Builder();
  // Old pick numbers of `a` → new ones, for the moves that survive.
  const places = new Runs<number>();
  let picks = 0; // new numbers given
  let picksPassed = 0; // old numbers passed
  let inPlace = true; // whether each move that survives kept its number
  let aAt = 0;
  let bAt = 0;
  let aLeft = 0;
  let bLeft = 0;
  let fromA = a[0]!;
  let fromB = b[0]!;
  while (true) {
    if (aLeft === 0 && (bLeft !== 0 || !later)) {
      if (aAt === a.length) {
        aLeft = END;
        continue;
      }
      fromA = a[aAt]!;
      aAt += 1;
      if (fromA.kind === "insert") {
        out.insert(fromA.entries);
      } else if (fromA.kind === "drop") {
        out.drop(fromA.start, fromA.n);
      } else {
        aLeft = fromA.n;
      }
    } else if (bLeft === 0) {
      if (bAt === b.length) {
        bLeft = END;
        continue;
      }
      fromB = b[bAt]!;
      bAt += 1;
      if (fromB.kind === "insert") {
        out.keep(fromB.n);
      } else if (fromB.kind === "drop") {
        for (const { offset, n, value } of deeds?.within(fromB.start, fromB.n) ?? []) {
          if (value.component.kind === "remove") {
            out.remove(n);
          } else if (value.component.kind === "pick" && later) {
            out.pick(n, value.edits);
            places.add(value.number + offset, n, picks);
            inPlace = inPlace && value.number + offset === picks;
            picks += n;
          } else {
            out.keep(n, value.edits);
          }
        }
      } else {
        bLeft = fromB.n;
      }
    } else {
      if (aLeft === END || bLeft === END) {
        if (aLeft === bLeft) {
          break;
        }
        throw new OpError("op_length", "The two ops are for lists of different lengths.");
      }
      const n = Math.min(aLeft, bLeft);
      if (fromB.kind === "keep") {
        if (fromA.kind === "remove") {
          out.remove(n);
        } else {
          const edits = standingEdits(fromA, fromB, later);
          if (fromA.kind === "pick") {
            out.pick(n, edits);
            places.add(picksPassed, n, picks);
            inPlace = inPlace && picksPassed === picks;
            picks += n;
          } else {
            out.keep(n, edits);
          }
        }
      }
      if (fromA.kind === "pick") {
        picksPassed += n;
      }
      aLeft -= n;
      bLeft -= n;
    }
  }
  const components = out.components();
  return inPlace && picks === picksPassed ? components : renumbered(components, places);
}

/** What `a` does to the entries that `b` picks, by `b`'s pick numbers. */
function deedsOf(a: readonly Component[], b: readonly Component[], later: boolean): Runs<Deed> {
  const deeds = new Runs<Deed>();
  let aPicks = 0;
  let bPicks = 0;
  let bAt = 0;
  let bLeft = 0;
  let fromB = b[0]!;
  for (const fromA of a) {
    if (fromA.kind === "insert" || fromA.kind === "drop") {
      continue;
    }
    let aLeft = fromA.n;
    while (aLeft > 0) {
      while (bLeft === 0) {
        if (bAt === b.length) {
          throw new OpError("op_length", "The two ops are for lists of different lengths.");
        }
        fromB = b[bAt]!;
        bAt += 1;
        if (fromB.kind !== "insert" && fromB.kind !== "drop") {
          bLeft = fromB.n;
        }
      }
      const n = Math.min(aLeft, bLeft);
      if (fromB.kind === "pick") {
        deeds.add(bPicks, n, { component: fromA, edits: standingEdits(fromA, fromB, later), number: aPicks });
        bPicks += n;
      }
      if (fromA.kind === "pick") {
        aPicks += n;
      }
      aLeft -= n;
      bLeft -= n;
    }
  }
  return deeds;
}

/** The attributes that `a` still sets: of one that both set, the later party's value wins. */
function standingAttributes(a: Op, b: Op, later: boolean): Edits {
  if (later || isEmpty(a.attributes) || isEmpty(b.attributes)) {
    return a.attributes;
  }
  return without(a.attributes, b.attributes) ?? NO_ATTRIBUTES;
}

/** The edits of `fromA` on entries that both let stand: of one member, the later party's value wins. */
function standingEdits(fromA: Component, fromB: Component, later: boolean): Edits | null {
  const edits = fromA.edits;
  return later || edits === null || fromB.edits === null ? edits : without(edits, fromB.edits);
}

/** The edits that do not touch what `others` set; null if none are left. */
function without(edits: Edits, others: Edits): Edits | null {
  const left = Object.entries(edits).filter(([name]) => !Object.hasOwn(others, name));
  return left.length > 0 ? (Object.fromEntries(left) as { [name: string]: Value }) : null;
}
