/**
 * What waits for the disk, written by one hand.
 *
 * Batches that come at one moment, or while others are being written, go together. Whatever fails ends it for good: what was
 * written stays as it is. Knows order and when it is enough. Does not know disks: `commit` writes some batches, all
 * or nothing.
 */

import { StoreFailed } from "./errors.js";
import { BATCHES_MAX, type Batch } from "./offline-store.js";

/** What every store that writes by batches says of itself; `commit` is its own. */
export abstract class BatchStore {
  readonly #batches = new Batches(batches => this.commit(batches));

  /** Writes some batches, all or nothing. */
  protected abstract commit(batches: readonly Batch[]): Promise<void>;

  get failure(): StoreFailed | null {
    return this.#batches.failure;
  }

  set onFailure(listener: () => void) {
    this.#batches.onFailure = listener;
  }

  get isBusy(): boolean {
    return this.#batches.isBusy;
  }

  write(batch: Batch): void {
    this.#batches.write(batch);
  }

  stored(): Promise<void> {
    return this.#batches.stored();
  }

  /** Nothing can be written any more. */
  protected fail(failure: StoreFailed): void {
    this.#batches.fail(failure);
  }
}

class Batches {
  failure: StoreFailed | null = null;
  /** Called once, when `failure` is set. */
  onFailure: () => void = () => undefined;
  readonly #commit: (batches: readonly Batch[]) => Promise<void>;
  #waiting: Batch[] = [];
  #writing: Promise<void> | null = null;

  constructor(commit: (batches: readonly Batch[]) => Promise<void>) {
    this.#commit = commit;
  }

  get isBusy(): boolean {
    return this.#waiting.length >= BATCHES_MAX;
  }

  write(batch: Batch): void {
    if (this.failure !== null) {
      return;
    }
    this.#waiting.push(batch);
    this.#writing ??= this.#run();
  }

  /** Resolves when all that was written before is. Rejects with StoreFailed. */
  async stored(): Promise<void> {
    await this.#writing;
    if (this.failure !== null) {
      throw this.failure;
    }
  }

  /** Nothing can be written any more. */
  fail(failure: StoreFailed): void {
    if (this.failure === null) {
      this.failure = failure;
      this.onFailure();
    }
  }

  async #run(): Promise<void> {
    // An edit and what is sent of it come at one moment (see `Client.wake`): one write for both, not one after the other.
    await null;
    while (this.#waiting.length > 0 && this.failure === null) {
      const batches = this.#waiting;
      this.#waiting = [];
      try {
        await this.#commit(batches);
      } catch (error) {
        this.fail(error instanceof StoreFailed ? error : new StoreFailed("store_failed", String(error)));
      }
    }
    this.#writing = null;
  }
}
