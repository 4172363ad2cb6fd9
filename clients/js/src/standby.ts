/**
 * A second session, while the first one still carries everything.
 *
 * A node that is about to stop asks its clients to move. Make before break: the new session is welcomed and its
 * rooms are open, where the replicas stand, before anything leaves the old one; then `Link.move` changes over at
 * once, so nobody is offline in between. What the new node says until then waits here.
 *
 *     HELLO ──welcome──► OPENING, one `open` for each open room ──all caught up, or too long──► ready
 *
 * While the rooms are being opened no new submission is begun, for a moment at most: what is in flight then is what
 * the new node was asked about. Should it be committed by both nodes' leave, it still counts once (P2).
 *
 * Pure: `nowMs` is an argument. Does not know sockets, or what becomes of the old session.
 */

import type { Replica } from "./replica.js";
import type { ClientMessage, Hello, Open, Opened, Refused, ServerMessage, Welcome } from "./wire/messages.js";

/** New submissions wait at most this long; a healthy node answers `open` in a few ms. */
export const HOLD_MS = 1_000;
/**
 * Rooms that are not caught up by then are opened anew after the change. A node that stops leaves its clients 5 s
 * after their turn.
 */
export const PATIENCE_MS = 3_000;
/** What waits here; a node that says more within PATIENCE_MS is taken as it is. */
export const MESSAGES_MAX = 1_000;

/** See the module. `replicas` are those of the rooms that are entered when it is called. */
export class Standby {
  welcome: Welcome | null = null;
  welcomedMs = 0;
  /** What came since `welcome`, in order. */
  readonly messages: ServerMessage[] = [];
  #queue: ClientMessage[];
  readonly #replicas: () => ReadonlyMap<string, Replica>;
  readonly #asked = new Map<string, Open>();
  #askedMs: number | null = null;
  readonly #answers = new Map<string, Opened | Refused>();
  /** The version that the new node has shown to have, by room. */
  readonly #reached = new Map<string, number>();

  constructor(hello: Hello, replicas: () => ReadonlyMap<string, Replica>) {
    this.#queue = [hello];
    this.#replicas = replicas;
  }

  /** Those that the new node was asked to open. */
  get rooms(): readonly string[] {
    return [...this.#asked.keys()];
  }

  /** What to send now. Taking it counts as sending it. */
  outgoing(nowMs: number): ClientMessage[] {
    const messages = this.#queue;
    this.#queue = [];
    if (this.welcome !== null && this.#askedMs === null) {
      this.#askedMs = nowMs;
      for (const [name, replica] of this.#replicas()) {
        if (replica.isOpen) {
          this.#asked.set(name, replica.openMessage());
        }
      }
      messages.push(...this.#asked.values());
    }
    return messages;
  }

  /** One message of the new node. */
  receive(message: ServerMessage, nowMs: number): void {
    if (message.type === "welcome") {
      this.welcome = message;
      this.welcomedMs = nowMs;
      return;
    }
    this.messages.push(message);
    if (message.type === "opened") {
      this.#answers.set(message.room, message);
      this.#reached.set(message.room, message.version);
    } else if (message.type === "refused" && message.seq === 0) {
      this.#answers.set(message.room, message);
    } else if (message.type === "ops") {
      const last = message.ops.at(-1);
      if (last !== undefined) {
        this.#reached.set(message.room, last.version);
      }
    }
  }

  /** Whether nothing new is to be submitted just now. */
  holds(nowMs: number): boolean {
    return this.#askedMs !== null && nowMs < this.#askedMs + HOLD_MS;
  }

  /** When `holds` or `isReady` changes by waiting, in ms; null: not by waiting. */
  getTimer(nowMs: number): number | null {
    if (this.#askedMs === null) {
      return null;
    }
    return this.#askedMs + (this.holds(nowMs) ? HOLD_MS : PATIENCE_MS);
  }

  /** Whether it is time to change over. */
  isReady(nowMs: number): boolean {
    if (this.#askedMs === null) {
      return false;
    }
    if (nowMs >= this.#askedMs + PATIENCE_MS || this.messages.length >= MESSAGES_MAX) {
      return true;
    }
    return [...this.#replicas()].every(([name, replica]) => this.#isDone(name, replica));
  }

  #isDone(room: string, replica: Replica): boolean {
    const answer = this.#answers.get(room);
    if (answer?.type === "opened" && answer.snapshot === null) {
      // The old node may have shown us more than the new one knows; a submission against what it does not know it
      // would refuse.
      return this.#reachedBy(room) >= replica.version;
    }
    return answer !== undefined || !this.#asked.has(room);
  }

  /** Whether what waits here leads on from where the replica stands; else the room is opened anew. */
  takesOver(room: string, replica: Replica): boolean {
    const asked = this.#asked.get(room);
    const answer = this.#answers.get(room);
    if (asked === undefined || answer?.type !== "opened") {
      return false;
    }
    return replica.canMove(asked, answer) && this.#reachedBy(room) >= replica.version;
  }

  #reachedBy(room: string): number {
    return this.#reached.get(room) ?? -1;
  }
}
