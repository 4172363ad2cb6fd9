/**
 * One session with a server, on one socket after the other.
 *
 * Hands messages to the link and what the link wants to say to the socket, until the socket ends or we part. When a
 * node asks its clients to move, the next socket is made ready before this one is left. Knows timers and sockets. Does
 * not know rooms or edits (the link's), nor what comes after the end (the connection's).
 */

import { type Clock, nowMs } from "./clock.js";
import { ConnectionRefused, StoreFailed, TuttiError, Unreachable } from "./errors.js";
import type { Link } from "./link.js";
import type { LinkEvent } from "./link-events.js";
import { Liveness, WELCOME_TIMEOUT_MS } from "./liveness.js";
import { Signal } from "./signal.js";
import type { Standby } from "./standby.js";
import type { TokenSource } from "./tokens.js";
import { type After, notified, paused } from "./waits.js";
import { type Advice, advice, CloseCode } from "./wire/closing.js";
import { probe } from "./wire/messages.js";
import type { Received, Wire } from "./wire.js";

/** Between attempts to reach another node while this one still serves us: it has some seconds left. */
export const MOVE_RETRY_MS: readonly number[] = [100, 200, 400, 800];

const ABOUT_THE_TOKEN: readonly number[] = [CloseCode.UNAUTHENTICATED, CloseCode.TOKEN_EXPIRED];
/** The stamp of a probe that only wants to hear something: no clock shows it, so no filter takes it for one. */
const ANYBODY_THERE = probe(-1);

/** How a session ended, and what to do about it. */
export interface End {
  readonly advice: Advice;
  readonly code: string;
  readonly message: string;
  readonly hintMs: number;
}

export function endWith(advice: Advice, code: string, message: string, hintMs = 0): End {
  return { advice, code, message, hintMs };
}

/** Whom a session serves, and what it needs of them. */
export interface Host {
  readonly link: Link;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  /** Timers that may be relied on also while nobody sees the page, if there are such. */
  readonly after: After;
  /** How many messages and fields came that this version does not know; they were ignored. */
  unknown: number;

  /** A token that is good now. Rejects with whatever its source does. */
  token(): Promise<string>;

  /** A new socket to the server, to whichever node. Rejects with Unreachable and ConnectionRefused. */
  open(over: AbortSignal): Promise<Wire>;

  /** In the order of the wire. */
  happened(event: LinkEvent): void;

  /** The link was asked for what to send. */
  sent(): void;

  /** Awaited before a submission leaves. Rejects with StoreFailed. */
  secure(): Promise<void>;
}

/** See the module. `ended` tells how it ended, and rejects with what is nobody's doing but ours. */
export class Conversation {
  readonly ended: Promise<End>;
  #wasWelcomed = false;
  readonly #host: Host;
  readonly #tokenIsNew: boolean;
  #resolve!: (end: End) => void;
  #reject!: (error: unknown) => void;
  #isOver = false;
  /** The socket that carries the link, what is known of it, and when it no longer does. */
  #wire!: Wire;
  #liveness!: Liveness;
  #carrying = new AbortController();
  #moveAtMs: number | null = null;
  readonly #outgoing = new Signal();
  readonly #surprise = new Signal();

  /** `wire` is open; `token` proves who we are, to whoever has not refused it yet if it `isNew`. */
  constructor(host: Host, wire: Wire, token: string, isNew: boolean) {
    this.#host = host;
    this.#tokenIsNew = isNew;
    this.ended = new Promise<End>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    host.link.connected(token);
    this.#carry(wire);
  }

  /** Something may want to be sent. */
  wake(): void {
    this.#outgoing.notify();
  }

  /** The device woke, or its network changed. */
  doubt(): void {
    this.#liveness.doubt(this.#nowMs());
    this.#surprise.notify();
  }

  /** We part, for this reason. */
  end(end: End): void {
    this.#finish(end);
  }

  #nowMs(): number {
    return nowMs(this.#host.clock);
  }

