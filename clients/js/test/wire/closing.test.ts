/** What a client does after a close code: the vectors that Python's tests read, too. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Advice, advice, CloseCode } from "../../src/wire/closing.js";
import { readVectors } from "../vectors.js";

test("every close code says what to do", () => {
  const vectors = readVectors<{ code: number }, { advice: Advice }>("close_codes.jsonl");
  assert.ok(vectors.length >= 30);
  for (const { name, given, expected } of vectors) {
    assert.equal(advice(given.code), expected.advice, name);
  }
  const named = new Map(vectors.map(({ name, given }) => [name, given.code]));
  for (const [name, code] of Object.entries(CloseCode)) {
    assert.equal(named.get(name.toLowerCase()), code, name);
  }
});
