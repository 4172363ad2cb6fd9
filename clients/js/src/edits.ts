/**
 * What this client edits in one playlist, and what became of it.
 *
 * Keeps an `ot/client` engine: edits show at once, wait composed as one op, and what was frozen of them is
 * carried over what others commit. Knows ops. Seqs and acks are counted by `submissions`.
 */

import type { Acknowledged, ReplicaEvent } from "./events.js";
import { inserted } from "./ot/apply.js";
import { diff } from "./ot/build.js";
import type { Engine } from "./ot/client.js";
import { Digester } from "./ot/digest.js";
import { uidOf } from "./ot/document.js";
import { Diverged, type Inflight } from "./ot/inflight.js";
import { IDENTITY, isIdentity, type Op, OpError } from "./ot/op.js";
import type { Direction } from "./ot/undo.js";
import type { Entry } from "./ot/value.js";
import { decode, encode } from "./ot/wire.js";
import { documentOf } from "./snapshot.js";
import {
  FORMAT,
  type Journal,
  type Kept,
  keptInflight,
  readInflight,
  readOp,
  type StoredRecord,
} from "./store.js";
import { Gap, Submissions } from "./submissions.js";
import type { Uids } from "./uids.js";
import { fits, sizeOf, Unsaved } from "./unsaved.js";
import { sentenceOf } from "./wire/errors.js";
import { type Body, type Outcome, type Row, type Submit, submit } from "./wire/messages.js";

/** See the module. What happens is written to `journal`, if there is one. */
export class Edits extends Submissions {
  #unsaved = new Unsaved();
  readonly #digester = new Digester();

  constructor(
    readonly engine: Engine,
    readonly user: string,
    uids: Uids,
    lastSeq: number,
    public journal: Journal | null = null,
  ) {
    super(uids, lastSeq);
  }

  get version(): number {
    return this.engine.version;
  }

  get inflightSeq(): number | null {
    return this.engine.inflight?.seq ?? null;
  }

  get pending(): number {
    return this.engine.pendingEdits;
  }

  override get isSynced(): boolean {
    return this.engine.isSynced;
  }

  get settled(): number {
    return this.made - this.engine.pendingEdits - (this.engine.inflight?.edits ?? 0);
  }

  matches(digest: string): boolean {
    return this.#digester.digest(this.engine.acked) === digest;
  }

  /** Applies an op at once and queues it. Throws QueueFull or OpError; then nothing changed. */
  edit(op: Op, nowMs: number | null = null): ReplicaEvent[] {
    if (isIdentity(op)) {
      return [];
    }
    const wire = encode(op);
    const size = sizeOf(wire);
    this.#unsaved.checkRoom(this.#unsavedEdits, size, nowMs);
    this.engine.edit(op, nowMs);
    this.journal?.edited(wire, nowMs);
    return this.#made(op, size, nowMs);
  }

  /** Undoes or redoes a step, as one more edit. Throws QueueFull; then nothing changed. */
  takeBack(direction: Direction, nowMs: number | null = null): ReplicaEvent[] {
    const op = this.engine.takeBack(direction, this.uids, taken =>
      this.#unsaved.checkRoom(this.#unsavedEdits, sizeOf(encode(taken)), nowMs),
    );
    if (isIdentity(op)) {
      return [];
    }
    this.changed();
    return this.#made(op, sizeOf(encode(op)), nowMs);
  }