  #serverMs(): number {
    return this.#host.link.serverMs(this.#nowMs());
  }

  /** From now on this socket carries the link. */
  #carry(wire: Wire): void {
    this.#wire = wire;
    this.#liveness = new Liveness(this.#nowMs(), this.#host.clock.wallMs());
    this.#carrying = new AbortController();
    this.#forgetWishes();
    wire.listen({
      received: received => this.#receive(received),
      broken: error =>
        this.#finish(endWith("back_off", error.code, `The server's frame is none: ${error.message}`)),
      closed: () => this.#finish(this.#endOf(wire)),
    });
    const over = this.#carrying.signal;
    for (const task of [
      this.#write(wire, over),
      this.#refresh(over),
      this.#watch(wire, over),
      this.#move(over),
    ]) {
      task.catch(error => this.#fail(error));
    }
  }

  #finish(end: End): void {
    this.#leave();
    this.#resolve(end);
  }

  #fail(error: unknown): void {
    this.#leave();
    this.#reject(error);
  }

  /** At once, so that nothing more is heard or said in this session. */
  #leave(): void {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#carrying.abort();
      this.#wire.close();
      this.#forgetWishes();
      this.#host.link.disconnected();
    }
  }

  /** Those of the socket that was. */
  #forgetWishes(): void {
    this.#host.tokens.want(false);
    this.#moveAtMs = null;
  }

  // -- what comes --------------------------------------------------------------------------------------------

  /** Everything in one frame, at once, so that nobody sees half of it. */
  #receive({ messages, unknown, cameMs, lateMs }: Received): void {
    const { link } = this.#host;
    this.#host.unknown += unknown;
    this.#liveness.heard(this.#nowMs());
    try {
      for (const message of messages) {
        // Whoever was told of one of them may have closed the client.
        if (this.#isOver) {
          return;
        }
        const isTime = message.type === "time";
        this.#note(isTime ? link.receiveTime(message, cameMs, lateMs) : link.receive(message, this.#nowMs()));
      }
    } catch (error) {
      this.#refused(error);
      return;
    }
    if (link.renewalIsDue) {
      this.#finish(endWith("come_back", "renewal", "This client goes on under a new client id."));
    } else {
      this.#outgoing.notify();
    }
  }

  #refused(error: unknown): void {
    if (error instanceof ConnectionRefused) {
      this.#finish(endWith("stop", error.code, error.message));
    } else {
      this.#fail(error);
    }
  }

  #note(events: readonly LinkEvent[]): void {
    const { link, tokens } = this.#host;
    for (const event of events) {
      if (event.type === "welcomed") {
        this.#wasWelcomed = true;
        this.#liveness.welcomed(event.heartbeatMs, this.#nowMs());
        this.#surprise.notify();
        tokens.expires(link.tokenExpiresMs, this.#serverMs());
      } else if (event.type === "token_wanted") {
        tokens.want();
      } else if (event.type === "move_wanted") {
        this.#moveAtMs = this.#nowMs() + event.afterMs;
        this.#surprise.notify();
      }
      this.#host.happened(event);
    }
  }

  /** Asks when nothing is heard, and gives the socket up when there is no answer. */
  async #watch(wire: Wire, over: AbortSignal): Promise<void> {
    const { clock, link, after } = this.#host;
    while (!over.aborted) {
      const look = this.#liveness.look(this.#nowMs(), clock.wallMs());
      if (look === "gone") {
        const message = link.isLive ? "The server fell silent." : "The server did not answer `hello`.";
        this.#finish(endWith("back_off", "silent", message));
        return;
      }
      if (look === "ask") {
        wire.send([ANYBODY_THERE]);
      }
      await notified(this.#surprise, this.#liveness.getTimer() - this.#nowMs(), over, after);
    }
  }

  // -- what leaves -------------------------------------------------------------------------------------------

  /** Sends what the link wants to say. */
  async #write(wire: Wire, over: AbortSignal): Promise<void> {
    const { link, clock, after } = this.#host;
    while (!over.aborted) {
      this.#askTime(wire);
      const messages = link.outgoing(this.#nowMs());
      this.#note(link.takeEvents());
      this.#host.sent();
      if (messages.some(message => message.type === "submit")) {
        // What it holds is frozen from now on, also for who comes after a crash.
        try {
          await this.#host.secure();
        } catch (error) {
          if (error instanceof StoreFailed) {
            this.#finish(endWith("stop", error.code, error.message));
            return;
          }
          throw error;
        }
      }
      // If the session has ended or moved meanwhile nothing happens here: it is sent again on the next one.
      wire.send(messages);
      if (messages.length === 0) {
        const dueMs = link.getTimer();
        await notified(this.#outgoing, dueMs === null ? null : dueMs - clock.monotonicMs(), over, after);
      }
    }
  }

  /** In a frame of its own, and nothing between the stamp and the socket that can wait. */
  #askTime(wire: Wire): void {
    const question = this.#host.link.takeProbe(this.#host.clock.monotonicMs());
    if (question !== null) {
      wire.ask(question);
    }
  }

  /** A new token in good time. If none comes the server closes the session in the end, and the next one asks again. */
  async #refresh(over: AbortSignal): Promise<void> {
    const { tokens, link } = this.#host;
    while (tokens.canRenew) {
      const token = await tokens.next(() => this.#serverMs(), over);
      if (token === null) {
        return;
      }
      link.refresh(token);
      this.#outgoing.notify();
    }
  }

  // -- moving to another node --------------------------------------------------------------------------------

  /** Makes the next socket ready while this one still serves, and changes over. Tries until this one is closed. */
  async #move(over: AbortSignal): Promise<void> {
    while (!over.aborted && (this.#moveAtMs === null || this.#nowMs() < this.#moveAtMs)) {
      const waitMs = this.#moveAtMs === null ? null : this.#moveAtMs - this.#host.clock.monotonicMs();
      await notified(this.#surprise, waitMs, over);
    }
    for (let attempt = 0; !over.aborted && !(await this.#tryToMove(over)); attempt += 1) {
      if (!over.aborted) {
        this.#host.link.stay();
        const pauseMs = MOVE_RETRY_MS[Math.min(attempt, MOVE_RETRY_MS.length - 1)]!;
        await paused(pauseMs * (0.5 + Math.random()), over);
      }
    }
  }

  async #tryToMove(over: AbortSignal): Promise<boolean> {
    const { link, tokens } = this.#host;
    let wire: Wire;
    let standby: Standby;
    try {
      const token = await this.#host.token();
      wire = await this.#host.open(over);
      if (over.aborted) {
        wire.close();
        return false;
      }
      standby = link.prepare(token);
    } catch {
      // An issuer or a node that is away now may be back in a moment.
      return false;
    }
    try {
      await this.#makeReady(wire, standby, over);
      if (!over.aborted && !link.renewalIsDue) {
        const events = link.move(standby, this.#nowMs());
        this.#changeOver(wire, events);
        return true;
      }
    } catch (error) {
      if (!(error instanceof TuttiError)) {
        throw error;
      }
      if (ABOUT_THE_TOKEN.includes(wire.closeCode)) {
        tokens.forget();
      }
    }
    wire.close();
    return false;
  }

  #changeOver(wire: Wire, events: readonly LinkEvent[]): void {
    this.#carrying.abort();
    this.#wire.close();
    // What the old node wanted is done; what the new one wants may be among the events.
    this.#carry(wire);
    this.#note(events);
    this.#outgoing.notify();
  }

  /** Rejects with Unreachable and BadMessage. */
  async #makeReady(wire: Wire, standby: Standby, over: AbortSignal): Promise<void> {
    const news = new Signal();
    let trouble: TuttiError | null = null;
    const ends = (error: TuttiError) => {
      trouble = error;
      news.notify();
    };
    wire.listen({
      received: ({ messages }) => {
        for (const message of messages) {
          standby.receive(message, this.#nowMs());
        }
        news.notify();
      },
      broken: ends,
      closed: () => ends(new Unreachable("unreachable", wire.closeReason)),
    });
    const untilMs = this.#nowMs() + WELCOME_TIMEOUT_MS;
    while (!over.aborted && (trouble !== null || !standby.isReady(this.#nowMs()))) {
      if (trouble !== null || this.#nowMs() >= untilMs) {
        throw trouble ?? new Unreachable("unreachable", "The other node does not answer.");
      }
      wire.send(standby.outgoing(this.#nowMs()));
      const dueMs = Math.min(standby.getTimer(this.#nowMs()) ?? untilMs, untilMs);
      await notified(news, dueMs - this.#host.clock.monotonicMs(), over);
      // What was held back may leave by now.
      this.#outgoing.notify();
    }
  }

  // -- parting -----------------------------------------------------------------------------------------------

  /** What the server's close says. */
  #endOf(wire: Wire): End {
    const { link, tokens } = this.#host;
    const { farewell } = link;
    const code = farewell?.code ?? String(wire.closeCode);
    const message = farewell?.message ?? (wire.closeReason || "The connection was lost.");
    const hintMs = farewell?.retry_after_ms ?? 0;
    const wasGood = this.#wasWelcomed || !this.#tokenIsNew;
    if (ABOUT_THE_TOKEN.includes(wire.closeCode) && tokens.canRenew && wasGood) {
      tokens.forget();
      return endWith("come_back", code, message, hintMs);
    }
    return endWith(advice(wire.closeCode), code, message, hintMs);
  }
}
