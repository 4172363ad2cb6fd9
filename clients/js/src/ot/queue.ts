/**
 * Edits that wait to be sent.
 *
 * A binary counter of composed ops, oldest first: each new edit is an op of one, and two neighbours of one size
 * become an op of twice the size. So n edits cost n log n to keep, and little more to become one op; composing
 * each edit onto one big op would be quadratic. Knows ops in a row, each written for the document that the one
 * before leaves. Does not know what was sent.
 */

import { Builder } from "./builder.js";
import { compose } from "./compose.js";
import { uidOf } from "./document.js";
import { IDENTITY, type Op } from "./op.js";
import { transform } from "./transform.js";
import type { Entry } from "./value.js";

/** An op that waits, with its size as a power of two: log2. */
export interface Group {
  readonly size: number;
  readonly op: Op;
}

/** Ops in a row, and how many edits they stand for (`edits`). */
export class PendingQueue {
  edits = 0;
  /** Sizes are falling, so no two neighbours are alike. */
  #groups: Group[] = [];

  get isEmpty(): boolean {
    return this.edits === 0;
  }

  /** What waits, in order, as it happens to be grouped. */
  ops(): Op[] {
    return this.#groups.map(group => group.op);
  }

  /**
   * All of its state but `edits`. How edits are grouped decides how they meet others' in one gap, so who goes
   * on elsewhere needs the same groups.
   */
  groups(): readonly Group[] {
    return this.#groups.slice();
  }

  /** Goes on from the `groups` of another queue, which stood for `edits` edits. */
  resume(groups: readonly Group[], edits: number): void {
    this.#groups = groups.slice();
    this.edits = edits;
  }

  /** Adds the newest edit. */
  push(edit: Op): void {
    let op = edit;
    let size = 0;
    for (let last = this.#groups.at(-1); last?.size === size; last = this.#groups.at(-1)) {
      op = compose(last.op, op);
      this.#groups.pop();
      size += 1;
    }
    this.#groups.push({ size, op });
    this.edits += 1;
  }

  /** Puts back an op that stands for `edits` edits older than all that wait. */
  pushFront(op: Op, edits: number): void {
    const first = this.#groups[0];
    this.#groups.unshift({ size: Math.max(bitLength(edits), first === undefined ? 0 : first.size + 1), op });
    this.edits += edits;
  }

  /** Everything that waits, as one op; the queue is empty afterwards. */
  takeAll(): Op {
    const folded = this.folded();
    this.#groups = [];
    this.edits = 0;
    return folded;
  }

  /** Everything that waits, as one op; from the newest on, where the ops are small. */
  folded(): Op {
    return (
      this.#groups.reduceRight<Op | null>(
        (folded, { op }) => (folded === null ? op : compose(op, folded)),
        null,
      ) ?? IDENTITY
    );
  }

  /** Puts one op that does the same in place of all that waits, which is something. */
  replace(op: Op): void {
    this.#groups = [{ size: bitLength(this.edits), op }];
  }

  /** Carries what waits over `remote`, which came first; returns `remote` carried over what waits. */
  rebase(remote: Op): Op {
    let carried = remote;
    this.#groups = this.#groups.map(({ size, op }) => {
      const rebased = transform(op, carried, "right");
      carried = transform(carried, op, "left");
      return { size, op: rebased };
    });
    return carried;
  }

  /**
   * Takes the inserts of entries with these uids out of the queue, as an op that comes before it.
   *
   * The two together do what the queue did: what else waits still edits, moves and removes those entries.
   */
  takeInserts(uids: ReadonlySet<string>): Op {
    if (this.#groups.slice(1).some(group => insertsAny(group.op, uids))) {
      // It would have to be carried in front of the older ops; in one op there are none.
      const edits = this.edits;
      this.pushFront(this.takeAll(), edits);
    }
    const first = this.#groups[0];
    if (first === undefined || !insertsAny(first.op, uids)) {
      return IDENTITY;
    }
    const [taken, rest] = split(first.op, uids);
    this.#groups[0] = { size: first.size, op: rest };
    return taken;
  }

  /** Replaces each entry that waits to be inserted by `renamed(entry)`. */
  rename(renamed: (entry: Entry) => Entry): void {
    this.#groups = this.#groups.map(({ size, op }) => ({ size, op: withEntries(op, renamed) }));
  }
}

/** The op with each entry that it inserts replaced by `renamed(entry)`. */
export function withEntries(op: Op, renamed: (entry: Entry) => Entry): Op {
  const builder = new Builder();
  for (const component of op.components) {
    if (component.kind === "insert") {
      builder.insert(component.entries.map(renamed));
    } else {
      builder.add(component);
    }
  }
  return builder.op(op.attributes);
}

function insertsAny(op: Op, uids: ReadonlySet<string>): boolean {
  return op.components.some(component => component.entries.some(entry => uids.has(uidOf(entry))));
}

/** Two ops that do what `op` does, the first of them only inserting the entries with these uids. */
function split(op: Op, uids: ReadonlySet<string>): [Op, Op] {
  const first = new Builder();
  const rest = new Builder();
  for (const component of op.components) {
    if (component.kind === "insert") {
      for (const entry of component.entries) {
        if (uids.has(uidOf(entry))) {
          first.insert([entry]);
          rest.keep(1);
        } else {
          rest.insert([entry]);
        }
      }
    } else {
      rest.add(component);
      if (component.kind !== "drop") {
        first.keep(component.n);
      }
    }
  }
  return [first.op(), rest.op(op.attributes)];
}

function bitLength(number: number): number {
  return number.toString(2).length - (number === 0 ? 1 : 0);
}
