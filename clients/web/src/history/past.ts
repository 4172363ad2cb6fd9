/**
 * A playlist's past, as far as it is looked at.
 *
 * Asks for one thing at a time, and each time for what is looked at then: whoever drags a slider over a thousand
 * versions asks for a few. What was read stays, so going back and forth is free. Knows the SDK's history. Does not
 * know React, or what is shown.
 */

import { ClientError, type History, type PastState, type PastVersion, RequestRefused } from "@tutti/client";

/** Versions that are told at once: the most that the server tells. */
const PAGE = 50;
/** Lists that are kept to go back to; each may have ten thousand entries. */
const STATES_MAX = 16;

/**
 * `at` is the version that is looked at, `first` the oldest that is kept; `told` are the versions of which it is known
 * what they did. `state` is the list at `at`, or while that is fetched the one before; null before there is any.
 */
export interface PastSnapshot {
  readonly at: number;
  readonly first: number;
  readonly newest: number;
  readonly told: ReadonlyMap<number, PastVersion>;
  readonly state: PastState | null;
  readonly isFetching: boolean;
  readonly error: ClientError | null;
}

/** See the module. `newest` is the version that stands now. */
export class Past {
  readonly #history: History;
  readonly #states = new Map<number, PastState>();
  readonly #listeners = new Set<() => void>();
  #snapshot: PastSnapshot;
  #isAsking = false;
  #isFirstKnown = false;

  constructor(history: History, newest: number) {
    this.#history = history;
    this.#snapshot = {
      ...{ at: newest, first: 0, newest, told: new Map<number, PastVersion>() },
      ...{ state: null, isFetching: false, error: null },
    };
    void this.#ask();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getSnapshot = (): PastSnapshot => this.#snapshot;

  /** Shows another version. */
  lookAt(version: number): void {
    const { first, newest } = this.#snapshot;
    this.#set({ at: Math.min(newest, Math.max(first, version)), error: null });
    void this.#ask();
  }

  /** The playlist went on; whoever looked at the newest goes with it. */
  goOn(newest: number): void {
    const { at, newest: before } = this.#snapshot;
    if (newest > before) {
      this.#set({ newest, at: at === before ? newest : at });
      void this.#ask();
    }
  }

  /** Asks again for what could not be had. */
  retry(): void {
    this.#set({ error: null });
    void this.#ask();
  }

  /** Until everything is here that is looked at. */
  async #ask(): Promise<void> {
    if (this.#isAsking) {
      return;
    }
    this.#isAsking = true;
    try {
      for (let next = this.#next(); next !== null; next = this.#next()) {
        this.#set({ isFetching: true });
        await next();
      }
      this.#set({ isFetching: false });
    } catch (error) {
      if (!(error instanceof ClientError)) {
        throw error;
      }
      this.#set({ isFetching: false, error });
    } finally {
      this.#isAsking = false;
    }
  }

  /** What is to be asked for now: what it was, then who did it. */
  #next(): (() => Promise<void>) | null {
    const { at, first, newest, told, state } = this.#snapshot;
    if (!this.#isFirstKnown) {
      return () => this.#findFirst(newest);
    }
    if (state?.version !== at) {
      return () => this.#fetchState(at);
    }
    return at > first && !told.has(at) ? () => this.#tell(at) : null;
  }

  async #fetchState(at: number): Promise<void> {
    const state = this.#states.get(at) ?? (await this.#history.state(at));
    this.#states.delete(at);
    this.#states.set(at, state);
    for (const oldest of [...this.#states.keys()].slice(0, -STATES_MAX)) {
      this.#states.delete(oldest);
    }
    this.#set({ state });
  }

  /** The page of versions in which this one is. */
  async #tell(version: number): Promise<void> {
    const last = Math.ceil(version / PAGE) * PAGE;
    const items = await this.#history.versions({ before: last + 1, limit: PAGE });
    const told = new Map(this.#snapshot.told);
    for (const item of items) {
      told.set(item.version, item);
    }
    // The server may have forgotten it meanwhile.
    const first = told.has(version) ? this.#snapshot.first : version;
    this.#set({ told, first });
  }

  /** Where what is kept begins: mostly at the very beginning, else it is searched for by halves. */
  async #findFirst(newest: number): Promise<void> {
    let [low, high] = newest > 0 && (await this.#isKept(1)) ? [0, 0] : [Math.min(1, newest), newest];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (await this.#isKept(middle)) {
        high = middle - 1;
      } else {
        low = middle;
      }
    }
    this.#isFirstKnown = true;
    this.#set({ first: low, at: Math.max(low, this.#snapshot.at) });
  }

  async #isKept(version: number): Promise<boolean> {
    try {
      return (await this.#history.versions({ before: version + 1, limit: 1 })).length > 0;
    } catch (error) {
      if (error instanceof RequestRefused && error.code === "history_gone") {
        return false;
      }
      throw error;
    }
  }

  #set(change: Partial<PastSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.#listeners) {
      listener();
    }
  }
}
