/** Whatever a server sends instead of a Jam or an event: it is taken, or it is a Misfit. */

import assert from "node:assert/strict";
import test from "node:test";
import { nextEntry } from "../../src/jam/choice.js";
import { decodeCommand } from "../../src/jam/commands.js";
import { decide } from "../../src/jam/decide.js";
import { digest } from "../../src/jam/digest.js";
import { decodeEvent } from "../../src/jam/events.js";
import { Lineup } from "../../src/jam/lineup.js";
import { reduce } from "../../src/jam/reduce.js";
import { JamRefusal } from "../../src/jam/refusal.js";
import { load } from "../../src/jam/state.js";
import { endsAt, positionAt } from "../../src/jam/timeline.js";
import { estimates } from "../../src/jam/waiting.js";
import { Misfit } from "../../src/shape.js";
import { draws } from "../draws.js";
import { readVectors } from "../vectors.js";

type Json = { [member: string]: unknown };

interface Given {
  readonly state: Json;
  readonly command: Json;
  readonly by: { readonly user: string; readonly at_ms: number };
}

const JUNK = [
  null,
  true,
  "",
  "__proto__",
  "ann",
  0,
  -1,
  0.5,
  2 ** 53,
  2 ** 53 - 1,
  1 - 2 ** 53,
  [],
  {},
  [[]],
];
const ROUNDS = 12;

test("a damaged snapshot, event or command does no more than not to fit", () => {
  const below = draws(1);
  let taken = 0;
  let refused = 0;
  for (const { name, given, expected } of readVectors<Given, { event?: Json }>("jam.jsonl")) {
    for (let round = 0; round < ROUNDS && expected.event !== undefined; round += 1) {
      const { user, at_ms: atMs } = given.by;
      const state = damaged(given.state, round % 3 === 0, below);
      const event = damaged(expected.event, round % 3 === 1, below);
      const command = damaged(given.command, round % 3 === 2, below);
      try {
        live(state, event, () => decide(load(state), decodeCommand(command), { user, atMs }));
        taken += 1;
      } catch (error) {
        assert.ok(
          error instanceof Misfit || error instanceof JamRefusal,
          `${name}: ${(error as Error).stack}`,
        );
        refused += 1;
      }
    }
  }
  assert.ok(taken > 300 && refused > 500, `${taken} taken, ${refused} refused`);
});

/** All that a client does with a Jam. */
function live(state: Json, event: Json, decides: () => unknown): void {
  const lineup = new Lineup(load(state));
  const after = lineup.followedBy(reduce(lineup.jam, decodeEvent(event)));
  const { jam } = after;
  assert.equal(after.order().length, Object.keys(jam.entries).length);
  assert.match(digest(jam), /^[0-9a-f]{16}$/);
  nextEntry(jam, after);
  estimates(jam, jam.at);
  positionAt(jam, jam.at);
  endsAt(jam);
  decides();
}

/** A copy with one member of any depth replaced, or gone; if `isMeant`. */
function damaged<T extends object>(value: T, isMeant: boolean, below: (n: number) => number): T {
  const copy = JSON.parse(JSON.stringify(value)) as T;
  if (isMeant) {
    let at = copy as Json;
    for (;;) {
      const names = Object.keys(at);
      const name = names[below(names.length)];
      if (name === undefined) {
        break;
      }
      const inner = at[name];
      if (typeof inner === "object" && inner !== null && below(4) > 0) {
        at = inner as Json;
        continue;
      }
      if (below(5) === 0 && !Array.isArray(at)) {
        delete at[name];
      } else {
        at[name] = JUNK[below(JUNK.length)];
      }
      break;
    }
  }
  return copy;
}
