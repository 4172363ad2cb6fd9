/** A worker's time by the page's clock, from letters whose times the test says. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ThreadClock } from "../../src/player/thread-clock.js";

test("what the browser says of both clocks is believed as it stands", () => {
  // The worker began 1,500 ms after the page.
  const clock = new ThreadClock(1_000, 2_500);
  assert.equal(clock.ageMs(100, 1_600), 0);
  assert.equal(clock.ageMs(100, 1_640), 40);
  clock.toWorker({ leftMs: 1_600, cameMs: 100.2 });
  clock.toPage({ leftMs: 101, cameMs: 1_601.3 });
  assert.equal(clock.ageMs(200, 1_750), 50);
});

test("nothing comes before it happened", () => {
  assert.equal(new ThreadClock(0, 10).ageMs(100, 105), 0);
});

test("where the device's clock was set meanwhile, letters say how far apart they are", () => {
  // Said to be an hour apart; in truth the page is 1,500 ms ahead.
  const clock = new ThreadClock(0, 3_600_000);
  clock.toWorker({ leftMs: 2_000, cameMs: 500.2 });
  clock.toPage({ leftMs: 501, cameMs: 2_001.3 });
  assert.ok(Math.abs(clock.ageMs(600, 2_150) - 50) <= 0.5);
  const other = new ThreadClock(3_600_000, 0);
  other.toWorker({ leftMs: 2_000, cameMs: 500.2 });
  other.toPage({ leftMs: 501, cameMs: 2_001.3 });
  assert.ok(Math.abs(other.ageMs(600, 2_150) - 50) <= 0.5);
});

test("a page that is busy for long still knows, by what it sent", () => {
  const clock = new ThreadClock(0, 0);
  clock.toWorker({ leftMs: 1_000, cameMs: 900.1 });
  for (let n = 0; n < 10; n += 1) {
    // Read 200 ms after they came.
    clock.toPage({ leftMs: 1_000 + n, cameMs: 1_300 + n });
  }
  assert.ok(Math.abs(clock.ageMs(2_000, 2_250) - 150) <= 0.5);
});

test("a page whose clock is not the device's is followed, an hour off and 50 ppm too fast", () => {
  const pageMs = (workerMs: number) => 3_600_000 + workerMs * 1.00005;
  const clock = new ThreadClock(0, 0);
  for (let atMs = 0; atMs <= 3_600_000; atMs += 250) {
    clock.toWorker({ leftMs: pageMs(atMs), cameMs: atMs + 0.1 });
    clock.toPage({ leftMs: atMs + 1, cameMs: pageMs(atMs + 1.1) });
    assert.ok(Math.abs(clock.ageMs(atMs + 2, pageMs(atMs + 82)) - 80) <= 0.5, `after ${atMs} ms`);
  }
});

test("a clock that jumped is measured anew", () => {
  const clock = new ThreadClock(0, 0);
  clock.toWorker({ leftMs: 1_000, cameMs: 1_000.1 });
  clock.toPage({ leftMs: 1_001, cameMs: 1_001.1 });
  // The device slept, and only the page's clock went on.
  clock.toWorker({ leftMs: 91_000, cameMs: 2_000.1 });
  clock.toPage({ leftMs: 2_001, cameMs: 91_001.1 });
  assert.ok(Math.abs(clock.ageMs(3_000, 92_050) - 50) <= 0.5);
});
