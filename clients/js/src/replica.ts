/**
 * One room on one client, as the wire sees it.
 *
 * Opens and resumes a room, says when the next submission leaves, takes in what was committed, and repairs itself
 * when something is missing or differs (`standing` draws its phases). The same for every kind of document: what
 * the room holds is `playlist-replica`'s and `jam-replica`'s.
 *
 * Feed it with `receive`; after every call ask `outgoing` for what to send, now and at `getTimer`. Nothing is
 * lost on the way: what was sent is sent again in the same bytes until the server says what became of it. After a
 * new epoch, or with a seq that cannot be settled, a new client id is needed: then `needsClient` is set, nothing
 * leaves, and the caller says `renew` and connects under the new id.
 *
 * Pure: ids and `nowMs` (any clock that never steps back) are arguments. Does not know sockets or other rooms.
 */

import type { Closed, ReplicaEvent } from "./events.js";
import { Diverged } from "./ot/inflight.js";
import { IDENTITY } from "./ot/op.js";
import { Standing } from "./standing.js";
import type { Write } from "./store.js";
import { Adrift, Gap, type Submissions } from "./submissions.js";
import type { Uids } from "./uids.js";
import { sentenceOf } from "./wire/errors.js";
import {
  type Ack,
  type Body,
  type Digest,
  type Open,
  type Opened,
  type Ops,
  open,
  type Refused,
  type RoleChanged,
  type Row,
  type Submit,
} from "./wire/messages.js";

/** How far the newest edit got: it waits here, is under way, or is saved for good. */
export type Status = "pending" | "sent" | "durable";
export type RoomMessage = Opened | Ops | Ack | Refused | Digest | RoleChanged;

const ABOUT_THE_SEQ = ["seq_reused", "seq_gap", "already_settled"];

/** See the module. `check` throws unless what must always hold does. */
export abstract class Replica<S extends Submissions = Submissions> {
  role = "";
  epoch = "";
  divergences = 0;
  needsClient = false;
  closed: Closed | null = null;
  protected uids: Uids;
  protected submissions: S | null = null;
  protected readonly standing: Standing;
  protected isRestarting = false;
  #lastSeq: number;
  #unreported: ReplicaEvent[] = [];

  /** `lastSeq`: the last one that an earlier replica of this room used under the same client id. */
  constructor(
    readonly room: string,
    readonly user: string,
    uids: Uids,
    lastSeq = 0,
  ) {
    this.uids = uids;
    this.standing = new Standing(`${uids.client} ${room}`);
    this.#lastSeq = lastSeq;
  }

  // -- what its kind knows -----------------------------------------------------------------------------------

  abstract readonly kind: string;

  /** The first snapshot came. Throws Diverged if it is none. */
  protected abstract begin(state: Body, version: number, lastSeq: number): S;

  /** Something happened that may have to be kept and is no submission's. */
  protected changed(): void {}

  /**
   * What is to be written now, before anything that `outgoing` gave is sent. `final`: also what could wait.
   * Nothing, for a kind that is not kept.
   */
  takeWrite(_final = false): Write | null {
    return null;
  }

  // -- what the user sees ------------------------------------------------------------------------------------

  /** The client id under which this replica submits. */
  get client(): string {
    return this.uids.client;
  }

  /** The last version that arrived; -1 until it is loaded. */
  get version(): number {
    return this.submissions?.version ?? -1;
  }

  /** Whether the room is open on the connection that stands now. */
  get isOpen(): boolean {
    return this.standing.phase === "open";
  }

  /** Whether everything that the user sees is durable. */
  get isSynced(): boolean {
    return this.submissions?.isSynced ?? true;
  }

  /** How far the newest submission got: queued here, on its way on a connection that stands, or durable. */
  get status(): Status {
    const { submissions } = this;
    if (submissions === null || submissions.isSynced) {
      return "durable";
    }
    return this.standing.isSent && submissions.pending === 0 ? "sent" : "pending";
  }

  /** The last seq that was used under this client id, as far as this replica knows. */
  get lastSeq(): number {
    return this.submissions?.lastSeq ?? this.#lastSeq;
  }

  /** Whether a submission is under way whose outcome is not known. */
  get hasInflight(): boolean {
    return this.submissions !== null && this.submissions.inflightSeq !== null;
  }

  /** How many edits or commands were ever made here. */
  get made(): number {
    return this.submissions?.made ?? 0;
  }

  /** How many of `made`, the oldest first, are durable or were handed back. */
  get settled(): number {
    return this.submissions?.settled ?? 0;
  }

  /** A uid for an entry that is about to be added. */
  takeUid(): string {
    return this.uids.take();
  }

  // -- the connection ----------------------------------------------------------------------------------------

