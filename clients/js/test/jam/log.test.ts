/** Long lives of Jams: who only follows has the same order after every event, and the same state. */

import assert from "node:assert/strict";
import test from "node:test";
import { digest, orderDigest } from "../../src/jam/digest.js";
import { decodeEvent } from "../../src/jam/events.js";
import { Lineup } from "../../src/jam/lineup.js";
import { LogDiffers, replay } from "../../src/jam/log.js";
import { order } from "../../src/jam/queue.js";
import { load } from "../../src/jam/state.js";
import { follow } from "../../src/jam/step.js";
import { readVectors } from "../vectors.js";

interface Given {
  readonly state: { readonly at: number };
  readonly events: readonly { readonly event: string; readonly by: string }[];
}

interface Expected {
  readonly digests: readonly [number, string][];
}

const LIVES = readVectors<Given, Expected>("jam_logs.jsonl");

for (const { name, given, expected } of LIVES) {
  test(`${name} is followed`, () => {
    const digests = new Map(expected.digests);
    let lineup = new Lineup(load(given.state));
    given.events.forEach((body, at) => {
      lineup = follow(lineup, decodeEvent(body));
      assert.deepEqual(lineup.order(), order(lineup.jam), `event ${at}`);
      if (digests.has(at + 1)) {
        assert.equal(digest(lineup.jam), digests.get(at + 1), `after ${at + 1} events`);
      }
    });
    assert.deepEqual(load(JSON.parse(JSON.stringify(lineup.jam))), lineup.jam);
  });
}

/** The first of them as a log, with a mark at its end. */
function lines(): object[] {
  const { given, expected } = LIVES[0]!;
  const [count, found] = expected.digests.at(-1)!;
  return [
    { line: "begin", format: 1, jam: "j", version: 0, snapshot: given.state },
    ...given.events.slice(0, count).map((event, at) => ({
      line: "event",
      version: at + 1,
      client: "c",
      seq: at + 1,
      author: event.by,
      event,
    })),
    { line: "digest", version: count, digest: found },
  ];
}

function played(log: readonly object[]): Lineup {
  return replay(log.map(line => JSON.stringify(line)));
}

test("a log that is as it says is played to its end", () => {
  const log = lines();
  const { jam } = played(log);
  assert.equal(orderDigest(order(jam)), orderDigest(played(log).order()));
});

test("a log is refused at the first line that is not as it says", () => {
  const log = lines();
  const [begin, ...rest] = log as [object, ...object[]];
  const fifth = (changes: object) => log.map((line, at) => (at === 5 ? { ...line, ...changes } : line));
  const damaged: [object[], RegExp][] = [
    [[], /end is missing/],
    [rest, /does not begin with a snapshot/],
    [[begin, ...log], /begins once/],
    [[{ ...begin, format: 2 }, ...rest], /format 1/],
    [log.slice(0, -1), /end is missing/],
    [log.filter((_, at) => at !== 5), /not the next/],
    [fifth({ seq: 1 }), /not the next/],
    [fifth({ author: "nobody" }), /somebody else/],
    [fifth({ event: { event: "voted", at: 1e9, by: "", entry: "x", value: 1 } }), /no x/],
    [fifth({ event: { event: "ticked", at: 1e9, by: "" } }), /another than its digest/],
    [[...log.slice(0, -1), { ...log.at(-1), digest: "0" }], /the state's digest is/],
    [fifth({ line: "song" }), /one of begin, event, digest/],
  ];
  for (const [given, reason] of damaged) {
    assert.throws(
      () => played(given),
      error => error instanceof LogDiffers && reason.test(error.message),
      String(reason),
    );
  }
  assert.throws(() => replay(["{"]), LogDiffers);
});
