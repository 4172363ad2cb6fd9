/**
 * What a client keeps on its device, if it was given a place for it.
 *
 * Collects what the replicas of a link want written, so that all that happened at one moment is written as one, and
 * holds the edits that were refused until somebody has seen them. Without a place it holds only these. Knows the
 * link and the store. Does not know when something happens: the client says `keep` whenever something may have.
 */

import { type Clock, nowMs } from "./clock.js";
import { CallerError, StoreFailed } from "./errors.js";
import type { Refusal } from "./events.js";
import { Link } from "./link.js";
import { type OfflinePlace, type OfflineStore, REFUSALS_MAX } from "./offline-store.js";
import { packRefusal, type Stored, Unreadable, unpackRefusal } from "./store.js";

/** See the module. Made by `takeUp`; `close` at the end. */
export class Keeper {
  readonly link: Link;
  readonly #store: OfflineStore | null;
  readonly #clock: Clock;
  #uidsKept: readonly [client: string, taken: number];
  readonly #refusals = new Map<string, Refusal[]>();
  #newRefusals: (readonly [room: string, refusal: Refusal])[] = [];
  readonly #forgotten = new Set<string>();
  readonly #dismissed = new Set<string>();

  private constructor(link: Link, store: OfflineStore | null, clock: Clock) {
    this.link = link;
    this.#store = store;
    this.#clock = clock;
    this.#uidsKept = [link.client, link.uidsTaken];
  }

  /**
   * A link that goes on where the store for this server says, with the rooms in which something is unsaved; under
   * `newId()` where nothing is kept. Rejects with StoreInUse, StoreFailed.
   */
  static async takeUp(
    server: string,
    place: OfflinePlace | null,
    clock: Clock,
    newId: () => string,
  ): Promise<Keeper> {
    if (place === null) {
      return new Keeper(new Link(newId()), null, clock);
    }
    const store = await place.open(server);
    try {
      const session = await store.session();
      const clockOffsetMs = clock.wallMs() - nowMs(clock) + (session?.clockAheadMs ?? 0);
      if (session === null) {
        return new Keeper(new Link(newId(), { clockOffsetMs, isKept: true }), store, clock);
      }
      const { client, user, uids } = session;
      const link = new Link(client, { user, uidsTaken: uids, clockOffsetMs, isKept: true });
      const keeper = new Keeper(link, store, clock);
      for (const { room, refusal } of await store.refusals(user)) {
        keeper.#refusals.set(room, [...(keeper.#refusals.get(room) ?? []), unpackRefusal(refusal)]);
      }
      for (const stored of await store.unsavedRooms(user)) {
        keeper.#enter(stored);
      }
      return keeper;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  get failure(): StoreFailed | null {
    return this.#store?.failure ?? null;
  }

  /** `listener` is called once, when `failure` is set. */
  set onFailure(listener: () => void) {
    if (this.#store !== null) {
      this.#store.onFailure = listener;
    }
  }

  get hasStore(): boolean {
    return this.#store !== null;
  }

  // -- rooms -------------------------------------------------------------------------------------------------

  /** Enters a room as it was when it was last here. Nothing if nothing is kept of it. */
  async load(room: string): Promise<void> {
    if (this.#store === null || !this.link.user || this.link.rooms.includes(room)) {
      return;
    }
    const stored = await this.#store.room(this.link.user, room);
    // Meanwhile somebody else may have asked for it as well.
    if (stored !== null && !this.link.rooms.includes(room)) {
      this.#enter(stored);
    }
  }

  #enter(stored: Stored): void {
    try {
      this.link.enter(stored.room, stored, nowMs(this.#clock));
    } catch (error) {
      throw error instanceof Unreadable ? new StoreFailed("store_failed", error.message) : error;
    }
  }

  /** The list of this room is not kept any longer, nor what was unsaved there. */
  forget(room: string): void {
    this.#forgotten.add(room);
    this.keep();
  }

  // -- what was refused --------------------------------------------------------------------------------------

  refused(room: string, refusal: Refusal): void {
    this.#newRefusals.push([room, refusal]);
    this.#refusals.set(room, [...this.refusals(room), refusal].slice(-REFUSALS_MAX));
  }

  /** What was refused in a room and not dismissed, oldest first. */
  refusals(room: string): readonly Refusal[] {
    return this.#refusals.get(room) ?? NONE;
  }

  get refusedRooms(): readonly string[] {
    return [...this.#refusals.keys()];
  }

  /** Somebody has seen what was refused in this room. */
  dismiss(room: string): void {
    this.#refusals.delete(room);
    this.#newRefusals = this.#newRefusals.filter(([name]) => name !== room);
    this.#dismissed.add(room);
    this.keep();
  }

  // -- writing -----------------------------------------------------------------------------------------------

  /**
   * Something may have happened: what has to be written is on its way to the disk. `final`: also what could wait.
   */
  keep(final = false): void {
    const { link } = this;
    const store = this.#store;
    if (store === null) {
      this.#newRefusals = [];
      return;
    }
    if (!link.user || (store.isBusy && !final)) {
      return;
    }
    const writes = link.takeWrites(final);
    // A Jam writes nothing, but no name that it gave to an entry may ever be given again.
    const [client, taken] = this.#uidsKept;
    const hasNews =
      writes.length + this.#newRefusals.length + this.#forgotten.size + this.#dismissed.size > 0;
    if (!hasNews && client === link.client && taken === link.uidsTaken) {
      return;
    }
    this.#uidsKept = [link.client, link.uidsTaken];
    const clockAheadMs = link.serverMs(nowMs(this.#clock)) - this.#clock.wallMs();
    store.write({
      session: { user: link.user, client: link.client, uids: link.uidsTaken, clockAheadMs },
      writes,
      refusals: this.#newRefusals.map(([room, refusal]) => ({ room, refusal: packRefusal(refusal) })),
      forgotten: [...this.#forgotten],
      dismissed: [...this.#dismissed],
    });
    this.#newRefusals = [];
    this.#forgotten.clear();
    this.#dismissed.clear();
  }

  /** Resolves when all that happened so far is kept. Rejects with StoreFailed, and CallerError without a place. */
  async stored(): Promise<void> {
    const store = this.#store;
    if (store === null) {
      throw new CallerError("Nothing is kept here: `connect` was not given a place (`offline`).");
    }
    while (store.isBusy) {
      await store.stored();
    }
    this.keep();
    await store.stored();
  }

  /** As `stored`, before something is sent; nothing without a place. */
  async secure(): Promise<void> {
    if (this.#store !== null) {
      await this.stored();
    }
  }

  async close(): Promise<void> {
    if (this.#store !== null) {
      this.keep(true);
      await this.#store.close();
    }
  }
}

const NONE: readonly Refusal[] = [];
