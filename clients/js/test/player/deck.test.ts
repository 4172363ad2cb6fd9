/** What an output plays when, without one: cues and positions, by literal times. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Cue, Deck, FADE_MS } from "../../src/player/deck.js";
import { draws } from "../draws.js";

const RATE = 48_000;
const FRAME_MS = 1000 / RATE;
const ONE = { track: "one", lengthMs: 60_000 };
const TWO = { track: "two", lengthMs: 30_000 };

function isNear(one: number | null, other: number, within = 1e-6): void {
  assert.ok(one !== null && Math.abs(one - other) <= within, `${one} is not near ${other}`);
}

const kinds = (cues: readonly Cue[]) => cues.map(({ kind, voice }) => `${kind} ${voice}`);

/** A deck that plays `ONE` from 0 on since 1000 ms. */
function playing(): Deck {
  const deck = new Deck(RATE);
  deck.start(ONE, 0, 1000, 0);
  return deck;
}

test("a start lands on the frame nearest to its time, as sharp as it was recorded", () => {
  const deck = new Deck(RATE);
  const [begin, ...rest] = deck.start(ONE, 0, 1000.003, 500);
  assert.deepEqual(rest, []);
  assert.deepEqual(begin, {
    kind: "begin",
    voice: 1,
    track: "one",
    atMs: 1000,
    positionMs: 0,
    rate: 1,
    fadeMs: 0,
  });
  assert.equal(deck.positionMs(999), null);
  isNear(deck.positionMs(1500), 500);
});

test("a late start begins as soon as it can, where it would be by then, and fades in", () => {
  const deck = new Deck(RATE);
  const [begin] = deck.start(ONE, 2000, 1000, 1250);
  assert.ok(begin?.kind === "begin");
  isNear(begin.atMs, 1250, FRAME_MS);
  isNear(begin.positionMs, 2000 + begin.atMs - 1000);
  assert.equal(begin.fadeMs, FADE_MS);
});

test("a rate counts from the block in which it begins, and the position is its integral", () => {
  const deck = playing();
  const [rate] = deck.setRate(1.005, 2001);
  assert.ok(rate?.kind === "rate");
  const block = (rate.atMs * RATE) / 1000 / 128;
  isNear(block, Math.round(block));
  assert.ok(rate.atMs >= 2001 && rate.atMs < 2001 + 128 * FRAME_MS);
  isNear(deck.positionMs(2000), 1000);
  isNear(deck.positionMs(rate.atMs + 10_000), rate.atMs - 1000 + 10_050);
  assert.deepEqual(deck.setRate(1.005, 5000), [], "nothing changes");
});

test("a splice goes on elsewhere, both voices faded, from where it is by then", () => {
  const deck = playing();
  const cues = deck.splice(5000, 3000, 1.001, 3030);
  assert.deepEqual(kinds(cues), ["begin 2", "end 1"]);
  const [begin, end] = cues;
  assert.ok(begin?.kind === "begin" && end?.kind === "end");
  assert.equal(begin.atMs, end.atMs);
  assert.deepEqual([begin.fadeMs, end.fadeMs], [FADE_MS, FADE_MS]);
  isNear(begin.positionMs, 5000 + (begin.atMs - 3000) * 1.001);
  isNear(deck.positionMs(3010), 2010);
  isNear(deck.positionMs(4000), 5000 + 1001);
});

test("a song follows another at its very end where the two are as good as one moment", () => {
  const deck = playing();
  const [begin, end] = deck.start(TWO, 0, 61_003, 59_000);
  assert.ok(begin?.kind === "begin" && end?.kind === "end");
  isNear(begin.atMs, 61_000);
  assert.deepEqual([begin.fadeMs, end.fadeMs], [0, 0]);
  isNear(deck.positionMs(60_999), 59_999);
  isNear(deck.positionMs(61_001), 1);
  assert.equal(deck.trackAt(61_001), "two");
});

test("where the end moves with the rate, so does what follows", () => {
  const deck = playing();
  deck.start(TWO, 0, 61_000, 59_000);
  const cues = deck.setRate(0.999, 59_500);
  assert.deepEqual(kinds(cues), ["rate 1", "drop 2", "keep 1", "begin 3", "end 1"]);
  const begin = cues[3];
  assert.ok(begin?.kind === "begin");
  isNear(begin.atMs, 61_001.5, 2 * FRAME_MS);
  isNear(deck.positionMs(begin.atMs - 0.05), 60_000, 0.06);
});

test("a song that takes another's place at a time that is no end fades that one out", () => {
  const deck = playing();
  const [begin, end] = deck.start(TWO, 0, 31_000, 29_000);
  assert.ok(begin?.kind === "begin" && end?.kind === "end");
  isNear(begin.atMs, 31_000);
  assert.deepEqual([begin.fadeMs, end.fadeMs], [0, FADE_MS]);
});

