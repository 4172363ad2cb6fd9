/** A real server with somebody's own music: found, looked up, added, heard. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { WebSocket } from "ws";
import { RequestRefused } from "../../src/errors.js";
import { guest } from "../../src/guest.js";
import { SearchBox } from "../../src/search-box.js";
import { Signal } from "../../src/signal.js";
import type { Tutti } from "../../src/tutti.js";
import { connect } from "../../src/way-in.js";
import { until } from "../net.js";
import { Serving } from "../serving.js";

const RATE = 8_000;
const music = mkdtempSync(join(tmpdir(), "tutti-music-"));
let serving: Serving;
let ada: Tutti;

/** A second of silence. */
function wav(): Buffer {
  const samples = Buffer.alloc(2 * RATE);
  const head = Buffer.alloc(44);
  head.write("RIFF");
  head.writeUInt32LE(36 + samples.length, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(2 * RATE, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

before(async () => {
  mkdirSync(join(music, "Quiet"));
  writeFileSync(join(music, "Quiet", "Silence in Green.wav"), wav());
  serving = await Serving.start({ TUTTI_MUSIC: music });
  const person = await guest(serving.url, "Ada");
  ada = await connect(serving.url, { token: person.token, webSocket: WebSocket });
});

after(async () => {
  await ada.close({ discard: true });
  await serving.clear();
  rmSync(music, { recursive: true });
});

test("what lies in the music folder is found as one types, added and heard", async () => {
  const box = new SearchBox(ada);
  const changed = new Signal();
  box.subscribe(() => {
    // The folder is read after the server has begun to serve.
    if (!box.getSnapshot().isSearching && box.getSnapshot().total === 0) {
      box.retry();
    }
    changed.notify();
  });
  box.type("gre sil");
  await until(changed, () => box.getSnapshot().total === 1);
  const { track } = box.getSnapshot().items[0]!;
  assert.deepEqual([track.title, track.duration_ms], ["Silence in Green", 1_000]);
  assert.deepEqual((await ada.track(track.track)).track, track);

  const jam = await ada.startJam();
  await jam.add(track);
  assert.equal(jam.queue[0]?.title, "Silence in Green");
  const id = track.track.split(":").at(-1);
  const response = await ada.stream(`audio/${id}`, new AbortController().signal);
  assert.deepEqual(Buffer.from(await response.arrayBuffer()), wav());
});

test("what is not there is refused", async () => {
  await assert.rejects(ada.track(`tutti:track:${"0".repeat(22)}`), (error: unknown) => {
    return error instanceof RequestRefused && error.code === "not_found";
  });
});
