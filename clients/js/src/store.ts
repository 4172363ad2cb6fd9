/**
 * What a device keeps of a playlist, so that edits survive the process.
 *
 * A replica is pure, so its state at some moment (*whole*) and what it did since (*records*: edits, freezes,
 * committed rows) give it back. Records are small, one for each change; a whole takes their place where the
 * change is none of the three, or when they have grown longer than it. Both are JSON, as text. Knows the form,
 * and when something is due. Does not know where it is written: that is `store-browser` and `node/store-file`.
 */

import type { Refusal } from "./events.js";
import type { Inflight } from "./ot/inflight.js";
import type { Op } from "./ot/op.js";
import { type Entry, isMap } from "./ot/value.js";
import { decode, encode, COMPONENTS_MAX as SENT_COMPONENTS_MAX } from "./ot/wire.js";
import type { KeptUnsaved } from "./unsaved.js";
import type { Body, Row } from "./wire/messages.js";

export const FORMAT = 1;
/** Records may grow to this many characters, or to the size of the whole that they follow. */
export const RECORDS_SIZE_MIN = 32 * 1024;
/** Others may cut an op into pieces without end; what could never be sent is at least kept to be handed back. */
export const COMPONENTS_MAX = 100 * SENT_COMPONENTS_MAX;
/**
 * What others do while nothing is unsaved is worth no disk access of its own: coming back from further behind
 * costs a little more, and loses nothing.
 */
export const ROWS_HELD_MAX = 64;

/** The submission in flight, exactly as sent, and as its commit will be. */
export interface KeptInflight {
  readonly seq: number;
  readonly base: number;
  readonly op: Body;
  readonly rebased: Body;
  readonly edits: number;
  readonly exact: boolean;
}

export function keptInflight(inflight: Inflight | null): KeptInflight | null {
  return inflight && { ...inflight, op: encode(inflight.op), rebased: encode(inflight.rebased) };
}

/** Throws OpError. */
export function readInflight(kept: KeptInflight | null): Inflight | null {
  return kept && { ...kept, op: readOp(kept.op), rebased: readOp(kept.rebased) };
}

/**
 * A replica. `entries` and `attributes` are acknowledged at `version`; `pending` is what waits behind `inflight`,
 * grouped as in the engine's queue. `undecided` as in `ot/client`; the last three are the replica's, and of this
 * form.
 */
export interface Kept {
  readonly client: string;
  readonly last_seq: number;
  readonly epoch: string;
  readonly version: number;
  readonly role: string;
  readonly entries: readonly Entry[];
  readonly attributes: Entry;
  readonly inflight: KeptInflight | null;
  readonly pending: readonly (readonly [size: number, op: Body])[];
  readonly pending_edits: number;
  readonly undecided: readonly string[];
  readonly unsaved: KeptUnsaved;
  readonly needs_client: boolean;
  readonly is_restarting: boolean;
  readonly format: number;
}

/**
 * `e`: an edit, made at `nowMs`. `f`: all that waited became the submission `seq`; `op` as it is sent. `r`: a
 * committed row came.
 */
export type StoredRecord =
  | readonly ["e", nowMs: number | null, op: Body]
  | readonly ["f", seq: number, op: Body]
  | readonly ["r", row: Row];

/** What is to be written of a room, all of it or nothing. With `whole` the records before are void. */
export interface Write {
  readonly room: string;
  readonly whole: string | null;
  readonly records: readonly string[];
  readonly isUnsaved: boolean;
}

/** A room as it was read: a whole, and the records since. */
export interface Stored {
  readonly room: string;
  readonly whole: string;
  readonly records: readonly string[];
}