test("another start makes it forget the one that was to come", () => {
  const deck = playing();
  deck.start(TWO, 0, 31_000, 29_000);
  const cues = deck.start(ONE, 0, 1000, 29_500);
  assert.deepEqual(kinds(cues), ["drop 2", "keep 1"], "it plays on, unheard");
  isNear(deck.positionMs(32_000), 31_000);
});

test("a start that is to come can be moved, and no more once it has begun", () => {
  const deck = new Deck(RATE);
  deck.start(ONE, 0, 1000, 500);
  assert.deepEqual(kinds(deck.moveStart(1002, 600)), ["drop 1", "begin 2"]);
  isNear(deck.positionMs(1100), 98);
  assert.deepEqual(deck.moveStart(1500, 1050), []);
  isNear(deck.positionMs(1100), 98);
});

test("stop is silence, also of what was to come", () => {
  const deck = playing();
  deck.start(TWO, 0, 31_000, 29_000);
  assert.deepEqual(kinds(deck.stop(29_500)), ["drop 2", "keep 1", "end 1"]);
  assert.equal(deck.positionMs(29_501), null);
  assert.equal(deck.positionMs(40_000), null);
  assert.deepEqual(deck.stop(29_600), []);
  assert.deepEqual(deck.splice(0, 29_700, 1, 29_700), []);
  assert.deepEqual(deck.setRate(1.1, 29_700), []);
});

test("behind a track's end there is nothing", () => {
  const deck = playing();
  isNear(deck.positionMs(60_999), 59_999);
  assert.equal(deck.positionMs(61_000), null);
});

test("whatever is asked, the voices sound as the deck says", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const draw = draws(seed);
    const deck = new Deck(draw(2) === 0 ? 44_100 : 48_000);
    const output = new Output();
    let nowMs = 1000;
    for (let step = 0; step < 60; step += 1) {
      nowMs += draw(400);
      const earliestMs = nowMs + 20;
      const song = draw(2) === 0 ? ONE : TWO;
      const verb = draw(6);
      const cues =
        verb === 0
          ? deck.start(song, draw(2) * draw(20_000), nowMs - 500 + draw(3_000), earliestMs)
          : verb === 1
            ? deck.splice(draw(20_000), nowMs, 1 + (draw(100) - 50) / 10_000, earliestMs)
            : verb === 2
              ? deck.stop(earliestMs)
              : verb === 3
                ? deck.moveStart(nowMs + draw(1_000), earliestMs)
                : deck.setRate(1 + (draw(100) - 50) / 10_000, earliestMs);
      output.perform(cues, nowMs);
      for (const atMs of [nowMs, nowMs + 25]) {
        assert.deepEqual(
          output.sounding(atMs),
          sounding(deck, atMs),
          `seed ${seed}, step ${step}, at ${atMs}`,
        );
      }
    }
  }
});

/** Track and position to the microsecond. */
function sounding(deck: Deck, atMs: number): string {
  const positionMs = deck.positionMs(atMs);
  return positionMs === null ? "" : `${deck.trackAt(atMs)} ${positionMs.toFixed(3)}`;
}

/** Voices as an output has them, which knows only cues. Of two that fade, the one that rises counts. */
class Output {
  readonly #voices = new Map<
    number,
    { begin: Extract<Cue, { kind: "begin" }>; endMs: number; rates: [number, number][] }
  >();

  perform(cues: readonly Cue[], nowMs: number): void {
    for (const cue of cues) {
      if (cue.kind === "begin") {
        assert.ok(cue.atMs > nowMs, "nothing begins in the past");
        this.#voices.set(cue.voice, {
          begin: cue,
          endMs: Number.POSITIVE_INFINITY,
          rates: [[cue.atMs, cue.rate]],
        });
        continue;
      }
      const voice = this.#voices.get(cue.voice)!;
      if (cue.kind === "end") {
        voice.endMs = cue.atMs;
      } else if (cue.kind === "keep") {
        voice.endMs = Number.POSITIVE_INFINITY;
      } else if (cue.kind === "drop") {
        assert.ok(voice.begin.atMs > nowMs, "what was heard cannot be taken back");
        this.#voices.delete(cue.voice);
      } else {
        voice.rates.push([cue.atMs, cue.rate]);
      }
    }
  }

  sounding(atMs: number): string {
    const heard = [...this.#voices.values()].filter(({ begin, endMs }) => begin.atMs <= atMs && atMs < endMs);
    const places = heard.flatMap(({ begin, rates }) => {
      let { positionMs } = begin;
      rates.forEach(([fromMs, rate], at) => {
        const untilMs = Math.min(atMs, rates[at + 1]?.[0] ?? atMs);
        positionMs += Math.max(0, untilMs - fromMs) * rate;
      });
      const { lengthMs } = begin.track === "one" ? ONE : TWO;
      return positionMs < lengthMs ? `${begin.track} ${positionMs.toFixed(3)}` : [];
    });
    assert.ok(places.length <= 1, `several at once: ${places}`);
    return places[0] ?? "";
  }
}
