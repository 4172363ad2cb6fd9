/** What an app learns when a part of the SDK cannot be had. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Unreachable } from "../src/errors.js";
import { lazily } from "../src/lazy.js";

test("a part that does not load is an error like a server that does not answer", async () => {
  assert.equal(await lazily(Promise.resolve("part")), "part");
  await assert.rejects(
    lazily(Promise.reject(new TypeError("error loading dynamically imported module"))),
    error => error instanceof Unreachable && /module$/.test(error.message),
  );
});
