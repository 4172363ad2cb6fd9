/**
 * Where a device keeps its playlists and what it has not saved yet: the promise.
 *
 * `write` returns at once, and `stored` when all that was written before survives the program and the machine. What
 * piles up while the disk is busy is written together. One program, or one tab, at a time has it open. Kept by
 * `browser-store` with IndexedDB and by `node/store-file` with a file. Does not know what is in the texts.
 */

import type { StoreFailed } from "./errors.js";
import type { Stored, Write } from "./store.js";

/** Refusals that nobody has looked at; older ones go. */
export const REFUSALS_MAX = 100;
/** Batches that wait for the disk; the replicas hold on to what comes after (see `Journal`). */
export const BATCHES_MAX = 64;

/**
 * Who edits here, under which client id, how many uids it has given, and by how many ms the server's clock is ahead
 * of ours.
 */
export interface StoredSession {
  readonly user: string;
  readonly client: string;
  readonly uids: number;
  readonly clockAheadMs: number;
}

/** What was refused in a room, as `packRefusal` wrote it. */
export interface StoredRefusal {
  readonly room: string;
  readonly refusal: string;
}

/**
 * What is written in one transaction. `forgotten` are rooms whose list is not kept any longer, `dismissed` those
 * whose refusals somebody has seen.
 */
export interface Batch {
  readonly session: StoredSession;
  readonly writes: readonly Write[];
  readonly refusals: readonly StoredRefusal[];
  readonly forgotten: readonly string[];
  readonly dismissed: readonly string[];
}

/** One server's part of what is kept, open. Every promise rejects with StoreFailed. */
export interface OfflineStore {
  /** Why nothing can be kept any more, if that is so. */
  readonly failure: StoreFailed | null;

  /** Called once, when `failure` is set. */
  onFailure: () => void;

  /** Whether so much waits for the disk that nothing should be added just now. */
  readonly isBusy: boolean;

  /** Writes, in the order of calls. */
  write(batch: Batch): void;

  /** Resolves when all that was written before is kept. */
  stored(): Promise<void>;

  /** Who edits here; null: nobody yet. */
  session(): Promise<StoredSession | null>;

  /** The rooms in which something is unsaved. */
  unsavedRooms(user: string): Promise<readonly Stored[]>;

  /** What is kept of a room, if anything is. */
  room(user: string, room: string): Promise<Stored | null>;

  /** What was refused and not dismissed, oldest first. */
  refusals(user: string): Promise<readonly StoredRefusal[]>;

  /** Writes what waits and lets go. */
  close(): Promise<void>;
}

/** Where `connect` keeps things, as an app chooses it. */
export interface OfflinePlace {
  /** Opens what is kept for a server. Rejects with StoreInUse and StoreFailed. */
  open(server: string): Promise<OfflineStore>;

  /**
   * Others' places here that nobody has open any more, in which something of this user is unsaved: who finds them
   * brings it to the server.
   */
  orphans?(server: string, user: string): Promise<readonly OfflinePlace[]>;
}
