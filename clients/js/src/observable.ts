/**
 * A value that changes, for whoever shows it.
 *
 * `subscribe` and `getSnapshot` are what React's `useSyncExternalStore` asks for, and any other framework can use
 * them as easily: a snapshot is immutable, and the same object until something changed. Listeners hear of it once
 * per turn of the event loop, however much happened in it. Knows listeners. Does not know what is shown.
 */
export class Observable<S> {
  readonly #take: () => S;
  readonly #listeners = new Set<() => void>();
  #snapshot: S | null = null;
  #isAnnounced = false;

  /** `take` makes the snapshot of this moment. */
  constructor(take: () => S) {
    this.#take = take;
  }

  /** Calls `listener` after something changed; the function that comes back ends it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    // Of its own, so that who subscribes the same function twice ends one at a time.
    const own = () => listener();
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  };

  readonly getSnapshot = (): S => {
    this.#snapshot ??= this.#take();
    return this.#snapshot;
  };

  /** Something is not as it was. */
  changed(): void {
    this.#snapshot = null;
    if (this.#isAnnounced || this.#listeners.size === 0) {
      return;
    }
    this.#isAnnounced = true;
    queueMicrotask(() => {
      this.#isAnnounced = false;
      for (const listener of [...this.#listeners]) {
        listener();
      }
    });
  }
}
