/**
 * Searching as one types.
 *
 *     const box = new SearchBox(tutti);
 *     input.oninput = () => box.type(input.value);
 *     box.subscribe(() => show(box.getSnapshot()));
 *
 * Shows what the last answer found until there is a newer one, and never an older one over a newer. Knows timers and
 * requests. When to ask is `debounce`'s.
 */

import type { Found, FoundTrack, SearchOptions } from "./catalogue.js";
import { DEVICE, nowMs } from "./clock.js";
import { Debounce, type Due } from "./debounce.js";
import { Observable } from "./observable.js";
import { deviceTimer } from "./waits.js";

/** What is needed of a client. */
export interface Searched {
  search(words: string, options: SearchOptions): Promise<Found>;
}

/**
 * A box at one moment. `items` are those for `words`, of `total`; while `isSearching` what is typed is not answered
 * yet. `error` says why the last question has no answer.
 */
export interface SearchSnapshot {
  readonly words: string;
  readonly items: readonly FoundTrack[];
  readonly total: number;
  readonly isSearching: boolean;
  readonly error: unknown;
}

const NOTHING: Pick<SearchSnapshot, "items" | "total" | "words"> = { items: [], total: 0, words: "" };

/** See the module. */
export class SearchBox {
  readonly #searched: Searched;
  readonly #limit: number;
  readonly #debounce = new Debounce();
  readonly #shown = new Observable(() => this.#snapshot());
  #found = NOTHING;
  #error: unknown = null;
  #asking = new AbortController();
  #unwind: () => void = () => undefined;

  /** `limit`: how many it shows, of at most 50. */
  constructor(searched: Searched, { limit = 20 }: { readonly limit?: number } = {}) {
    this.#searched = searched;
    this.#limit = limit;
  }

  /** Calls `listener` after anything of `getSnapshot` changed; the function that comes back ends it. */
  get subscribe(): (listener: () => void) => () => void {
    return this.#shown.subscribe;
  }

  /** All that there is to show, immutable, and the same object until something changes. */
  get getSnapshot(): () => SearchSnapshot {
    return this.#shown.getSnapshot;
  }

  /** This is in the field now. */
  type(text: string): void {
    if (this.#debounce.typed(text.trim(), nowMs(DEVICE))) {
      this.#asking.abort();
      if (this.#debounce.text === "") {
        this.#found = NOTHING;
        this.#error = null;
      }
      this.#plan();
    }
  }

  /** Asks the same again, after an error. */
  retry(): void {
    this.#asking.abort();
    this.#debounce.again(nowMs(DEVICE));
    this.#plan();
  }

  /** Nobody looks at it any more. */
  close(): void {
    this.type("");
  }

  #snapshot(): SearchSnapshot {
    return { ...this.#found, isSearching: this.#debounce.isWaiting, error: this.#error };
  }

  #plan(): void {
    this.#unwind();
    this.#shown.changed();
    const dueMs = this.#debounce.getTimer();
    if (dueMs !== null) {
      this.#unwind = deviceTimer(dueMs - nowMs(DEVICE), () => this.#ask());
    }
  }

  #ask(): void {
    const due = this.#debounce.take(nowMs(DEVICE));
    if (due === null) {
      // Timers of some browsers come a fraction early.
      this.#plan();
      return;
    }
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    this.#searched.search(due.text, { limit: this.#limit, signal }).then(
      found => this.#answer(due, { items: found.items, total: found.total, words: due.text }, null),
      error => this.#answer(due, this.#found, error),
    );
  }

  #answer(due: Due, found: typeof NOTHING, error: unknown): void {
    if (this.#debounce.answered(due.number)) {
      this.#found = found;
      this.#error = error;
      this.#shown.changed();
    }
  }
}
