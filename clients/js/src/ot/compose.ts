/**
 * Two ops, one after the other, as one.
 *
 * `a`'s output is walked against `b`'s input. What `b` produces where `a` removed or picked goes right after
 * the entry before it (leftmost): with ties broken to the left in `transform`, this is what makes law L hold,
 *
 *     T(c, compose(a, b)) == T(T(c, a), b)        for a later op c, to the letter,
 *
 * so that a server may catch a client up with one composed op. Knows positions and pick numbers; looks at an
 * entry only to edit one that `a` inserted.
 */

import { Builder } from "./builder.js";
import { type Component, IDENTITY, makeOp, type Op, OpError } from "./op.js";
import { END, moves, Runs, renumbered } from "./runs.js";
import { type Edits, type Entry, edited, isEmpty } from "./value.js";

/**
 * Where a run that `b` picks comes from: entries that `a` inserts, or else the run's first provisional pick
 * number. Until the new numbers are known, `a`'s picks keep theirs and `b`'s come after them.
 */
type Source = readonly Entry[] | number;

/**
 * The op that does what `a` and then `b` do. Associative to the letter.
 *
 * Linear in the components of both and the entries inserted, plus sorts of drops. Throws OpError op_length if
 * `b` is for a list of another length than `a` leaves.
 */
export function compose(a: Op, b: Op): Op {
  const attributes = bothMembers(a.attributes, b.attributes);
  if (a.components.length === 0) {
    return attributes === b.attributes ? b : makeOp(b.components, attributes);
  }
  if (b.components.length === 0) {
    return attributes === a.attributes ? a : makeOp(a.components, attributes);
  }
  return makeOp(composed(a.components, b.components), attributes);
}

/** All of them in order as one, as a balanced tree: from left to right would be quadratic. */
export function composeAll(ops: readonly Op[]): Op {
  let level = ops;
  while (level.length > 1) {
    const joined: Op[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const second = level[at + 1];
      joined.push(second === undefined ? level[at]! : compose(level[at]!, second));
    }
    level = joined;
  }
  return level[0] ?? IDENTITY;
}

function composed(a: readonly Component[], b: readonly Component[]): readonly Component[] {
  const notes = moves(a) || moves(b) ? notesOf(a, b) : NOTHING;
  const out = new Builder();
  const places = new Runs<number>(); // provisional pick numbers → new ones
  let picks = 0; // new numbers given
  let aPicks = 0; // old numbers passed
  let bPicks = 0;
  let inPlace = true; // whether each provisional number is the new one
  let aAt = 0;
  let bAt = 0;
  let aLeft = 0;
  let bLeft = 0;
  let aUsed = 0;
  let fromA = a[0]!;
  let fromB = b[0]!;
  while (true) {
    if (bLeft === 0) {
      if (bAt === b.length) {
        bLeft = END;
        continue;
      }
      fromB = b[bAt]!;
      bAt += 1;
      if (fromB.kind === "insert") {
        out.insert(fromB.entries);
      } else if (fromB.kind === "drop") {
        for (const { offset, n, value } of notes.sources.within(fromB.start, fromB.n)) {
          if (typeof value === "number") {
            out.drop(value + offset, n);
          } else {
            out.insert(value.slice(offset, offset + n));
          }
        }
      } else {
        bLeft = fromB.n;
      }
    } else if (aLeft === 0) {
      if (aAt === a.length) {
        aLeft = END;
        continue;
      }
      fromA = a[aAt]!;
      aAt += 1;
      aUsed = 0;
      if (fromA.kind === "remove") {
        out.remove(fromA.n);
      } else if (fromA.kind === "pick") {
        for (const { n, value } of notes.fates.within(aPicks, fromA.n)) {
          if (value.kind === "remove") {
            out.remove(n);
          } else {
            out.pick(n, bothEdits(fromA, value));
            places.add(aPicks, n, picks);
            inPlace = inPlace && aPicks === picks;
            picks += n;
          }
          aPicks += n;
        }
      } else {
        aLeft = fromA.n;
      }
    } else {
      if (aLeft === END || bLeft === END) {
        if (aLeft === bLeft) {
          break;
        }
        throw new OpError("op_length", "The second op is for a list of another length.");
      }
      const n = Math.min(aLeft, bLeft);
      if (fromA.kind === "keep") {
        if (fromB.kind === "remove") {
          out.remove(n);
        } else if (fromB.kind === "keep") {
          out.keep(n, bothEdits(fromA, fromB));
        } else {
          out.pick(n, bothEdits(fromA, fromB));
          places.add(notes.aPicks + bPicks, n, picks);
          inPlace = inPlace && notes.aPicks + bPicks === picks;
          picks += n;
        }
      } else if (fromB.kind === "keep") {
        if (fromA.kind === "insert") {
          out.insert(editedRun(fromA.entries.slice(aUsed, aUsed + n), fromB.edits));
        } else if (fromA.kind === "drop") {
          out.drop(fromA.start + aUsed, n);
        }
      }
      if (fromB.kind === "pick") {
        bPicks += n;
      }
      aUsed += n;
      aLeft -= n;
      bLeft -= n;
    }
  }
  return inPlace ? out.components() : renumbered(out.components(), places);
}

