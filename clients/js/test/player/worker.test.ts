/** A page and its worker, joined by a list of letters: sockets, stamps, timers, and what stands for a worker. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Desk, UNTAKEN_MAX } from "../../src/player/desk.js";
import type { ToPage, ToWorker } from "../../src/player/letters.js";
import { type PageWorker, pageWorker, type WorkerLike } from "../../src/player/page-worker.js";
import type { SocketClass, SocketLike } from "../../src/wire.js";

type Listener = (event: { readonly data?: unknown }) => void;

/** A socket whose other end is in the test's hand. */
class Line implements SocketLike {
  binaryType = "";
  protocol = "";
  readonly sent: unknown[] = [];
  closedWith: number | undefined;
  readonly #listeners = new Map<string, (event: object) => void>();

  constructor(readonly url: string) {}

  send(data: string | Uint8Array): void {
    this.sent.push(data);
  }

  close(code = 1000): void {
    this.closedWith = code;
  }

  addEventListener(type: string, listener: (event: object) => void): void {
    this.#listeners.set(type, listener);
  }

  tell(type: string, event: object): void {
    this.#listeners.get(type)?.(event);
  }
}

/** A worker that runs when the test says so, on a clock that is 5 s behind the page's. */
class Thread implements WorkerLike {
  readonly lines: Line[] = [];
  readonly timers = new Map<() => void, number>();
  desk: Desk | null = null;
  isTerminated = false;
  readonly #toWorker: ToWorker[] = [];
  readonly #toPage: ToPage[] = [];
  readonly #listeners = new Map<string, Listener>();

  postMessage(letter: unknown): void {
    this.#toWorker.push(letter as ToWorker);
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, listener);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  /** What is written from now on comes at once, both ways. */
  run(): void {
    const { lines, timers } = this;
    this.desk ??= new Desk({
      originMs: performance.timeOrigin + 5_000,
      webSocket: function Socket(url: string) {
        const line = new Line(url);
        lines.push(line);
        return line;
      } as unknown as SocketClass,
      nowMs: () => performance.now() - 5_000,
      after: (ms, then) => {
        timers.set(then, ms);
        return () => timers.delete(then);
      },
      post: letter => this.#toPage.push(letter),
    });
    this.work();
    this.show();
  }

  /** The worker reads its letters. */
  work(): void {
    for (const letter of this.#toWorker.splice(0)) {
      this.desk?.receive(letter);
    }
  }

  /** The page reads its letters. */
  show(): void {
    for (const data of this.#toPage.splice(0)) {
      this.#listeners.get("message")?.({ data });
    }
  }

  fail(): void {
    this.#listeners.get("error")?.({});
  }
}

const OWN_LINES: Line[] = [];
const OWN = function Socket(url: string) {
  const line = new Line(url);
  OWN_LINES.push(line);
  return line;
} as unknown as SocketClass;

async function started(thread: Thread): Promise<PageWorker> {
  const starting = pageWorker({ start: () => thread, webSocket: OWN });
  thread.run();
  return starting;
}

/** A socket in the worker, open, and what the page hears of it. */
function connected(worker: PageWorker, thread: Thread): [SocketLike, Line, [string, object][]] {
  const socket = new worker.webSocket("ws://tutti.test/v1/socket", ["tutti.v1.json"]);
  const heard: [string, object][] = [];
  for (const type of ["open", "message", "error", "close"]) {
    socket.addEventListener(type, event => heard.push([type, event]));
  }
  thread.run();
  const line = thread.lines.at(-1)!;
  line.protocol = "tutti.v1.json";
  line.tell("open", {});
  thread.run();
  return [socket, line, heard];
}

test("a socket in a worker is a socket, and says how long ago something came", async () => {
  const thread = new Thread();
  const worker = await started(thread);
  assert.equal(worker.lack, null);
  const [socket, line, heard] = connected(worker, thread);
  assert.deepEqual([line.url, line.binaryType], ["ws://tutti.test/v1/socket", "arraybuffer"]);
  assert.equal(socket.protocol, "tutti.v1.json");
  socket.send("hello");
  thread.run();
  assert.deepEqual(line.sent, ["hello"]);

  line.tell("message", { data: "welcome" });
  const cameMs = performance.now();
  while (performance.now() < cameMs + 5) {
    // The page is busy.
  }
  thread.show();
  const [type, event] = heard.at(-1)!;
  const { data, ageMs, lateMs } = event as { data: string; ageMs: number; lateMs: number };
  assert.deepEqual([type, data], ["message", "welcome"]);
  // Not less than the page was busy, but for what `performance.timeOrigin` is rounded to.
  assert.ok(ageMs >= 4.9, `${ageMs}`);
  assert.equal(lateMs, 0);

  socket.close(1000);
  thread.run();
  assert.equal(line.closedWith, 1000);
  line.tell("close", { code: 4201, reason: "drain" });
  thread.run();
  assert.deepEqual(heard.at(-1), ["close", { code: 4201, reason: "drain" }]);
});

