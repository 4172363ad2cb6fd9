/** The algebra's answer to the vectors of `tests/vectors/ot.jsonl` and `digest.jsonl`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { answer } from "../../src/ot/conformance.js";
import { canonicalJson, digest } from "../../src/ot/digest.js";
import type { Entry } from "../../src/ot/value.js";
import { readVectors } from "../vectors.js";

type Said = { readonly error?: { readonly code: string } };

test("the algebra answers every vector as expected", () => {
  const vectors = readVectors<unknown, Said>("ot.jsonl");
  assert.ok(vectors.length >= 2000);
  for (const { name, given, expected } of vectors) {
    let said = JSON.parse(JSON.stringify(answer(JSON.stringify(given)))) as Said;
    if (expected.error !== undefined && said.error !== undefined) {
      said = { error: { code: said.error.code } };
    }
    assert.deepEqual(said, expected, name);
  }
});

test("digests and their canonical JSON are as expected", () => {
  const vectors = readVectors<
    { entries: Entry[]; attributes: Entry },
    { canonical: string[]; digest: string }
  >("digest.jsonl");
  for (const { name, given, expected } of vectors) {
    const parts = [...given.entries, given.attributes];
    assert.deepEqual(parts.map(canonicalJson), expected.canonical, name);
    assert.equal(digest(given), expected.digest, name);
  }
});

test("a line that is no request is answered with a code", () => {
  for (const line of ["", "[]", "null", "{", '{"fn": "sing"}', '{"__proto__": {"fn": "digest"}}']) {
    const said = answer(line) as Said;
    assert.equal(said.error?.code, "request_malformed", line);
  }
});
