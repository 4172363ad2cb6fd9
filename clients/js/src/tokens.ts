/**
 * Where tokens come from.
 *
 * A token is kept as long as it is good, so that a server in trouble does not become its issuer's trouble, too; and
 * an issuer in trouble is left alone for a while, whoever wants a token. Knows when a token ends, once the server has
 * said so. Does not know what is in it.
 */

import { DEVICE, nowMs } from "./clock.js";
import { Unreachable } from "./errors.js";
import { Renewal } from "./renewal.js";
import { Signal } from "./signal.js";
import { notified, paused } from "./waits.js";

/** A token with less than this to go is not worth a new connection. */
export const MARGIN_MS = 30_000;
/**
 * After a question in vain nothing is asked for so long, twice as long each time, at random down to a half.
 */
export const PAUSE_FIRST_MS = 1_000;
export const PAUSE_LAST_MS = 20_000;
/** How often the server's word that a token is about to end is followed by a question. */
export const LAST_MINUTE_PAUSE_MS = 5_000;

/** Gives a token that is good for a while, whenever one is needed. It may be asked again at any time. */
export type TokenFactory = () => string | Promise<string>;

/**
 * A fixed token, or a function that is asked for one whenever a new one is needed. `now` never steps back and counts
 * ms. `lastMinutePauseMs` is for tests.
 */
export class TokenSource {
  token: string;
  readonly #factory: TokenFactory | null;
  readonly #now: () => number;
  readonly #lastMinutePauseMs: number;
  #expiresMs: number | null = null;
  readonly #renewal = new Renewal();
  #isWanted = false;
  readonly #changed = new Signal();
  /** The question that is under way, which all who want a token wait for. */
  #asking: Promise<string> | null = null;
  #failures = 0;
  #reason = "";
  #notBeforeMs: number;

  constructor(
    token: string | TokenFactory,
    now: () => number = () => nowMs(DEVICE),
    lastMinutePauseMs = LAST_MINUTE_PAUSE_MS,
  ) {
    this.#factory = typeof token === "string" ? null : token;
    this.token = typeof token === "string" ? token : "";
    this.#now = now;
    this.#lastMinutePauseMs = lastMinutePauseMs;
    this.#notBeforeMs = now();
  }

  get canRenew(): boolean {
    return this.#factory !== null;
  }

  /** The server said when the current token ends. Both are its wall time, in ms. */
  expires(atMs: number, serverMs: number): void {
    this.#expiresMs = atMs;
    this.#renewal.ends(atMs, serverMs, Math.random());
    this.#changed.notify();
  }

  /** The current token was refused. */
  forget(): void {
    if (this.#factory !== null) {
      this.token = "";
    }
  }

  /** The token that we have, or a new one if that is about to end. Rejects with what the function does. */
  async current(serverMs: number): Promise<string> {
    const isStale = this.#expiresMs !== null && this.#expiresMs - serverMs < MARGIN_MS;
    return this.#factory !== null && (isStale || this.token === "") ? this.renewed() : this.token;
  }

  /**
   * A new token; the fixed one if there is no other. Rejects with what the function does, and with Unreachable,
   * without asking it, for a while after that.
   */
  async renewed(): Promise<string> {
    if (this.#factory === null) {
      return this.token;
    }
    this.#asking ??= this.#ask(this.#factory).finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #ask(factory: TokenFactory): Promise<string> {
    if (this.#now() < this.#notBeforeMs) {
      throw new Unreachable("unreachable", `There was no new token a moment ago: ${this.#reason}`);
    }
    try {
      this.token = await factory();
    } catch (error) {
      this.#leaveAlone(error);
      throw error;
    }
    this.#failures = 0;
    this.#expiresMs = null;
    return this.token;
  }

  /** The server says that the token is about to end, or no longer matters to it. */
  want(wanted = true): void {
    this.#isWanted = wanted;
    this.#changed.notify();
  }

  /**
   * A token that is another than the present one: asked for in good time, and when the server wants one again and
   * again. `serverMs` is the server's wall time now. Null when `over` says that nobody wants one any more.
   */
  async next(serverMs: () => number, over: AbortSignal): Promise<string | null> {
    let pauseMs = this.#lastMinutePauseMs;
    while (await this.#untilDue(serverMs, over)) {
      const isWanted = this.#isWanted;
      this.#isWanted = false;
      const before = this.token;
      this.#renewal.asked(serverMs());
      // Whatever the function rejects with, it is asked again at its time.
      const token = await this.renewed().catch(() => before);
      if (token !== before) {
        this.#renewal.took(serverMs(), Math.random());
        return token;
      }
      if (isWanted) {
        await paused(pauseMs * (0.5 + Math.random() / 2), over);
        pauseMs *= 2;
        this.#isWanted = true;
      }
    }
    return null;
  }

  /** Also what is due may change meanwhile: a session begins by saying when its token ends. False if it is over. */
  async #untilDue(serverMs: () => number, over: AbortSignal): Promise<boolean> {
    while (!over.aborted) {
      const dueMs = this.#renewal.dueMs();
      if (this.#isWanted || (dueMs !== null && dueMs <= serverMs())) {
        return true;
      }
      await notified(this.#changed, dueMs === null ? null : dueMs - serverMs(), over);
    }
    return false;
  }

  #leaveAlone(error: unknown): void {
    const pauseMs = Math.min(PAUSE_LAST_MS, PAUSE_FIRST_MS * 2 ** Math.min(this.#failures, 16));
    this.#failures += 1;
    this.#reason = error instanceof Error ? error.message || error.name : String(error);
    this.#notBeforeMs = this.#now() + Math.floor(pauseMs * (0.5 + Math.random() / 2));
  }
}
