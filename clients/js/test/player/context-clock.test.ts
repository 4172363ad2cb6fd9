/** What is made of an audio context's clocks, over devices as they are and as they should not be. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ContextClock } from "../../src/player/context-clock.js";
import { draws } from "../draws.js";

const BUFFER_MS = 23.22;
/** From being asked for a buffer's samples until the first of them is heard. */
const DEVICE_MS = 70;
const SAID_MS = 95;

interface Wrong {
  readonly driftPpm?: number;
  /** The output stands still at this time, for so long. */
  readonly stallAtMs?: number;
  readonly stallMs?: number;
  /** What getOutputTimestamp says instead of the truth. */
  readonly heard?: (contextMs: number, nowMs: number) => { contextMs: number; nowMs: number } | null;
}

/** A context on a device that asks for a buffer at a time, a bit late now and then. */
class Output {
  readonly #draw = draws(7);
  readonly #wrong: Wrong;

  constructor(wrong: Wrong = {}) {
    this.#wrong = wrong;
  }

  /** What has been given to the output by then, if it were asked for without end. */
  givenMs(nowMs: number): number {
    const { driftPpm = 0, stallAtMs = Number.POSITIVE_INFINITY, stallMs = 0 } = this.#wrong;
    const stoodMs = Math.min(Math.max(0, nowMs - stallAtMs), stallMs);
    return (nowMs - stoodMs) * (1 + driftPpm / 1e6);
  }

  reading(nowMs: number) {
    const lateMs = this.#draw(100) < 5 ? this.#draw(40) / 10 : this.#draw(10) / 100;
    const askedMs = Math.floor((this.givenMs(nowMs) - lateMs) / BUFFER_MS) * BUFFER_MS;
    const heardMs = askedMs - DEVICE_MS;
    // When it was asked, as the device says: to a tenth of a millisecond.
    const truth = {
      contextMs: heardMs,
      nowMs: nowMs - (this.givenMs(nowMs) - askedMs) + this.#draw(10) / 100,
    };
    const { heard = () => truth } = this.#wrong;
    return {
      nowMs,
      contextMs: askedMs + BUFFER_MS,
      heard: heardMs > 0 ? heard(heardMs, nowMs) : null,
      saidMs: SAID_MS,
    };
  }
}

/** What is heard by the clock less what is heard, at each reading. */
function errors(
  clock: ContextClock,
  output: Output,
  fromMs: number,
  untilMs: number,
  everyMs: number,
): number[] {
  const wrong: number[] = [];
  for (let nowMs = fromMs; nowMs < untilMs; nowMs += everyMs) {
    clock.read(output.reading(nowMs));
    wrong.push(clock.contextMs(nowMs)! - clock.latencyMs - (output.givenMs(nowMs) - DEVICE_MS));
  }
  return wrong;
}

function spread(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

for (const driftPpm of [-50, 0, 50]) {
  test(`the output's timestamps tell what is heard, of a device that drifts by ${driftPpm} ppm`, () => {
    const clock = new ContextClock(BUFFER_MS);
    const output = new Output({ driftPpm });
    errors(clock, output, 500, 3000, 20);
    assert.ok(clock.isSane);
    const wrong = errors(clock, output, 3000, 120_000, 250);
    assert.ok(Math.max(...wrong.map(Math.abs)) < 0.5, `${Math.max(...wrong.map(Math.abs))}`);
  });

  test(`without them positions are as smooth as they have to be, at ${driftPpm} ppm`, () => {
    const clock = new ContextClock(BUFFER_MS);
    const output = new Output({ driftPpm, heard: () => null });
    errors(clock, output, 500, 3000, 20);
    assert.ok(!clock.isSane);
    assert.equal(clock.latencyMs, SAID_MS);
    const wrong = errors(clock, output, 3000, 120_000, 41.3);
    assert.ok(spread(wrong) < 2, `${spread(wrong)}`);
  });
}

test("an output that stood still is seen within half a second, with timestamps and without", () => {
  for (const [heard, everyMs] of [
    [undefined, 125],
    [() => null, 41.3],
  ] as const) {
    for (const stallMs of [35, 60, 120]) {
      const clock = new ContextClock(BUFFER_MS);
      const output = new Output({ stallAtMs: 10_000, stallMs, ...(heard && { heard }) });
      errors(clock, output, 500, 10_000, everyMs);
      const before = errors(clock, output, 9_000, 10_000, everyMs).at(-1)!;
      errors(clock, output, 10_000, 10_500 + stallMs, everyMs);
      const after = errors(clock, output, 10_500 + stallMs, 20_000, everyMs);
      for (const wrong of after) {
        assert.ok(Math.abs(wrong - before) < 6, `${stallMs} ms: ${wrong - before}`);
      }
    }
  }
});

test("timestamps that make no sense are not believed", () => {
  const lies: Record<string, Wrong["heard"]> = {
    "another clock": (contextMs, nowMs) => ({ contextMs, nowMs: nowMs + 3_600_000 }),
    "standing still": () => ({ contextMs: 100, nowMs: 170 }),
    "always zero": () => ({ contextMs: 0, nowMs: 0 }),
    "ahead of what was given": (contextMs, nowMs) => ({ contextMs: contextMs + 500, nowMs }),
    jumping: (contextMs, nowMs) => ({ contextMs: contextMs - (Math.floor(nowMs / 41) % 5) * 30, nowMs }),
  };
  for (const [name, heard] of Object.entries(lies)) {
    const clock = new ContextClock(BUFFER_MS);
    const output = new Output({ ...(heard && { heard }) });
    errors(clock, output, 2_000, 10_000, 41.3);
    assert.ok(!clock.isSane, name);
    const wrong = errors(clock, output, 10_000, 20_000, 41.3);
    assert.ok(spread(wrong) < 2, name);
  }
});

test("before it was read nothing is known, and nothing after another device plays", () => {
  const clock = new ContextClock(BUFFER_MS);
  assert.equal(clock.contextMs(1), null);
  errors(clock, new Output(), 500, 3000, 20);
  clock.reset();
  assert.equal(clock.contextMs(3000), null);
  assert.ok(!clock.isSane);
});
