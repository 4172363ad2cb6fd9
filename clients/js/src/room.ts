/**
 * A room that is open here, as a program sees it: what a playlist and a Jam have in common.
 *
 * Waits for what was made here, lets programs follow what happens, and ends when the room does. Knows events and who
 * waits for them. What the room holds is `playlist`'s and `jam`'s.
 */

import { Changes } from "./changes.js";
import type { ClientError } from "./errors.js";
import type { ReplicaEvent } from "./events.js";
import type { Host, View } from "./host.js";
import type { Replica } from "./replica.js";
import type { Roster } from "./roster.js";
import { Signal } from "./signal.js";

/** See the module. `C` are the events that an iterator over its changes takes. */
export abstract class Room<R extends Replica, C extends ReplicaEvent, H extends Host> implements View {
  /** What is behind it, for looking. */
  readonly replica: R;
  protected readonly roster: Roster;
  protected readonly host: H;
  protected isClosed = false;
  readonly #types: readonly C["type"][];
  readonly #signal = new Signal();
  readonly #presence = new Signal();
  readonly #changes = new Set<Changes<C>>();
  readonly #listeners = new Set<(event: ReplicaEvent) => void>();

  /** `types` are those of `C`. */
  constructor(replica: R, roster: Roster, host: H, types: readonly C["type"][]) {
    this.replica = replica;
    this.roster = roster;
    this.host = host;
    this.#types = types;
  }

  get id(): string {
    return this.replica.room;
  }

  /** The last version that arrived from the server. */
  get version(): number {
    return this.replica.version;
  }

  /** Whether the server keeps this room up to date here at this moment. */
  get isOpen(): boolean {
    return this.replica.isOpen;
  }

  /** How many connections the room has now, to within a 20th where there are many. */
  get present(): number {
    return this.roster.present;
  }

  // -- what its kind knows -----------------------------------------------------------------------------------

  /** Why it is gone, if it is: closed here or by the server, or the connection is. */
  protected abstract failure(): ClientError | null;

  /** Something of what is shown is not as it was. */
  protected abstract shownChanged(): void;

  // -- waiting -----------------------------------------------------------------------------------------------

  /** Resolves when all that was made here before is settled. Rejects with why it never will be. */
  async saved(): Promise<void> {
    const wanted = this.replica.made;
    while (this.replica.settled < wanted) {
      await this.#next(this.#signal);
    }
  }

  /** Resolves when there is something to read, up to date if the server is there. Rejects with why there is not. */
  async loaded(): Promise<void> {
    while (this.replica.version < 0 || (this.host.isConnected && !this.replica.isOpen)) {
      await this.#next(this.#signal);
    }
  }

  /** Resolves when something may have changed. Rejects with why nothing will any more. */
  async changed(): Promise<void> {
    await this.#next(this.#signal);
    this.throwFailure();
  }

  /** Resolves when somebody came or went, or shows something else. Rejects with why nobody will any more. */
  async membersChanged(): Promise<void> {
    await this.#next(this.#presence);
    this.throwFailure();
  }

  async #next(signal: Signal): Promise<void> {
    this.throwFailure();
    await signal.wait();
  }

  // -- following it ------------------------------------------------------------------------------------------

  /**
   * An asynchronous iterator over what changes from now on, own doing included, with `reloaded` where everything is to
   * be read anew.
   */
  changes(): Changes<C> {
    const changes: Changes<C> = new Changes(this.#types, () => this.#changes.delete(changes));
    const failure = this.failure();
    if (failure === null) {
      this.#changes.add(changes);
    } else {
      changes.end(failure);
    }
    return changes;
  }

  /**
   * Calls `listener` with every event of this room, outcomes included, while it happens; the function that comes back
   * ends it.
   */
  listen(listener: (event: ReplicaEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // -- what the client tells ---------------------------------------------------------------------------------

  receive(event: ReplicaEvent): void {
    this.tell(event);
    if (event.type === "closed") {
      this.host.forget(this.id, true);
      this.fail();
    }
    this.sent();
  }

  protected tell(event: ReplicaEvent): void {
    for (const changes of this.#changes) {
      changes.receive(event, this.version);
    }
    for (const listener of this.#listeners) {
      listener(event);
    }
  }

  receiveMembers(): void {
    this.#presence.notify();
    this.sent();
  }

  /** Something may have been sent, which also settles what left nothing to do. */
  sent(): void {
    this.#signal.notify();
    this.shownChanged();
  }

  /** The room, or the connection, is gone for good: everybody who waits learns why. */
  fail(): void {
    const failure = this.isClosed ? null : this.failure();
    for (const changes of this.#changes) {
      changes.end(failure);
    }
    this.#changes.clear();
    this.receiveMembers();
  }

  protected throwFailure(): void {
    const failure = this.failure();
    if (failure !== null) {
      throw failure;
    }
  }
}
