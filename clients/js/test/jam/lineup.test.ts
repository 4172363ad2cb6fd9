/** The order that is kept from event to event is the one that all entries together have. */

import assert from "node:assert/strict";
import test from "node:test";
import { digest } from "../../src/jam/digest.js";
import { decodeEvent } from "../../src/jam/events.js";
import { Lineup } from "../../src/jam/lineup.js";
import { order } from "../../src/jam/queue.js";
import { reduce } from "../../src/jam/reduce.js";
import { type Jam, load } from "../../src/jam/state.js";
import { Misfit } from "../../src/shape.js";
import { draws } from "../draws.js";

// Names that a map must bear.
const USERS = ["ann", "__proto__", "toString", "7", "constructor"];
const HOST = { ann: { name: "Ann", role: "cohost", since: 0, active_at: 0 } };
const MODES = ["fair", "votes", "queue"];

function crowded(mode: string): Lineup {
  let lineup = new Lineup(load({ host: "ann", at: 0, started_at: 0, settings: { mode }, members: HOST }));
  USERS.slice(1).forEach((user, at) => {
    lineup = after(lineup, { event: "joined", at, by: user, user, name: user, role: "guest" });
  });
  return lineup;
}

function after(lineup: Lineup, body: object): Lineup {
  return lineup.followedBy(reduce(lineup.jam, decodeEvent(body)));
}

function anyEvent(jam: Jam, number: number, below: (n: number) => number): object {
  const ids = Object.keys(jam.entries);
  const by = USERS[below(USERS.length)]!;
  const entry = ids[below(ids.length)] ?? "";
  const root = { at: number, by };
  const kind = below(ids.length > 60 ? 24 : 14);
  if (ids.length === 0 || kind < 6) {
    const id = number === 8 ? "__proto__" : `${by}.${number}`;
    return { ...root, event: "added", entry: id, track: { track: `test:${number}` } };
  }
  if (kind < 14) {
    return { ...root, event: "voted", entry, value: below(3) - 1 };
  }
  switch (kind) {
    case 14:
      return { ...root, event: "pinned", entry, before: ids[below(ids.length)] };
    case 15:
      return { ...root, event: "unpinned", entry };
    case 16:
      return { ...root, event: "next_locked", entry };
    case 17:
      return { ...root, event: "advanced", play: 1, ending: "finished", entry, anchor_ms: number };
    case 18:
      return { ...root, event: "fell_asleep", users: [by] };
    case 19:
      return { ...root, event: "came_back", users: [by] };
    case 20:
      return { ...root, event: "moved", entry, before: ids[below(ids.length)] };
    case 21:
      return { ...root, event: "fallback_set", tracks: [[`f.${number}`, { track: `f:${number}` }]] };
    default:
      return { ...root, event: "removed", entry };
  }
}

for (const mode of MODES) {
  test(`a long queue in mode ${mode} keeps its order`, () => {
    const below = draws(MODES.indexOf(mode) + 1);
    let lineup = crowded(mode);
    let longest = 0;
    for (let number = 8; number < 1_500; number += 1) {
      const body = anyEvent(lineup.jam, number, below);
      lineup = after(lineup, body);
      assert.deepEqual(lineup.order(), order(lineup.jam), JSON.stringify(body));
      longest = Math.max(longest, lineup.places.length);
    }
    assert.ok(longest > 60);
    assert.equal(digest(load(JSON.parse(JSON.stringify(lineup.jam)))), digest(lineup.jam));
  });
}

test("names that every object has are names like others", () => {
  const lineup = crowded("fair");
  assert.deepEqual(Object.keys(lineup.jam.members).sort(), [...USERS].sort());
  const added = after(lineup, {
    event: "added",
    at: 9,
    by: "__proto__",
    entry: "valueOf",
    track: { track: "a:b" },
  });
  assert.deepEqual(added.order(), ["valueOf"]);
  const voted = after(added, { event: "voted", at: 9, by: "toString", entry: "valueOf", value: 1 });
  assert.equal(voted.jam.entries["valueOf"]?.score, 2);
  const left = after(voted, { event: "left", at: 9, by: "__proto__", user: "__proto__" });
  assert.equal(left.jam.entries["valueOf"]?.score, 1);
  assert.ok(!Object.hasOwn(left.jam.members, "__proto__"));
});

test("an event that names what is not there is refused", () => {
  const { jam } = crowded("fair");
  const root = { at: 9, by: "ann" };
  const bodies = [
    { ...root, event: "voted", entry: "hasOwnProperty", value: 1 },
    { ...root, event: "added", by: "nobody", entry: "a", track: {} },
    { ...root, event: "advanced", play: 0, ending: "next", entry: "a", anchor_ms: 9 },
    { ...root, event: "advanced", play: 0, ending: "next", entry: "", anchor_ms: 9, again: true },
    { ...root, event: "pinned", entry: "a", before: "" },
    { ...root, event: "moved", entry: "a", before: "" },
    { ...root, event: "went_away", users: ["nobody"] },
    { ...root, event: "settings_set", settings: { colour: "red" } },
    { ...root, event: "settings_set", settings: { volume: "loud" } },
    { ...root, event: "toString" },
    { ...root, event: 7 },
    { ...root, event: "voted", entry: "a" },
    { ...root, event: "voted", entry: "a", value: 0.5 },
    { event: "ticked", by: "" },
    [],
    null,
  ];
  for (const body of bodies) {
    assert.throws(() => reduce(jam, decodeEvent(body)), Misfit, JSON.stringify(body));
  }
});

test("members that a newer server adds are dropped, those that are missing have defaults", () => {
  const { jam } = crowded("fair");
  const { chat: _, ...others } = jam;
  const read = load({ ...others, mood: "good", settings: { mode: "fair", light: "dim" } });
  assert.deepEqual(read, jam);
});
