/**
 * How much may be tried again.
 *
 * When something fails for everybody, everybody's second attempt is what keeps it down. So attempts at one thing share
 * a budget: a tenth of what is asked at all, and a few a second besides, because who asks little must be able to try
 * again, too. Knows counts. Does not know what is asked; `nowMs` is handed in.
 */

/** `share` of first attempts, and `perS` a second at least; `most` may be saved up. It begins with `first`. */
export interface Thrift {
  readonly share: number;
  readonly perS: number;
  readonly most: number;
  readonly first: number;
}

/** `asked` for each first attempt, `take` before each other one. */
export class RetryBudget {
  readonly #thrift: Thrift;
  #left: number;
  #atMs: number;

  constructor(thrift: Thrift, nowMs: number) {
    this.#thrift = thrift;
    this.#left = thrift.first;
    this.#atMs = nowMs;
  }

  asked(): void {
    this.#gain(this.#thrift.share);
  }

  /** Whether one more attempt may be made; if so, it is counted. */
  take(nowMs: number): boolean {
    this.#gain(((nowMs - this.#atMs) * this.#thrift.perS) / 1000);
    this.#atMs = nowMs;
    if (this.#left < 1) {
      return false;
    }
    this.#left -= 1;
    return true;
  }

  #gain(gained: number): void {
    this.#left = Math.min(this.#thrift.most, this.#left + gained);
  }
}
