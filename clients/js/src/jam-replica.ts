/**
 * One Jam on one client.
 *
 * What a `Replica` does for any room, with a state that is a fold of events, own commands predicted on top of it,
 * and no journal: commands are about now, so they live as long as the process. Those given offline are sent on
 * return. Pure, as the replica is. What commands mean is `fold`'s.
 */

import { Commands } from "./commands.js";
import { JamClosed } from "./errors.js";
import type { Fold } from "./fold.js";
import { ClockFilter } from "./jam/clock.js";
import { Replica } from "./replica.js";
import type { MakeFilter } from "./room-clock.js";
import type { Uids } from "./uids.js";
import type { Body } from "./wire/messages.js";

/** See the module. */
export class JamReplica<State> extends Replica<Commands<State>> {
  readonly kind = "jam";
  readonly #fold: Fold<State>;

  /** As `Replica`, with the rules of what the room holds. */
  constructor(room: string, user: string, uids: Uids, fold: Fold<State>, lastSeq = 0) {
    super(room, user, uids, lastSeq);
    this.#fold = fold;
  }

  protected begin(state: Body, version: number, lastSeq: number): Commands<State> {
    return new Commands(this.#fold, state, version, this.user, this.uids, lastSeq);
  }

  /**
   * What the user sees: the committed state with own commands that wait, in so far as they would be accepted. Null
   * until it is loaded.
   */
  get state(): State | null {
    return this.submissions?.visible ?? null;
  }

  /** The state at `version`. */
  get committed(): State | null {
    return this.submissions?.state ?? null;
  }

  /**
   * Queues a command, given at room time `atMs`; it shows in `state` at once. Returns its number: its outcome is
   * the `accepted` or `rejected` with this number. Throws JamClosed, QueueFull or InvalidEdit; then nothing
   * changed.
   */
  give(command: Body, atMs: number): number {
    if (this.closed !== null) {
      throw new JamClosed(this.closed.code, this.closed.message);
    }
    if (this.submissions === null) {
      throw new JamClosed("not_open", "The Jam is not loaded yet.");
    }
    return this.submissions.give(command, atMs);
  }
}

/** What a link needs to enter Jams: it knows them by this only, so that one without Jams loads nothing of theirs. */
export interface Jams<State> {
  replica(room: string, user: string, uids: Uids, lastSeq: number | undefined): JamReplica<State>;
  readonly makeFilter: MakeFilter;
}

/** Jams by these rules. */
export function jamsBy<State>(fold: Fold<State>): Jams<State> {
  return {
    replica: (room, user, uids, lastSeq) => new JamReplica(room, user, uids, fold, lastSeq),
    makeFilter: nowMs => new ClockFilter(nowMs),
  };
}
