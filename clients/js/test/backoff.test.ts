/** When a client comes back. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff, POLICY } from "../src/backoff.js";
import { seeded } from "./random.js";

const SHORT = { ...POLICY, baseMs: 100, capMs: 1000, healthyMs: 5000, returnsMax: 2 };

function delays(
  backoff: Backoff,
  count: number,
  random: number,
  advice: "back_off" | "come_back" = "back_off",
) {
  return Array.from({ length: count }, () => backoff.delayMs(advice, 0, 0, random));
}

test("the ceiling doubles up to the cap, and jitter is full", () => {
  const backoff = new Backoff(SHORT);
  assert.deepEqual(delays(backoff, 6, 0.999), [99, 199, 399, 799, 999, 999]);
  assert.equal(backoff.delayMs("back_off", 0, 0, 0), 0);
});

test("the server's hint comes on top", () => {
  const backoff = new Backoff(SHORT);
  assert.equal(backoff.delayMs("back_off", 5000, 0, 0.5), 5050);
  assert.equal(backoff.delayMs("come_back", 300, 0, 0.5), 350);
});

test("only a session that stood resets the ceiling", () => {
  const backoff = new Backoff(SHORT);
  delays(backoff, 4, 0.5);
  backoff.stood(1000, 100, 1000);
  assert.equal(backoff.delayMs("back_off", 0, 5999, 0.5), 500);
  backoff.stood(10_000, 100, 1000);
  assert.equal(backoff.delayMs("back_off", 0, 15_000, 0.5), 50);
});

test("coming back now is taken at its word only so often", () => {
  const backoff = new Backoff(SHORT);
  assert.deepEqual(delays(backoff, 5, 0.99, "come_back"), [99, 99, 99, 198, 396]);
  backoff.stood(0, 100, 1000);
  assert.equal(backoff.delayMs("come_back", 0, 5000, 0.99), 99);
});

test("the server's times replace ours, and nonsense does no harm", () => {
  const backoff = new Backoff(SHORT);
  backoff.stood(0, 10, 20);
  assert.deepEqual(delays(backoff, 3, 0.5), [5, 10, 10]);
  backoff.stood(0, 0, 0);
  assert.equal(backoff.delayMs("back_off", 0, 0, 0.5), 0);
});

test("the ceiling follows the age of the absence", () => {
  const backoff = new Backoff();
  for (let attempt = 0; attempt < 10; attempt += 1) {
    backoff.delayMs("back_off", 0, 1_000, 0.5);
  }
  assert.equal(backoff.delayMs("back_off", 0, 4_000, 0.5), 1_000);
  assert.equal(backoff.delayMs("back_off", 0, 31_000, 0.5), 5_000);
  assert.equal(backoff.delayMs("back_off", 0, 10_000_000, 0.5), 10_000);
});

test("a thousand clients do not storm", () => {
  const random = seeded(7);
  let attempts = 0;
  for (let client = 0; client < 1_000; client += 1) {
    const backoff = new Backoff();
    for (let nowMs = 0; nowMs < 60_000; attempts += 1) {
      nowMs += Math.max(1, backoff.delayMs("back_off", 0, nowMs, random()));
    }
  }
  assert.ok(attempts / 1_000 < 25);
});
