/** Whether the server is still there, with literal times: what is asked when, and when a socket is given up. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { DOUBT_MS, Liveness, WELCOME_TIMEOUT_MS } from "../src/liveness.js";

const HEARTBEAT_MS = 10_000;
const HOUR_MS = 3_600_000;

/** Welcomed at 1,000, when the wall clock said 5,001,000. */
function welcomed(): Liveness {
  const liveness = new Liveness(0, 5_000_000);
  liveness.welcomed(HEARTBEAT_MS, 1_000);
  assert.equal(looked(liveness, 1_000), "fine");
  return liveness;
}

/** With a wall clock that goes on as the other one does. */
function looked(liveness: Liveness, nowMs: number): string {
  return liveness.look(nowMs, 5_000_000 + nowMs);
}

test("a server that does not welcome us in time is gone", () => {
  const liveness = new Liveness(0, 5_000_000);
  assert.equal(liveness.getTimer(), WELCOME_TIMEOUT_MS);
  liveness.heard(1_000);
  liveness.doubt(1_000);
  assert.equal(looked(liveness, WELCOME_TIMEOUT_MS - 1), "fine");
  assert.equal(looked(liveness, WELCOME_TIMEOUT_MS), "gone");
});

test("after a heartbeat of silence it asks once, after three the server is gone", () => {
  const liveness = welcomed();
  assert.equal(liveness.getTimer(), 11_000);
  assert.equal(looked(liveness, 10_999), "fine");
  assert.equal(looked(liveness, 11_000), "ask");
  assert.equal(looked(liveness, 11_001), "fine");
  assert.equal(liveness.getTimer(), 31_000);
  assert.equal(looked(liveness, 31_000), "gone");
});

test("whatever comes is a sign of life", () => {
  const liveness = welcomed();
  assert.equal(looked(liveness, 11_000), "ask");
  liveness.heard(11_050);
  assert.equal(liveness.getTimer(), 21_050);
  assert.equal(looked(liveness, 21_050), "ask");
});

test("a page that was frozen for an hour asks at once and does not wait long", () => {
  const liveness = welcomed();
  assert.equal(looked(liveness, HOUR_MS), "ask");
  assert.equal(liveness.getTimer(), HOUR_MS + DOUBT_MS);
  assert.equal(looked(liveness, HOUR_MS + DOUBT_MS), "gone");
});

test("a machine whose monotonic clock slept with it notices by the wall clock", () => {
  const liveness = welcomed();
  assert.equal(liveness.look(5_000, 5_005_000 + HOUR_MS), "ask");
  liveness.heard(5_020);
  assert.equal(liveness.look(5_030, 5_005_030 + HOUR_MS), "fine");
});

test("a wall clock that is set costs a question", () => {
  const liveness = welcomed();
  assert.equal(liveness.look(5_000, 5_005_000 - HOUR_MS), "ask");
  liveness.heard(5_020);
  assert.equal(liveness.look(5_030, 5_005_030 - HOUR_MS), "fine");
});

test("when the network changes it asks at once", () => {
  const liveness = welcomed();
  liveness.doubt(4_000);
  assert.ok(liveness.getTimer() <= 4_000);
  assert.equal(looked(liveness, 4_000), "ask");
  assert.equal(looked(liveness, 4_000 + DOUBT_MS), "gone");
});

test("a timer that is a little late is no sleep", () => {
  const liveness = welcomed();
  assert.equal(looked(liveness, 14_000), "ask");
  assert.equal(liveness.getTimer(), 31_000);
});

test("nonsense from a server does no harm", () => {
  for (const [named, kept] of [
    [1, 1_000],
    [2 ** 50, 60_000],
  ] as const) {
    const liveness = new Liveness(0, 0);
    liveness.welcomed(named, 0);
    assert.equal(liveness.getTimer(), kept);
  }
});
