/** A tenth of what is asked, and a little more with time, may be asked twice. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RetryBudget } from "../src/retry-budget.js";

const THRIFT = { share: 0.1, perS: 0.1, most: 10, first: 1 };

test("ten requests earn one that is made twice", () => {
  const budget = new RetryBudget(THRIFT, 0);
  assert.ok(budget.take(0));
  assert.ok(!budget.take(0));
  for (let request = 0; request < 11; request += 1) {
    budget.asked();
  }
  assert.ok(budget.take(0));
  assert.ok(!budget.take(0));
});

test("so does time, for who asks seldom, and not more than may be saved up", () => {
  const budget = new RetryBudget(THRIFT, 0);
  assert.ok(budget.take(0));
  assert.ok(!budget.take(9_000));
  assert.ok(budget.take(10_000));
  for (let taken = 0; taken < 10; taken += 1) {
    assert.ok(budget.take(1_000_000_000));
  }
  assert.ok(!budget.take(1_000_000_000));
});
