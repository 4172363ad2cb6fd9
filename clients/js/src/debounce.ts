/**
 * When to ask for what somebody is typing, and which answer counts.
 *
 * Who types fast is asked for once, when the fingers rest; an answer to what is no longer wanted is dropped, however
 * late it comes. Pure: `nowMs` is handed in. Does not know what is asked, nor of whom.
 */

/** Between two letters of somebody who types there are some 100 ms; who waits 200 ms for anything notices. */
export const REST_MS = 150;

/** A question that is to be asked now. */
export interface Due {
  readonly number: number;
  readonly text: string;
}

/** What one field holds. `isWaiting`: what it holds was not answered yet. */
export class Debounce {
  #text = "";
  #dueMs: number | null = null;
  #number = 0;
  #isAnswered = true;

  get text(): string {
    return this.#text;
  }

  get isWaiting(): boolean {
    return !this.#isAnswered;
  }

  /** It holds something else. True if what was asked before is of no use any more. */
  typed(text: string, nowMs: number): boolean {
    if (text === this.#text) {
      return false;
    }
    this.#text = text;
    this.#number += 1;
    this.#isAnswered = text === "";
    this.#dueMs = text === "" ? null : nowMs + REST_MS;
    return true;
  }

  /** Asks the same once more, at once; nothing if there is nothing to ask. */
  again(nowMs: number): void {
    if (this.#text !== "") {
      this.#number += 1;
      this.#isAnswered = false;
      this.#dueMs = nowMs;
    }
  }

  /** When to call `take`, in ms; null: not by waiting. */
  getTimer(): number | null {
    return this.#dueMs;
  }

  /** What to ask now; null for nothing. Taking it counts as asking. */
  take(nowMs: number): Due | null {
    if (this.#dueMs === null || nowMs < this.#dueMs) {
      return null;
    }
    this.#dueMs = null;
    return { number: this.#number, text: this.#text };
  }

  /** The answer to that question, or its failure. Whether it is what the field holds now. */
  answered(number: number): boolean {
    if (number !== this.#number) {
      return false;
    }
    this.#isAnswered = true;
    return true;
  }
}
