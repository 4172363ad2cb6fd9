/**
 * Something changed.
 *
 * Wakes everybody who waits at that moment. Whoever waits looks at the state first and again afterwards: between
 * the two there is no await, so nothing is missed.
 */
export class Signal {
  #wake: (() => void) | null = null;
  #waiting: Promise<void> | null = null;

  notify(): void {
    const wake = this.#wake;
    this.#wake = this.#waiting = null;
    wake?.();
  }

  /** Resolves at the next `notify`. */
  wait(): Promise<void> {
    this.#waiting ??= new Promise(resolve => {
      this.#wake = resolve;
    });
    return this.#waiting;
  }
}
