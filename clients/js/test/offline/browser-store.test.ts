/** Tabs that share a browser which has no Web Locks: plain http on a LAN address, and Node. */

import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { browserStore } from "../../src/browser-store.js";
import { StoreFailed, StoreInUse } from "../../src/errors.js";
import { LEASE_MS } from "../../src/seat.js";
import { batch, SERVER, USER } from "./batches.js";

let people = 0;
function newPerson(): string {
  return `person ${++people}`;
}

const UNSAVED = batch({ writes: [{ room: "one", whole: "w", records: [], isUnsaved: true }] });

test("each tab has a seat of its own, and the next one goes on with what a closed tab left", async () => {
  const place = browserStore(newPerson());
  const first = await place.open(SERVER);
  const second = await place.open(SERVER);
  first.write(UNSAVED);
  await first.stored();
  assert.deepEqual(await second.unsavedRooms(USER), []);
  await first.close();
  const third = await place.open(SERVER);
  assert.equal((await third.unsavedRooms(USER)).length, 1);
  await second.close();
  await third.close();
});

test("a tab that slept until another took its seat writes nothing more, and says so", async () => {
  mock.timers.enable({ apis: ["Date", "setInterval"], now: 1_000_000 });
  try {
    const place = browserStore(newPerson());
    const asleep = await place.open(SERVER);
    asleep.write(UNSAVED);
    await asleep.stored();
    mock.timers.setTime(1_000_000 + LEASE_MS + 1);
    const awake = await place.open(SERVER);
    assert.equal((await awake.unsavedRooms(USER)).length, 1);

    asleep.write(batch({ writes: [{ room: "one", whole: "stale", records: [], isUnsaved: true }] }));
    await assert.rejects(asleep.stored(), StoreInUse);
    assert.ok(asleep.failure instanceof StoreInUse);
    assert.equal((await awake.room(USER, "one"))?.whole, "w");
    await asleep.close();
    awake.write(batch({ writes: [{ room: "one", whole: "newer", records: [], isUnsaved: false }] }));
    await awake.stored();
    await awake.close();
  } finally {
    mock.timers.reset();
  }
});

test("a lease that is renewed keeps its seat", async () => {
  mock.timers.enable({ apis: ["Date", "setInterval"], now: 1_000_000 });
  try {
    const place = browserStore(newPerson());
    const first = await place.open(SERVER);
    first.write(UNSAVED);
    await first.stored();
    for (let turn = 0; turn < 10; turn += 1) {
      mock.timers.tick(LEASE_MS / 2);
      // The renewal is a transaction like any other: one more behind it shows that it has ended.
      await first.session();
    }
    const second = await place.open(SERVER);
    assert.deepEqual(await second.unsavedRooms(USER), []);
    await first.close();
    await second.close();
  } finally {
    mock.timers.reset();
  }
});

test("what closed tabs left unsaved is found, for whom it belongs to", async () => {
  const place = browserStore(newPerson());
  const first = await place.open(SERVER);
  const second = await place.open(SERVER);
  second.write(UNSAVED);
  await second.close();
  assert.deepEqual(await place.orphans?.(SERVER, "somebody else"), []);
  const orphans = (await place.orphans?.(SERVER, USER)) ?? [];
  assert.equal(orphans.length, 1);
  const found = await orphans[0]!.open(SERVER);
  assert.equal((await found.unsavedRooms(USER))[0]?.whole, "w");
  // Whoever looks at the same time finds it taken.
  await assert.rejects(orphans[0]!.open(SERVER), StoreInUse);
  await found.close();
  await first.close();
});

test("a full disk is said in words, once, and what was kept stays", async () => {
  const place = browserStore(newPerson());
  const store = await place.open(SERVER);
  store.write(UNSAVED);
  await store.stored();
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (value, key) {
    // The last of a batch: what was put before it must not stand either.
    if (this.name === "sessions") {
      throw new DOMException("no room", "QuotaExceededError");
    }
    return put.call(this, value, key);
  };
  let told = 0;
  store.onFailure = () => {
    told += 1;
  };
  try {
    store.write(batch({ writes: [{ room: "one", whole: "more", records: [], isUnsaved: true }] }));
    await assert.rejects(store.stored(), (error: unknown) => {
      return error instanceof StoreFailed && error.code === "store_full";
    });
    store.write(UNSAVED);
    assert.equal(told, 1);
  } finally {
    IDBObjectStore.prototype.put = put;
  }
  await store.close();
  const next = await place.open(SERVER);
  assert.equal((await next.room(USER, "one"))?.whole, "w");
  await next.close();
});

