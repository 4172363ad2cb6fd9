/** An output that rests while nothing is heard, and is up in time; time is the test's. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Device } from "../../src/player/device.js";

/** Where Node has none. */
Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });

/** Timers and a context's clock, both by one time. */
class World {
  nowMs = 0;
  #timers: { readonly dueMs: number; readonly then: () => void }[] = [];

  readonly after = (ms: number, then: () => void): (() => void) => {
    const timer = { dueMs: this.nowMs + ms, then };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer);
    };
  };

  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      this.#timers = this.#timers.filter(timer => timer !== next);
      this.nowMs = Math.max(this.nowMs, next.dueMs);
      next.then();
      await turn();
    }
    this.nowMs = untilMs;
  }

  #next(untilMs: number) {
    return this.#timers
      .filter(({ dueMs }) => dueMs <= untilMs)
      .sort((one, other) => one.dueMs - other.dueMs)[0];
  }
}

/** It advances while it runs, and takes a turn to change its state, as browsers do. */
class Context extends EventTarget {
  state: AudioContextState = "suspended";
  readonly baseLatency = 0.02;
  readonly sampleRate = 48_000;
  onstatechange: () => void = () => undefined;
  readonly #world: World;
  #ranMs = 0;
  #sinceMs = 0;

  constructor(world: World) {
    super();
    this.#world = world;
  }

  get currentTime(): number {
    const runsMs = this.state === "running" ? this.#world.nowMs - this.#sinceMs : 0;
    return (this.#ranMs + runsMs) / 1000;
  }

  resume = () => this.#become("running");
  suspend = () => this.#become("suspended");
  close = () => this.#become("closed");

  async #become(state: AudioContextState): Promise<void> {
    await turn();
    this.#ranMs = this.currentTime * 1000;
    this.#sinceMs = this.#world.nowMs;
    this.state = state;
    this.onstatechange();
  }
}

const turn = () => new Promise<void>(resolve => setImmediate(resolve));

function made(): { world: World; context: Context; device: Device; states: string[] } {
  const world = new World();
  const context = new Context(world);
  const states: string[] = [];
  const device: Device = new Device(
    { makeContext: () => context as unknown as AudioContext, after: world.after, nowMs: () => world.nowMs },
    { deviceChanged: () => states.push(device.state), deviceTicked: () => undefined },
  );
  return { world, context, device, states };
}

test("a rest costs nothing and is no trouble that anybody is told of", async () => {
  const { world, context, device, states } = made();
  await device.resume();
  await world.pass(1_000);
  device.rest();
  assert.ok(!device.isRunning);
  await turn();
  await world.pass(60_000);
  assert.equal(context.state, "suspended");
  assert.deepEqual(states.slice(-2), ["running", "idle"]);
  device.close();
});

test("after a rest its clock is known before a start that was announced 400 ms ahead, and is exact", async () => {
  const { world, context, device } = made();
  await device.resume();
  await world.pass(1_000);
  device.rest();
  await turn();
  await world.pass(60_000);
  await device.resume();
  assert.ok(device.isRunning);
  assert.equal(device.contextMs(world.nowMs), null);
  await world.pass(200);
  const readMs = device.contextMs(world.nowMs);
  assert.equal(Math.round((readMs ?? 0) * 100), Math.round(context.currentTime * 100_000));
  device.close();
});

test("what is to be played while it lies down gets it up again, without a word of trouble", async () => {
  const { world, context, device, states } = made();
  await device.resume();
  await world.pass(1_000);
  device.rest();
  await device.resume();
  assert.equal(context.state, "running");
  assert.deepEqual(states.slice(-3), ["running", "idle", "running"]);
  device.close();
});

test("an output that somebody else took is still said to be interrupted", async () => {
  const { world, context, device } = made();
  await device.resume();
  await world.pass(1_000);
  await context.suspend();
  assert.equal(device.state, "interrupted");
  device.close();
});
