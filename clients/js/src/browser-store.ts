/**
 * What a browser keeps of playlists, with IndexedDB.
 *
 * One database for each person, so that two who share a browser do not share their edits; in it, for each server,
 * what stands on each tab's seat. A batch is one transaction that is on disk when it ends (`durability: "strict"`).
 * Where storage is denied (some private windows) or full, it says so: then nothing is edited that could not be kept.
 * An edit waits for its batch before it is sent, so a batch reads nothing, and writes no list for the sake of a flag.
 *
 * Knows what stands in which object store. Does not know what is in the texts, or who owns a seat: that is `seat`'s.
 */

import { BatchStore } from "./batches.js";
import { answered, below, end, failed, giveUp, openDatabase, STORES } from "./browser-database.js";
import { StoreFailed, StoreInUse } from "./errors.js";
import {
  type Batch,
  type OfflinePlace,
  type OfflineStore,
  REFUSALS_MAX,
  type StoredRefusal,
  type StoredSession,
} from "./offline-store.js";
import { type Lease, type Leases, SEATS_MAX, type Seat, takeSeat } from "./seat.js";
import type { Stored } from "./store.js";

interface SessionRow {
  readonly session: StoredSession;
  readonly place: number;
}

interface RoomRow {
  readonly whole: string;
}

type RoomKey = [server: string, seat: number, user: string, room: string];

/**
 * A place for `connect(…, { offline })`. `person` tells people apart who share a browser: their user id, or nothing
 * if it is always the same one.
 */
export function browserStore(person = ""): OfflinePlace {
  return new BrowserPlace(person === "" ? "tutti" : `tutti:${person}`, 0, SEATS_MAX - 1);
}

class BrowserPlace implements OfflinePlace {
  readonly #name: string;
  readonly #first: number;
  readonly #last: number;

  constructor(name: string, first: number, last: number) {
    this.#name = name;
    this.#first = first;
    this.#last = last;
  }