/** What must be known before the walk, because a pick and its drop may stand in either order. */
interface Notes {
  /** How many entries `a` moves. */
  readonly aPicks: number;
  /** What `b` does to them, by `a`'s pick numbers. */
  readonly fates: Runs<Component>;
  /** Where the entries that `b` moves come from, by `b`'s pick numbers. */
  readonly sources: Runs<Source>;
}

const NOTHING: Notes = { aPicks: 0, fates: new Runs(), sources: new Runs() };

function notesOf(a: readonly Component[], b: readonly Component[]): Notes {
  const aPicks = a.reduce((sum, component) => (component.kind === "pick" ? sum + component.n : sum), 0);
  const fates = new Runs<Component>();
  const sources = new Runs<Source>();
  let bAt = 0;
  let bLeft = 0;
  let bPicks = 0;
  let fromB = b[0]!;
  for (const fromA of a) {
    if (fromA.kind === "remove" || fromA.kind === "pick") {
      continue;
    }
    let aLeft = fromA.n;
    let aUsed = 0;
    while (aLeft > 0) {
      while (bLeft === 0) {
        if (bAt === b.length) {
          throw new OpError("op_length", "The second op is for a list of another length.");
        }
        fromB = b[bAt]!;
        bAt += 1;
        if (fromB.kind !== "insert" && fromB.kind !== "drop") {
          bLeft = fromB.n;
        }
      }
      const n = Math.min(aLeft, bLeft);
      if (fromA.kind === "drop") {
        fates.add(fromA.start + aUsed, n, fromB);
      }
      if (fromB.kind === "pick") {
        sources.add(bPicks, n, sourceOf(fromA, aUsed, n, fromB, aPicks + bPicks));
        bPicks += n;
      }
      aUsed += n;
      aLeft -= n;
      bLeft -= n;
    }
  }
  return { aPicks, fates, sources };
}

function sourceOf(fromA: Component, used: number, n: number, fromB: Component, provisional: number): Source {
  switch (fromA.kind) {
    case "insert":
      return editedRun(fromA.entries.slice(used, used + n), fromB.edits);
    case "drop":
      return fromA.start + used;
    default:
      return provisional;
  }
}

/** The edits of both on an entry that both let stand. */
function bothEdits(fromA: Component, fromB: Component): Edits | null {
  const first = fromA.edits;
  const then = fromB.edits;
  return first !== null && then !== null ? { ...first, ...then } : (first ?? then);
}

function bothMembers(first: Edits, then: Edits): Edits {
  if (isEmpty(first)) {
    return then;
  }
  return isEmpty(then) ? first : { ...first, ...then };
}

function editedRun(entries: readonly Entry[], edits: Edits | null): readonly Entry[] {
  return edits === null ? entries : entries.map(entry => edited(entry, edits));
}
