/**
 * Steps that can be taken back in one direction; see the picture in `undo`.
 *
 * Knows deeds, and how what others did is handed down from one to the next. Does not know who asks.
 */

import { apply, inserted } from "./apply.js";
import { diff } from "./build.js";
import { Builder } from "./builder.js";
import { compose, composeAll } from "./compose.js";
import { type Document, uidOf } from "./document.js";
import { mirror } from "./mirror.js";
import { IDENTITY, isIdentity, type Op } from "./op.js";
import { PendingQueue } from "./queue.js";
import { transform } from "./transform.js";
import { type Entry, sameMembers } from "./value.js";

/** Others' edits between one's own cost something when a step is taken back; a step is cut here. */
export const DEEDS_PER_STEP_MAX = 100;

/**
 * The inverse of some own edits with nothing in between, and what others did since.
 *
 * Both are binary counters, as in `queue`; here each newer inverse comes in front of the older ones.
 */
class Deed {
  readonly #inverses: { readonly size: number; readonly op: Op }[];
  readonly #remote = new PendingQueue();

  constructor(inverse: Op) {
    this.#inverses = [{ size: 0, op: inverse }];
  }

  /** Whether nobody did anything since. */
  get isNewest(): boolean {
    return this.#remote.isEmpty;
  }

  add(inverse: Op): void {
    let op = inverse;
    let size = 0;
    for (let last = this.#inverses.at(-1); last?.size === size; last = this.#inverses.at(-1)) {
      op = compose(op, last.op);
      this.#inverses.pop();
      size += 1;
    }
    this.#inverses.push({ size, op });
  }

  carry(visible: Op): void {
    this.#remote.push(mirror(visible));
  }

  /**
   * The inverse, rewritten for the list as it is now, and what others did since as the deed below has to be
   * carried over it.
   */
  settle(): { op: Op; remote: Op } {
    const op = this.#inverses.reduceRight<Op | null>(
      (newer, older) => (newer === null ? older.op : compose(newer, older.op)),
      null,
    )!;
    const remote = mirror(this.#remote.takeAll());
    return { op: transform(op, remote, "left"), remote: transform(remote, op, "right") };
  }

  *restorable(): Iterable<string> {
    for (const { op } of this.#inverses) {
      yield* inserted(op).map(uidOf);
    }
  }
}

/** Each step is a list of deeds; the last deed of the last step is for the list now. */
export class UndoSteps {
  #steps: Deed[][] = [];

  constructor(readonly stepsMax: number) {}

  clear(): void {
    this.#steps = [];
  }

  /** Adds an inverse of what was done just now; `joins`: to the newest step. */
  push(inverse: Op, joins: boolean): void {
    const step = (joins ? this.#steps.at(-1) : undefined) ?? [];
    const last = step.at(-1);
    if (last?.isNewest) {
      last.add(inverse);
    } else if (last !== undefined && step.length < DEEDS_PER_STEP_MAX) {
      step.push(new Deed(inverse));
    } else {
      this.#steps.push([new Deed(inverse)]);
      this.#steps.splice(0, this.#steps.length - this.stepsMax);
    }
  }

  carry(visible: Op): void {
    if (!isIdentity(visible)) {
      this.#top()?.carry(visible);
    }
  }

  *restorable(): Iterable<string> {
    for (const step of this.#steps) {
      for (const deed of step) {
        yield* deed.restorable();
      }
    }
  }

  /**
   * What taking back the newest step with any effect would do; those without are dropped. Identity if none is
   * left.
   */
  next(document: Document): Op {
    while (this.#steps.length > 0) {
      const op = this.#settle();
      if (!isWithoutEffect(op, document)) {
        return op;
      }
      this.#steps.pop();
    }
    return IDENTITY;
  }

  /** As `next`; the step is no longer here. */
  take(document: Document): Op {
    const op = this.next(document);
    this.#steps.pop();
    return op;
  }

  /**
   * Entries with these uids will not be brought back. Settles step after step to find them: rare.
   */
  leaveOut(uids: ReadonlySet<string>, visible: Document): void {
    const looking = new Set([...this.restorable()].filter(uid => uids.has(uid)));
    const above: Deed[][] = [];
    let document = visible;
    while (looking.size > 0 && this.#steps.length > 0) {
      const op = this.#settle();
      const found = new Set(
        inserted(op)
          .map(uidOf)
          .filter(uid => looking.has(uid)),
      );
      const rest = found.size > 0 ? without(op, found) : op;
      above.push([new Deed(rest)]);
      this.#steps.pop();
      const after = apply(document, rest);
      if (found.size > 0) {
        this.carry(shift(op, found, document, after));
        for (const uid of found) {
          looking.delete(uid);
        }
      }
      document = after;
    }
    this.#steps.push(...above.reverse());
  }

  /** Makes one deed of the newest step, for the list as it is now. */
  #settle(): Op {
    const step = this.#steps.pop()!;
    const ops: Op[] = [];
    for (let at = step.length - 1; at >= 0; at -= 1) {
      const { op, remote } = step[at]!.settle();
      ops.push(op);
      if (!isIdentity(remote)) {
        (at > 0 ? step[at - 1] : this.#top())?.carry(remote);
      }
    }
    const settled = composeAll(ops);
    this.#steps.push([new Deed(settled)]);
    return settled;
  }

  #top(): Deed | undefined {
    return this.#steps.at(-1)?.at(-1);
  }
}

/** `op` without inserting the entries with these uids. */
function without(op: Op, uids: ReadonlySet<string>): Op {
  const builder = new Builder();
  for (const component of op.components) {
    if (component.kind === "insert") {
      builder.insert(component.entries.filter(entry => !uids.has(uidOf(entry))));
    } else {
      builder.add(component);
    }
  }
  return builder.op(op.attributes);
}

/**
 * From the list that the step below expects, the one after `op`, to `after`, where entries are left out.
 *
 * Of one that stands already, in the wrong place so to speak, the one that `op` would have brought is taken for
 * it: older steps are about that entry, wherever it stands now.
 */
function shift(op: Op, leftOut: ReadonlySet<string>, document: Document, after: Document): Op {
  const nobody: Entry = { uid: "" };
  const others = document.entries.map(entry => (leftOut.has(uidOf(entry)) ? nobody : entry));
  return diff(apply({ entries: others, attributes: document.attributes }, op), after);
}

function isWithoutEffect(op: Op, document: Document): boolean {
  if (isIdentity(op)) {
    return true;
  }
  const after = apply(document, op);
  return (
    after.entries.length === document.entries.length &&
    sameMembers(after.attributes, document.attributes) &&
    after.entries.every((entry, at) => entry === document.entries[at])
  );
}
