/**
 * The worker that keeps time for a page.
 *
 *     const worker = await pageWorker();
 *     const tutti = await connect(url, { token, worker });
 *
 * The client's one socket lives in it, and its timers, so that neither a busy main thread nor a hidden tab spoils what
 * is measured. Where no worker starts, or it may not connect, the page's own socket and timers do the same less
 * exactly, and `lack` says why. Knows workers. Does not know what is sent.
 */

import { type After, deviceTimer, paused } from "../waits.js";
import type { Aside } from "../way-in.js";
import { type SocketClass, type SocketLike, socketClass } from "../wire.js";
import { type Lack, type LackCode, lack } from "./lacks.js";
import type { Order, ToPage, ToWorker } from "./letters.js";
import { ThreadClock } from "./thread-clock.js";
import { type SocketReport, WorkerSocket } from "./worker-socket.js";

/** Who has not begun to work by then is not waited for. */
export const START_WITHIN_MS = 3_000;

/** What is needed of a worker. */
export interface WorkerLike {
  postMessage(letter: unknown): void;
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
  terminate(): void;
}

/** What `pageWorker` may be told; all of it is for places where the defaults do not fit. */
export interface PageWorkerOptions {
  /** Starts the worker, by default from the file beside this one, as bundlers know it. Null: there are none here. */
  readonly start?: () => WorkerLike | null;
  /** The sockets of the page itself. */
  readonly webSocket?: SocketClass;
  readonly startWithinMs?: number;
}

interface Timer {
  readonly then: () => void;
  readonly dueMs: number;
  /** While it is the page's own. */
  unwind: (() => void) | null;
}

/** A worker that works, or what stands for it where none does. */
export async function pageWorker(options: PageWorkerOptions = {}): Promise<PageWorker> {
  const { start = startWorker, startWithinMs = START_WITHIN_MS } = options;
  const made = new PageWorker(socketClass(options.webSocket));
  await made.start(start, startWithinMs);
  return made;
}

function startWorker(): WorkerLike | null {
  if (typeof Worker === "undefined") {
    return null;
  }
  return new Worker(new URL("./probe-worker.js", import.meta.url), { type: "module", name: "tutti" });
}

/** See the module. Made by `pageWorker`. */
export class PageWorker implements Aside {
  /** Sockets of the worker, or of the page. */
  readonly webSocket: SocketClass;
  #lack: Lack | null = null;
  #worker: WorkerLike | null = null;
  #clock: ThreadClock | null = null;
  #numbers = 0;
  readonly #sockets = new Map<number, WorkerSocket>();
  readonly #timers = new Map<number, Timer>();

  constructor(own: SocketClass) {
    const made = (url: string, protocols: string[]) =>
      this.#worker === null ? new own(url, protocols) : this.#socket(url, protocols);
    this.webSocket = function Socket(url: string, protocols: string[]) {
      return made(url, protocols);
    } as unknown as SocketClass;
  }

  /** Why the page does the work itself; null while the worker does it. */
  get lack(): Lack | null {
    return this.#lack;
  }

  /** As `setTimeout`, also while nobody sees the page. */
  readonly after: After = (ms, then) => {
    this.#numbers += 1;
    const number = this.#numbers;
    const timer: Timer = { then, dueMs: performance.now() + ms, unwind: null };
    this.#timers.set(number, timer);
    if (this.#worker === null) {
      timer.unwind = deviceTimer(ms, () => this.#ring(number));
    } else {
      this.#order({ type: "wake", timer: number, ms });
    }
    return () => this.#forget(number);
  };

  /** Ends the worker. What was open in it is closed. */
  close(): void {
    this.#dismiss();
  }

  /** Resolves when it works, or it is clear that it does not. */
  async start(begin: () => WorkerLike | null, withinMs: number): Promise<void> {
    let worker: WorkerLike | null;
    try {
      worker = begin();
    } catch {
      // A policy that forbids it, or a file of another origin.
      this.#giveUp("worker_failed");
      return;
    }
    if (worker === null) {
      this.#giveUp("no_worker");
      return;
    }
    this.#worker = worker;
    const started = new AbortController();
    worker.addEventListener("message", ({ data }) => {
      this.#receive(data as ToPage);
      started.abort();
    });
    worker.addEventListener("error", () => {
      this.#giveUp("worker_failed");
      started.abort();
    });
    await paused(withinMs, started.signal);
    if (this.#clock === null) {
      this.#giveUp("worker_failed");
    }
  }

  // -- letters -----------------------------------------------------------------------------------------------

  #order(order: Order): void {
    const letter: ToWorker = { order, leftMs: performance.now() };
    this.#worker?.postMessage(letter);
  }

  #receive({ report, leftMs, crossing }: ToPage): void {
    const nowMs = performance.now();
    if (report.type === "ready") {
      this.#clock = new ThreadClock(performance.timeOrigin, report.originMs);
    }
    if (this.#worker === null || this.#clock === null) {
      return;
    }
    if (crossing !== null) {
      this.#clock.toWorker(crossing);
    }
    this.#clock.toPage({ leftMs, cameMs: nowMs });
    switch (report.type) {
      case "ready":
        break;
      case "forbidden":
        this.#giveUp("worker_unconnected");
        break;
      case "woke":
        this.#ring(report.timer);
        break;
      default:
        this.#tell(report, this.#clock.ageMs(leftMs, nowMs), this.#lateMs(report, nowMs));
    }
  }

  // -- sockets -----------------------------------------------------------------------------------------------

  #socket(url: string, protocols: string[]): SocketLike {
    this.#numbers += 1;
    const number = this.#numbers;
    const socket = new WorkerSocket(number, url, protocols, order => this.#order(order));
    this.#sockets.set(number, socket);
    return socket;
  }

  #lateMs(report: SocketReport, nowMs: number): number {
    const stamped = report.type === "came" ? report.stamped : null;
    return stamped === null ? 0 : (this.#clock?.tookMs(stamped, nowMs) ?? 0);
  }

  #tell(report: SocketReport, ageMs: number, lateMs: number): void {
    const socket = this.#sockets.get(report.socket);
    if (report.type === "closed") {
      this.#sockets.delete(report.socket);
    }
    socket?.receive(report, ageMs, lateMs);
  }

  // -- timers ------------------------------------------------------------------------------------------------

  #ring(number: number): void {
    const timer = this.#timers.get(number);
    this.#timers.delete(number);
    timer?.then();
  }

  #forget(number: number): void {
    const timer = this.#timers.get(number);
    if (this.#timers.delete(number) && timer?.unwind === null) {
      this.#order({ type: "forget", timer: number });
    }
    timer?.unwind?.();
  }

  // -- without a worker ----------------------------------------------------------------------------------------

  /** From now on the page does it itself. */
  #giveUp(code: LackCode): void {
    this.#lack ??= lack(code);
    this.#dismiss();
  }

  #dismiss(): void {
    this.#worker?.terminate();
    this.#worker = null;
    const nowMs = performance.now();
    for (const [number, timer] of this.#timers) {
      timer.unwind ??= deviceTimer(timer.dueMs - nowMs, () => this.#ring(number));
    }
    for (const number of [...this.#sockets.keys()]) {
      this.#tell({ type: "closed", socket: number, code: 1006, reason: "The page's worker is gone." }, 0, 0);
    }
  }
}
