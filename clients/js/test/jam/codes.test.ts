import assert from "node:assert/strict";
import test from "node:test";
import { normalise, shown } from "../../src/jam/codes.js";
import { readVectors } from "../vectors.js";

test("a code is read as people type it, and shown in two halves", () => {
  for (const { name, given, expected } of readVectors<string, { code: string; shown: string } | null>(
    "codes.jsonl",
  )) {
    const code = normalise(given);
    assert.deepEqual(code === null ? null : { code, shown: shown(code) }, expected, name);
  }
});
