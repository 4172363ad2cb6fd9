/** The clock filter and the playback controller against Python's answers, step by step. */

import assert from "node:assert/strict";
import test from "node:test";
import { ClockFilter } from "../../src/jam/clock.js";
import { PlaybackController } from "../../src/jam/drift.js";
import { assertNear, sayDecision } from "../near.js";
import { readVectors } from "../vectors.js";

type Step = readonly (string | number | boolean)[];

interface FilterGiven {
  readonly fn: "filter";
  readonly steps: readonly Step[];
}

interface ControllerGiven {
  readonly fn: "controller";
  readonly seek_only: boolean;
  readonly latency_ms: number;
  readonly nudge_ms: number;
  readonly started_ms?: number;
  readonly steps: readonly [number, number, number][];
}

for (const { name, given, expected } of readVectors<FilterGiven | ControllerGiven, unknown[][]>(
  "clock.jsonl",
)) {
  test(name, () => {
    const answers = given.fn === "filter" ? filtered(given) : controlled(given);
    assert.equal(answers.length, expected.length);
    answers.forEach((answer, step) => {
      assertNear(answer, expected[step]!, `step ${step}`);
    });
  });
}

function filtered({ steps: [start, ...steps] }: FilterGiven): unknown[][] {
  const clock = new ClockFilter(start![1] as number);
  return steps.map(step => told(clock, step));
}

/** As Python's `tests.vectors.clock.told`. */
function told(clock: ClockFilter, [verb, ...values]: Step): unknown[] {
  const answer: unknown[] = [];
  const [t0, t1, t2, t3] = values as [number, number, number, number];
  const nowMs = values[values.length - 1] as number;
  switch (verb) {
    case "timer":
      answer.push(clock.handleTimer(nowMs));
      break;
    case "answer":
      clock.receive({ t0, t1, t2, t3 });
      break;
    case "hidden":
      clock.setHidden(values[0] as boolean, nowMs);
      break;
    case "reconnected":
      clock.reconnected(nowMs);
      break;
    case "read":
      return clock.isSet ? [clock.roomMs(nowMs), clock.sdMs(nowMs)] : [];
    default:
      assert.fail(`no such step: ${verb}`);
  }
  return [...answer, clock.getTimer(), clock.restarts, clock.boundMs, clock.rttMs];
}

function controlled(given: ControllerGiven): unknown[][] {
  const controller = new PlaybackController({ seekOnly: given.seek_only });
  controller.latencyMs = given.latency_ms;
  controller.nudgeMs = given.nudge_ms;
  if (given.started_ms !== undefined) {
    controller.started(given.started_ms);
  }
  return given.steps.map(([nowMs, wantedMs, positionMs]) => {
    const decision = controller.decide(nowMs, wantedMs, positionMs);
    return [...sayDecision(decision), controller.errorMs, controller.base, controller.isLocked];
  });
}
