/** What every place keeps, whatever it is made of: the promise of `offline-store`. */

import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { browserStore } from "../../src/browser-store.js";
import { fileStore } from "../../src/node/store-file.js";
import { type OfflinePlace, REFUSALS_MAX } from "../../src/offline-store.js";
import { batch, SERVER, USER } from "./batches.js";

const folder = await mkdtemp(join(tmpdir(), "tutti-places-"));
process.on("exit", () => void rm(folder, { recursive: true, force: true }));

let places = 0;
const MAKERS: { readonly [kind: string]: () => OfflinePlace } = {
  "a browser": () => browserStore(`person ${++places}`),
  "a file": () => fileStore(join(folder, `queue ${++places}`)),
};

for (const [kind, make] of Object.entries(MAKERS)) {
  test(`${kind} that is new holds nothing`, async () => {
    const store = await make().open(SERVER);
    assert.equal(await store.session(), null);
    assert.deepEqual(await store.unsavedRooms(USER), []);
    assert.equal(await store.room(USER, "one"), null);
    assert.deepEqual(await store.refusals(USER), []);
    await store.close();
  });

  test(`${kind} gives back a room with its records, in order, to whoever opens it next`, async () => {
    const place = make();
    const store = await place.open(SERVER);
    store.write(batch({ writes: [{ room: "one", whole: "w1", records: [], isUnsaved: false }] }));
    for (let record = 0; record < 12; record += 1) {
      const records = [`r${record}`, `r${record}'`];
      store.write(batch({ writes: [{ room: "one", whole: null, records, isUnsaved: true }], uids: record }));
    }
    await store.close();

    const next = await place.open(SERVER);
    const records = Array.from({ length: 12 }, (_, record) => [`r${record}`, `r${record}'`]).flat();
    assert.deepEqual(await next.room(USER, "one"), { room: "one", whole: "w1", records });
    assert.deepEqual(await next.unsavedRooms(USER), [{ room: "one", whole: "w1", records }]);
    assert.equal((await next.session())?.uids, 11);
    next.write(batch({ writes: [{ room: "one", whole: null, records: ["last"], isUnsaved: true }] }));
    await next.stored();
    assert.deepEqual((await next.room(USER, "one"))?.records.at(-1), "last");
    await next.close();
  });

  test(`${kind} forgets the records before a whole`, async () => {
    const store = await make().open(SERVER);
    store.write(batch({ writes: [{ room: "one", whole: "w1", records: ["r1"], isUnsaved: true }] }));
    store.write(batch({ writes: [{ room: "one", whole: "w2", records: [], isUnsaved: false }] }));
    await store.stored();
    assert.deepEqual(await store.room(USER, "one"), { room: "one", whole: "w2", records: [] });
    assert.deepEqual(await store.unsavedRooms(USER), []);
    await store.close();
  });

  test(`${kind} tells servers, people and rooms apart`, async () => {
    const place = make();
    const store = await place.open(SERVER);
    const write = { whole: "w", records: ["r"], isUnsaved: true };
    store.write(
      batch({
        writes: [
          { ...write, room: "one" },
          { ...write, room: "one1" },
        ],
      }),
    );
    store.write(batch({ writes: [{ ...write, room: "one" }], user: "another" }));
    store.write(batch({ writes: [], forgotten: ["one"] }));
    await store.stored();
    assert.equal(await store.room(USER, "one"), null);
    assert.equal((await store.room(USER, "one1"))?.whole, "w");
    assert.equal((await store.unsavedRooms("another")).length, 1);
    await store.close();
    const other = await place.open("wss://another.example/v1/socket");
    assert.equal(await other.session(), null);
    assert.equal(await other.room(USER, "one1"), null);
    await other.close();
  });

  test(`${kind} keeps the newest refusals until they are dismissed`, async () => {
    const store = await make().open(SERVER);
    const refusals = Array.from({ length: REFUSALS_MAX + 5 }, (_, number) => ({
      room: number % 2 ? "odd" : "even",
      refusal: `${number}`,
    }));
    for (const refusal of refusals) {
      store.write(batch({ writes: [], refusals: [refusal] }));
    }
    await store.stored();
    assert.deepEqual(await store.refusals(USER), refusals.slice(-REFUSALS_MAX));
    store.write(batch({ writes: [], dismissed: ["odd"] }));
    await store.stored();
    const kept = await store.refusals(USER);
    assert.equal(kept.length, REFUSALS_MAX / 2);
    assert.ok(kept.every(({ room }) => room === "even"));
    await store.close();
  });
}
