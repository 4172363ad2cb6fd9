/** The sentences of refusals, against the page that Python's table is printed on. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sentenceOf } from "../../src/wire/errors.js";
import { jamSentenceOf } from "../../src/wire/jam-errors.js";

test("a refusal that travels as a code says what the server would say", () => {
  const page = readFileSync(new URL("../../../../../docs/PROTOCOL.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `(\w+)` \| (.+) \| (yes|no) \| (yes|no) \| \d{3} \|$/gm)];
  const consuming = rows.filter(([, , , , consumes]) => consumes === "yes");
  assert.ok(consuming.length >= 35);
  for (const [, code, sentence] of consuming) {
    assert.equal(jamSentenceOf(code!), sentence, code);
  }
  assert.equal(sentenceOf("op_drops"), jamSentenceOf("op_drops"));
  assert.equal(jamSentenceOf("toString"), "The server refused this.");
});
