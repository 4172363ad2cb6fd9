import { insertAt, moveRange, removeRange, setField } from "@tutti/client";
import { expect, test } from "vitest";
import { TOUCHED_MAX, touchedBy } from "./touched.js";

const ENTRIES = [{ uid: "a" }, { uid: "b" }];

test.each([
  ["an insert", insertAt(5, 2, ENTRIES), [2, 3]],
  ["a move down", moveRange(5, 0, 2, 4), [2, 3]],
  ["a move up", moveRange(5, 3, 1, 0), [0]],
  ["an edit", setField(5, 4, "note", "good"), [4]],
  ["a remove", removeRange(5, 1, 2), []],
])("%s", (_, op, indexes) => {
  expect(touchedBy(op)).toEqual(indexes);
});

test("a file that somebody imported is no change to follow", () => {
  const entries = Array.from({ length: 10_000 }, (_, n) => ({ uid: `x.${n}` }));
  expect(touchedBy(insertAt(0, 0, entries)).length).toBe(TOUCHED_MAX);
});
