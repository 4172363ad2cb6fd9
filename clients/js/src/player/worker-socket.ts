/**
 * A WebSocket that lives in a worker, for who wants one in the page.
 *
 * Hands on what it is told, and how long ago that happened. Knows what a socket looks like. Does not know how letters
 * travel, nor what is said on the socket.
 */

import type { Payload } from "../wire/encoding.js";
import type { SocketLike } from "../wire.js";
import { type Order, type Report, sizeOf } from "./letters.js";

/** The worker hears of what was taken after so much of it. */
const TAKEN_TOLD = 1024 * 1024;
const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;

/** What a worker tells of one socket. */
export type SocketReport = Extract<Report, { readonly socket: number }>;

/** See the module. Made by `page-worker`, which gives it what its worker reports of it. */
export class WorkerSocket implements SocketLike {
  /** It gives text and array buffers, whatever is wished. */
  binaryType = "arraybuffer";
  protocol = "";
  readyState = CONNECTING;
  readonly #number: number;
  readonly #order: (order: Order) => void;
  readonly #listeners = new Map<string, ((event: object) => void)[]>();
  #untold = 0;

  constructor(number: number, url: string, protocols: readonly string[], order: (order: Order) => void) {
    this.#number = number;
    this.#order = order;
    order({ type: "open", socket: number, url, protocols });
  }

  addEventListener(type: string, listener: (event: object) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  send(data: Payload): void {
    this.#send(data, false);
  }

  sendStamped(data: Payload): void {
    this.#send(data, true);
  }

  close(code = 1000): void {
    this.#order({ type: "close", socket: this.#number, code });
  }

  // -- for who gets the worker's letters -----------------------------------------------------------------------

  /** It happened `ageMs` ago; what was sent stamped left `lateMs` after it was to. */
  receive(report: SocketReport, ageMs: number, lateMs: number): void {
    switch (report.type) {
      case "opened":
        this.protocol = report.protocol;
        this.readyState = OPEN;
        this.#tell("open", {});
        break;
      case "came":
        this.#take(sizeOf(report.data));
        this.#tell("message", { data: report.data, ageMs, lateMs });
        break;
      case "failed":
        this.#tell("error", { message: report.message });
        break;
      case "closed":
        this.readyState = CLOSED;
        this.#tell("close", { code: report.code, reason: report.reason });
    }
  }

  #send(data: Payload, isStamped: boolean): void {
    if (this.readyState === OPEN) {
      this.#order({ type: "send", socket: this.#number, data, isStamped });
    }
  }

  #take(size: number): void {
    this.#untold += size;
    if (this.#untold >= TAKEN_TOLD) {
      this.#order({ type: "taken", socket: this.#number, size: this.#untold });
      this.#untold = 0;
    }
  }

  #tell(type: string, event: object): void {
    for (const listener of this.#listeners.get(type) ?? []) {
      listener(event);
    }
  }
}
