/**
 * What a document that is a fold of events asks of its rules.
 *
 * `commands` and `jam-replica` know how commands travel and when they are settled, not what they mean. Whoever
 * knows that hands in one value of this shape; for a Jam it leans on `jam/reduce` and `jam/decide`, the same that
 * the server runs. States are immutable. Commands and events are maps as they travel.
 */

import type { Body } from "./wire/messages.js";

/** This snapshot or event is none that these rules know, or does not follow on this state. */
export class Unfit extends Error {
  override readonly name = "Unfit";
}

/** Who gives a command, from which client. */
export interface By {
  readonly user: string;
  readonly client: string;
}

/** Pure rules. None of them keeps anything. */
export interface Fold<State> {
  /** The state in a snapshot. Throws Unfit. */
  load(snapshot: Body): State;

  /** The state after an event that was committed. Throws Unfit. */
  reduce(state: State, event: Body): State;

  /**
   * The state as it will be if the command is decided on this one, at room time `atMs` or later; `state` itself if
   * the command would be refused or changes nothing. Throws nothing.
   */
  predict(state: State, command: Body, by: By, atMs: number): State;

  /** Of the whole state: 16 hex digits, as the server's `digest` messages carry. */
  digest(state: State): string;

  /** Of the queue's order: 16 hex digits, as each event carries under `order`. */
  orderDigest(state: State): string;

  /** The ids of entries that the command makes; they begin with the client id. */
  adds(command: Body): readonly string[];

  /** The command with entry ids replaced, new by old, wherever it names one. */
  renamed(command: Body, names: ReadonlyMap<string, string>): Body;
}
