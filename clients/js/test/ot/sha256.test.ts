/** Our SHA-256 against the platform's. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { hex, sha256, sha256OfText } from "../../src/ot/sha256.js";

test("every length around the block's is digested as the platform digests it", () => {
  for (let length = 0; length < 300; length += 1) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 131 + length) & 255);
    assert.equal(hex(sha256(bytes)), createHash("sha256").update(bytes).digest("hex"), `${length} bytes`);
  }
});

test("text is digested as UTF-8", () => {
  const text = "Sigur Rós – Ágætis byrjun 🎧";
  assert.equal(hex(sha256OfText(text)), createHash("sha256").update(text).digest("hex"));
});
