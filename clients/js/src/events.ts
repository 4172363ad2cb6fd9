/**
 * What a replica reports.
 *
 * Plain values, told apart by `type`, in the order in which things happened. A playlist's changes alone rebuild
 * the visible list: applying each `op` to a copy keeps it equal, except where a `reloaded` or `renamed` says to
 * read it anew. A Jam's `happened` are its committed events, in order; each command ends with one `accepted` or
 * `rejected`.
 */

import type { Op } from "./ot/op.js";
import type { Body } from "./wire/messages.js";

/**
 * The visible list changed by `op`.
 *
 * `author` is a user id, empty when several people's changes arrive as one. `own`: made (or taken back) here,
 * through this client. `version` is the last one that arrived from the server.
 */
export interface Change {
  readonly type: "change";
  readonly op: Op;
  readonly version: number;
  readonly author: string;
  readonly own: boolean;
}

/**
 * An event of a Jam was committed as `version`: `event` is the map that stands in its log. `author` is a user
 * id, empty for what the room itself did. `own`: what a command of this client became.
 */
export interface Happened {
  readonly type: "happened";
  readonly event: Body;
  readonly version: number;
  readonly author: string;
  readonly own: boolean;
}

/** Somebody in a Jam reacted; nothing of it is kept. `user` may be ourselves, on any device. */
export interface Reacted {
  readonly type: "reacted";
  readonly user: string;
  readonly text: string;
}

/** Read everything anew: it was just opened, or changes were dropped because nobody took them. */
export interface Reloaded {
  readonly type: "reloaded";
  readonly version: number;
}

/**
 * Entries that wait to be saved or added got new uids (old to new): this client goes on under another id.
 */
export interface Renamed {
  readonly type: "renamed";
  readonly uids: ReadonlyMap<string, string>;
}

/**
 * `edits` edits are durable: submission (`client`, `seq`) stands as of `version`.
 *
 * `base` is the version that it was written against. `isOp`: it is in history as the op of `version`, or (false)
 * nothing of it was left to do; null where a snapshot took the place of history and nobody can tell.
 */
export interface Acknowledged {
  readonly type: "acknowledged";
  readonly client: string;
  readonly seq: number;
  readonly version: number;
  readonly edits: number;
  readonly base: number;
  readonly isOp: boolean | null;
}

/**
 * A submission of `edits` edits was refused for good and taken out of the list; `op` is what it held, for the
 * acknowledged list at that moment. A `change` that takes it back follows, if anything was visible.
 */
export interface Refusal {
  readonly type: "refusal";
  readonly client: string;
  readonly seq: number;
  readonly code: string;
  readonly message: string;
  readonly op: Op;
  readonly edits: number;
}

/**
 * Command `number` (see `Commands.give`) is durable: submission (`client`, `seq`) stands as of `version`.
 * `isEvent`: it is in the log as the event of `version`, or (false) it changed nothing; null as in
 * `Acknowledged`.
 */
export interface Accepted {
  readonly type: "accepted";
  readonly number: number;
  readonly client: string;
  readonly seq: number;
  readonly version: number;
  readonly isEvent: boolean | null;
}

/**
 * Command `number` was refused for good, or the room closed before it was decided (then `seq` is 0): it changes
 * nothing, and all others live on. With `retryAfterMs` above 0 the same might be taken then.
 */
export interface Rejected {
  readonly type: "rejected";
  readonly number: number;
  readonly client: string;
  readonly seq: number;
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs: number;
  readonly command: Body;
}

/** The server cannot take what waits just now; it is sent again by itself. */
export interface Delayed {
  readonly type: "delayed";
  readonly code: string;
  readonly message: string;
}

/** A snapshot took the place of what was missing; `reason` is the server's. What was unsaved still is. */
export interface Resynced {
  readonly type: "resynced";
  readonly reason: string;
  readonly version: number;
}

/** This replica did not hold what the server holds, at `version`; it repairs itself. */
export interface Diverged {
  readonly type: "diverged";
  readonly version: number;
}

/** What this user may do here has changed. */
export interface RoleSet {
  readonly type: "role";
  readonly role: string;
}

/**
 * The room is gone for this user. `op` is what was not saved, handed back; identity if nothing, and for a Jam,
 * whose commands were handed back one by one before.
 */
export interface Closed {
  readonly type: "closed";
  readonly code: string;
  readonly message: string;
  readonly op: Op;
}

/** Everything that is reported of a playlist or a Jam. */
export type ReplicaEvent =
  | Change
  | Happened
  | Reacted
  | Reloaded
  | Renamed
  | Acknowledged
  | Refusal
  | Accepted
  | Rejected
  | Delayed
  | Resynced
  | Diverged
  | RoleSet
  | Closed;