  async open(server: string): Promise<OfflineStore> {
    const database = await openDatabase(this.#name);
    try {
      const leases: Leases = {
        change: (seat, change) => changeLease(database, [server, seat], change),
        drop: seat => dropLease(database, [server, seat]),
      };
      const seat = await takeSeat(`${this.#name} ${server}`, leases, this.#first, this.#last);
      // Asked for once; a browser that says no may throw things away when its disk is full.
      void globalThis.navigator?.storage?.persist?.().catch(() => undefined);
      const store = new BrowserStore(database, server, seat);
      await store.session();
      return store;
    } catch (error) {
      database.close();
      throw failed(error);
    }
  }

  async orphans(server: string, user: string): Promise<readonly OfflinePlace[]> {
    const database = await openDatabase(this.#name);
    try {
      const keys = await unsavedKeys(database, below([server]));
      const seats = new Set(keys.filter(([, , owner]) => owner === user).map(([, seat]) => seat));
      return [...seats].map(seat => new BrowserPlace(this.#name, seat, seat));
    } catch (error) {
      throw failed(error);
    } finally {
      database.close();
    }
  }
}

class BrowserStore extends BatchStore implements OfflineStore {
  readonly #database: IDBDatabase;
  readonly #server: string;
  readonly #seat: Seat;
  #place = 0;

  constructor(database: IDBDatabase, server: string, seat: Seat) {
    super();
    this.#database = database;
    this.#server = server;
    this.#seat = seat;
    database.onclose = () => this.fail(new StoreFailed("store_failed", LOST));
    // A newer version of the app wants to change the database: this page has to be loaded anew.
    database.onversionchange = () => {
      database.close();
      this.fail(new StoreFailed("store_failed", "This page is older than another one; reload it."));
    };
  }

  async session(): Promise<StoredSession | null> {
    try {
      const sessions = this.#database.transaction(["sessions"]).objectStore("sessions");
      const row = await answered(sessions.get(this.#key()) as IDBRequest<SessionRow | undefined>);
      this.#place = Math.max(this.#place, row?.place ?? 0);
      return row?.session ?? null;
    } catch (error) {
      throw failed(error);
    }
  }

  async unsavedRooms(user: string): Promise<readonly Stored[]> {
    try {
      const keys = await unsavedKeys(this.#database, below(this.#key(user)));
      const stored = await Promise.all(keys.map(([, , , room]) => this.room(user, room)));
      return stored.filter(room => room !== null);
    } catch (error) {
      throw failed(error);
    }
  }

  async room(user: string, room: string): Promise<Stored | null> {
    try {
      const transaction = this.#database.transaction(["rooms", "records"]);
      const [row, records] = await Promise.all([
        answered(
          transaction.objectStore("rooms").get(this.#key(user, room)) as IDBRequest<RoomRow | undefined>,
        ),
        answered(
          transaction.objectStore("records").getAll(below(this.#key(user, room))) as IDBRequest<string[]>,
        ),
      ]);
      return row === undefined ? null : { room, whole: row.whole, records };
    } catch (error) {
      throw failed(error);
    }
  }

  async refusals(user: string): Promise<readonly StoredRefusal[]> {
    try {
      const refusals = this.#database.transaction(["refusals"]).objectStore("refusals");
      const within = below(this.#key(user));
      return await answered(refusals.getAll(within) as IDBRequest<StoredRefusal[]>);
    } catch (error) {
      throw failed(error);
    }
  }

  async close(): Promise<void> {
    // What could not be written was said already.
    await this.stored().catch(() => undefined);
    this.#database.onclose = null;
    this.#seat.leave();
    this.#database.close();
  }

  #key(...rest: readonly (string | number)[]): (string | number)[] {
    return [this.#server, this.#seat.number, ...rest];
  }

  protected async commit(batches: readonly Batch[]): Promise<void> {
    let transaction: IDBTransaction | null = null;
    try {
      transaction = this.#database.transaction(STORES, "readwrite", { durability: "strict" });
      const ended = end(transaction);
      const { owner } = this.#seat;
      const mayWrite = owner === null ? null : this.#checkLease(transaction, owner);
      // Heard below, unless something fails before.
      mayWrite?.catch(() => undefined);
      for (const batch of batches) {
        this.#put(transaction, batch);
      }
      const session = batches.at(-1)?.session;
      if (session !== undefined) {
        const row: SessionRow = { session, place: this.#place };
        transaction.objectStore("sessions").put(row, this.#key());
      }
      if (mayWrite === null && batches.every(asksNothing)) {
        // Else it ends only when the page, which may be busy drawing, has heard how each request went.
        transaction.commit();
      }
      await Promise.all([mayWrite, ended]);
    } catch (error) {
      // All of it or nothing: what was put before would be written otherwise.
      giveUp(transaction);
      throw failed(error);
    }
  }

  /** Rejects with StoreInUse if another tab has taken this seat: nothing of this transaction is written then. */
  async #checkLease(transaction: IDBTransaction, owner: string): Promise<void> {
    const request = transaction.objectStore("leases").get(this.#key());
    const lease = await answered(request as IDBRequest<Lease | undefined>);
    if (lease?.owner !== owner) {
      throw new StoreInUse("store_in_use", "Another tab has gone on with these edits; reload this page.");
    }
  }

  #put(transaction: IDBTransaction, { session, writes, refusals, forgotten, dismissed }: Batch): void {
    const { user } = session;
    const rooms = transaction.objectStore("rooms");
    const records = transaction.objectStore("records");
    const refused = transaction.objectStore("refusals");
    const unsaved = transaction.objectStore("unsaved");
    for (const { room, whole, records: added, isUnsaved } of writes) {
      if (whole !== null) {
        records.delete(below(this.#key(user, room)));
        rooms.put({ whole } satisfies RoomRow, this.#key(user, room));
      }
      if (isUnsaved) {
        unsaved.put(true, this.#key(user, room));
      } else {
        unsaved.delete(this.#key(user, room));
      }
      for (const record of added) {
        records.put(record, this.#key(user, room, this.#nextPlace()));
      }
    }
    for (const room of forgotten) {
      rooms.delete(this.#key(user, room));
      records.delete(below(this.#key(user, room)));
      unsaved.delete(this.#key(user, room));
    }
    for (const room of dismissed) {
      this.#deleteWhere(refused, below(this.#key(user)), refusal => refusal.room === room);
    }
    for (const refusal of refusals) {
      refused.put(refusal, this.#key(user, this.#nextPlace()));
    }
    if (refusals.length > 0) {
      this.#trim(refused, below(this.#key(user)));
    }
  }

  /** By which records and refusals keep their order, from one page to the next. */
  #nextPlace(): number {
    this.#place += 1;
    return this.#place;
  }

  #deleteWhere(
    refused: IDBObjectStore,
    within: IDBKeyRange,
    isMeant: (refusal: StoredRefusal) => boolean,
  ): void {
    const request = refused.openCursor(within);
    request.onsuccess = () => {
      const cursor = request.result;
      if (cursor !== null) {
        if (isMeant(cursor.value as StoredRefusal)) {
          cursor.delete();
        }
        cursor.continue();
      }
    };
  }

  /** Only the newest are kept. */
  #trim(refused: IDBObjectStore, within: IDBKeyRange): void {
    const request = refused.getAllKeys(within);
    request.onsuccess = () => {
      for (const key of request.result.slice(0, -REFUSALS_MAX)) {
        refused.delete(key);
      }
    };
  }
}

/** Whether it is written without looking at what stands there. */
function asksNothing({ refusals, dismissed }: Batch): boolean {
  return refusals.length + dismissed.length === 0;
}

const LOST = "The browser has thrown away what this page keeps; reload it.";

/** The rooms of this range in which something is unsaved, and of which something is kept. */
async function unsavedKeys(database: IDBDatabase, within: IDBKeyRange): Promise<RoomKey[]> {
  const transaction = database.transaction(["rooms", "unsaved"]);
  const [unsaved, rooms] = await Promise.all([
    answered(transaction.objectStore("unsaved").getAllKeys(within)),
    answered(transaction.objectStore("rooms").getAllKeys(within)),
  ]);
  const kept = new Set(rooms.map(key => JSON.stringify(key)));
  return unsaved.filter(key => kept.has(JSON.stringify(key))) as RoomKey[];
}

async function changeLease(
  database: IDBDatabase,
  key: [string, number],
  change: (lease: Lease | null) => Lease | null,
): Promise<void> {
  const transaction = database.transaction(["leases"], "readwrite");
  const ended = end(transaction);
  const leases = transaction.objectStore("leases");
  const lease = change((await answered(leases.get(key) as IDBRequest<Lease | undefined>)) ?? null);
  if (lease === null) {
    leases.delete(key);
  } else {
    leases.put(lease, key);
  }
  await ended;
}

function dropLease(database: IDBDatabase, key: [string, number]): void {
  const transaction = database.transaction(["leases"], "readwrite");
  transaction.objectStore("leases").delete(key);
  transaction.commit();
}