  /** A session stands under `client`, at this wall time of the server; the room may be opened. */
  connected(serverMs: number | null = null): ReplicaEvent[] {
    this.standing.connected();
    if (serverMs === null || this.submissions === null || this.closed !== null) {
      return [];
    }
    return this.submissions.connected(serverMs);
  }

  /** The session is over. What is in flight goes out again on the next one. */
  disconnected(): void {
    this.standing.disconnected();
  }

  /**
   * Whether `answer`, with which another connection opened the room for `asked` meanwhile, leads on from here, and
   * knows of what is in flight.
   */
  canMove(asked: Open, answer: Opened): boolean {
    const { submissions } = this;
    return (
      submissions !== null &&
      this.isOpen &&
      !(this.standing.wantsSnapshot || this.needsClient) &&
      answer.snapshot === null &&
      this.epoch === asked.epoch &&
      asked.epoch === answer.epoch &&
      (submissions.inflightSeq ?? asked.inflight) === asked.inflight
    );
  }

  /** That connection is the one that stands now, since `connected`; its answer comes next. */
  moved(): void {
    this.standing.moved();
  }

  /** Goes on under a new client id, seqs from 1. Nothing may be in flight; `connected` comes next. */
  renew(uids: Uids): ReplicaEvent[] {
    if (this.hasInflight) {
      throw new Error("The caller waits until what is in flight under the old id is settled.");
    }
    this.uids = uids;
    this.needsClient = false;
    this.#lastSeq = 0;
    this.disconnected();
    return this.submissions?.renew(uids) ?? [];
  }

  /** How the room is opened now: where this replica stands, or from scratch. */
  openMessage(): Open {
    const { submissions } = this;
    const seq = submissions?.inflightSeq ?? 0;
    if (submissions === null || this.standing.wantsSnapshot) {
      return open(this.room, "", -1, seq);
    }
    return open(this.room, this.epoch, submissions.version, seq);
  }

  /**
   * What to send now, in order. Taking it counts as sending it.
   *
   * `freeze` false starts no new submission, but settles the one in flight: for a caller that wants to `renew` all
   * replicas of a connection.
   */
  outgoing(nowMs: number, freeze = true): (Open | Submit)[] {
    const { standing, submissions } = this;
    if (nowMs < standing.dueMs) {
      return [];
    }
    if (standing.phase === "due") {
      standing.opening();
      return [this.openMessage()];
    }
    if (standing.phase !== "open" || submissions === null) {
      return [];
    }
    if (freeze && !this.needsClient && submissions.inflightSeq === null) {
      this.#unreported.push(...submissions.freeze());
      standing.isSent = false;
    }
    if (submissions.inflightSeq === null || standing.isSent) {
      return [];
    }
    standing.isSent = true;
    return [submissions.message(this.room)];
  }

  /** What happened in `outgoing`: an op that had become too large to be sent was handed back. */
  takeEvents(): ReplicaEvent[] {
    const events = this.#unreported;
    this.#unreported = [];
    return events;
  }

  /** When `outgoing` has something that it does not have now, in ms; null: not by waiting. */
  getTimer(): number | null {
    const { standing } = this;
    const resends = standing.phase === "open" && this.hasInflight && !standing.isSent;
    return resends || standing.phase === "due" ? standing.dueMs : null;
  }

  // -- what arrives ------------------------------------------------------------------------------------------

  /** One message of this room, from the connection that stands now, in the order of the wire. */
  receive(message: RoomMessage, nowMs: number): ReplicaEvent[] {
    const events: ReplicaEvent[] = [];
    const { standing } = this;
    if (message.type === "role") {
      this.#receiveRole(message.role, events);
    } else if (standing.phase === "opening" || standing.phase === "open") {
      const hadInflight = this.hasInflight;
      try {
        this.#receive(message, nowMs, events);
      } catch (error) {
        if (error instanceof Gap) {
          standing.openAnew(nowMs);
        } else if (error instanceof Diverged) {
          this.divergences += 1;
          events.push({ type: "diverged", version: this.version });
          standing.openAnew(nowMs, true);
        } else if (error instanceof Adrift) {
          this.#restart(nowMs);
        } else {
          throw error;
        }
      }
      if (hadInflight && !this.hasInflight) {
        standing.settled();
      }
    }
    // In any other phase it answers what was asked before this replica decided to open anew.
    return events;
  }

