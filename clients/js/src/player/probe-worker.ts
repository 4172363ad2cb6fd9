/**
 * The program of the worker that `page-worker` starts.
 *
 * A file of its own, so that bundlers find it and a strict content security policy (`worker-src 'self'`) allows it.
 * Its policy is that of its own answer: where that forbids connections the page's own socket takes over.
 */

import { deviceTimer } from "../waits.js";
import type { SocketClass } from "../wire.js";
import { Desk } from "./desk.js";
import type { ToPage, ToWorker } from "./letters.js";

/** What is used of a worker's global scope; the types of pages do not have it. */
interface Scope {
  postMessage(letter: ToPage, transfer: ArrayBuffer[]): void;
  addEventListener(type: string, listener: (event: { readonly data: ToWorker }) => void): void;
}

const scope = globalThis as unknown as Scope;
const desk = new Desk({
  originMs: performance.timeOrigin,
  webSocket: WebSocket as unknown as SocketClass,
  nowMs: () => performance.now(),
  after: deviceTimer,
  post: (letter, transfer) => scope.postMessage(letter, transfer),
});
scope.addEventListener("message", ({ data }) => desk.receive(data));
scope.addEventListener("securitypolicyviolation", () => desk.forbidden());
