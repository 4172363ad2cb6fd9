/**
 * One playlist on one client.
 *
 * What a `Replica` does for any room, with a list that shows own edits at once, undo, and a journal of what has
 * to outlive the process. Pure, as the replica is. How edits meet is `ot/client`'s.
 */

import { Edits } from "./edits.js";
import { PlaylistClosed, ReadOnly } from "./errors.js";
import type { ReplicaEvent } from "./events.js";
import { Engine } from "./ot/client.js";
import { type Document, EMPTY } from "./ot/document.js";
import type { Op } from "./ot/op.js";
import { type Direction, UndoStack } from "./ot/undo.js";
import { Replica } from "./replica.js";
import { revived } from "./revival.js";
import { documentOf } from "./snapshot.js";
import type { Journal, Stored, Write } from "./store.js";
import type { Uids } from "./uids.js";
import type { Body } from "./wire/messages.js";

/** See the module. */
export class PlaylistReplica extends Replica<Edits> {
  readonly kind = "playlist";
  readonly #undo = new UndoStack();
  readonly #journal: Journal | null;

  /** As `Replica`. With a `journal` it notes what has to be written down (see `takeWrite`). */
  constructor(room: string, user: string, uids: Uids, lastSeq = 0, journal: Journal | null = null) {
    super(room, user, uids, lastSeq);
    this.#journal = journal;
  }

  protected begin(state: Body, version: number, lastSeq: number): Edits {
    const engine = new Engine(documentOf(state), version, this.#undo);
    return new Edits(engine, this.user, this.uids, lastSeq, this.#journal);
  }

  protected override changed(): void {
    this.#journal?.changed();
  }

  // -- what the user sees and does ---------------------------------------------------------------------------

  /** The engine, once the playlist is loaded; for looking, not for changing. */
  get engine(): Engine | null {
    return this.submissions?.engine ?? null;
  }

  /** What the user sees; empty until it is loaded. */
  get document(): Document {
    return this.engine?.document ?? EMPTY;
  }

  /** The committed state at `version`. */
  get acked(): Document {
    return this.engine?.acked ?? EMPTY;
  }

  /**
   * Applies an op to `document` at once and queues it. With `nowMs`, of any clock, it belongs to the same step for
   * `undo` as the edit before it if the two are close together.
   *
   * Throws PlaylistClosed, ReadOnly, QueueFull, or OpError if the op does not fit the list; then nothing changed.
   */
  edit(op: Op, nowMs: number | null = null): ReplicaEvent[] {
    return this.#editable().edit(op, nowMs);
  }

  /**
   * Undoes the newest step of own edits, as one more edit, or does again what was undone last; what others decided
   * since stands. Nothing if there is none. Throws as `edit` does.
   */
  takeBack(direction: Direction, nowMs: number | null = null): ReplicaEvent[] {
    return this.#editable().takeBack(direction, nowMs);
  }

  canTakeBack(direction: Direction): boolean {
    return this.engine?.canTakeBack(direction) ?? false;
  }

  /** The next edit begins a new step for `undo`, however soon it comes. */
  endStep(): void {
    this.#undo.endStep();
  }

  #editable(): Edits {
    if (this.closed !== null) {
      throw new PlaylistClosed(this.closed.code, this.closed.message, this.closed.op);
    }
    if (this.submissions === null) {
      throw new PlaylistClosed("not_open", "The playlist is not loaded yet.");
    }
    if (this.role === "viewer") {
      throw new ReadOnly("A viewer cannot edit this playlist.");
    }
    return this.submissions;
  }

  // -- what outlives the process -----------------------------------------------------------------------------

  /** Goes on where an earlier replica stood when `stored` was written. Throws Unreadable. */
  resume(stored: Stored): void {
    const { kept, edits } = revived(stored, this.user, this.uids, this.#undo);
    this.#journal?.resumed(stored);
    edits.journal = this.#journal;
    this.submissions = edits;
    this.epoch = kept.epoch;
    this.role = kept.role;
    this.needsClient = kept.needs_client;
    this.isRestarting = kept.is_restarting;
    this.standing.wantsSnapshot = kept.is_restarting;
  }

  override takeWrite(final = false): Write | null {
    const journal = this.#journal;
    const edits = this.submissions;
    if (journal === null || edits === null || this.closed !== null) {
      return null;
    }
    const isUnsaved = !edits.isSynced || this.needsClient;
    if (!final && !journal.isDue(isUnsaved)) {
      return null;
    }
    const kept = () =>
      edits.keep({
        epoch: this.epoch,
        role: this.role,
        needs_client: this.needsClient,
        is_restarting: this.isRestarting,
      });
    return journal.take(this.room, kept, isUnsaved);
  }
}