/** What was stored is not of this form: damaged, or written by another version of this program. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
}

/** Throws Unreadable. */
export function read(stored: Stored): { kept: Kept; records: StoredRecord[] } {
  let kept: unknown;
  let records: unknown[];
  try {
    kept = JSON.parse(stored.whole);
    records = stored.records.map(record => JSON.parse(record) as unknown);
  } catch {
    throw new Unreadable(`What was kept of ${stored.room} cannot be read.`);
  }
  if (!isMap(kept) || kept["format"] !== FORMAT) {
    throw new Unreadable(`What was kept of ${stored.room} is not in format ${FORMAT}.`);
  }
  if (!(isKept(kept) && records.every(isRecord))) {
    throw new Unreadable(`What was kept of ${stored.room} is damaged.`);
  }
  return { kept, records };
}

/** The outermost shape; what is inside is checked by who reads it (`decode`, the engine). */
function isKept(kept: { readonly [member: string]: unknown }): kept is Kept & { [member: string]: unknown } {
  const { inflight } = kept;
  return (
    ["client", "epoch", "role"].every(member => typeof kept[member] === "string") &&
    ["last_seq", "version", "pending_edits"].every(member => Number.isSafeInteger(kept[member])) &&
    ["needs_client", "is_restarting"].every(member => typeof kept[member] === "boolean") &&
    ["entries", "pending", "undecided"].every(member => Array.isArray(kept[member])) &&
    isMap(kept["attributes"]) &&
    isMap(kept["unsaved"]) &&
    (inflight === null || (isMap(inflight) && isMap(inflight["op"]) && isMap(inflight["rebased"])))
  );
}

function isRecord(record: unknown): record is StoredRecord {
  if (!Array.isArray(record)) {
    return false;
  }
  const [kind, first, second] = record as unknown[];
  return kind === "r" ? isMap(first) : (kind === "e" || kind === "f") && isMap(second);
}

/** An own op, which may have become larger than those that the server takes. Throws OpError. */
export function readOp(wire: unknown): Op {
  return decode(wire, COMPONENTS_MAX);
}

/** What a replica has done and nobody has written yet. */
export class Journal {
  #records: string[] = [];
  #needsWhole = true;
  #wholeSize = 0;
  #size = 0;

  /** An edit; `op` in its wire form. */
  edited(op: Body, nowMs: number | null): void {
    this.#add(["e", nowMs, op]);
  }

  froze(seq: number, op: Op): void {
    this.#add(["f", seq, encode(op)]);
  }

  received(row: Row): void {
    this.#add(["r", row]);
  }

  /** Something else happened: a whole is due. */
  changed(): void {
    this.#needsWhole = true;
    this.#records = [];
  }

  /** What is stored is where this begins. */
  resumed(stored: Stored): void {
    this.#needsWhole = false;
    this.#wholeSize = stored.whole.length;
    this.#size = stored.records.reduce((size, record) => size + record.length, 0);
  }

  /** Whether there is something to write now; while nothing is unsaved some rows may wait. */
  isDue(isUnsaved: boolean): boolean {
    return this.#needsWhole || this.#records.length > (isUnsaved ? 0 : ROWS_HELD_MAX);
  }

  /** What is to be written now, in the order of calls; null if nothing is. */
  take(room: string, kept: () => Kept, isUnsaved: boolean): Write | null {
    const records = this.#records;
    this.#records = [];
    if (!this.#needsWhole) {
      return records.length > 0 ? { room, whole: null, records, isUnsaved } : null;
    }
    const whole = JSON.stringify(kept());
    this.#needsWhole = false;
    this.#wholeSize = whole.length;
    this.#size = 0;
    return { room, whole, records: [], isUnsaved };
  }

  #add(record: StoredRecord): void {
    if (!this.#needsWhole) {
      const packed = JSON.stringify(record);
      this.#size += packed.length;
      if (this.#size > Math.max(RECORDS_SIZE_MIN, this.#wholeSize)) {
        this.changed();
      } else {
        this.#records.push(packed);
      }
    }
  }
}

export function packRefusal(refusal: Refusal): string {
  return JSON.stringify({ ...refusal, op: encode(refusal.op) });
}

/** As `packRefusal` wrote it. */
export function unpackRefusal(packed: string): Refusal {
  const kept = JSON.parse(packed) as Refusal;
  return { ...kept, op: readOp(kept.op) };
}
