/** Whether two implementations that count in doubles say the same, and how a decision is said in vectors. */

import assert from "node:assert/strict";
import type { Decision } from "../src/jam/drift.js";

export const TOLERANCE = 1e-9;

export function assertNear(mine: readonly unknown[], theirs: readonly unknown[], where: string): void {
  assert.equal(mine.length, theirs.length, where);
  mine.forEach((value, at) => {
    const other = theirs[at];
    if (typeof value === "number" && typeof other === "number") {
      assert.ok(Math.abs(value - other) <= TOLERANCE, `${where}: ${value} is not ${other}`);
    } else {
      assert.equal(value, other, where);
    }
  });
}

export function sayDecision(decision: Decision): unknown[] {
  switch (decision.kind) {
    case "keep":
      return ["keep", decision.rate];
    case "splice":
      return ["splice", decision.positionMs, decision.rate];
    case "seek":
      return ["seek", decision.positionMs];
  }
}
