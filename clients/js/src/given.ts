/**
 * A command that was given and has no outcome yet.
 *
 * A command counts from the moment it is given; awaiting it only tells what became of it. Knows outcomes. Does not
 * know what a command means, or how it travels.
 */

import type { ClientError } from "./errors.js";
import type { Body } from "./wire/messages.js";

/**
 * A command that was taken. `event` is what it became, null if it changed nothing or a snapshot took the place of
 * history. `entry`: the id that an entry it adds was given last.
 */
export interface Done {
  readonly event: Body | null;
  readonly entry: string;
}

/**
 * Await it, as often as you like, or leave it. Rejects with CommandRefused, and with JamClosed or
 * ConnectionRefused if nobody will decide it any more. While there is no connection it waits for one.
 */
export class Given<T> implements PromiseLike<T> {
  readonly #outcome: Promise<T>;
  #resolve!: (done: Done) => void;
  #reject!: (error: ClientError) => void;
  #entry: string;
  #isSettled = false;

  constructor(result: (done: Done) => T, entry = "") {
    this.#entry = entry;
    this.#outcome = new Promise<Done>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    }).then(result);
    // Whoever leaves it does not want to hear of it either.
    this.#outcome.catch(() => undefined);
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  // biome-ignore lint/suspicious/noThenProperty: awaiting it is what it is for
  then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#outcome.then(fulfilled, rejected);
  }

  // -- for who gave it ---------------------------------------------------------------------------------------

  /** Entries that wait to be added have new ids, new by old. */
  rename(names: ReadonlyMap<string, string>): void {
    this.#entry = names.get(this.#entry) ?? this.#entry;
  }

  /** It was taken. */
  settle(event: Body | null): void {
    this.#isSettled = true;
    this.#resolve({ event, entry: this.#entry });
  }

  /** It was refused, or nobody will decide it. */
  fail(error: ClientError): void {
    this.#isSettled = true;
    this.#reject(error);
  }
}
