/**
 * What a link tells whoever owns it.
 *
 * Plain values, told apart by `type`, in the order of the wire. Knows nothing but their names.
 */

import type { ReplicaEvent } from "./events.js";
import type { Welcome } from "./wire/messages.js";

/** Something happened in a room. */
export interface InRoom {
  readonly type: "in_room";
  readonly room: string;
  readonly event: ReplicaEvent;
}

export function inRoom(room: string, event: ReplicaEvent): InRoom {
  return { type: "in_room", room, event };
}

/** Somebody came, went, or shows something else. */
export interface MembersChanged {
  readonly type: "members_changed";
  readonly room: string;
}

export function membersChanged(room: string): MembersChanged {
  return { type: "members_changed", room };
}

/**
 * The session stands. The server wants attempts to come back to be spread by these times, and says something at
 * least each `heartbeatMs` if it is asked.
 */
export interface Welcomed {
  readonly type: "welcomed";
  readonly retryBaseMs: number;
  readonly retryCapMs: number;
  readonly heartbeatMs: number;
}

export function welcomed(message: Welcome): Welcomed {
  return {
    type: "welcomed",
    retryBaseMs: message.retry_base_ms,
    retryCapMs: message.retry_cap_ms,
    heartbeatMs: message.heartbeat_ms,
  };
}

/** The token ends in `withinMs`: say `refresh` with a new one. */
export interface TokenWanted {
  readonly type: "token_wanted";
  readonly withinMs: number;
}

/** The node is about to stop: connect anew in `afterMs`. */
export interface MoveWanted {
  readonly type: "move_wanted";
  readonly afterMs: number;
}

/** The room's time is known now, or it stepped: what was reckoned by it before is void. */
export interface TimeSet {
  readonly type: "time_set";
}

/** Everything that a link reports. */
export type LinkEvent = InRoom | MembersChanged | Welcomed | TokenWanted | MoveWanted | TimeSet;
