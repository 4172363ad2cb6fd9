/**
 * What the Jam says no with.
 *
 * A refused command changes nothing. The codes are stable and the same as on the wire. The sentences are the
 * server's: a refusal that a client foresees is not shown, for the server may know better.
 */

export class JamRefusal extends Error {
  override readonly name = "JamRefusal";

  /** `code` is stable. `retryAfterMs` above 0: the same command may be taken then. */
  constructor(
    readonly code: string,
    readonly retryAfterMs = 0,
  ) {
    super(code);
  }
}
