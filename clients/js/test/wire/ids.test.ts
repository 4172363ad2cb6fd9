/** Ids, as Python writes them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeId, isId } from "../../src/wire/ids.js";

test("16 bytes become 22 symbols, most significant first", () => {
  assert.equal(encodeId(new Uint8Array(16)), "0".repeat(22));
  assert.equal(encodeId(Uint8Array.from({ length: 16 }, () => 255)), "7n42DGM5Tflk9n8mt7Fhc7");
  assert.equal(encodeId(Uint8Array.from({ length: 16 }, (_, at) => at)), "000SYW7RiJxkEgOGusQGwp");
});

test("an id has 22 symbols of base62", () => {
  assert.ok(isId("7N42dgm5tFLK9N8MT7fHC7"));
  for (const text of ["", "7N42dgm5tFLK9N8MT7fHC", "7N42dgm5tFLK9N8MT7fHC7\n", "7N42dgm5tFLK9N8MT7fH-7"]) {
    assert.ok(!isId(text), text);
  }
});
