/**
 * What was sent and not yet answered, and that the answer was not what was foreseen.
 *
 * Known to everybody who carries an engine's work on: stores, replicas, the engine itself. Does not know engines.
 */

import type { Op } from "./op.js";

/** The server committed something else than this replica predicted. Fetch a snapshot and `reset`. */
export class Diverged extends Error {
  override readonly name = "Diverged";
}

/**
 * The op that was sent and not yet answered.
 *
 * `op`, written against version `base`, is what was sent and what is sent again; `rebased` is the same op
 * carried over what arrived since, which is what its commit will be. `edits` is how many edits it holds.
 * `exact` is false once a snapshot took the place of the ops: then the commit may differ in form.
 */
export interface Inflight {
  readonly seq: number;
  readonly base: number;
  readonly op: Op;
  readonly rebased: Op;
  readonly edits: number;
  readonly exact: boolean;
}
