/**
 * What the worker does for its page: sockets, and timers.
 *
 * A page draws, decodes and waits for its app; hidden, its timers are held back. Here nothing else runs, so what comes
 * is stamped when it comes and a timer is due when it is due. Knows letters. Does not know what a socket's messages
 * mean.
 */

import type { SocketClass, SocketLike } from "../wire.js";
import { type Crossing, type Order, type Report, sizeOf, type ToPage, type ToWorker } from "./letters.js";

/** A page that leaves so much untaken does not run any more: its socket is closed, and it comes back by itself. */
export const UNTAKEN_MAX = 64 * 1024 * 1024;

/** What the worker's platform gives. `nowMs` is its own monotonic clock, which began at `originMs`. */
export interface Platform {
  readonly originMs: number;
  readonly webSocket: SocketClass;
  nowMs(): number;
  after(ms: number, then: () => void): () => void;
  /** Writes to the page; what is in `transfer` goes over. */
  post(letter: ToPage, transfer: ArrayBuffer[]): void;
}

interface Held {
  readonly socket: SocketLike;
  untaken: number;
  stamped: Crossing | null;
}

/** See the module. Give it each letter of the page as it comes. */
export class Desk {
  readonly #platform: Platform;
  readonly #sockets = new Map<number, Held>();
  readonly #timers = new Map<number, () => void>();
  #crossing: Crossing | null = null;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#tell({ type: "ready", originMs: platform.originMs });
  }

  /** The worker's own policy kept it from connecting. */
  forbidden(): void {
    this.#tell({ type: "forbidden" });
  }

  receive({ order, leftMs }: ToWorker): void {
    const crossing = { leftMs, cameMs: this.#platform.nowMs() };
    this.#crossing = crossing;
    switch (order.type) {
      case "open":
        this.#open(order);
        break;
      case "send":
        this.#send(order, crossing);
        break;
      case "close":
        this.#sockets.get(order.socket)?.socket.close(order.code);
        break;
      case "taken": {
        const held = this.#sockets.get(order.socket);
        if (held !== undefined) {
          held.untaken -= order.size;
        }
        break;
      }
      case "wake":
        this.#wake(order.timer, order.ms);
        break;
      case "forget":
        this.#timers.get(order.timer)?.();
        this.#timers.delete(order.timer);
    }
  }

  #open({ socket: number, url, protocols }: Extract<Order, { type: "open" }>): void {
    let socket: SocketLike;
    try {
      socket = new this.#platform.webSocket(url, [...protocols]);
    } catch (error) {
      this.#tell({ type: "failed", socket: number, message: (error as Error).message });
      this.#tell({ type: "closed", socket: number, code: 1006, reason: "" });
      return;
    }
    socket.binaryType = "arraybuffer";
    const held: Held = { socket, untaken: 0, stamped: null };
    this.#sockets.set(number, held);
    socket.addEventListener("open", () =>
      this.#tell({ type: "opened", socket: number, protocol: socket.protocol }),
    );
    socket.addEventListener("message", event => this.#came(number, held, event));
    socket.addEventListener("error", event => {
      const { message = "" } = event as { message?: string };
      this.#tell({ type: "failed", socket: number, message });
    });
    socket.addEventListener("close", event => {
      const { code = 1006, reason = "" } = event as { code?: number; reason?: string };
      this.#closed(number, code, reason);
    });
  }

  #send({ socket: number, data, isStamped }: Extract<Order, { type: "send" }>, crossing: Crossing): void {
    const held = this.#sockets.get(number);
    if (held !== undefined) {
      held.socket.send(data);
      held.stamped = isStamped ? crossing : held.stamped;
    }
  }

  #came(number: number, held: Held, event: object): void {
    const leftMs = this.#platform.nowMs();
    const { data } = event as { data: string | ArrayBuffer };
    held.untaken += sizeOf(data);
    if (held.untaken > UNTAKEN_MAX) {
      held.socket.close();
      this.#closed(number, 1006, "The page takes nothing any more.");
    } else if (this.#sockets.has(number)) {
      this.#tell({ type: "came", socket: number, data, stamped: held.stamped }, leftMs);
    }
  }

  #closed(socket: number, code: number, reason: string): void {
    if (this.#sockets.delete(socket)) {
      this.#tell({ type: "closed", socket, code, reason });
    }
  }

  #wake(timer: number, ms: number): void {
    const forget = this.#platform.after(ms, () => {
      this.#timers.delete(timer);
      this.#tell({ type: "woke", timer });
    });
    this.#timers.set(timer, forget);
  }

  #tell(report: Report, leftMs = this.#platform.nowMs()): void {
    const crossing = this.#crossing;
    this.#crossing = null;
    const data = report.type === "came" ? report.data : "";
    this.#platform.post({ report, leftMs, crossing }, data instanceof ArrayBuffer ? [data] : []);
  }
}
