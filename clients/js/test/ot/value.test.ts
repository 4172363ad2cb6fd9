/** Values that JavaScript treats in ways of its own. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { compareText, difference, type Entry, edited, isValue, same } from "../../src/ot/value.js";

test("text is ordered by code point, not by UTF-16 unit", () => {
  const texts = ["", "a", "b", "é", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{10000}a", "\u{10ffff}"];
  assert.deepEqual(texts.slice().reverse().sort(compareText), texts);
});

test("a member may have any name", () => {
  const entry = JSON.parse('{"uid": "a", "__proto__": 1, "toString": 2}') as Entry;
  const after = edited(entry, JSON.parse('{"__proto__": 3, "toString": null}') as Entry);
  assert.equal(JSON.stringify(after), '{"uid":"a","__proto__":3}');
  assert.equal(JSON.stringify(difference(entry, after)), '{"__proto__":3,"toString":null}');
  assert.ok(!same(entry, { uid: "a" }));
});

test("floats, huge numbers, lone surrogates and deep nesting are no values", () => {
  for (const value of [0.5, 2 ** 53, Number.NaN, "\ud800", undefined, null, [[[[[1]]]]]]) {
    assert.ok(!isValue(value), String(value));
  }
  for (const value of [0, -1, true, "", "😀", [null], { a: [null] }]) {
    assert.ok(isValue(value));
  }
});
