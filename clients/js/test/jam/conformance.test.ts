import assert from "node:assert/strict";
import test from "node:test";
import { answer } from "../../src/jam/conformance.js";
import { readVectors } from "../vectors.js";

type Said = { readonly [member: string]: unknown };

test("the filter answers what a client can know", () => {
  const vectors = readVectors<{ fn: string; by?: { source: string; shown?: object } }, Said>("jam.jsonl");
  let asked = 0;
  for (const { name, given, expected } of vectors) {
    if (given.by === undefined || (given.by.source === "client" && given.by.shown === undefined)) {
      assert.deepEqual(answer(JSON.stringify(given)), expected, name);
      asked += 1;
    }
  }
  assert.ok(asked > 300);
});

test("a line that asks nothing of a Jam is somebody else's, a wrong one gets a code", () => {
  for (const line of ["", "[]", "null", '{"fn": "compose"}']) {
    assert.equal(answer(line), null, line);
  }
  for (const line of ['{"fn": "order", "state": 1}', '{"fn": "sing", "state": {}}', '{"state": {}}']) {
    assert.equal((answer(line) as { error: { code: string } }).error.code, "jam_malformed", line);
  }
});
