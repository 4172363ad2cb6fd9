/** How a file is played, by what is known of it and of the browser. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Facts, outputFor, SAMPLES_BYTES_MAX, wayToPlay } from "../../src/player/choice.js";

const SONG: Facts = { bytes: 4e6, lengthMs: 200_000, isKnown: true, sampleRate: 48_000 };

for (const [name, facts, way] of [
  ["a song", {}, "decode"],
  ["a song that the browser could not decode, or is not to", { sampleRate: null }, "element"],
  ["an hour", { lengthMs: 3_600_000, bytes: 60e6 }, "element"],
  ["a song whose length no element knows", { lengthMs: null }, "decode"],
  ["a large file whose length nobody knows", { lengthMs: null, bytes: 60e6 }, "too_large"],
  ["what neither can play", { lengthMs: null, sampleRate: null }, "not_decodable"],
  [
    "what the browser says it does not know",
    { lengthMs: null, sampleRate: null, isKnown: false },
    "codec_missing",
  ],
  ["what it says it does not know, and knows", { isKnown: false }, "decode"],
] as const) {
  test(`${name}: ${way}`, () => {
    assert.equal(wayToPlay({ ...SONG, ...facts }), way);
  });
}

test("as long as memory allows, and no longer", () => {
  const longestMs = (SAMPLES_BYTES_MAX / (48_000 * 2 * 4)) * 1000;
  assert.equal(wayToPlay({ ...SONG, lengthMs: longestMs }), "decode");
  assert.equal(wayToPlay({ ...SONG, lengthMs: longestMs + 1 }), "element");
  assert.ok(longestMs > 11 * 60_000);
});

test("a page has Web Audio unless it has none, or wants none", () => {
  assert.equal(outputFor({ hasWebAudio: true }), "samples");
  assert.equal(outputFor({ hasWebAudio: false, asked: "samples" }), "element");
  assert.equal(outputFor({ hasWebAudio: true, asked: "element" }), "element");
});
