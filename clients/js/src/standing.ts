/**
 * Where a replica stands with the server, and when it may try again.
 *
 *     away ──connected──► due ──opening, moved──► opening ──opened──► open ──openAnew──► due
 *      ▲                                             │                  │
 *      └──────────────── disconnected ───────────────┴──────────────────┘      any ──close──► closed
 *
 * Thousands are told "not now" in one moment, with the same time to wait. So that they do not come back in one moment
 * either, each waits longer by a part of its own pause, at random: drawn from its own name, since nothing here has
 * another source of chance. Knows phases and waits. Does not know what is said to the server, or by it.
 */

/** Between attempts for which the server named no time: doubling from the first up to the last. */
export const RETRY_FIRST_MS = 100;
export const RETRY_LAST_MS = 5_000;

export type Phase = "away" | "due" | "opening" | "open" | "closed";

export class Standing {
  phase: Phase = "away";
  /** The next answer must hold a snapshot. */
  wantsSnapshot = true;
  /** What is in flight was sent on the connection that stands now. */
  isSent = false;
  /** Nothing is said before. */
  dueMs = 0;
  #attempts = 0;
  readonly #name: string;

  /** `name`: nobody else's. */
  constructor(name = "") {
    this.#name = name;
  }

  connected(): void {
    if (this.phase !== "closed") {
      this.phase = "due";
      this.dueMs = 0;
    }
  }

  disconnected(): void {
    if (this.phase !== "closed") {
      this.phase = "away";
      this.isSent = false;
    }
  }

  opening(): void {
    this.phase = "opening";
  }

  /** The connection that stands now was asked before it did; its answer comes next. */
  moved(): void {
    this.phase = "opening";
  }

  opened(): void {
    this.phase = "open";
    this.isSent = false;
  }

  /**
   * Asks for what is missing or, `fromScratch`, for a snapshot. At once the first time; a replica that cannot be
   * repaired must not hammer the server.
   */
  openAnew(nowMs: number, fromScratch = false): void {
    this.wantsSnapshot ||= fromScratch;
    if (this.phase === "opening" && !fromScratch) {
      return;
    }
    this.phase = "due";
    if (this.#attempts > 0) {
      this.wait(nowMs, 0);
    } else {
      this.#attempts = 1;
    }
  }

  /** The server says "not now". */
  putOff(nowMs: number, retryAfterMs: number, isOpen: boolean): void {
    this.isSent = false;
    if (!isOpen) {
      this.phase = "due";
    }
    this.wait(nowMs, retryAfterMs);
  }

  wait(nowMs: number, retryAfterMs: number): void {
    const ownMs = Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** Math.min(this.#attempts, 10));
    this.#attempts += 1;
    const drawn = drawnFrom(`${this.#name} ${nowMs} ${this.#attempts}`);
    this.dueMs = nowMs + retryAfterMs + Math.floor(drawn * ownMs);
  }

  /** What was tried has worked. */
  madeProgress(): void {
    this.#attempts = 0;
  }

  /**
   * What is in flight no more waits no more: a copy of it that was thought lost took effect. What was made meanwhile
   * has nothing to wait for, and nobody would wake it.
   */
  settled(): void {
    if (this.phase === "open") {
      this.dueMs = 0;
    }
  }

  close(): void {
    this.phase = "closed";
  }

  /** Throws unless what must hold between any two calls does. For tests. */
  check(): void {
    if (this.phase === "away" && this.isSent) {
      throw new Error("Nothing was sent on no connection.");
    }
  }
}

/** A number from 0 up to 1 that looks like chance, the same for the same text (FNV-1a). */
function drawnFrom(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return (hash >>> 0) / 2 ** 32;
}
