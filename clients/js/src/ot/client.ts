/**
 * A replica that never waits.
 *
 *     synced ──edit──► pending ──send──► inflight ──edit──► inflight + pending
 *        ▲                                  │  own commit, refusal: inflight goes, pending stays
 *        └──────────────────────────────────┘
 *
 *     acked ──inflight──► · ──pending──► document      Everything foreign was committed first, so it is the
 *       │                 │                 │          earlier party ("left") against both; what a submission
 *     foreign             ▼                 ▼          becomes at the server is thereby known exactly beforehand
 *       ▼                                              (law L), even if the server sends a composed catch-up.
 *     acked' ──rebased──► · ──pending'──► document'
 *
 * Edits are applied at once and queued; one op is in flight at a time, frozen once sent, whatever the connection
 * does. The last acknowledged list is kept, so a refusal takes out the refused op and nothing else. With an
 * `UndoStack` edits can be taken back, which is one more edit. Knows ops and versions. Does not know sockets,
 * rooms, retries or time: the caller says what arrived.
 */

import { apply, removed } from "./apply.js";
import { diff } from "./build.js";
import { check } from "./check.js";
import { Comebacks, type Names } from "./comeback.js";
import { compact } from "./compact.js";
import { compose } from "./compose.js";
import { type Document, uidOf, uidsOf } from "./document.js";
import { Diverged, type Inflight } from "./inflight.js";
import { invert } from "./invert.js";
import { IDENTITY, isIdentity, type Op, sameOp } from "./op.js";
import { type Group, PendingQueue } from "./queue.js";
import { transform } from "./transform.js";
import type { Direction, UndoStack } from "./undo.js";
import type { Entry } from "./value.js";

const NOBODY: ReadonlySet<string> = new Set();

/** One client's view of one document. Ops that do not fit throw OpError and change nothing. */
export class Engine {
  #version: number;
  #acked: Document;
  #document: Document;
  #inflight: Inflight | null = null;
  readonly #pending = new PendingQueue();
  readonly #undo: UndoStack | null;
  readonly #comebacks = new Comebacks();

  constructor(document: Document, version: number, undo: UndoStack | null = null) {
    this.#version = version;
    this.#acked = document;
    this.#document = document;
    this.#undo = undo;
  }

  /** The last version that arrived from the server. */
  get version(): number {
    return this.#version;
  }

  /** The state at `version`. */
  get acked(): Document {
    return this.#acked;
  }

  /** What the user sees: `acked`, the inflight op and the pending ones. */
  get document(): Document {
    return this.#document;
  }

  get inflight(): Inflight | null {
    return this.#inflight;
  }

  /** Edits made and not yet sent, as one op on `acked` and the inflight op. */
  get pending(): Op {
    return this.#pending.folded();
  }

  /** What `resume` needs of it. */
  get pendingGroups(): readonly Group[] {
    return this.#pending.groups();
  }

  /** How many edits were made and not yet sent. */
  get pendingEdits(): number {
    return this.#pending.edits;
  }

  /** Uids of entries that wait to come back; `nameRestored` decides. */
  get undecided(): ReadonlySet<string> {
    return this.#comebacks.undecided;
  }

  /** Whether everything that the user sees is committed. */
  get isSynced(): boolean {
    return this.#inflight === null && this.#pending.isEmpty;
  }

  // -- what the user does, and what leaves -------------------------------------------------------------------

