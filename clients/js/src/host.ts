/**
 * Between a client and what it has open.
 *
 * A `Host` is the client, as a playlist or a Jam sees it; a `View` is a playlist or a Jam, as the client sees it.
 * Each knows of the other only what stands here.
 */

import type { ClientError } from "./errors.js";
import type { ReplicaEvent } from "./events.js";
import type { Replica } from "./replica.js";

/** What a view asks of the client it belongs to. */
export interface Host {
  /** Why the connection is gone for good, if it is. */
  readonly failure: ClientError | null;

  /** Whether the server is there just now. */
  readonly isConnected: boolean;

  /** There is something to send. */
  wake(): void;

  /** Estimated wall time of the server, ms; never ahead of it. */
  serverMs(): number;

  /** The time in the rooms, ms: measured while a Jam is here, else as `serverMs`. */
  roomMs(): number;

  /** The view is closed; `forGood`: also what is kept of it goes. */
  forget(room: string, forGood: boolean): void;
}

/** What the client tells a view. */
export interface View {
  /** What is behind it. */
  readonly replica: Replica;

  /** Resolves when there is something to read, up to date if the server is there. Rejects with ClientError. */
  loaded(): Promise<void>;

  /** Resolves when all that was made here before is settled. */
  saved(): Promise<void>;

  /** Something happened to the replica. */
  receive(event: ReplicaEvent): void;

  /** Somebody came, went, or shows something else. */
  receiveMembers(): void;

  /** Something may have been sent. */
  sent(): void;

  /** The room, or the connection, is gone for good: everybody who waits learns why. */
  fail(): void;
}
