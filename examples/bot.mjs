// A bot that adds songs to a Jam as long as two of its own do not wait. Needs a Jam's code and, for now, `make run`:
//
//     node examples/bot.mjs K7QX-2MBD
//
// An app has both packages by `npm install @tutti/client ws`. In a checkout two links, after `make js`, do as well:
//
//     mkdir -p examples/node_modules/@tutti
//     ln -s ../../../clients/js examples/node_modules/@tutti/client
//     ln -s ../../clients/js/node_modules/ws examples/node_modules/ws

import { setTimeout as pause } from "node:timers/promises";
import { AwaitingApproval, CommandRefused, connect, guest } from "@tutti/client";
import WebSocket from "ws"; // Node has one of its own from version 22.

const AHEAD = 2;
const SONGS = ["One", "Two", "Three", "Four", "Five", "Six", "Seven"].map((title, at) => ({
  track: `demo:${at + 1}`,
  title,
  duration_ms: 180_000,
}));

async function enter(tutti, code) {
  try {
    return await tutti.joinJam(code);
  } catch (error) {
    if (!(error instanceof AwaitingApproval)) {
      throw error;
    }
    console.log(error.message);
    return tutti.admitted(error.jam);
  }
}

async function add(jam, song) {
  try {
    await jam.add(song);
    console.log(`Added ${song.title}.`);
  } catch (error) {
    if (!(error instanceof CommandRefused)) {
      throw error;
    }
    console.log(`${song.title}: ${error.message}`);
    if (error.retryAfterMs > 0) {
      await pause(error.retryAfterMs);
      await add(jam, song);
    }
  }
}

const [code, url = "http://127.0.0.1:8300"] = process.argv.slice(2);
const me = await guest(url, "Bot");
const tutti = await connect(url, { token: me.token, webSocket: WebSocket });
const jam = await enter(tutti, code);
const isFull = () => jam.queue.filter(song => song.addedBy === tutti.userId).length >= AHEAD;
for (const song of SONGS) {
  while (isFull() && jam.status !== "ended") {
    await jam.changed();
  }
  if (jam.status === "ended") {
    break;
  }
  await add(jam, song);
}
await tutti.close();
