// A page that a test drives: the SDK's player, what it really gives to its output, and its parts without one.

import { Deck } from "/sdk/player/deck.js";
import { makePlayer, WebPlayer } from "/sdk/player/index.js";
import { Voices } from "/sdk/player/voices.js";

const RATE = 44_100;
const TAP = `
  registerProcessor("tap", class extends AudioWorkletProcessor {
    process([[samples]]) {
      this.port.postMessage({ frame: currentFrame, samples: samples?.slice() ?? null });
      return true;
    }
  });`;

// What a `Tutti` is to a player; the test answers for `/v1`.
const host = {
  nowMs: () => performance.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
  async stream(path, signal, headers = {}) {
    const response = await fetch(`/v1/${path}`, { signal, headers });
    if (response.ok) {
      return response;
    }
    const { RequestRefused } = await import("/sdk/index.js");
    throw new RequestRefused(response.status, "not_found", "There is no such thing.");
  },
};

const songOf = id => ({ track: `tutti:track:${id}` });

function until(holds) {
  return new Promise(resolve => {
    const look = () => (holds() ? resolve() : setTimeout(look, 5));
    look();
  });
}

/** Everything that went to the output, by the context's frames. */
class Tape {
  #pieces = [];

  async listen(context) {
    const module = URL.createObjectURL(new Blob([TAP], { type: "text/javascript" }));
    await context.audioWorklet.addModule(module);
    const tap = new AudioWorkletNode(context, "tap", { channelCount: 1, channelCountMode: "explicit" });
    tap.port.onmessage = ({ data }) => data.samples && this.#pieces.push(data);
    tap.connect(context.destination);
    return tap;
  }

  /** Samples from the frame on. */
  from(frame, count) {
    const samples = new Float32Array(count);
    for (const piece of this.#pieces) {
      const at = piece.frame - frame;
      if (at > -128 && at < count) {
        samples.set(piece.samples.subarray(Math.max(0, -at), count - at), Math.max(0, at));
      }
    }
    return window.page.packed(samples);
  }

  get end() {
    return this.#pieces.length === 0 ? 0 : this.#pieces.at(-1).frame + 128;
  }
}

window.page = {
  host,
  songOf,
  until,
  makePlayer,

  /** Floats, as they travel. */
  packed: samples => btoa(Array.from(new Uint8Array(samples.buffer), byte => String.fromCharCode(byte)).join("")),
  unpacked: text => new Float32Array(Uint8Array.from(atob(text), symbol => symbol.charCodeAt(0)).buffer),

  /** What comes out when a deck is asked for all this: each step is a verb, what it is given, and `earliestMs`. */
  async rendered({ songs, steps, frames }) {
    const context = new OfflineAudioContext(1, frames, RATE);
    const buffers = new Map(
      Object.entries(songs).map(([track, packed]) => {
        const samples = page.unpacked(packed);
        const buffer = context.createBuffer(1, samples.length, RATE);
        buffer.copyToChannel(samples, 0);
        return [track, buffer];
      }),
    );
    const voices = new Voices(context, context.destination, track => buffers.get(track));
    const deck = new Deck(RATE);
    const positions = [];
    for (const [verb, ...given] of steps) {
      if (verb === "start") {
        const [track, ...rest] = given;
        const recording = { track, lengthMs: (buffers.get(track).length * 1000) / RATE };
        voices.perform(deck.start(recording, ...rest));
      } else if (verb === "positionMs") {
        positions.push(deck.positionMs(...given));
      } else {
        voices.perform(deck[verb](...given));
      }
    }
    const rendered = await context.startRendering();
    return { samples: page.packed(rendered.getChannelData(0)), positions };
  },

  /** A player with a tape, the contexts that it was given, and the codes of all problems that it ever had. */
  make(options = {}) {
    const tape = new Tape();
    const made = { tape, contexts: [] };
    made.player = new WebPlayer({
      tutti: host,
      makeContext: () => {
        const context = new AudioContext({ latencyHint: "playback", sampleRate: RATE });
        made.contexts.push(context);
        return context;
      },
      output: context => {
        const gain = context.createGain();
        void tape.listen(context).then(tap => gain.connect(tap));
        gain.connect(context.destination);
        return gain;
      },
      ...options,
    });
    made.said = [];
    made.player.subscribe(() => made.said.push(...made.player.getSnapshot().problems.map(({ code }) => code)));
    window.made = made;
    return made;
  },

  unlock: () => made.player.unlock(),

  /** A Jam of the two songs that are found by this word, in the order of titles, played with a tape. */
  async jam(server, word) {
    const sdk = await import("/sdk/index.js");
    const tutti = await sdk.connect(server, { token: (await sdk.guest(server, "Ada")).token });
    window.jam = await tutti.startJam({ mode: "queue" });
    let found = [];
    while (found.length < 2) {
      found = (await tutti.search(word)).items.map(({ track }) => track);
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    for (const song of found.sort((one, other) => (one.title < other.title ? -1 : 1))) {
      await window.jam.add(song);
    }
    const { player } = window.page.make({ tutti });
    await player.unlock();
    window.performed = window.jam.playOn(player);
    await until(() => performed.ready.size > 0 && made.tape.end > 0);
    await window.jam.play();
  },

  /** Starts the song now; gives what was asked for. */
  start(id, positionMs) {
    const { player } = made;
    const nowMs = performance.now();
    made.wish = { positionMs, heardMs: nowMs + player.latencyMs };
    player.start(songOf(id), positionMs, nowMs, nowMs);
  },

  /** How far what is heard is from what was asked for, once it plays, in ms. */
  async offBy() {
    const { player, wish } = made;
    await until(() => player.positionMs(performance.now()) !== null);
    // At once it may still be the song before.
    await new Promise(resolve => setTimeout(resolve, 100));
    const nowMs = performance.now();
    return player.positionMs(nowMs) - player.latencyMs - wish.positionMs - (nowMs - wish.heardMs);
  },
};

// Before anybody touched the page: what a browser says to music then.
if (location.search === "?by-itself") {
  const { player } = window.page.make();
  const song = songOf("a".repeat(22));
  player.prepare(song);
  await until(() => player.isReady(song));
  window.page.start("a".repeat(22), 1000);
}
console.info("ready");
