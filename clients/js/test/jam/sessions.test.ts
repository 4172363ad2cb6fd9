/** The filter and the controller together, as in a client, over the model's networks and devices. */

import assert from "node:assert/strict";
import test from "node:test";
import { ClockFilter } from "../../src/jam/clock.js";
import { PlaybackController } from "../../src/jam/drift.js";
import { assertNear, sayDecision } from "../near.js";
import { readVectors } from "../vectors.js";

type Step = readonly [string, ...number[]];

for (const { name, given, expected } of readVectors<{ steps: Step[] }, [number, ...unknown[]][]>(
  "sessions.jsonl",
)) {
  test(`a session on ${name}`, () => {
    const [[, startMs], ...steps] = given.steps as [["start", number], ...Step[]];
    const listener = new Listener(startMs);
    const answers = steps.map(step => listener.answer(step));
    for (const [step, ...answer] of expected) {
      assertNear(answers[step]!, answer, `step ${step}`);
    }
    assert.ok(expected.length > 100);
  });
}

/** As Python's `tests.vectors.sessions.Listener`. */
class Listener {
  readonly #clock: ClockFilter;
  readonly #controller = new PlaybackController();
  #hasStarted = false;

  constructor(startMs: number) {
    this.#clock = new ClockFilter(startMs);
  }

  answer([verb, ...values]: Step): unknown[] {
    const [t0, t1, t2, t3] = values as [number, number, number, number];
    switch (verb) {
      case "timer":
        return [this.#clock.handleTimer(t0)];
      case "answer":
        this.#clock.receive({ t0, t1, t2, t3 });
        return this.#clock.isSet ? this.#known(t3 / 1000) : [];
      case "decide":
        return this.#decide(t0, t1);
      default:
        return assert.fail(`no such step: ${verb}`);
    }
  }

  #known(nowMs: number): unknown[] {
    return [this.#clock.offsetMs(nowMs), this.#clock.sdMs(nowMs), this.#clock.boundMs];
  }

  #decide(nowMs: number, positionMs: number): unknown[] {
    if (!this.#hasStarted) {
      this.#controller.started(nowMs);
      this.#hasStarted = true;
    }
    const decision = this.#controller.decide(nowMs, this.#clock.roomMs(nowMs), positionMs);
    return [...sayDecision(decision), this.#controller.errorMs, this.#controller.isLocked];
  }
}
