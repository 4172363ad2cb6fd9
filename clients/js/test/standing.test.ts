/** When a replica tries again: never before the server's time, and not all in one moment. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RETRY_FIRST_MS, RETRY_LAST_MS, Standing } from "../src/standing.js";

function dueOf(name: string, retryAfterMs: number, times: number): number {
  const standing = new Standing(name);
  standing.connected();
  for (let time = 0; time < times; time += 1) {
    standing.putOff(1_000, retryAfterMs, false);
  }
  return standing.dueMs - 1_000;
}

test("nobody comes back before the server's time, and each by a part of its own pause later", () => {
  const due = Array.from({ length: 200 }, (_, person) => dueOf(`person ${person}`, 500, 1));
  assert.ok(due.every(ms => ms >= 500 && ms < 500 + RETRY_FIRST_MS));
  assert.ok(new Set(due).size > 50);
});

test("the own pause doubles up to a last one", () => {
  const late = Array.from({ length: 200 }, (_, person) => dueOf(`person ${person}`, 0, 12));
  assert.ok(late.every(ms => ms >= 0 && ms <= RETRY_LAST_MS));
  assert.ok(Math.max(...late) > RETRY_LAST_MS * 0.9);
});

test("what takes effect meanwhile needs not wait", () => {
  const standing = new Standing("somebody");
  standing.connected();
  standing.opened();
  standing.putOff(1_000, 5_000, true);
  standing.settled();
  assert.equal(standing.dueMs, 0);
});