test("what is to be stamped says how much later it left", async () => {
  const thread = new Thread();
  const worker = await started(thread);
  const [socket, line, heard] = connected(worker, thread);
  socket.sendStamped?.("time?");
  const askedMs = performance.now();
  while (performance.now() < askedMs + 5) {
    // The worker is not there yet.
  }
  thread.run();
  socket.send("presence");
  thread.run();
  line.tell("message", { data: "time" });
  thread.run();
  assert.deepEqual(line.sent, ["time?", "presence"]);
  const { lateMs } = heard.at(-1)![1] as { lateMs: number };
  assert.ok(lateMs >= 4.9, `${lateMs}`);
});

test("an address that is none fails as a socket of the page does", async () => {
  const thread = new Thread();
  const worker = await started(thread);
  const told: string[] = [];
  thread.desk = new Desk({
    originMs: 0,
    webSocket: class {
      constructor() {
        throw new SyntaxError("The URL's scheme must be either 'ws' or 'wss'.");
      }
    } as unknown as SocketClass,
    nowMs: () => 0,
    after: () => () => undefined,
    post: letter => told.push(letter.report.type),
  });
  told.length = 0;
  new worker.webSocket("gopher://tutti.test", []);
  thread.work();
  assert.deepEqual(told, ["failed", "closed"]);
});

test("a page that takes nothing any more loses its socket, and one that takes keeps it", async () => {
  const thread = new Thread();
  const worker = await started(thread);
  const [, line, heard] = connected(worker, thread);
  const data = "x".repeat(1024 * 1024);
  for (let size = 0; size <= 2 * UNTAKEN_MAX; size += data.length) {
    line.tell("message", { data });
    thread.run();
  }
  assert.equal(line.closedWith, undefined);
  for (let size = 0; size <= UNTAKEN_MAX; size += data.length) {
    line.tell("message", { data });
  }
  assert.equal(line.closedWith, 1000);
  thread.show();
  assert.deepEqual(heard.at(-1), ["close", { code: 1006, reason: "The page takes nothing any more." }]);
});

test("timers are the worker's, and are forgotten when they are", async () => {
  const thread = new Thread();
  const worker = await started(thread);
  const rung: string[] = [];
  worker.after(250, () => rung.push("one"));
  const forget = worker.after(300, () => rung.push("two"));
  thread.run();
  assert.deepEqual([...thread.timers.values()], [250, 300]);
  forget();
  thread.run();
  assert.deepEqual([...thread.timers.values()], [250]);
  for (const then of thread.timers.keys()) {
    then();
  }
  thread.run();
  assert.deepEqual(rung, ["one"]);
});

test("without a worker the page's own socket and timers serve, and it is said why", async () => {
  const deaf = new Thread();
  const broken = new Thread();
  const failing = pageWorker({ start: () => broken, webSocket: OWN });
  broken.fail();
  const refused = () => {
    throw new DOMException("Refused by the content security policy.", "SecurityError");
  };
  for (const [code, starting] of [
    ["no_worker", pageWorker({ start: () => null, webSocket: OWN })],
    ["worker_failed", pageWorker({ start: refused, webSocket: OWN })],
    ["worker_failed", pageWorker({ start: () => deaf, webSocket: OWN, startWithinMs: 1 })],
    ["worker_failed", failing],
  ] as const) {
    const worker = await starting;
    assert.equal(worker.lack?.code, code);
    assert.ok(new worker.webSocket("ws://own", []) instanceof Line);
    await new Promise<void>(resolve => worker.after(0, resolve));
    worker.after(1_000_000, () => assert.fail("forgotten"))();
  }
  assert.ok(deaf.isTerminated && broken.isTerminated);
});

test("a worker that dies or may not connect leaves its page with everything that it had", async () => {
  for (const [code, end] of [
    ["worker_failed", (thread: Thread) => thread.fail()],
    ["worker_unconnected", (thread: Thread) => thread.desk?.forbidden()],
  ] as const) {
    const thread = new Thread();
    const worker = await started(thread);
    const [, , heard] = connected(worker, thread);
    const rung = new Promise<void>(resolve => worker.after(0, resolve));
    end(thread);
    thread.show();
    await rung;
    assert.deepEqual(heard.at(-1), ["close", { code: 1006, reason: "The page's worker is gone." }]);
    assert.equal(worker.lack?.code, code);
    assert.ok(new worker.webSocket("ws://own", []) instanceof Line);
  }
});

test("who closes it does without it, and nothing was wrong", async () => {
  const thread = new Thread();
  const worker = await started(thread);
  worker.close();
  assert.ok(thread.isTerminated);
  assert.equal(worker.lack, null);
  assert.ok(new worker.webSocket("ws://own", []) instanceof Line);
});
