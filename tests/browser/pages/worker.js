// A page in a Jam that is as busy as the test wants, with its socket in a worker or not.

import * as sdk from "/sdk/index.js";
import { pageWorker } from "/sdk/player/page-worker.js";

let worker;
let tutti;
let jam;
let isBusy = false;
const violations = [];
document.addEventListener("securitypolicyviolation", event => violations.push(event.violatedDirective));

/** The main thread does nothing else for so long. */
function block(ms) {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs) {
    // Busy.
  }
}

window.page = {
  violations,
  timeOrigin: performance.timeOrigin,
  isIsolated: window.crossOriginIsolated,
  isSecure: window.isSecureContext,
  lack: () => worker.lack?.code ?? null,
  sync: () => jam.sync,

  /** How the page keeps time, once that was measured. */
  async measured() {
    await tutti.timeSet();
    return jam.sync;
  },

  /** From now on the page does something else for so long whenever it has asked for the time. */
  blockAfterEachProbe(ms) {
    for (const { prototype, sentIn } of [
      { prototype: WebSocket.prototype, sentIn: data => data },
      { prototype: Worker.prototype, sentIn: letter => letter.order.data },
    ]) {
      const name = prototype === Worker.prototype ? "postMessage" : "send";
      const send = prototype[name];
      prototype[name] = function (given) {
        send.call(this, given);
        if (String(sentIn(given)).includes('"time"')) {
          block(ms);
        }
      };
    }
  },

  /** From now on nobody sees the page, and its browser holds its timers back for good. */
  hide() {
    window.setTimeout = () => 0;
    Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
    Object.defineProperty(document, "hidden", { get: () => true });
    document.dispatchEvent(new Event("visibilitychange"));
  },

  /** Resolves by a timer of the worker. */
  tick: ms => new Promise(resolve => worker.after(ms, resolve)),

  async start({ server, name, aside }) {
    const person = await sdk.guest(server, name);
    worker = aside ? await pageWorker() : undefined;
    tutti = await sdk.connect(server, { token: person.token, worker });
    jam = await tutti.startJam({ name: "Friday" });
  },

  /** Blocks for a random time between these, again and again, and breathes for a moment between. */
  busy(leastMs, mostMs, breathMs) {
    isBusy = true;
    const again = () => {
      if (isBusy) {
        block(leastMs + Math.random() * (mostMs - leastMs));
        setTimeout(again, Math.random() * breathMs);
      }
    };
    again();
  },

  /** How far the room's clock is believed to be ahead, so many times in so many ms. */
  async sample(count, everyMs) {
    const offsets = [];
    while (offsets.length < count) {
      await new Promise(resolve => setTimeout(resolve, everyMs));
      offsets.push(jam.sync.offsetMs);
    }
    return offsets;
  },

  async stop() {
    isBusy = false;
    await tutti.close({ discard: true });
    worker?.close();
  },
};
