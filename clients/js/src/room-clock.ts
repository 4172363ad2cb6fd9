/**
 * The time in the rooms of one server, while somebody listens.
 *
 * Asks for it only while a Jam is here: `want` says so, and brings what measures it. When to ask and what to believe
 * is `jam/clock`'s; this is what it needs of a connection. Pure: `nowMs` is the client's own monotonic clock, ms and
 * fractions. Does not know sockets; who sends the probe stamps it as late as possible.
 */

import type { ClockFilter } from "./jam/clock.js";
import { type Probe, probe, type Time } from "./wire/messages.js";

/** Begins to measure at `nowMs`. It comes with the Jams: without one nobody has to load it. */
export type MakeFilter = (nowMs: number) => ClockFilter;

/**
 * See the module. `filter` is null while nobody wants to know; it is for looking: how sure is it, and how far away
 * is the server.
 */
export class RoomClock {
  filter: ClockFilter | null = null;
  /** Null while no Jam is here. */
  #make: MakeFilter | null = null;
  #isConnected = false;
  #isHidden = false;
  /** A new connection may be another path, and another node: the filter has to be told, once it is asked. */
  #isNew = false;

  /** A session stands. */
  connected(): void {
    this.#isConnected = this.#isNew = true;
  }

  /** What was asked will not be answered. */
  disconnected(): void {
    this.#isConnected = false;
  }

  /** What measures while a Jam is here; null: none is. Then what was measured is forgotten: clocks drift. */
  want(make: MakeFilter | null): void {
    this.#make = make;
    if (make === null) {
      this.filter = null;
    }
  }

  /** Whether nobody can see the page: then it is asked less often. */
  setHidden(isHidden: boolean, nowMs: number): void {
    this.#isHidden = isHidden;
    this.filter?.setHidden(isHidden, nowMs);
  }

  /** What to send at this moment, which is its stamp; null for nothing. Taking it counts as sending. */
  probe(nowMs: number): Probe | null {
    if (this.#make === null || !this.#isConnected) {
      return null;
    }
    if (this.filter === null) {
      this.filter = this.#make(nowMs);
      this.filter.setHidden(this.#isHidden, nowMs);
    } else if (this.#isNew) {
      this.filter.reconnected(nowMs);
    }
    this.#isNew = false;
    return this.filter.handleTimer(nowMs) ? probe(inUs(nowMs)) : null;
  }

  /**
   * An answer, when its bytes came, and how much later than its stamp the probe left. True if the room's time is known by now and was not before, or steps.
   */
  receive(answer: Time, cameMs: number, lateMs = 0): boolean {
    const known = this.filter;
    if (known === null || !this.#isConnected) {
      return false;
    }
    const { isSet, restarts } = known;
    known.receive({ t0: answer.t0 + inUs(lateMs), t1: answer.t1, t2: answer.t2, t3: inUs(cameMs) });
    return known.isSet && (!isSet || known.restarts !== restarts);
  }

  /** By how much the room's time is ahead of the client's clock; null until it was measured. */
  offsetMs(nowMs: number): number | null {
    return this.filter?.isSet ? this.filter.offsetMs(nowMs) : null;
  }

  /** When `probe` wants to be called, ms; null: not by waiting. */
  getTimer(): number | null {
    if (this.#make === null || !this.#isConnected) {
      return null;
    }
    return this.filter === null || this.#isNew ? 0 : this.filter.getTimer();
  }
}

function inUs(ms: number): number {
  return Math.round(ms * 1000);
}
