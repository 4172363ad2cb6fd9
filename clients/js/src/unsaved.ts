/**
 * How much is not saved yet, and since when.
 *
 * What may be unsaved on a device is bounded (promise P6), in flight or not, because all of it may have to go out
 * as one submission: past the bounds new edits are refused, loudly, and nothing that waits is lost. Bytes are
 * those of the edits as they were made. Knows sizes and times. Does not know what the edits do.
 */

import { QueueFull } from "./errors.js";
import type { Op } from "./ot/op.js";
import { COMPONENTS_MAX, encode } from "./ot/wire.js";
import { type Body, SUBMISSION_BYTES_MAX } from "./wire/messages.js";

export const UNSAVED_EDITS_MAX = 10_000;
/** The message around the op needs some, too. */
export const UNSAVED_BYTES_MAX = SUBMISSION_BYTES_MAX - 1024;
/** Who was away for longer decides anew what is still wanted; seqs and bases that old lead nowhere. */
export const UNSAVED_AGE_MAX_MS = 30 * 24 * 60 * 60 * 1000;

/** What `Unsaved` is made of, as it is stored. */
export interface KeptUnsaved {
  readonly inflight_bytes: number;
  readonly pending_bytes: number;
  readonly inflight_since_ms: number;
  readonly pending_since_ms: number;
}

/**
 * Bytes in flight and waiting, and when the first edit of each was made (wall time, ms; 0: nobody knows). Wall
 * time, because it must mean the same after a restart.
 */
export class Unsaved {
  #inflightBytes: number;
  #pendingBytes: number;
  #inflightSinceMs: number;
  #pendingSinceMs: number;

  constructor(kept?: KeptUnsaved) {
    this.#inflightBytes = kept?.inflight_bytes ?? 0;
    this.#pendingBytes = kept?.pending_bytes ?? 0;
    this.#inflightSinceMs = kept?.inflight_since_ms ?? 0;
    this.#pendingSinceMs = kept?.pending_since_ms ?? 0;
  }

  get inflightBytes(): number {
    return this.#inflightBytes;
  }

  keep(): KeptUnsaved {
    return {
      inflight_bytes: this.#inflightBytes,
      pending_bytes: this.#pendingBytes,
      inflight_since_ms: this.#inflightSinceMs,
      pending_since_ms: this.#pendingSinceMs,
    };
  }

  /** Throws QueueFull unless one more edit of `size` bytes may be made beside `edits` unsaved ones. */
  checkRoom(edits: number, size: number, nowMs: number | null): void {
    const inAll = this.#inflightBytes + this.#pendingBytes;
    if (edits >= UNSAVED_EDITS_MAX || inAll + size > UNSAVED_BYTES_MAX) {
      throw new QueueFull(
        `${edits} edits (${inAll} bytes) wait to be saved; at most ${UNSAVED_EDITS_MAX} edits or ` +
          `${UNSAVED_BYTES_MAX} bytes may.`,
      );
    }
    const sinceMs = this.#inflightSinceMs || this.#pendingSinceMs;
    if (edits > 0 && sinceMs > 0 && nowMs !== null && nowMs - sinceMs > UNSAVED_AGE_MAX_MS) {
      throw new QueueFull("Some edits have waited for more than 30 days to be saved; save them first.");
    }
  }

  /** An edit waits to be sent. */
  made(size: number, nowMs: number | null): void {
    this.#pendingBytes += size;
    this.#pendingSinceMs ||= nowMs ?? 0;
  }

  /** All that waited is in flight. */
  sent(): void {
    this.#inflightBytes = this.#pendingBytes;
    this.#inflightSinceMs = this.#pendingSinceMs;
    this.#pendingBytes = this.#pendingSinceMs = 0;
  }

  /** Nothing is in flight any more. */
  settled(): void {
    this.#inflightBytes = this.#inflightSinceMs = 0;
  }

  /** What was in flight waits again. */
  requeued(): void {
    this.#pendingBytes += this.#inflightBytes;
    this.#pendingSinceMs = this.#inflightSinceMs || this.#pendingSinceMs;
    this.settled();
  }

  /** Throws unless what must hold between any two edits does. For tests. */
  check(edits: number, isInflight: boolean): void {
    if (edits > UNSAVED_EDITS_MAX || this.#inflightBytes + this.#pendingBytes > UNSAVED_BYTES_MAX) {
      throw new Error("What is unsaved is bounded.");
    }
    if (!isInflight && this.#inflightBytes > 0) {
      throw new Error("Nothing is counted twice.");
    }
  }
}

/** Bytes of a wire form as JSON: never fewer than in MessagePack. */
export function sizeOf(wire: Body): number {
  return new TextEncoder().encode(JSON.stringify(wire)).length;
}

/** Whether the server takes it as one submission. */
export function fits(op: Op, aboutBytes: number): boolean {
  if (op.components.length > COMPONENTS_MAX) {
    return false;
  }
  // Nearly always far below: measuring each op again would be for nothing.
  return aboutBytes <= UNSAVED_BYTES_MAX / 2 || sizeOf(encode(op)) <= UNSAVED_BYTES_MAX;
}