test("storage that is denied is said when the place is opened", async () => {
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = () => {
    throw new DOMException("not here", "SecurityError");
  };
  try {
    await assert.rejects(browserStore(newPerson()).open(SERVER), (error: unknown) => {
      return error instanceof StoreFailed && error.code === "store_denied";
    });
  } finally {
    IDBFactory.prototype.open = open;
  }
});

test("what the version before kept is kept on, and its unsaved rooms are found", async () => {
  const person = newPerson();
  const row = (whole: string, isUnsaved: boolean) => ({ whole, isUnsaved });
  const database = await firstVersion(`tutti:${person}`, transaction => {
    const rooms = transaction.objectStore("rooms");
    rooms.put(row("saved", false), [SERVER, 0, USER, "one"]);
    rooms.put(row("unsaved", true), [SERVER, 0, USER, "two"]);
    rooms.put(row("left", true), [SERVER, 1, USER, "three"]);
    transaction.objectStore("records").put("r", [SERVER, 0, USER, "two", 7]);
    const session = { user: USER, client: "device", uids: 3, clockAheadMs: 0 };
    transaction.objectStore("sessions").put({ session, place: 7 }, [SERVER, 0]);
  });
  // A page of that version that is still there makes way.
  database.onversionchange = () => database.close();

  const place = browserStore(person);
  const store = await place.open(SERVER);
  assert.equal((await store.session())?.uids, 3);
  assert.deepEqual(await store.unsavedRooms(USER), [{ room: "two", whole: "unsaved", records: ["r"] }]);
  assert.equal((await store.room(USER, "one"))?.whole, "saved");
  assert.equal((await place.orphans?.(SERVER, USER))?.length, 2);
  store.write(batch({ writes: [{ room: "two", whole: null, records: ["r2"], isUnsaved: false }] }));
  await store.stored();
  assert.deepEqual(await store.unsavedRooms(USER), []);
  assert.deepEqual((await store.room(USER, "two"))?.records, ["r", "r2"]);
  await store.close();
});

test("a page of the version before that does not make way is waited for, and then named", async () => {
  const person = newPerson();
  const database = await firstVersion(`tutti:${person}`, () => undefined);
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    let said = "";
    browserStore(person)
      .open(SERVER)
      .catch(({ message }: StoreFailed) => {
        said = message;
      });
    while (said === "") {
      mock.timers.tick(100);
      await turn();
    }
    assert.match(said, /another page holds an older version/);
  } finally {
    mock.timers.reset();
  }
  database.close();
  const store = await browserStore(person).open(SERVER);
  await store.close();
});

test("edits write no list, and those of one moment are one transaction", async () => {
  const person = newPerson();
  const store = await browserStore(person).open(SERVER);
  store.write(UNSAVED);
  await store.stored();
  const begin = mock.method(IDBDatabase.prototype, "transaction");
  const put = mock.method(IDBObjectStore.prototype, "put");
  for (const record of ["e", "f"]) {
    store.write(batch({ writes: [{ room: "one", whole: null, records: [record], isUnsaved: true }] }));
  }
  await store.stored();
  assert.equal(begin.mock.callCount(), 1);
  const written = put.mock.calls.map(({ this: objects }) => (objects as IDBObjectStore | undefined)?.name);
  assert.ok(written.includes("records") && !written.includes("rooms"));
  begin.mock.restore();
  put.mock.restore();
  assert.deepEqual((await store.room(USER, "one"))?.records, ["e", "f"]);
  await store.close();
});

/** A database as version 1 of its form made it. */
function firstVersion(name: string, fill: (transaction: IDBTransaction) => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      for (const store of ["sessions", "rooms", "records", "refusals", "leases"]) {
        request.result.createObjectStore(store);
      }
      fill(request.transaction!);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
