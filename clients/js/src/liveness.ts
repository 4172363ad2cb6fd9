/**
 * Whether the server is still there.
 *
 * A socket whose path is gone may stay open for many minutes, and pages cannot see the pings that keep it alive. So
 * who has heard nothing for a heartbeat asks, and who hears nothing for three gives the socket up. A machine that
 * slept, or a page that was frozen, notices by its clocks: a timer comes late, or the wall clock went on without the
 * monotonic one. Then the silence says nothing, so it asks at once and does not wait long for the answer.
 *
 * Pure: `nowMs` is the client's monotonic clock, `wallMs` the device's. Does not know sockets or how one asks.
 */

/** The server answers `hello` within a fraction of it. */
export const WELCOME_TIMEOUT_MS = 15_000;
/** So many heartbeats of silence are the end, as for the server. */
export const HEARTBEATS = 3;
/** How long one who woke waits for a sign. */
export const DOUBT_MS = 2_000;
/** Timers of busy machines and of hidden pages come late, too, by less. */
export const LATE_MS = 5_000;

const HEARTBEAT_MS_MIN = 1_000;
const HEARTBEAT_MS_MAX = 60_000;

export type Look = "fine" | "ask" | "gone";

/** Of one socket. `look` when `getTimer` says so, and whenever something may have happened to the device. */
export class Liveness {
  /** Not known before `welcome`: until then there is nothing to ask. */
  #heartbeatMs: number | null = null;
  #heardMs: number;
  #goneMs: number;
  #isAsked = false;
  #lookedMs: number;
  #wallMs: number;

  constructor(nowMs: number, wallMs: number) {
    this.#heardMs = this.#lookedMs = nowMs;
    this.#wallMs = wallMs;
    this.#goneMs = nowMs + WELCOME_TIMEOUT_MS;
  }

  /** The session stands. */
  welcomed(heartbeatMs: number, nowMs: number): void {
    this.#heartbeatMs = Math.min(Math.max(heartbeatMs, HEARTBEAT_MS_MIN), HEARTBEAT_MS_MAX);
    this.heard(nowMs);
  }

  /** Something came. */
  heard(nowMs: number): void {
    if (this.#heartbeatMs !== null) {
      this.#heardMs = nowMs;
      this.#goneMs = nowMs + HEARTBEATS * this.#heartbeatMs;
      this.#isAsked = false;
    }
  }

  /** The device woke, or its network changed: what was heard before says nothing. */
  doubt(nowMs: number): void {
    if (this.#heartbeatMs !== null) {
      this.#heardMs = Number.NEGATIVE_INFINITY;
      this.#goneMs = nowMs + DOUBT_MS;
      this.#isAsked = false;
    }
  }

  /** What to do now; `ask` only once until something is heard. */
  look(nowMs: number, wallMs: number): Look {
    if (this.#slept(nowMs, wallMs)) {
      this.doubt(nowMs);
    }
    this.#lookedMs = nowMs;
    this.#wallMs = wallMs;
    if (nowMs >= this.#goneMs) {
      return "gone";
    }
    if (this.#heartbeatMs === null || this.#isAsked || nowMs < this.#heardMs + this.#heartbeatMs) {
      return "fine";
    }
    this.#isAsked = true;
    return "ask";
  }

  /** When to look next, in ms. */
  getTimer(): number {
    return this.#heartbeatMs === null || this.#isAsked
      ? this.#goneMs
      : Math.min(this.#goneMs, this.#heardMs + this.#heartbeatMs);
  }

  #slept(nowMs: number, wallMs: number): boolean {
    const passedMs = nowMs - this.#lookedMs;
    const isLate = nowMs > this.getTimer() + LATE_MS;
    return isLate || Math.abs(wallMs - this.#wallMs - passedMs) > LATE_MS;
  }
}
