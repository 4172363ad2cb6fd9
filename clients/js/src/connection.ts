/**
 * The sessions of one client, one after the other.
 *
 * Connects, and comes back when a session ends: when, say the close code, the server's farewell and `backoff`; sooner
 * if the network is back or the page is looked at again. Knows tokens and sockets. What is said in a session is
 * `conversation`'s, what it means the link's.
 */

import { Backoff } from "./backoff.js";
import { type Clock, nowMs } from "./clock.js";
import { Conversation, type End, endWith, type Host } from "./conversation.js";
import { ConnectionRefused, Unreachable } from "./errors.js";
import type { Link } from "./link.js";
import type { LinkEvent } from "./link-events.js";
import { watchPage } from "./page.js";
import { Signal } from "./signal.js";
import type { TokenSource } from "./tokens.js";
import { socketUrl } from "./urls.js";
import { type After, notified } from "./waits.js";
import type { Encoding } from "./wire/encoding.js";
import { encodeId, ID_BYTES } from "./wire/ids.js";
import { type SocketClass, Wire } from "./wire.js";

const OFFLINE = endWith("come_back", "offline", "This client went offline.");

export function newId(): string {
  return encodeId(crypto.getRandomValues(new Uint8Array(ID_BYTES)));
}

/**
 * What a connection is made of. `onEvent` is called in the order of the wire, `onSent` each time the link was asked for
 * what to send and each time a session has ended, `secure` is awaited before a submission leaves. `document` is what
 * this client is mostly about, if it is known: a hint to balancers.
 */
export interface ConnectionParts {
  readonly url: string;
  readonly link: Link;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  readonly encoding: Encoding;
  readonly socketClass: SocketClass;
  readonly after: After;
  readonly document?: string;
  onEvent(event: LinkEvent): void;
  onSent(): void;
  secure(): Promise<void>;
}

/** Keeps `link` connected while `run` runs. `sessions` counts welcomes, `lastEnd` says how the last one ended. */
export class Connection implements Host {
  sessions = 0;
  lastEnd = "";
  unknown = 0;
  readonly link: Link;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  readonly after: After;
  readonly #parts: ConnectionParts;
  readonly #backoff = new Backoff();
  #isOnline = true;
  #conversation: Conversation | null = null;
  /** The attempt to reach a server that is under way is not wanted any more. */
  #attempting = new AbortController();
  #isHurried = false;
  readonly #closed = new AbortController();
  readonly #changed = new Signal();

  /** Throws CallerError for what is no URL. */
  constructor(parts: ConnectionParts) {
    socketUrl(parts.url);
    this.#parts = parts;
    this.link = parts.link;
    this.tokens = parts.tokens;
    this.clock = parts.clock;
    this.after = parts.after;
  }

  /** Something may want to be sent. */
  wake(): void {
    this.#conversation?.wake();
  }

  /** Whether it is wanted. */
  get isOnline(): boolean {
    return this.#isOnline;
  }

  /** Closes the socket and stays away until `goOnline`. */
  goOffline(): void {
    this.#isOnline = false;
    this.#part();
  }

  goOnline(): void {
    this.#isOnline = true;
    this.#changed.notify();
  }

  /** Ends `run`, for good. */
  close(): void {
    this.#closed.abort();
    this.#part();
  }

  #part(): void {
    this.#attempting.abort();
    this.#conversation?.end(OFFLINE);
    this.#changed.notify();
  }

  /** Until `close`. Rejects with ConnectionRefused when the server will not have us back. */
  async run(): Promise<void> {
    watchPage(
      {
        woke: () => {
          this.#conversation?.doubt();
          this.#isHurried = true;
          this.#changed.notify();
        },
        hidden: isHidden => {
          this.link.roomClock.setHidden(isHidden, this.clock.monotonicMs());
          this.wake();
        },
      },
      this.#closed.signal,
    );
    try {
      await this.#run();
    } finally {
      this.#closed.abort();
    }
  }

  async #run(): Promise<void> {
    const closed = this.#closed.signal;
    while (!closed.aborted) {
      if (!this.#isOnline) {
        await notified(this.#changed, null, closed);
        continue;
      }
      const end = await this.#attempt();
      this.lastEnd = end.message;
      this.#parts.onSent();
      if (end === OFFLINE) {
        continue;
      }
      if (end.advice === "stop") {
        throw new ConnectionRefused(end.code, end.message);
      }
      if (this.link.renewalIsDue) {
        this.link.renew(newId()).forEach(event => {
          this.#parts.onEvent(event);
        });
      }
      const delayMs = this.#backoff.delayMs(end.advice, end.hintMs, nowMs(this.clock), Math.random());
      await this.#pause(delayMs, end.hintMs);
    }
  }

  /** Who is woken meanwhile waits no longer than the server wants. */
  async #pause(delayMs: number, hintMs: number): Promise<void> {
    const closed = this.#closed.signal;
    const beganMs = nowMs(this.clock);
    this.#isHurried = false;
    while (this.#isOnline && !closed.aborted) {
      const leftMs = beganMs + (this.#isHurried ? hintMs : delayMs) - nowMs(this.clock);
      if (leftMs <= 0) {
        return;
      }
      await notified(this.#changed, leftMs, closed);
    }
  }

  async #attempt(): Promise<End> {
    this.#attempting = new AbortController();
    const over = this.#attempting.signal;
    const before = this.tokens.token;
    let token: string;
    try {
      token = await this.token();
    } catch (error) {
      // The caller's function: an issuer that is away now may be back later.
      return endWith("back_off", "token_missing", `There is no token: ${(error as Error).message}`);
    }
    let wire: Wire;
    try {
      wire = await this.open(over);
    } catch (error) {
      if (error instanceof Unreachable) {
        return over.aborted ? OFFLINE : endWith("back_off", error.code, error.message);
      }
      throw error;
    }
    if (over.aborted) {
      wire.close();
      return OFFLINE;
    }
    this.#conversation = new Conversation(this, wire, token, token !== before);
    try {
      return await this.#conversation.ended;
    } finally {
      this.#conversation = null;
    }
  }

  // -- for a conversation ------------------------------------------------------------------------------------

  token(): Promise<string> {
    return this.tokens.current(this.link.serverMs(nowMs(this.clock)));
  }

  /** A balancer may know us by what we have open; nobody else looks at it. */
  open(over: AbortSignal): Promise<Wire> {
    const { url, document, encoding, socketClass } = this.#parts;
    const about = document || (this.link.rooms[0] ?? "");
    return Wire.open(socketUrl(url, about), { socketClass, encoding, clock: this.clock, over });
  }

  happened(event: LinkEvent): void {
    if (event.type === "welcomed") {
      this.sessions += 1;
      this.#backoff.stood(nowMs(this.clock), event.retryBaseMs, event.retryCapMs);
    }
    this.#parts.onEvent(event);
  }

  sent(): void {
    this.#parts.onSent();
  }

  secure(): Promise<void> {
    return this.#parts.secure();
  }
}
