/**
 * What happens to a playlist or in a Jam, for who wants to follow it.
 *
 * An iterator that takes its time loses detail, not truth: when too much waits, all of it is dropped and one
 * `reloaded` says to read everything anew. Knows events. Does not know what they are about.
 */

import type { ClientError } from "./errors.js";
import type { Change, Happened, Reacted, Reloaded, Renamed, ReplicaEvent } from "./events.js";
import { Signal } from "./signal.js";

export const WAITING_MAX = 1024;

/** What changes the visible list. */
export type PlaylistChange = Change | Reloaded | Renamed;
/** What is committed in a Jam, and reactions. */
export type JamChange = Happened | Reacted | Reloaded | Renamed;

/** What an iterator takes, of all events. */
export const PLAYLIST_CHANGES: readonly PlaylistChange["type"][] = ["change", "reloaded", "renamed"];
export const JAM_CHANGES: readonly JamChange["type"][] = ["happened", "reacted", "reloaded", "renamed"];

/**
 * An asynchronous iterator over changes, from the moment it was made. Ends when the playlist or the Jam is closed
 * here; rejects with why, when it is closed from elsewhere.
 */
export class Changes<C extends ReplicaEvent> implements AsyncIterableIterator<C | Reloaded> {
  readonly #types: readonly string[];
  readonly #left: () => void;
  #waiting: (C | Reloaded)[] = [];
  readonly #signal = new Signal();
  #isOver = false;
  #error: ClientError | null = null;

  /** `types` are what it takes; `reloaded` is one of them. `left`: nobody iterates any more. */
  constructor(types: readonly C["type"][], left: () => void = () => undefined) {
    this.#types = types;
    this.#left = left;
  }

  /** It is its own iterator. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next change, when there is one. Rejects with why the playlist or the Jam is gone. */
  async next(): Promise<IteratorResult<C | Reloaded, undefined>> {
    while (true) {
      const change = this.#waiting.shift();
      if (change !== undefined) {
        return { done: false, value: change };
      }
      if (this.#error !== null) {
        throw this.#error;
      }
      if (this.#isOver) {
        return { done: true, value: undefined };
      }
      await this.#signal.wait();
    }
  }

  /** The loop over it was left. */
  async return(): Promise<IteratorResult<C | Reloaded, undefined>> {
    this.#waiting = [];
    this.end();
    this.#left();
    return { done: true, value: undefined };
  }

  /** Takes what is a change; `version` is the replica's. */
  receive(event: ReplicaEvent, version: number): void {
    if (!this.#types.includes(event.type)) {
      return;
    }
    if (this.#waiting.length >= WAITING_MAX) {
      this.#waiting = [{ type: "reloaded", version }];
    } else {
      this.#waiting.push(event as C);
    }
    this.#signal.notify();
  }

  /** Nothing more will come. */
  end(error: ClientError | null = null): void {
    this.#isOver = true;
    this.#error = error;
    this.#signal.notify();
  }
}
