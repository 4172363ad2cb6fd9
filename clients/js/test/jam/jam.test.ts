/** The Jam's conformance vectors, which Python's tests read, too. */

import assert from "node:assert/strict";
import test from "node:test";
import { decodeCommand } from "../../src/jam/commands.js";
import { decide } from "../../src/jam/decide.js";
import { digest, orderDigest } from "../../src/jam/digest.js";
import { decodeEvent, type Event } from "../../src/jam/events.js";
import { Lineup } from "../../src/jam/lineup.js";
import { order } from "../../src/jam/queue.js";
import { JamRefusal } from "../../src/jam/refusal.js";
import { load } from "../../src/jam/state.js";
import { follow } from "../../src/jam/step.js";
import { readVectors } from "../vectors.js";

interface Given {
  readonly fn: "decide" | "order";
  readonly state: object;
  readonly command: { readonly do: string };
  readonly by: {
    readonly user: string;
    readonly at_ms: number;
    readonly source: string;
    readonly shown?: object;
  };
}

interface Expected {
  readonly order: string[];
  readonly order_digest: string;
  readonly digest: string;
  readonly event?: { readonly event: string; readonly order: string };
  readonly refused?: { readonly code: string; readonly retry_after_ms: number };
  readonly nothing?: true;
}

const VECTORS = readVectors<Given, Expected>("jam.jsonl");

test("a snapshot is read as it is, and its order and digests are the server's", () => {
  const given = VECTORS.filter(vector => vector.given.fn === "order");
  assert.equal(given.length, 100);
  for (const {
    name,
    given: { state },
    expected,
  } of given) {
    const jam = load(state);
    assert.deepEqual(jam, state, name);
    assert.deepEqual(order(jam), expected.order, name);
    assert.equal(orderDigest(expected.order), expected.order_digest, name);
    assert.equal(digest(jam), expected.digest, name);
  }
});

test("every event leads to the server's order and state", () => {
  const seen = new Set<string>();
  for (const { name, given, expected } of VECTORS) {
    if (expected.event !== undefined) {
      const event = decodeEvent(expected.event);
      assert.deepEqual(event, expected.event, name);
      const after = follow(new Lineup(load(given.state)), event);
      assert.deepEqual(after.order(), expected.order, name);
      assert.deepEqual(order(after.jam), expected.order, name);
      assert.equal(digest(after.jam), expected.digest, name);
      seen.add(event.event);
    }
  }
  assert.equal(seen.size, 38);
});

test("a client foresees what its commands become", () => {
  const seen = new Set<string>();
  for (const { name, given, expected } of VECTORS) {
    // What devices show of themselves only the server knows.
    if (given.fn === "decide" && given.by.source === "client" && given.by.shown === undefined) {
      assert.deepEqual(decided(given), said(expected), name);
      seen.add(given.command.do);
    }
  }
  assert.equal(seen.size, 32);
});

function decided({ state, command, by }: Given): unknown {
  const lineup = new Lineup(load(state));
  const given = decodeCommand(command);
  assert.deepEqual(given, command);
  try {
    return decide(lineup.jam, given, { user: by.user, atMs: by.at_ms, lineup });
  } catch (error) {
    assert.ok(error instanceof JamRefusal);
    return { code: error.code, retry_after_ms: error.retryAfterMs };
  }
}

function said({ event, refused }: Expected): unknown {
  return event === undefined ? (refused ?? null) : { ...(event as Event), order: "" };
}
