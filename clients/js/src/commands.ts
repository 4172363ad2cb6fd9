/**
 * What this client asks of one Jam, and what became of it.
 *
 * Commands wait in a list, in order, and are never composed: each is decided by itself, on the newest state, and
 * each has an outcome of its own. What the server committed is folded by the same rules that it runs (`fold`);
 * what still waits is predicted on top of it whenever somebody looks. Knows order, bounds and outcomes. What a
 * command means is the rules'.
 *
 * Nothing here outlives the process: a command is about what plays and who is here now. What was said offline
 * leaves when the server is there again, and the server refuses what makes no sense any more.
 */

import { InvalidEdit, QueueFull } from "./errors.js";
import type { Accepted, ReplicaEvent } from "./events.js";
import { type By, type Fold, Unfit } from "./fold.js";
import { Diverged } from "./ot/inflight.js";
import { Gap, Submissions } from "./submissions.js";
import type { Uids } from "./uids.js";
import { jamSentenceOf } from "./wire/jam-errors.js";
import {
  type Body,
  type Outcome,
  type Row,
  SUBMISSION_BYTES_MAX,
  type Submit,
  submit,
} from "./wire/messages.js";

/** Each is sent by itself and waits for its outcome: more would take minutes, and a Jam is over by then. */
export const WAITING_MAX = 500;
/** The server's bound of one submission; the message around the command needs some, too. */
export const COMMAND_BYTES_MAX = SUBMISSION_BYTES_MAX - 1024;
export const WAITING_BYTES_MAX = 2 * SUBMISSION_BYTES_MAX;

/** One command that is not settled. `atMs`: the room's time when it was given. */
interface Waiting {
  readonly number: number;
  readonly command: Body;
  readonly atMs: number;
  readonly size: number;
}

/** See the module. `state` is the committed one at `version`. */
export class Commands<State> extends Submissions {
  state: State;
  readonly #fold: Fold<State>;
  readonly #user: string;
  #version: number;
  /** The first of these is the one in flight, if one is. */
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #inflight: { readonly seq: number; readonly base: number } | null = null;
  /** `state` with the first so many of what waits, as far as anybody has looked. */
  #predicted: State;
  #predictedCount = 0;

  /** Throws Diverged if the snapshot is none. */
  constructor(fold: Fold<State>, snapshot: Body, version: number, user: string, uids: Uids, lastSeq: number) {
    super(uids, lastSeq);
    this.#fold = fold;
    this.#user = user;
    this.#version = version;
    this.state = this.#loaded(snapshot);
    this.#predicted = this.state;
  }

  // -- what the user sees and does ---------------------------------------------------------------------------

  get version(): number {
    return this.#version;
  }

  get inflightSeq(): number | null {
    return this.#inflight?.seq ?? null;
  }

  get pending(): number {
    return this.#waiting.length - (this.#inflight === null ? 0 : 1);
  }

  get settled(): number {
    return this.made - this.#waiting.length;
  }

