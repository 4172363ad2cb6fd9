/** How often a client writes before it sends. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { BatchStore } from "../../src/batches.js";
import { Kept } from "../../src/kept.js";
import type { Batch, OfflineStore } from "../../src/offline-store.js";
import { connect } from "../../src/way-in.js";
import { Net } from "../net.js";
import { CLIENT, FRIDAY, opened, welcome } from "../session.js";

const USER = "ann";

/** Keeps things as long as the test runs, and counts what it is asked to write. */
class Memory extends BatchStore implements OfflineStore {
  commits = 0;
  readonly #kept = new Kept();

  protected async commit(batches: readonly Batch[]): Promise<void> {
    this.commits += 1;
    for (const batch of batches) {
      this.#kept.take(batch);
    }
  }

  session = async () => ({ user: USER, client: CLIENT, uids: 0, clockAheadMs: 0 });
  room = async (user: string, room: string) => this.#kept.room(user, room);
  unsavedRooms = async (user: string) => this.#kept.unsavedRooms(user);
  refusals = async (user: string) => this.#kept.refusals(user);
  close = () => this.stored();
}

test("an edit and what is sent of it are one write, which is there before it leaves", async () => {
  const net = new Net();
  const store = new Memory();
  const connecting = connect("https://tutti.example.com", {
    token: "token",
    webSocket: net.socketClass,
    offline: { open: async () => store },
  });
  const server = await net.connection();
  server.say(welcome(USER));
  const tutti = await connecting;
  const opening = tutti.openPlaylist(FRIDAY);
  await server.next("open");
  server.say(opened(FRIDAY));
  const playlist = await opening;
  await playlist.stored();
  const before = store.commits;

  playlist.append([{ track: "demo:1", title: "One" }]);
  assert.equal(store.commits, before);
  await server.next("submit");
  assert.equal(store.commits, before + 1);
  const records = (await store.room(USER, FRIDAY))?.records.map(record => JSON.parse(record)[0] as string);
  assert.deepEqual(records, ["e", "f"]);
  await tutti.close({ discard: true });
});