  #made(op: Op, size: number, nowMs: number | null): ReplicaEvent[] {
    this.made += 1;
    this.#unsaved.made(size, nowMs);
    return [{ type: "change", op, version: this.engine.version, author: this.user, own: true }];
  }

  /**
   * As `Submissions.freeze`: all that waits, as one. What has become larger than the server takes, as others cut
   * it into pieces, is refused here: the server would end the session.
   */
  freeze(): ReplicaEvent[] {
    if (this.engine.inflight !== null) {
      return [];
    }
    const events = this.#named(this.uids);
    if (this.engine.pendingEdits === 0) {
      return events;
    }
    const inflight = this.#send();
    this.journal?.froze(this.nextSeq, inflight?.op ?? IDENTITY);
    if (inflight === null || fits(inflight.op, this.#unsaved.inflightBytes)) {
      return events;
    }
    return [...events, ...this.#refuse(inflight, "op_too_large", sentenceOf("op_too_large"))];
  }

  message(room: string): Submit {
    const { seq, base, op } = this.#expectInflight();
    return submit(room, seq, base, encode(op));
  }

  #send(op: Op | null = null): Inflight | null {
    const inflight = this.engine.send(this.nextSeq, op);
    this.#unsaved.sent();
    if (inflight === null) {
      this.#unsaved.settled();
    }
    return inflight;
  }

  /** Entries that came back while their removal was in flight, which it is no more, get their uids. */
  #named(uids: Uids): ReplicaEvent[] {
    const named = this.engine.nameRestored(uids);
    if (named.size === 0) {
      return [];
    }
    this.changed();
    return [{ type: "renamed", uids: named }];
  }

  /**
   * No new entry that waits says that it was added later than `serverMs`, which is now: it was made while the
   * server's time could only be guessed, and the server would refuse it. One that an undo brings back keeps the time
   * that its removal is remembered by.
   */
  override connected(serverMs: number): ReplicaEvent[] {
    if (!inserted(this.engine.pending).some(entry => this.#isAhead(entry, serverMs))) {
      return [];
    }
    this.engine.reviseUnsent(entry =>
      this.#isAhead(entry, serverMs) ? { ...entry, added_at: serverMs } : entry,
    );
    this.changed();
    return [{ type: "reloaded", version: this.engine.version }];
  }

  #isAhead(entry: Entry, serverMs: number): boolean {
    const addedAt = entry["added_at"];
    const isAfter = typeof addedAt === "number" && addedAt > serverMs;
    return isAfter && !Object.hasOwn(entry, "was") && !this.engine.undecided.has(uidOf(entry));
  }

  // -- what became of them -----------------------------------------------------------------------------------

  receiveRow(row: Row): ReplicaEvent[] {
    const { engine } = this;
    if (row.version <= engine.version) {
      return [];
    }
    if (row.version - row.count !== engine.version) {
      throw new Gap(`Version ${engine.version + 1} is missing.`);
    }
    const events: ReplicaEvent[] = [];
    const { inflight } = engine;
    let visible: Op;
    try {
      const op = decode(row.op);
      if (inflight !== null && row.client === this.client && row.seq === inflight.seq) {
        visible = engine.receiveOwn(op, row.count);
        events.push(this.#acknowledged(inflight, row.version, true));
        this.settledSeq(inflight.seq);
      } else {
        visible = engine.receive(op, row.count);
      }
    } catch (error) {
      throw error instanceof OpError ? new Diverged(error.message) : error;
    }
    this.journal?.received(row);
    if (!isIdentity(visible)) {
      const own = row.client === this.client;
      events.push({ type: "change", op: visible, version: engine.version, author: row.author, own });
    }
    return events;
  }

  protected unchanged(_seq: number, version: number): ReplicaEvent[] {
    const inflight = this.#expectInflight();
    this.engine.acknowledgedUnchanged();
    this.changed();
    return [this.#acknowledged(inflight, version, false)];
  }

  /**
   * As `Submissions.receiveRefusal`. An op whose base is gone was only too old: it goes out again on a newer one,
   * under the next seq.
   */
  receiveRefusal(seq: number, code: string, message: string): ReplicaEvent[] {
    const { inflight } = this.engine;
    if (inflight === null || inflight.seq !== seq) {
      return [];
    }
    if (code === "base_gone") {
      this.requeue();
      this.settledSeq(seq);
      return [];
    }
    const events = this.#refuse(inflight, code, message);
    this.settledSeq(seq);
    this.changed();
    return events;
  }

  #refuse({ seq, rebased, edits }: Inflight, code: string, message: string): ReplicaEvent[] {
    const visible = this.engine.refuse();
    this.#unsaved.settled();
    this.changed();
    const events: ReplicaEvent[] = [
      { type: "refusal", client: this.client, seq, code, message, op: rebased, edits },
    ];
    if (!isIdentity(visible)) {
      const { version } = this.engine;
      events.push({ type: "change", op: visible, version, author: this.user, own: true });
    }
    return events;
  }

  // -- what takes the place of rows --------------------------------------------------------------------------

  reset(state: Body, version: number, outcome: Outcome | null): ReplicaEvent[] {
    const document = documentOf(state);
    const { inflight } = this.engine;
    let events: ReplicaEvent[];
    let visible: Op;
    if (inflight === null || outcome?.seq !== inflight.seq || outcome.version === null) {
      events = this.receiveOutcome(outcome);
      visible = this.engine.reset(document, version, { ownCommitted: false });
    } else {
      events = [this.#acknowledged(inflight, outcome.version, null)];
      visible = this.engine.reset(document, version, { ownCommitted: true });
      this.settledSeq(inflight.seq);
    }
    this.changed();
    return [...events, ...this.#fromOthers(visible)];
  }

  /** As `Submissions.startAgain`; the new history also knows inserts that stand. */
  startAgain(state: Body, version: number, outcome: Outcome | null): ReplicaEvent[] {
    const document = documentOf(state);
    const { inflight } = this.engine;
    const known = inflight !== null && outcome?.seq === inflight.seq ? outcome : null;
    const committed = known?.version ?? null;
    const events: ReplicaEvent[] = [];
    if (committed === null) {
      events.push(...this.receiveOutcome(known));
      this.requeue();
    }
    const visible = this.engine.reset(document, version, {
      ownCommitted: committed !== null,
      dropExistingUids: true,
    });
    if (inflight !== null && committed !== null) {
      events.push(this.#acknowledged(inflight, committed, null));
      this.settledSeq(inflight.seq);
    }
    this.changed();
    return [...events, ...this.#fromOthers(visible)];
  }

  requeue(): void {
    if (this.engine.inflight !== null) {
      this.#unsaved.requeued();
      this.ackVersion = null;
      this.engine.requeue();
      this.changed();
    }
  }

  /** As `Submissions.renew`; what waits to be inserted bears the new id's prefix. */
  renew(uids: Uids): ReplicaEvent[] {
    this.uids = uids;
    this.nextSeq = 1;
    const events = this.#named(uids);
    const renamed = new Map<string, string>();
    this.engine.renameUnsent(uid => {
      if (uids.owns(uid)) {
        return uid;
      }
      // The queue may hold an entry more than once, on its way through several ops.
      const name = renamed.get(uid) ?? uids.take();
      renamed.set(uid, name);
      return name;
    });
    this.changed();
    return renamed.size > 0 ? [...events, { type: "renamed", uids: renamed }] : events;
  }

  override unsaved(): Op {
    return this.engine.isSynced ? IDENTITY : diff(this.engine.acked, this.engine.document);
  }

  // -- what outlives the process -----------------------------------------------------------------------------

  /** The state as it is stored, with what the replica adds. */
  keep(replica: Pick<Kept, "epoch" | "role" | "needs_client" | "is_restarting">): Kept {
    const { engine } = this;
    return {
      ...replica,
      client: this.client,
      last_seq: this.nextSeq - 1,
      version: engine.version,
      entries: engine.acked.entries,
      attributes: engine.acked.attributes,
      inflight: keptInflight(engine.inflight),
      pending: engine.pendingGroups.map(({ size, op }) => [size, encode(op)] as const),
      pending_edits: engine.pendingEdits,
      undecided: [...engine.undecided].sort(),
      unsaved: this.#unsaved.keep(),
      format: FORMAT,
    };
  }

  /** Goes on from what an earlier life kept, and from what it did since. Throws OpError, Diverged or Gap. */
  resume(kept: Kept, records: Iterable<StoredRecord>): void {
    const inflight = readInflight(kept.inflight);
    const groups = kept.pending.map(([size, wire]) => ({ size, op: readOp(wire) }));
    this.engine.resume(inflight, groups, kept.pending_edits, kept.undecided);
    this.#unsaved = new Unsaved(kept.unsaved);
    this.made = kept.pending_edits + (inflight?.edits ?? 0);
    for (const record of records) {
      this.#replay(record);
    }
    this.made = this.#unsavedEdits;
  }

  #replay(record: StoredRecord): void {
    if (record[0] === "r") {
      this.receiveRow(record[1]);
    } else if (record[0] === "e") {
      const [, nowMs, wire] = record;
      const op = decode(wire);
      this.engine.edit(op, nowMs);
      this.#made(op, sizeOf(wire), nowMs);
    } else {
      const [, seq, wire] = record;
      if (seq !== this.nextSeq) {
        throw new Gap("A submission is missing.");
      }
      this.#send(readOp(wire));
    }
  }

  // -- small things ------------------------------------------------------------------------------------------

  get #unsavedEdits(): number {
    return this.made - this.settled;
  }

  protected override changed(): void {
    this.journal?.changed();
  }

  protected override settledSeq(seq: number): void {
    super.settledSeq(seq);
    this.#unsaved.settled();
  }

  #expectInflight(): Inflight {
    const { inflight } = this.engine;
    if (inflight === null) {
      throw new Error("The caller asks only while something is in flight.");
    }
    return inflight;
  }

  #acknowledged({ seq, edits, base }: Inflight, version: number, isOp: boolean | null): Acknowledged {
    return { type: "acknowledged", client: this.client, seq, version, edits, base, isOp };
  }

  #fromOthers(visible: Op): ReplicaEvent[] {
    const { version } = this.engine;
    return isIdentity(visible) ? [] : [{ type: "change", op: visible, version, author: "", own: false }];
  }

  check(): void {
    this.engine.check();
    this.checkSeqs();
    this.#unsaved.check(this.#unsavedEdits, this.engine.inflight !== null);
  }
}
