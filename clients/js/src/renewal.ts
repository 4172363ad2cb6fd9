/**
 * When a new token is asked for.
 *
 * Three times in a token's life, at a pace that does not change when none comes: so an issuer that is away for a
 * third of that life costs nobody their session, and meanwhile hears no more questions than on good days. Each
 * client has a pace of its own, a little. Pure: `nowMs` is the server's wall time, and the random number is an
 * argument.
 */

/** Of a token's life, between two questions. The third comes before it ends, however the pace is. */
const STEP = 0.3;
/** The pace differs by so much of itself, up and down. */
const SPREAD = 0.1;
const ASKS = 3;

/** Of one client's tokens, one after the other. Nothing is due before `ends` was called once. */
export class Renewal {
  #lifeMs = 0;
  #dueMs: number[] = [];

  /**
   * The server said when the present token ends. All tokens are taken to live as long as any of them did: this one
   * may have been used for a while. `random` is at least 0 and below 1.
   */
  ends(atMs: number, nowMs: number, random: number): void {
    this.#lifeMs = Math.max(this.#lifeMs, atMs - nowMs);
    this.#plan(atMs, nowMs, random);
  }

  /** There is a new token, just made. */
  took(nowMs: number, random: number): void {
    this.#plan(nowMs + this.#lifeMs, nowMs, random);
  }

  /** When to ask next; null: not before the server says that the token is about to end. */
  dueMs(): number | null {
    return this.#dueMs[0] ?? null;
  }

  /** Whatever came of it. */
  asked(nowMs: number): void {
    this.#dueMs = this.#dueMs.filter(dueMs => dueMs > nowMs);
  }

  #plan(endsMs: number, nowMs: number, random: number): void {
    const stepMs = this.#lifeMs * STEP * (1 - SPREAD + 2 * SPREAD * random);
    const beganMs = endsMs - this.#lifeMs;
    this.#dueMs = Array.from({ length: ASKS }, (_, ask) => Math.trunc(beganMs + stepMs * (ask + 1)));
    this.asked(nowMs);
  }
}