  /** Applies an op to `document` at once and queues it. `nowMs` as in `UndoStack.record`. */
  edit(op: Op, nowMs: number | null = null): void {
    if (isIdentity(op)) {
      return;
    }
    check(op, this.#document.entries.length);
    const before = this.#document;
    this.#document = apply(before, op);
    this.#pending.push(op);
    if (this.#undo !== null) {
      this.#undo.record(op, before, nowMs);
      this.#comebacks.edited(op);
    }
  }

  /** Whether `takeBack` would change anything. */
  canTakeBack(direction: Direction): boolean {
    return this.#undo?.can(direction, this.#document) ?? false;
  }

  /**
   * Undoes the newest step, or redoes the last one undone, as one more edit. Returns how `document` changes:
   * identity if there is nothing to take back. What `admit` throws is passed on, and nothing changes then.
   *
   * An entry that comes back keeps its uid as long as its removal was not sent; afterwards it gets a new one,
   * with the old one in `was`.
   */
  takeBack(direction: Direction, names: Names, admit: (op: Op) => void): Op {
    if (this.#undo === null) {
      return IDENTITY;
    }
    const before = this.#document;
    const taken = this.#undo.take(direction, before);
    if (isIdentity(taken)) {
      return IDENTITY;
    }
    const base = this.#base();
    const { op, standing } = this.#comebacks.readied(taken, this.#acked, base, names);
    try {
      admit(op);
    } catch (error) {
      this.#undo.giveBack(direction, taken);
      throw error;
    }
    this.#undo.took(direction, op, before);
    this.#comebacks.took(op, this.#acked, standing);
    this.#document = apply(before, op);
    this.#pending.push(op);
    if (standing.size > 0) {
      this.#pending.replace(compact(this.#pending.folded(), base));
    }
    return op;
  }

  /**
   * Gives new uids to entries that came back while it was open whether they were gone: they are, now that
   * nothing is in flight. Returns new uids by old ones. To be called before `send`.
   */
  nameRestored(names: Names): Map<string, string> {
    const named = new Map<string, string>();
    if (this.#comebacks.undecided.size > 0) {
      this.#expectNothingInflight();
      this.reviseUnsent(this.#comebacks.naming(names, named));
      this.#comebacks.undecided.clear();
    }
    return named;
  }

  /**
   * Freezes all that waits as one op under `seq`; the caller submits its `op` against its `base`. An op that was
   * sent in an earlier life is sent again as it was: `sent`.
   *
   * Null, and `seq` stays free, if another op is in flight or there is nothing to send.
   */
  send(seq: number, sent: Op | null = null): Inflight | null {
    if (this.#inflight !== null || this.#pending.isEmpty) {
      return null;
    }
    const edits = this.#pending.edits;
    const folded = this.#pending.takeAll();
    const op = sent ?? folded;
    if (!sameOp(op, folded)) {
      this.#document = apply(this.#acked, op);
    }
    if (isIdentity(op)) {
      return null;
    }
    if (this.#undo !== null) {
      this.#comebacks.sent(op);
    }
    this.#inflight = { seq, base: this.#version, op, rebased: op, edits, exact: true };
    return this.#inflight;
  }

  // -- what arrives ------------------------------------------------------------------------------------------

  /**
   * Takes in somebody else's commit; `count` versions are composed in it.
   *
   * Returns the op as it changes `document`.
   */
  receive(op: Op, count = 1): Op {
    check(op, this.#acked.entries.length);
    const acked = apply(this.#acked, op);
    const gone = this.#removedByOthers(this.#acked, op);
    const inflight = this.#inflight;
    if (inflight === null) {
      return this.#advance(acked, this.#version + count, null, op, gone);
    }
    const remote = transform(op, inflight.rebased, "left");
    const rebased = transform(inflight.rebased, op, "right");
    return this.#advance(acked, this.#version + count, { ...inflight, rebased }, remote, gone);
  }

  /**
   * Takes in the commit of the inflight op.
   *
   * Returns how `document` changes: not at all, except after a `reset` that left the op in flight. Throws
   * Diverged if this is not the op that was predicted, and changes nothing then.
   */
  receiveOwn(op: Op, count = 1): Op {
    const inflight = this.#expectInflight();
    if (sameOp(op, inflight.rebased)) {
      const acked = this.#pending.isEmpty ? this.#document : apply(this.#acked, op);
      return this.#advance(acked, this.#version + count, null, IDENTITY);
    }
    if (inflight.exact) {
      throw new Diverged(`The commit of seq ${inflight.seq} is not the op that was predicted.`);
    }
    check(op, this.#acked.entries.length);
    const acked = apply(this.#acked, op);
    const correction = diff(apply(this.#acked, inflight.rebased), acked);
    return this.#advance(acked, this.#version + count, null, correction);
  }

  /**
   * Takes in an ack that made no version: nothing was left of the inflight op when it came to be committed.
   * Returns and throws as `receiveOwn` does.
   */
  acknowledgedUnchanged(): Op {
    const inflight = this.#expectInflight();
    const correction = isIdentity(inflight.rebased)
      ? IDENTITY
      : diff(apply(this.#acked, inflight.rebased), this.#acked);
    if (inflight.exact && !isIdentity(correction)) {
      throw new Diverged(`Seq ${inflight.seq} changed nothing at the server, but should have.`);
    }
    return this.#advance(this.#acked, this.#version, null, correction);
  }

  /**
   * Takes the inflight op out, and only it. Returns how `document` changes.
   *
   * What was edited since stays, as far as it does not rest on the refused op.
   */
  refuse(): Op {
    const inflight = this.#expectInflight();
    const takenBack = invert(inflight.rebased, this.#acked);
    const gone = this.#removedByOthers(this.#base(), takenBack);
    return this.#advance(this.#acked, this.#version, null, takenBack, gone);
  }

  /**
   * Puts the inflight op back in front of what waits, to be sent under another seq. The caller knows that it was
   * not and will not be committed.
   */
  requeue(): void {
    const inflight = this.#expectInflight();
    this.#pending.pushFront(inflight.rebased, inflight.edits);
    this.#inflight = null;
    if (this.#undo !== null) {
      this.#comebacks.edited(inflight.op);
      this.#decide(NOBODY);
    }
  }

  /**
   * Takes in a snapshot in place of ops. Returns how `document` changes.
   *
   * The difference, by uid, between the last acknowledged list (with the inflight op, if `ownCommitted`) and the
   * snapshot counts as one foreign op; what is unsent is carried over it. With `dropExistingUids`, for a new
   * epoch after `requeue`, inserts whose uid stands in the snapshot count as committed. An op still in flight
   * stays so.
   */
  reset(
    snapshot: Document,
    version: number,
    { ownCommitted, dropExistingUids = false }: { ownCommitted: boolean; dropExistingUids?: boolean },
  ): Op {
    let base = this.#acked;
    let inflight = this.#inflight;
    if (ownCommitted) {
      base = apply(base, this.#expectInflight().rebased);
      inflight = null;
    }
    if (dropExistingUids) {
      if (inflight !== null) {
        throw new Error("The caller requeues: a seq means nothing in another epoch.");
      }
      base = apply(base, this.#pending.takeInserts(uidsOf(snapshot)));
    }
    let remote = diff(base, snapshot);
    const gone = this.#removedByOthers(base, remote);
    if (inflight !== null) {
      const rebased = transform(inflight.rebased, remote, "right");
      remote = transform(remote, inflight.rebased, "left");
      inflight = { ...inflight, rebased, exact: false };
    }
    return this.#advance(snapshot, version, inflight, remote, gone);
  }

  /** Puts back what was unsent in an earlier life of this client: `groups` stand for `edits` edits. */
  resume(
    inflight: Inflight | null,
    groups: readonly Group[],
    edits: number,
    undecided: Iterable<string>,
  ): void {
    this.#inflight = inflight;
    this.#pending.resume(groups, edits);
    this.#comebacks.resumed(this.pending, undecided);
    this.#document = apply(this.#base(), this.pending);
  }

  /**
   * Gives the entries that wait to be inserted new uids, when the client goes on under a new client id.
   *
   * Edits are positional, so nothing else names them. Nothing may be in flight.
   */
  renameUnsent(uid: (old: string) => string): void {
    this.#expectNothingInflight();
    this.reviseUnsent(entry => ({ ...entry, uid: uid(uidOf(entry)) }));
  }

  /** Replaces each entry that waits to be inserted by `revised(entry)`. */
  reviseUnsent(revised: (entry: Entry) => Entry): void {
    this.#pending.rename(revised);
    this.#document = this.#pending.ops().reduce(apply, this.#base());
  }

  /** Throws unless `document` is what its parts say. For tests, after every step. */
  check(): void {
    let document = this.#base();
    for (const op of this.#pending.ops()) {
      check(op, document.entries.length);
      document = apply(document, op);
    }
    if (!isIdentity(diff(document, this.#document)) || !isIdentity(diff(this.#document, document))) {
      throw new Error("The document is not acked + inflight + pending.");
    }
    if (this.#pending.ops().length > 0 !== this.#pending.edits > 0) {
      throw new Error("Edits were lost or made up.");
    }
  }

  /** The one place where the state moves: `remote` comes in under what waits; others removed `gone`. */
  #advance(
    acked: Document,
    version: number,
    inflight: Inflight | null,
    remote: Op,
    gone: ReadonlySet<string> = NOBODY,
  ): Op {
    const visible = this.#pending.rebase(remote);
    const unsent = inflight !== null || !this.#pending.isEmpty;
    this.#document = unsent ? apply(this.#document, visible) : acked;
    this.#acked = acked;
    this.#version = version;
    this.#inflight = inflight;
    if (this.#undo === null) {
      return visible;
    }
    this.#undo.carry(visible, this.#document, gone);
    return compose(visible, this.#decide(gone));
  }

  /** What became of entries that wait to come back; returns how `document` changes by it. */
  #decide(gone: ReadonlySet<string>): Op {
    if (this.#comebacks.undecided.size === 0) {
      return IDENTITY;
    }
    const decided = this.#comebacks.decide(this.#pending.folded(), this.#base(), gone);
    if (decided === null) {
      return IDENTITY;
    }
    this.#pending.replace(decided.pending);
    this.#document = apply(this.#document, decided.takenOut);
    this.#undo?.carry(decided.takenOut, this.#document);
    return decided.takenOut;
  }

  #removedByOthers(before: Document, op: Op): ReadonlySet<string> {
    return this.#undo === null ? NOBODY : new Set(removed(before, op).map(uidOf));
  }

  /** What waits is written for this list. */
  #base(): Document {
    return this.#inflight === null ? this.#acked : apply(this.#acked, this.#inflight.rebased);
  }

  #expectInflight(): Inflight {
    if (this.#inflight === null) {
      throw new Error("A seq is settled only while it is in flight: the caller sees to it.");
    }
    return this.#inflight;
  }

  #expectNothingInflight(): void {
    if (this.#inflight !== null) {
      throw new Error("A frozen op is never changed: the caller waits until it is settled.");
    }
  }
}