  /** The committed state with all that waits, in so far as it would be accepted. */
  get visible(): State {
    const by: By = { user: this.#user, client: this.client };
    for (const { command, atMs } of this.#waiting.slice(this.#predictedCount)) {
      this.#predicted = this.#fold.predict(this.#predicted, command, by, atMs);
    }
    this.#predictedCount = this.#waiting.length;
    return this.#predicted;
  }

  /**
   * Queues a command, given at room time `atMs` as far as known here. Returns its number, by which its `accepted`
   * or `rejected` will name it: they count from 1. Throws QueueFull, or InvalidEdit for one that is too large;
   * then nothing changed.
   */
  give(command: Body, atMs: number): number {
    const size = new TextEncoder().encode(JSON.stringify(command)).length;
    if (size > COMMAND_BYTES_MAX) {
      throw new InvalidEdit("op_too_large", `A command has at most ${COMMAND_BYTES_MAX} bytes.`);
    }
    if (this.#waiting.length >= WAITING_MAX || this.#waitingBytes + size > WAITING_BYTES_MAX) {
      throw new QueueFull(
        `${this.#waiting.length} commands (${this.#waitingBytes} bytes) wait for the server; at most ` +
          `${WAITING_MAX} commands or ${WAITING_BYTES_MAX} bytes may.`,
      );
    }
    this.made += 1;
    this.#waiting.push({ number: this.made, command, atMs, size });
    this.#waitingBytes += size;
    return this.made;
  }

  /** The first that waits; the others stay as they are. */
  freeze(): ReplicaEvent[] {
    if (this.#inflight === null && this.#waiting.length > 0) {
      this.#inflight = { seq: this.nextSeq, base: this.#version };
    }
    return [];
  }

  message(room: string): Submit {
    const inflight = this.#inflight;
    if (inflight === null) {
      throw new Error("The caller asks only while something is in flight.");
    }
    return submit(room, inflight.seq, inflight.base, this.#waiting[0]!.command);
  }

  // -- what became of them -----------------------------------------------------------------------------------

  receiveRow(row: Row): ReplicaEvent[] {
    if (row.version <= this.#version) {
      return [];
    }
    if (row.version - row.count !== this.#version) {
      throw new Gap(`Version ${this.#version + 1} is missing.`);
    }
    if (row.count !== 1) {
      throw new Diverged("Events are never composed.");
    }
    const state = fitting(() => this.#fold.reduce(this.state, row.op));
    if (this.#fold.orderDigest(state) !== row.op["order"]) {
      throw new Diverged(`After version ${row.version} the queue stands in another order here.`);
    }
    this.#advance(state, row.version);
    const own = row.client === this.client;
    const events: ReplicaEvent[] = [
      { type: "happened", event: row.op, version: row.version, author: row.author, own },
    ];
    if (own && row.seq === this.inflightSeq) {
      events.push(this.#accepted(row.seq, row.version, true));
      this.settledSeq(row.seq);
    }
    return events;
  }

  protected unchanged(seq: number, version: number): ReplicaEvent[] {
    return [this.#accepted(seq, version, false)];
  }

  receiveRefusal(seq: number, code: string, message: string, retryAfterMs = 0): ReplicaEvent[] {
    if (this.inflightSeq !== seq) {
      return [];
    }
    const { number, command } = this.#takeFirst();
    this.settledSeq(seq);
    return [{ type: "rejected", number, client: this.client, seq, code, message, retryAfterMs, command }];
  }

  #accepted(seq: number, version: number, isEvent: boolean | null): Accepted {
    const { number } = this.#takeFirst();
    return { type: "accepted", number, client: this.client, seq, version, isEvent };
  }

  // -- what takes the place of rows --------------------------------------------------------------------------

  reset(state: Body, version: number, outcome: Outcome | null): ReplicaEvent[] {
    const loaded = this.#loaded(state);
    const events = this.#outcomeInSnapshot(outcome);
    this.#advance(loaded, version);
    return [...events, { type: "reloaded", version }];
  }

  startAgain(state: Body, version: number, outcome: Outcome | null): ReplicaEvent[] {
    const loaded = this.#loaded(state);
    const events = this.#outcomeInSnapshot(outcome?.seq === this.inflightSeq ? outcome : null);
    this.requeue();
    this.#advance(loaded, version);
    return [...events, { type: "reloaded", version }];
  }

  /** A snapshot holds what it settles: there is no row to wait for. Throws Adrift. */
  #outcomeInSnapshot(outcome: Outcome | null): ReplicaEvent[] {
    const seq = this.inflightSeq;
    if (seq === null || outcome?.seq !== seq || outcome.version === null) {
      return this.receiveOutcome(outcome);
    }
    const events = [this.#accepted(seq, outcome.version, null)];
    this.settledSeq(seq);
    return events;
  }

  requeue(): void {
    this.#inflight = null;
    this.ackVersion = null;
  }

  /**
   * As `Submissions.renew`; entries that wait to be added bear the new id's prefix, also where a later command
   * names them.
   */
  renew(uids: Uids): ReplicaEvent[] {
    this.uids = uids;
    this.nextSeq = 1;
    const made = this.#waiting.flatMap(({ command }) => this.#fold.adds(command));
    const names = new Map(made.filter(uid => !uids.owns(uid)).map(uid => [uid, uids.take()]));
    this.#forgetPrediction();
    if (names.size === 0) {
      return [];
    }
    this.#waiting = this.#waiting.map(waiting => ({
      ...waiting,
      command: this.#fold.renamed(waiting.command, names),
    }));
    return [{ type: "renamed", uids: names }];
  }

  override giveUp(code: string, message: string): ReplicaEvent[] {
    this.requeue();
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#forgetPrediction();
    const { client } = this;
    return waiting.map(({ number, command }) => ({
      type: "rejected",
      number,
      client,
      seq: 0,
      code,
      message,
      retryAfterMs: 0,
      command,
    }));
  }

  // -- small things ------------------------------------------------------------------------------------------

  matches(digest: string): boolean {
    return this.#fold.digest(this.state) === digest;
  }

  #loaded(snapshot: Body): State {
    return fitting(() => this.#fold.load(snapshot));
  }

  #advance(state: State, version: number): void {
    this.state = state;
    this.#version = version;
    this.#forgetPrediction();
  }

  #takeFirst(): Waiting {
    const first = this.#waiting.shift()!;
    this.#waitingBytes -= first.size;
    this.#forgetPrediction();
    return first;
  }

  protected override settledSeq(seq: number): void {
    super.settledSeq(seq);
    this.#inflight = null;
  }

  protected override sentenceOf(code: string): string {
    return jamSentenceOf(code);
  }

  #forgetPrediction(): void {
    this.#predicted = this.state;
    this.#predictedCount = 0;
  }

  check(): void {
    this.checkSeqs();
    if (this.#waiting.some(({ number }, at) => number !== this.settled + 1 + at)) {
      throw new Error("Commands keep their order.");
    }
    if (this.#waitingBytes !== this.#waiting.reduce((bytes, { size }) => bytes + size, 0)) {
      throw new Error("Bytes are counted once.");
    }
    if (this.#inflight !== null && this.#waiting.length === 0) {
      throw new Error("What is in flight is the first that waits.");
    }
  }
}

/** What the rules do not take, this replica does not hold. */
function fitting<T>(reads: () => T): T {
  try {
    return reads();
  } catch (error) {
    throw error instanceof Unfit ? new Diverged(error.message) : error;
  }
}
