/**
 * The database of a browser, as promises.
 *
 * Opens it, brings what an older version of this program left to the newest form, and says in words what goes wrong.
 * Knows IndexedDB and which object stores there are. Does not know what stands in them.
 */

import { StoreFailed } from "./errors.js";
import { paused } from "./waits.js";

/** From 2 on the rooms in which something is unsaved have marks of their own, in `unsaved`. */
const SCHEMA_VERSION = 2;
export const STORES = ["sessions", "rooms", "records", "refusals", "leases", "unsaved"] as const;
/** A page of the version before lets go of the database as soon as what it writes is written. */
const BLOCKED_MS = 2_000;

/** Rejects with StoreFailed. */
export function openDatabase(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    let request: IDBOpenDBRequest;
    try {
      request = indexedDB.open(name, SCHEMA_VERSION);
    } catch (error) {
      reject(failed(error));
      return;
    }
    request.onupgradeneeded = ({ oldVersion }) => upgrade(request, oldVersion);
    request.onerror = () => reject(failed(request.error));
    const isGivenUp = new AbortController();
    request.onblocked = () => {
      paused(BLOCKED_MS, isGivenUp.signal).then(() => {
        isGivenUp.abort();
        reject(failed(new Error("another page holds an older version of it open")));
      });
    };
    request.onsuccess = () => {
      if (isGivenUp.signal.aborted) {
        request.result.close();
      }
      isGivenUp.abort();
      resolve(request.result);
    };
  });
}

/** To the newest form, from whatever stands there; 0: nothing. */
function upgrade({ result: database, transaction }: IDBOpenDBRequest, oldVersion: number): void {
  for (const store of STORES) {
    if (!database.objectStoreNames.contains(store)) {
      database.createObjectStore(store);
    }
  }
  if (oldVersion !== 1 || transaction === null) {
    return;
  }
  const unsaved = transaction.objectStore("unsaved");
  const rooms = transaction.objectStore("rooms").openCursor();
  rooms.onsuccess = () => {
    const cursor = rooms.result;
    if (cursor !== null) {
      if ((cursor.value as { readonly isUnsaved: boolean }).isUnsaved) {
        unsaved.put(true, cursor.primaryKey);
      }
      cursor.continue();
    }
  };
}

/** All keys that begin with this one and have more. */
export function below(key: readonly (string | number)[]): IDBKeyRange {
  return IDBKeyRange.bound([...key], [...key, []]);
}

export function answered<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Resolves when it is kept. */
export function end(transaction: IDBTransaction): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("it was given up"));
  });
  // Who gave it up says why in other words.
  ended.catch(() => undefined);
  return ended;
}

export function giveUp(transaction: IDBTransaction | null): void {
  try {
    transaction?.abort();
  } catch {
    // It has ended already.
  }
}

/** In words. */
export function failed(error: unknown): StoreFailed {
  if (error instanceof StoreFailed) {
    return error;
  }
  const name = error instanceof Error ? error.name : "";
  if (name === "QuotaExceededError") {
    return new StoreFailed("store_full", "This browser's storage is full: make room, then reload the page.");
  }
  if (name === "SecurityError" || name === "InvalidStateError" || error instanceof ReferenceError) {
    return new StoreFailed("store_denied", "This browser keeps nothing here, as in some private windows.");
  }
  const because = error instanceof Error ? error.message : String(error);
  return new StoreFailed("store_failed", `What this browser keeps cannot be used: ${because}.`);
}
