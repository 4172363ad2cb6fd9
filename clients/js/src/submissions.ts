/**
 * What this client said in one room, and what became of it.
 *
 * One submission at a time is in flight, under consecutive seqs of one client id, each settled exactly once
 * (committed, left without effect, or refused) before the next is frozen. Knows seqs, acks and outcomes. What is
 * said, and how the state follows from what was committed, is its kind's: `edits` for playlists, `commands` for
 * Jams. Does not know when to send or to open; what it cannot take in it throws, and the replica asks the server
 * anew.
 */

import type { ReplicaEvent } from "./events.js";
import { IDENTITY, type Op } from "./ot/op.js";
import type { Uids } from "./uids.js";
import { sentenceOf } from "./wire/errors.js";
import type { Body, Outcome, Row, Submit } from "./wire/messages.js";

/** A version is missing before the one that came. */
export class Gap extends Error {
  override readonly name = "Gap";
}

/** The server counted seqs under this client id that were never used here. */
export class Adrift extends Error {
  override readonly name = "Adrift";
}

export abstract class Submissions {
  /** How many were ever made here. */
  made = 0;
  protected uids: Uids;
  protected nextSeq: number;
  /** An ack may overtake rows that a slow connection gets later; it counts once they are here. */
  protected ackVersion: number | null = null;

  /** `lastSeq` is the last one that this client id used in the room before. */
  constructor(uids: Uids, lastSeq: number) {
    this.uids = uids;
    this.nextSeq = lastSeq + 1;
  }

  get client(): string {
    return this.uids.client;
  }

  /** The last seq that was used, settled or not. */
  get lastSeq(): number {
    return this.nextSeq - (this.inflightSeq === null ? 1 : 0);
  }

  // -- what its kind knows -----------------------------------------------------------------------------------

  /** The last version that arrived. */
  abstract get version(): number;

  /** The seq of what was frozen and not settled. */
  abstract get inflightSeq(): number | null;

  /** How many of `made` wait behind what is in flight. */
  abstract get pending(): number;

  /** How many of `made`, the oldest first, are durable or were handed back. */
  abstract get settled(): number;

  /** Whether nothing waits and nothing is in flight. */
  get isSynced(): boolean {
    return this.inflightSeq === null && this.pending === 0;
  }

  /** Makes what waits the submission in flight, if nothing is. */
  abstract freeze(): ReplicaEvent[];

  /** What is in flight, the same each time. */
  abstract message(room: string): Submit;

  /**
   * A committed row; one that is here already says nothing. Throws Gap, or Diverged if what was committed cannot
   * be what this replica holds; then nothing changed.
   */
  abstract receiveRow(row: Row): ReplicaEvent[];

  /** A refusal that consumed the seq. */
  abstract receiveRefusal(seq: number, code: string, message: string, retryAfterMs?: number): ReplicaEvent[];

  /** A snapshot of the same history, with the outcome of the last seq as of then. Throws Adrift. */
  abstract reset(state: Body, version: number, outcome: Outcome | null): ReplicaEvent[];

  /**
   * A snapshot of another history. What is unsaved waits for a new client id, except what this history knows: the
   * last seq if `outcome` names it (nobody else ever used it).
   */
  abstract startAgain(state: Body, version: number, outcome: Outcome | null): ReplicaEvent[];

  /** Takes what is in flight back to the front of what waits. */
  abstract requeue(): void;

  /** Goes on under a new client id: seqs from 1. Nothing is in flight. */
  abstract renew(uids: Uids): ReplicaEvent[];

  /** Whether the committed state has this digest. */
  abstract matches(digest: string): boolean;

  /** What is not durable and can be handed back as one op; identity if nothing can. */
  unsaved(): Op {
    return IDENTITY;
  }

  /** The room is gone: hands back what waits and is no op. */
  giveUp(_code: string, _message: string): ReplicaEvent[] {
    return [];
  }

  /** Throws unless what must hold between any two calls does. For tests. */
  abstract check(): void;

  /** A session stands at this wall time of the server. */
  connected(_serverMs: number): ReplicaEvent[] {
    return [];
  }

  /** What is in flight stands as of `version` and left nothing to do. Throws Diverged. */
  protected abstract unchanged(seq: number, version: number): ReplicaEvent[];

  /** Something that is not a row happened to what may have to be kept. */
  protected changed(): void {}

  // -- what is the same for all ------------------------------------------------------------------------------

  /**
   * The answer to a resend, or to a submission of which nothing was left; the two look the same. If it is still
   * in flight when all rows up to `version` are here, it was not among them. Throws Diverged.
   */
  receiveAck(seq: number, version: number): ReplicaEvent[] {
    if (this.inflightSeq !== seq) {
      return [];
    }
    this.ackVersion = version;
    return this.settleAck();
  }

  /** Looks, after each row, whether an ack counts by now. Throws Diverged. */
  settleAck(): ReplicaEvent[] {
    const seq = this.inflightSeq;
    const version = this.ackVersion;
    if (seq === null || version === null || this.version < version) {
      return [];
    }
    const events = this.unchanged(seq, version);
    this.settledSeq(seq);
    return events;
  }

  /** What the server says about the last seq, when all rows are here. Throws Diverged or Adrift. */
  receiveOutcome(outcome: Outcome | null): ReplicaEvent[] {
    const seq = this.inflightSeq;
    if (outcome === null) {
      return [];
    }
    if (seq === null) {
      if (outcome.seq >= this.nextSeq) {
        this.nextSeq = outcome.seq + 1;
        this.changed();
      }
      return [];
    }
    if (outcome.seq < seq) {
      return [];
    }
    if (outcome.seq > seq) {
      throw new Adrift("The server knows a later seq of this client.");
    }
    if (outcome.version !== null) {
      return this.receiveAck(outcome.seq, outcome.version);
    }
    return this.receiveRefusal(outcome.seq, outcome.code, this.sentenceOf(outcome.code));
  }

  /** What a refusal's code says to people. */
  protected sentenceOf(code: string): string {
    return sentenceOf(code);
  }

  protected settledSeq(seq: number): void {
    this.nextSeq = seq + 1;
    this.ackVersion = null;
  }

  protected checkSeqs(): void {
    const seq = this.inflightSeq;
    if (this.settled < 0 || this.settled > this.made) {
      throw new Error("What was made is settled once.");
    }
    if (seq !== null && seq !== this.nextSeq) {
      throw new Error("Seqs are used one after the other.");
    }
    if (seq === null && this.ackVersion !== null) {
      throw new Error("An ack is for what is in flight.");
    }
  }
}
