/**
 * Entries that come back, and under which uid.
 *
 * What an undo inserts was in the list before. Whether the server knows the old uid decides what becomes of it:
 *
 * - it was never sent: the entry keeps it;
 * - it stands in what is acknowledged or in flight, as its removal only waits: the two cancel out (`compact`);
 * - its removal is in flight: nobody can know yet, so the entry waits under the old uid, *undecided*;
 * - it is gone: the entry gets a new uid, with the old one in `was`.
 *
 * Knows uids, and the lists that they stand in. Does not know how an undo came to be.
 */

import { apply, inserted } from "./apply.js";
import { Builder } from "./builder.js";
import { compact } from "./compact.js";
import { compose } from "./compose.js";
import { type Document, uidOf, uidsOf } from "./document.js";
import type { Op } from "./op.js";
import { withEntries } from "./queue.js";
import type { Entry } from "./value.js";

/** Where uids come from. */
export interface Names {
  /** A uid that nobody ever had. */
  take(): string;
  /** Whether the server would take this uid from us, if nobody had it. */
  owns(uid: string): boolean;
}

/**
 * What one client has to remember for it. `base` is the acknowledged list with the op in flight: what waits to
 * be sent is written for it.
 */
export class Comebacks {
  readonly undecided = new Set<string>();
  /** Own entries that were never sent: nobody knows their uids. */
  readonly #unsent = new Set<string>();

  /** An own edit, or one that was in flight, waits to be sent. */
  edited(op: Op): void {
    for (const entry of inserted(op)) {
      this.#unsent.add(uidOf(entry));
    }
  }

  sent(op: Op): void {
    for (const entry of inserted(op)) {
      this.#unsent.delete(uidOf(entry));
    }
  }

  /** `pending` waited already in an earlier life of this client. */
  resumed(pending: Op, undecided: Iterable<string>): void {
    this.edited(pending);
    for (const uid of undecided) {
      this.#unsent.delete(uid);
      this.undecided.add(uid);
    }
  }

  /**
   * An undo with the uids that its entries will have. `standing` holds the uids of those that stand in `base`;
   * what waits, this op included, is to be compacted if there are any.
   */
  readied(op: Op, acked: Document, base: Document, names: Names): { op: Op; standing: ReadonlySet<string> } {
    const restored = new Set(inserted(op).map(uidOf));
    if (restored.size === 0) {
      return { op, standing: restored };
    }
    const standing = intersection(restored, uidsOf(base));
    const inAcked = uidsOf(acked);
    const named = withEntries(op, entry => {
      const uid = uidOf(entry);
      if (standing.has(uid) || inAcked.has(uid)) {
        return entry;
      }
      if (!this.#unsent.has(uid)) {
        return { ...entry, uid: names.take(), was: uid };
      }
      return names.owns(uid) ? entry : { ...entry, uid: names.take() };
    });
    return { op: named, standing };
  }

  /** `op`, as `readied` gave it, is what the user sees now. */
  took(op: Op, acked: Document, standing: ReadonlySet<string>): void {
    const restored = inserted(op).map(uidOf);
    if (restored.length === 0) {
      return;
    }
    const inAcked = uidsOf(acked);
    for (const uid of restored) {
      if (!standing.has(uid)) {
        (inAcked.has(uid) ? this.undecided : this.#unsent).add(uid);
      }
    }
  }

  /**
   * For when nothing is in flight any more: what was undecided is gone. Gives an entry that waits the uid that it
   * will have, and notes it in `named`.
   */
  naming(names: Names, named: Map<string, string>): (entry: Entry) => Entry {
    return entry => {
      const uid = uidOf(entry);
      if (!this.undecided.has(uid)) {
        return entry;
      }
      const fresh = named.get(uid) ?? names.take();
      named.set(uid, fresh);
      return { ...entry, uid: fresh, was: uid };
    };
  }

  /**
   * Looks whether entries that wait undecided still may come back, when `base` is another; `gone` are the uids
   * that others removed, which must not. What stands in `base`, as its removal was refused or will be sent anew,
   * is moved or edited instead of inserted.
   *
   * Returns what waits from now on, and how the visible list changes by that; null if nothing changes.
   */
  decide(pending: Op, base: Document, gone: ReadonlySet<string>): { pending: Op; takenOut: Op } | null {
    const standing = intersection(this.undecided, uidsOf(base));
    const refused = intersection(this.undecided, gone);
    if (standing.size === 0 && refused.size === 0) {
      return null;
    }
    for (const uid of [...standing, ...refused]) {
      this.undecided.delete(uid);
    }
    // New objects, to tell entries that wait from those that stand under the same uid.
    const fresh = withEntries(pending, entry => ({ ...entry }));
    const waiting = new Set(inserted(fresh));
    const builder = new Builder();
    for (const entry of apply(base, fresh).entries) {
      if ((waiting.has(entry) ? refused : standing).has(uidOf(entry))) {
        builder.remove(1);
      } else {
        builder.keep(1);
      }
    }
    const takenOut = builder.op();
    return { pending: compact(compose(fresh, takenOut), base), takenOut };
  }
}

function intersection(one: ReadonlySet<string>, other: ReadonlySet<string>): Set<string> {
  return new Set([...one].filter(item => other.has(item)));
}
