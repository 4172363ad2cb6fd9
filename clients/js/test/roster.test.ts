/** Who is in a room: the newest word about each, and never more than a room can hold. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { EVERY_MS, MEMBERS_MAX, Roster } from "../src/roster.js";
import type { Member } from "../src/wire/messages.js";

function member(id: string, counter = 0, state = {}): Member {
  return { id, user: `user of ${id}`, name: id, counter, state };
}

function presence(members: readonly Member[], left: readonly string[] = [], total = 0) {
  return { type: "presence", room: "room", members, left, total } as const;
}

test("the newest word about somebody counts, however it comes", () => {
  const roster = new Roster("room");
  roster.opened([member("a", 3, { at: 3 })]);
  roster.receive(presence([member("a", 2, { at: 2 }), member("b")]));
  assert.deepEqual(roster.members, [member("a", 3, { at: 3 }), member("b")]);
  roster.receive(presence([member("a", 4, { at: 4 })], ["b"], 120));
  assert.deepEqual(roster.members, [member("a", 4, { at: 4 })]);
  assert.equal(roster.present, 120);
});

test("the list of members is another one only when somebody is", () => {
  const roster = new Roster("room");
  roster.opened([member("a")]);
  const { members } = roster;
  roster.show({ at: 1 });
  assert.equal(roster.members, members);
  roster.receive(presence([member("b")]));
  assert.notEqual(roster.members, members);
  assert.equal(roster.members.length, 2);
});

test("what we show is said when it changed, and not all the time", () => {
  const roster = new Roster("room");
  roster.opened([]);
  roster.show({ cursor: "a" });
  assert.deepEqual(roster.outgoing(0), [
    { type: "presence", room: "room", counter: 1, state: { cursor: "a" } },
  ]);
  roster.show({ cursor: "a" });
  assert.equal(roster.getTimer(), null);
  roster.show({ cursor: "b" });
  roster.show({ cursor: "c" });
  assert.deepEqual(roster.outgoing(EVERY_MS - 1), []);
  assert.equal(roster.getTimer(), EVERY_MS);
  assert.equal(roster.outgoing(EVERY_MS)[0]?.state["cursor"], "c");
  // A new connection knows nothing of us.
  roster.opened([]);
  assert.equal(roster.outgoing(2 * EVERY_MS)[0]?.counter, 3);
});

test("a server that names people without end fills no memory", () => {
  const roster = new Roster("room");
  roster.opened(Array.from({ length: MEMBERS_MAX + 5 }, (_, number) => member(`${number}`)));
  roster.receive(presence([member("one more")]));
  assert.equal(roster.members.length, MEMBERS_MAX);
  roster.receive(presence([member("0", 1, { here: true })], ["1"]));
  roster.receive(presence([member("one more")]));
  assert.equal(roster.members.length, MEMBERS_MAX);
  assert.deepEqual(roster.members.at(0)?.state, { here: true });
  assert.equal(roster.members.at(-1)?.id, "one more");
});