  /** Appends to `events` as it goes, so that what happened before trouble is reported too. */
  #receive(message: Exclude<RoomMessage, RoleChanged>, nowMs: number, events: ReplicaEvent[]): void {
    const { submissions } = this;
    switch (message.type) {
      case "opened":
        this.#receiveOpened(message, events);
        break;
      case "refused":
        this.#receiveRefused(message, nowMs, events);
        break;
      case "ack":
        if (submissions !== null) {
          events.push(...submissions.receiveAck(message.seq, message.version));
          this.standing.madeProgress();
        }
        break;
      case "ops":
        // While an `open` is under way its answer will hold them.
        if (submissions !== null && this.isOpen) {
          this.#receiveRows(submissions, message.ops, events);
        }
        break;
      case "digest":
        if (this.isOpen) {
          this.#compare(message);
        }
    }
  }

  #receiveOpened(message: Opened, events: ReplicaEvent[]): void {
    const { submissions, standing } = this;
    if (message.kind !== this.kind) {
      this.#close("not_found", `This is no ${this.kind} but a ${message.kind}.`, events);
      return;
    }
    if (message.snapshot === null) {
      if (standing.wantsSnapshot || submissions === null || message.epoch !== this.epoch) {
        // The answer to an earlier `open`; the one that was asked for since is under way.
        return;
      }
      standing.opened();
      this.#receiveRole(message.role, events);
      this.#receiveRows(submissions, message.ops, events);
      if (this.version < message.version) {
        throw new Gap("Rows are missing.");
      }
      events.push(...submissions.receiveOutcome(message.settled));
      return;
    }
    standing.opened();
    this.#receiveRole(message.role, events);
    standing.wantsSnapshot = false;
    const { version, settled, reason } = message;
    const { state } = message.snapshot;
    if (submissions === null) {
      const lastSeq = Math.max(this.#lastSeq, settled?.seq ?? 0);
      this.submissions = this.begin(state, version, lastSeq);
      events.push({ type: "reloaded", version });
    } else if (message.epoch !== this.epoch || this.isRestarting) {
      events.push({ type: "resynced", reason, version });
      events.push(...submissions.startAgain(state, version, settled));
      this.isRestarting = false;
      this.needsClient = true;
    } else {
      events.push({ type: "resynced", reason, version });
      events.push(...submissions.reset(state, version, settled));
    }
    this.epoch = message.epoch;
  }

  #receiveRows(submissions: Submissions, rows: readonly Row[], events: ReplicaEvent[]): void {
    const hadInflight = submissions.inflightSeq !== null;
    for (const row of rows) {
      events.push(...submissions.receiveRow(row));
      events.push(...submissions.settleAck());
    }
    if (hadInflight && submissions.inflightSeq === null) {
      this.standing.madeProgress();
    }
  }

  #receiveRefused(message: Refused, nowMs: number, events: ReplicaEvent[]): void {
    const { submissions, standing } = this;
    const { seq, code } = message;
    if (seq === 0 ? standing.phase !== "opening" : submissions?.inflightSeq !== seq) {
      return;
    }
    if (message.retryable) {
      events.push({ type: "delayed", code, message: message.message });
      standing.putOff(nowMs, message.retry_after_ms, seq !== 0 && code !== "not_open");
    } else if (seq !== 0 && ABOUT_THE_SEQ.includes(code)) {
      this.#restart(nowMs);
    } else if (seq === 0 || code === "not_found") {
      this.#close(code, message.message, events);
    } else if (submissions !== null) {
      events.push(...submissions.receiveRefusal(seq, code, message.message, message.retry_after_ms));
      if (code === "base_gone") {
        standing.openAnew(nowMs);
      }
    }
  }

  #compare(digest: Digest): void {
    const { submissions } = this;
    if (submissions === null || digest.version !== this.version) {
      return;
    }
    if (!submissions.matches(digest.digest)) {
      throw new Diverged(`The server's state at version ${digest.version} is another.`);
    }
    this.standing.madeProgress();
  }

  #receiveRole(role: string, events: ReplicaEvent[]): void {
    if (role === this.role || this.closed !== null) {
      return;
    }
    this.role = role;
    this.changed();
    if (role) {
      events.push({ type: "role", role });
    } else {
      this.#close("not_found", sentenceOf("not_found"), events);
    }
  }

  // -- ways out of trouble -----------------------------------------------------------------------------------

  /** The seq in flight cannot be settled under this client id. */
  #restart(nowMs: number): void {
    this.submissions?.requeue();
    this.isRestarting = true;
    this.standing.openAnew(nowMs, true);
  }

  #close(code: string, message: string, events: ReplicaEvent[]): void {
    this.standing.close();
    const op = this.submissions?.unsaved() ?? IDENTITY;
    events.push(...(this.submissions?.giveUp(code, message) ?? []));
    this.closed = { type: "closed", code, message, op };
    events.push(this.closed);
  }

  /** Throws unless what must hold between any two calls does. For tests. */
  check(): void {
    const { submissions, standing } = this;
    if (submissions === null) {
      must(standing.wantsSnapshot, "A replica without a state asks for one.");
      return;
    }
    submissions.check();
    must(!(this.needsClient || this.isRestarting) || !this.hasInflight, "Nothing leaves then.");
    must(!this.isRestarting || standing.wantsSnapshot, "Starting again takes a snapshot.");
    standing.check();
  }
}

function must(holds: boolean, what: string): void {
  if (!holds) {
    throw new Error(what);
  }
}
