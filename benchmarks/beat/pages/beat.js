// A listener in a Jam, as an app would have one: it joins by the code, and its player plays what the Jam plays.

import { connect, guest } from "/sdk/index.js";
import { pageWorker, WebPlayer } from "/sdk/player/index.js";

let jam;
let player;
let performance;

window.beat = {
  /** Resolves when the Jam is here and the player has its first song. */
  async join({ server, name, code }) {
    const someone = await guest(server, name);
    const worker = await pageWorker();
    if (worker.lack !== null) {
      throw new Error(worker.lack.message);
    }
    const tutti = await connect(server, { token: someone.token, worker });
    jam = await tutti.joinJam(code);
    player = new WebPlayer({ tutti });
    await player.unlock();
    performance = jam.playOn(player);
  },

  isReady: songs => performance.ready.size >= songs,

  /** What the SDK and the player think of themselves; nothing is judged by it. */
  says: () => ({ sync: jam.sync, latencyMs: player.latencyMs, problems: player.getSnapshot().problems }),
};
