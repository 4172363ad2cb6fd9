import assert from "node:assert/strict";
import test from "node:test";
import { type Features, featuresOf } from "../../src/jam/features.js";
import { smoothOrder } from "../../src/jam/smooth-order.js";
import { apply } from "../../src/ot/apply.js";
import { deduplicate, replaceAll, reverse, shuffle, sortBy, sortByField } from "../../src/ot/arrange.js";
import { uidOf } from "../../src/ot/document.js";
import { isIdentity } from "../../src/ot/op.js";
import type { Entry } from "../../src/ot/value.js";
import { encode } from "../../src/ot/wire.js";
import { readVectors } from "../vectors.js";

interface Given {
  readonly fn: string;
  readonly entries: readonly Entry[];
  readonly descending: boolean;
  readonly draws: readonly number[];
  readonly wanted: readonly Entry[];
  readonly songs: readonly Entry[];
}

test("lists are arranged as in Python, op by op", () => {
  const seen = new Set<string>();
  for (const { name, given, expected } of readVectors<Given, unknown>("arrange.jsonl")) {
    assert.deepEqual(arranged(given), expected, name);
    seen.add(given.fn);
  }
  assert.equal(seen.size, 6);
});

function arranged({ fn, entries, descending, draws, wanted, songs }: Given): unknown {
  const document = { entries, attributes: { name: "list" } };
  switch (fn) {
    case "smooth_order":
      return smoothOrder(songs.map((song): Features => featuresOf(song)));
    case "sort_by_field":
      return encode(sortByField(document, "by", descending));
    case "shuffle": {
      const left = [...draws];
      return encode(shuffle(entries.length, n => left.shift()! % n));
    }
    case "reverse":
      return encode(reverse(entries.length));
    case "deduplicate":
      return encode(deduplicate(document, "by"));
    case "replace_all":
      return encode(replaceAll(document, wanted, "by"));
    default:
      return assert.fail(fn);
  }
}

test("a sort by a key is stable, and moves nothing that is sorted", () => {
  const entries = [..."bbaab"].map((by, index) => ({ uid: `${index}`, by }));
  const document = { entries, attributes: {} };
  const sorted = apply(
    document,
    sortBy(document, entry => entry["by"] as string),
  );
  assert.equal(sorted.entries.map(uidOf).join(""), "23014");
  const descending = apply(
    document,
    sortBy(document, entry => entry["by"] as string, true),
  );
  assert.equal(descending.entries.map(uidOf).join(""), "01423");
  assert.ok(isIdentity(sortBy(document, entry => Number(uidOf(entry)))));
});
