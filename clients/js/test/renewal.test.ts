/** When clients ask for new tokens, in virtual time. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Renewal } from "../src/renewal.js";

const MINUTE_MS = 60_000;
const LIFE_MS = 15 * MINUTE_MS;

test("it is asked for three times in a life", () => {
  const renewal = new Renewal();
  assert.equal(renewal.dueMs(), null);
  renewal.ends(1_000_000 + LIFE_MS, 1_000_000, 0.5);
  for (const dueMs of [1_270_000, 1_540_000, 1_810_000]) {
    assert.equal(renewal.dueMs(), dueMs);
    renewal.asked(dueMs);
  }
  assert.equal(renewal.dueMs(), null);
});

test("each client has its own pace", () => {
  for (const [random, firstMs, lastMs] of [
    [0, 243_000, 729_000],
    [1, 297_000, 891_000],
  ] as const) {
    const renewal = new Renewal();
    renewal.ends(LIFE_MS, 0, random);
    assert.equal(renewal.dueMs(), firstMs);
    renewal.asked(lastMs - 1);
    assert.equal(renewal.dueMs(), lastMs);
  }
});

test("a new token begins anew", () => {
  const renewal = new Renewal();
  renewal.ends(LIFE_MS, 0, 0.5);
  renewal.asked(270_000);
  renewal.took(280_000, 0.5);
  assert.equal(renewal.dueMs(), 550_000);
});

test("who comes back with a used token keeps the pace", () => {
  const renewal = new Renewal();
  renewal.ends(LIFE_MS, 0, 0.5);
  // Eight minutes left: the first question would have been long ago.
  renewal.ends(LIFE_MS, 7 * MINUTE_MS, 0.5);
  assert.equal(renewal.dueMs(), 540_000);
});
