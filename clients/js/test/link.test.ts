/** Many rooms over one session, without a server: every message is written out. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionRefused } from "../src/errors.js";
import { Link, SDK } from "../src/link.js";
import type { LinkEvent } from "../src/link-events.js";
import { hello, leave, open, refresh, setPresence } from "../src/wire/messages.js";
import {
  CLIENT,
  FRIDAY,
  live,
  OTHER,
  opened,
  ops,
  rename,
  resumed,
  row,
  SUNDAY,
  submission,
  welcome,
} from "./session.js";

function inRooms(events: readonly LinkEvent[]): string[] {
  return events.filter(event => event.type === "in_room").map(({ event }) => event.type);
}

test("hello comes first, and rooms after welcome", () => {
  const link = new Link(CLIENT);
  assert.deepEqual(link.outgoing(0), []);
  link.connected("token");
  assert.deepEqual(link.outgoing(0), [hello("token", CLIENT, SDK)]);
  assert.deepEqual(link.outgoing(0), []);
  assert.deepEqual(link.receive(welcome(), 1000), [
    { type: "welcomed", retryBaseMs: 250, retryCapMs: 20_000, heartbeatMs: 10_000 },
  ]);
  assert.deepEqual([link.user, link.name, link.connection], ["ann", "Ann", "connection-1"]);
  link.enter(FRIDAY);
  assert.deepEqual(link.outgoing(1000), [open(FRIDAY)]);
  assert.deepEqual(link.receive(opened(FRIDAY), 1000), [
    { type: "in_room", room: FRIDAY, event: { type: "role", role: "owner" } },
    { type: "in_room", room: FRIDAY, event: { type: "reloaded", version: 0 } },
    { type: "members_changed", room: FRIDAY },
  ]);
});

test("the server's time is estimated from welcome", () => {
  assert.equal(live().serverMs(1250), 5_000_250);
});

test("every room resumes on the next connection", () => {
  const link = live(FRIDAY, SUNDAY);
  rename(link, FRIDAY, "x");
  submission(link.outgoing(1000));
  link.disconnected();
  assert.deepEqual(link.outgoing(2000), []);
  assert.equal(link.getTimer(), null);
  link.connected("token");
  link.outgoing(2000);
  link.receive(welcome(), 2000);
  assert.deepEqual(link.outgoing(2000), [open(FRIDAY, "epoch-1", 0, 1), open(SUNDAY, "epoch-1", 0, 0)]);
});

test("presence is told while the room is open", () => {
  const link = live(FRIDAY);
  const [, roster] = link.enter(FRIDAY);
  roster.show({ cursor: "" });
  assert.deepEqual(link.outgoing(1000), [setPresence(FRIDAY, 1, { cursor: "" })]);
  roster.show({ cursor: "a" });
  assert.deepEqual(link.outgoing(1000), []);
  assert.equal(link.getTimer(), 1100);
  const presence = { type: "presence", room: FRIDAY, members: [], left: [], total: 0 } as const;
  assert.deepEqual(link.receive(presence, 1000), [{ type: "members_changed", room: FRIDAY }]);
  assert.deepEqual(link.receive({ ...presence, room: SUNDAY }, 1000), []);
});

test("leaving a room forgets it", () => {
  const link = live(FRIDAY);
  link.leave(FRIDAY);
  link.leave(SUNDAY);
  assert.deepEqual(link.outgoing(1000), [leave(FRIDAY)]);
  assert.deepEqual(link.receive(opened(FRIDAY), 1000), []);
});

test("a room left with something in flight goes on with the next seq", () => {
  const link = live(FRIDAY);
  rename(link, FRIDAY, "x");
  link.outgoing(1000);
  link.leave(FRIDAY);
  link.enter(FRIDAY);
  assert.deepEqual(link.outgoing(1000), [leave(FRIDAY), open(FRIDAY)]);
  link.receive(opened(FRIDAY), 1000);
  rename(link, FRIDAY, "y");
  assert.equal(submission(link.outgoing(1000)).seq, 2);
});

test("a new client id waits until nothing is in flight under the old one", () => {
  const link = live(FRIDAY, SUNDAY);
  rename(link, FRIDAY, "x");
  rename(link, SUNDAY, "y");
  link.outgoing(1000);
  rename(link, SUNDAY, "z");
  link.receive(opened(FRIDAY, { epoch: "epoch-2" }), 1000);
  assert.ok(!link.renewalIsDue);
  // Sunday's is settled under the old id; what waits there stays until the new one.
  const refused = { type: "refused", room: SUNDAY, seq: 1, code: "forbidden", message: "No." } as const;
  assert.deepEqual(inRooms(link.receive({ ...refused, retryable: false, retry_after_ms: 0 }, 1000)), [
    "refusal",
  ]);
  assert.deepEqual(link.outgoing(1000), []);
  assert.ok(link.renewalIsDue);

  assert.deepEqual(link.renew(OTHER), []);
  assert.ok(!link.renewalIsDue);
  link.connected("token");
  assert.deepEqual(link.outgoing(2000), [hello("token", OTHER, SDK)]);
  link.receive(welcome(), 2000);
  assert.deepEqual(link.outgoing(2000), [open(FRIDAY, "epoch-2", 0), open(SUNDAY, "epoch-1", 0)]);
  link.receive({ ...resumed(FRIDAY, 0), epoch: "epoch-2" }, 2000);
  link.receive(resumed(SUNDAY, 0), 2000);
  const submissions = link.outgoing(2000).filter(message => message.type === "submit");
  assert.deepEqual(
    submissions.map(({ room, seq }) => [room, seq]),
    [
      [FRIDAY, 1],
      [SUNDAY, 1],
    ],
  );
});

test("acks go to their room", () => {
  const link = live(FRIDAY, SUNDAY);
  rename(link, FRIDAY, "x");
  link.outgoing(1000);
  assert.deepEqual(link.receive({ type: "ack", room: SUNDAY, seq: 1, version: 0 }, 1000), []);
  // The server says that nothing of it was left, which cannot be: the replica asks for a snapshot.
  link.receive({ type: "ack", room: FRIDAY, seq: 1, version: 0 }, 1000);
  assert.deepEqual(link.outgoing(1000), [open(FRIDAY, "", -1, 1)]);
  assert.deepEqual(inRooms(link.receive(opened(FRIDAY), 1000)), ["resynced"]);
});

test("what waits goes out when a copy of what was put off took effect", () => {
  const link = live(FRIDAY);
  rename(link, FRIDAY, "x");
  link.outgoing(1000);
  rename(link, FRIDAY, "y");
  const refused = { type: "refused", room: FRIDAY, seq: 1, code: "busy", message: "Not now." } as const;
  link.receive({ ...refused, retryable: true, retry_after_ms: 500 }, 1000);
  assert.deepEqual(link.outgoing(1000), []);
  link.receive(ops(FRIDAY, row(1, CLIENT, "x")), 1000);
  // Nothing else would ever wake it.
  assert.equal(submission(link.outgoing(1000)).seq, 2);
});

test("what the server says about the session", () => {
  const link = live();
  assert.deepEqual(link.receive({ type: "refresh", within_ms: 60_000 }, 1000), [
    { type: "token_wanted", withinMs: 60_000 },
  ]);
  link.refresh("new token");
  assert.deepEqual(link.outgoing(1000), [refresh("new token")]);
  assert.deepEqual(link.receive({ type: "drain", after_ms: 300 }, 1000), [
    { type: "move_wanted", afterMs: 300 },
  ]);
  const goodbye = {
    type: "goodbye",
    code: "drain",
    message: "The node is about to stop.",
    retry_after_ms: 300,
  } as const;
  assert.deepEqual(link.receive(goodbye, 1000), []);
  assert.equal(link.farewell, goodbye);
  assert.deepEqual(link.receive({ type: "time", t0: 1, t1: 2, t2: 3 }, 1000), []);
  link.disconnected();
  link.refresh("too late");
  assert.deepEqual(link.outgoing(1000), []);
});

test("a session of another user is refused", () => {
  const link = live();
  link.disconnected();
  link.connected("token of Ben");
  assert.throws(() => link.receive(welcome("ben"), 2000), ConnectionRefused);
});
