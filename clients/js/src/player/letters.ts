/**
 * What a page and its worker write to each other.
 *
 * Every letter bears the time at which it left, by its writer's own clock, so that each also measures how far apart
 * the two clocks are. Plain data, as `postMessage` carries it.
 */

import type { Payload } from "../wire/encoding.js";

/** What the page asks for. Sockets and timers are the page's to number. */
export type Order =
  | {
      readonly type: "open";
      readonly socket: number;
      readonly url: string;
      readonly protocols: readonly string[];
    }
  /** `isStamped`: when it left is told with what comes afterwards. */
  | {
      readonly type: "send";
      readonly socket: number;
      readonly data: Payload;
      readonly isStamped: boolean;
    }
  | { readonly type: "close"; readonly socket: number; readonly code: number }
  /** The page has taken so much of what came, since it said so last. */
  | { readonly type: "taken"; readonly socket: number; readonly size: number }
  | { readonly type: "wake"; readonly timer: number; readonly ms: number }
  | { readonly type: "forget"; readonly timer: number };

/** What the worker tells. */
export type Report =
  /** It works. `originMs` is when its clock began, in ms since 1970. */
  | { readonly type: "ready"; readonly originMs: number }
  /** Its content security policy allows no connection there. */
  | { readonly type: "forbidden" }
  | { readonly type: "opened"; readonly socket: number; readonly protocol: string }
  /** `stamped` is the way of the last that was to be stamped. */
  | {
      readonly type: "came";
      readonly socket: number;
      readonly data: string | ArrayBuffer;
      readonly stamped: Crossing | null;
    }
  | { readonly type: "failed"; readonly socket: number; readonly message: string }
  | { readonly type: "closed"; readonly socket: number; readonly code: number; readonly reason: string }
  | { readonly type: "woke"; readonly timer: number };

/** `leftMs` is the page's clock. */
export interface ToWorker {
  readonly order: Order;
  readonly leftMs: number;
}

/** One letter's way to the worker: when it left by the page's clock, when it came by the worker's. */
export interface Crossing {
  readonly leftMs: number;
  readonly cameMs: number;
}

/** `leftMs` is the worker's clock. `crossing` is that of the page's last letter, told once. */
export interface ToPage {
  readonly report: Report;
  readonly leftMs: number;
  readonly crossing: Crossing | null;
}

/** How much of the page's memory, or the network's time, such data takes; text is counted in UTF-16 units. */
export function sizeOf(data: string | ArrayBuffer): number {
  return typeof data === "string" ? data.length : data.byteLength;
}
