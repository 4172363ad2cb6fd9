import type { Entry } from "@tutti/client";
import { expect, test } from "vitest";
import { compared } from "./compare.js";

function list(uids: string): Entry[] {
  return [...uids].map(uid => ({ uid, track: `demo:${uid}` }));
}

function told(then: string, now: string) {
  const { gone, elsewhere, later } = compared(list(then), list(now));
  return [[...gone].join(""), [...elsewhere], later.map(({ uid }) => uid).join("")];
}

test("the same list differs in nothing", () => {
  expect(told("abc", "abc")).toEqual(["", [], ""]);
  expect(told("", "")).toEqual(["", [], ""]);
});

test("what went and what came stand apart, and move nobody", () => {
  expect(told("abcd", "xbdy")).toEqual(["ac", [], "xy"]);
});

test("one that was carried far is the only one elsewhere", () => {
  expect(told("abcde", "eabcd")).toEqual(["", [["e", 0]], ""]);
  expect(told("abcde", "bcdea")).toEqual(["", [["a", 4]], ""]);
});

test("a list that was turned round kept one place", () => {
  expect(told("abcd", "dcba")[1]).toHaveLength(3);
});

test("ten thousand are compared at once", () => {
  const many = Array.from({ length: 10_000 }, (_, index) => ({ uid: String(index) }));
  expect(compared(many, [...many].reverse()).elsewhere.size).toBe(9_999);
});
