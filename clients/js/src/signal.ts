/**
 * Something changed.
 *
 * Wakes everybody who waits at that moment. Whoever waits looks at the state first and again afterwards: between
 * the two there is no await, so nothing is missed.
 */
export class Signal {
  readonly #waiting = new Set<() => void>();

  notify(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) {
      wake();
    }
  }

  /** Resolves at the next `notify`. */
  wait(): Promise<void> {
    return new Promise(resolve => {
      this.once(resolve);
    });
  }

  /** Calls `wake` at the next `notify`. Returns what forgets it. */
  once(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  }
}
