import { expect, test } from "vitest";
import { agoOf, clockOf, lengthOf } from "./times.js";

test.each([
  [0, "0:00"],
  [59_499, "0:59"],
  [59_500, "1:00"],
  [187_000, "3:07"],
  [3_765_000, "1:02:45"],
  [-5, "0:00"],
])("%i ms is %s", (ms, shown) => {
  expect(clockOf(ms)).toBe(shown);
});

test("lengths", () => {
  expect([lengthOf(0), lengthOf(42 * 60_000), lengthOf(192 * 60_000)]).toEqual([
    "0 min",
    "42 min",
    "3 h 12 min",
  ]);
});

test("moments", () => {
  const now = 1_800_000_000_000;
  expect([agoOf(now + 900, now), agoOf(now - 120_000, now), agoOf(now - 86_400_000, now)]).toEqual([
    "now",
    "2 min. ago",
    "yesterday",
  ]);
});
