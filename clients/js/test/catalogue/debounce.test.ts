/** When to ask for what somebody types, at times that the test says. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Debounce, REST_MS } from "../../src/debounce.js";

test("who types fast is asked for once, when the fingers rest", () => {
  const field = new Debounce();
  assert.ok(field.typed("b", 1000));
  assert.ok(field.typed("bl", 1100));
  assert.equal(field.getTimer(), 1100 + REST_MS);
  assert.equal(field.take(1100 + REST_MS - 1), null);
  assert.deepEqual(field.take(1100 + REST_MS), { number: 2, text: "bl" });
  assert.equal(field.take(2000), null);
  assert.equal(field.getTimer(), null);
  assert.ok(field.isWaiting);
  assert.ok(field.answered(2));
  assert.ok(!field.isWaiting);
});

test("an older answer counts no more, neither before nor after the newer one", () => {
  const field = new Debounce();
  field.typed("b", 0);
  const first = field.take(REST_MS)!;
  field.typed("bl", 500);
  assert.ok(!field.answered(first.number));
  const second = field.take(500 + REST_MS)!;
  assert.ok(field.answered(second.number));
  assert.ok(!field.answered(first.number));
  assert.ok(!field.isWaiting);
});

test("the same again is no question, and an empty field asks nothing", () => {
  const field = new Debounce();
  field.typed("b", 0);
  assert.ok(!field.typed("b", 100));
  assert.equal(field.getTimer(), REST_MS);
  assert.ok(field.typed("", 120));
  assert.equal(field.getTimer(), null);
  assert.ok(!field.isWaiting);
  field.again(200);
  assert.equal(field.take(200), null);
});

test("after a failure the same is asked at once", () => {
  const field = new Debounce();
  field.typed("b", 0);
  const first = field.take(REST_MS)!;
  field.answered(first.number);
  field.again(1000);
  const second = field.take(1000)!;
  assert.deepEqual(second.text, "b");
  assert.ok(field.isWaiting && second.number !== first.number);
});
