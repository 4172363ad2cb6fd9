import { expect, test } from "vitest";
import { type Move, movesTo, NOTHING, pressed, remaining, runsOf } from "./selection.js";

const ORDER = [..."abcdefgh"];

test("a press chooses one, a toggle one more, a range all between", () => {
  const one = pressed(NOTHING, "c", "alone", ORDER);
  expect([...one.uids]).toEqual(["c"]);
  const two = pressed(one, "e", "toggle", ORDER);
  expect([...two.uids]).toEqual(["c", "e"]);
  expect([...pressed(two, "e", "toggle", ORDER).uids]).toEqual(["c"]);
  expect([...pressed(one, "f", "range", ORDER).uids]).toEqual(["c", "d", "e", "f"]);
  expect([...pressed(one, "a", "range", ORDER).uids]).toEqual(["a", "b", "c"]);
});

test("a range from what is gone is one entry", () => {
  const choice = { uids: new Set(["x"]), anchor: "x" };
  expect([...pressed(choice, "b", "range", ORDER).uids]).toEqual(["b"]);
});

test("what is gone is not chosen any more", () => {
  const choice = { uids: new Set(["a", "x"]), anchor: "x" };
  expect(remaining(choice, new Set(ORDER))).toEqual({ uids: new Set(["a"]), anchor: null });
  const whole = { uids: new Set(["a"]), anchor: "a" };
  expect(remaining(whole, new Set(ORDER))).toBe(whole);
});

test("runs are as few as possible", () => {
  expect(runsOf(new Set(["b", "c", "f", "h"]), ORDER)).toEqual([
    { start: 1, count: 2 },
    { start: 5, count: 1 },
    { start: 7, count: 1 },
  ]);
});

/** What `playlist.move` does. */
function moved(list: readonly string[], { start, count, to }: Move): string[] {
  const taken = list.slice(start, start + count);
  const rest = [...list.slice(0, start), ...list.slice(start + count)];
  const at = to > start ? to - count : to;
  return [...rest.slice(0, at), ...taken, ...rest.slice(at)];
}

/** By another way: what is not chosen keeps its order, the chosen stand before the first of it from `to` on. */
function expected(uids: ReadonlySet<string>, to: number): string[] {
  const kept = (part: readonly string[]) => part.filter(uid => !uids.has(uid));
  return [...kept(ORDER.slice(0, to)), ...ORDER.filter(uid => uids.has(uid)), ...kept(ORDER.slice(to))];
}

test("every choice of eight goes to every place", () => {
  for (let chosen = 1; chosen < 2 ** ORDER.length; chosen += 1) {
    const uids = new Set(ORDER.filter((_, index) => (chosen >> index) % 2 === 1));
    for (let to = 0; to <= ORDER.length; to += 1) {
      const moves = movesTo(runsOf(uids, ORDER), to);
      expect(moves.reduce<readonly string[]>(moved, ORDER)).toEqual(expected(uids, to));
      expect(moves.length).toBeLessThanOrEqual(runsOf(uids, ORDER).length + 1);
    }
  }
});
