/** A second session while the first still carries everything: every message is written out. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionRefused } from "../src/errors.js";
import { type Link, SDK } from "../src/link.js";
import { HOLD_MS, MESSAGES_MAX, PATIENCE_MS, type Standby } from "../src/standby.js";
import {
  hello,
  leave,
  type Open,
  type Opened,
  open,
  type Presence,
  type Refused,
  setPresence,
} from "../src/wire/messages.js";
import {
  CLIENT,
  FRIDAY,
  live,
  opened,
  ops,
  rename,
  resumed,
  row,
  SUNDAY,
  submission,
  welcome,
} from "./session.js";

const THERE = "connection-2";
const NOBODY: Presence = { type: "presence", room: FRIDAY, members: [], left: [], total: 0 };

function welcomeThere(user = "ann") {
  return welcome(user, THERE, 6_000_000_000);
}

/** A second session that was welcomed, and what it asks then. */
function prepared(link: Link, nowMs = 2000): { standby: Standby; opens: Open[] } {
  const standby = link.prepare("token");
  assert.deepEqual(standby.outgoing(nowMs), [hello("token", CLIENT, SDK)]);
  assert.ok(!standby.isReady(nowMs));
  standby.receive(welcomeThere(), nowMs);
  const opens = standby.outgoing(nowMs).filter(message => message.type === "open");
  assert.deepEqual(standby.outgoing(nowMs), []);
  return { standby, opens };
}

test("rooms go on on the new session without being closed", () => {
  const link = live(FRIDAY, SUNDAY);
  const [friday] = link.enter(FRIDAY);
  const { standby, opens } = prepared(link);
  assert.deepEqual(opens, [open(FRIDAY, "epoch-1", 0, 0), open(SUNDAY, "epoch-1", 0, 0)]);
  assert.ok(link.isLive);
  standby.receive(resumed(FRIDAY, 1, [row(1)]), 2000);
  assert.ok(!standby.isReady(2000));
  standby.receive(resumed(SUNDAY, 0), 2000);
  assert.ok(standby.isReady(2000));

  assert.equal(link.move(standby, 2100)[0]?.type, "welcomed");
  assert.ok(link.isLive && friday.isOpen);
  assert.equal(link.connection, THERE);
  assert.equal(friday.version, 1);
  assert.deepEqual(link.outgoing(2100), []);
});

test("what is in flight goes out again and counts once", () => {
  const link = live(FRIDAY);
  const [friday] = link.enter(FRIDAY);
  rename(link, FRIDAY, "x");
  const sent = submission(link.outgoing(1000));
  const { standby, opens } = prepared(link);
  assert.deepEqual(opens, [open(FRIDAY, "epoch-1", 0, 1)]);
  standby.receive(resumed(FRIDAY, 0), 2000);
  link.move(standby, 2000);
  assert.deepEqual(link.outgoing(2000), [sent]);
  // The old node had committed it after all; the new one says so.
  link.receive(ops(FRIDAY, row(1, CLIENT, "x")), 2100);
  link.receive({ type: "ack", room: FRIDAY, seq: 1, version: 1 }, 2100);
  assert.ok(friday.isSynced);
  assert.equal(friday.version, 1);
});

test("what the old node settles meanwhile is settled", () => {
  const link = live(FRIDAY);
  const [friday] = link.enter(FRIDAY);
  rename(link, FRIDAY, "x");
  link.outgoing(1000);
  const { standby } = prepared(link);
  link.receive(ops(FRIDAY, row(1, CLIENT, "x")), 2000);
  assert.ok(friday.isSynced);
  // The new node does not know version 1 yet: a submission against it would be refused there.
  standby.receive(resumed(FRIDAY, 0), 2000);
  assert.ok(!standby.isReady(2000));
  standby.receive(ops(FRIDAY, row(1, CLIENT, "x")), 2000);
  assert.ok(standby.isReady(2000));
  link.move(standby, 2000);
  assert.ok(friday.isOpen);
  rename(link, FRIDAY, "y");
  const { seq, base } = submission(link.outgoing(2000));
  assert.deepEqual([seq, base], [2, 1]);
});

test("nothing new is submitted for a moment", () => {
  const link = live(FRIDAY);
  const { standby } = prepared(link);
  rename(link, FRIDAY, "x");
  assert.deepEqual(link.outgoing(2000), []);
  assert.equal(standby.getTimer(2000), 2000 + HOLD_MS);
  const lateMs = 2000 + HOLD_MS;
  submission(link.outgoing(lateMs));
  assert.equal(standby.getTimer(lateMs), 2000 + PATIENCE_MS);
  // The new node was not asked about it, so the room is opened anew: the answer settles it.
  standby.receive(resumed(FRIDAY, 0), lateMs);
  link.move(standby, lateMs);
  assert.deepEqual(link.outgoing(lateMs), [open(FRIDAY, "epoch-1", 0, 1)]);
});

test("a room that does not lead on is opened anew", () => {
  const later: Refused = {
    type: "refused",
    room: FRIDAY,
    seq: 0,
    code: "unavailable",
    message: "Later.",
    retryable: true,
    retry_after_ms: 1000,
  };
  const answers: (Opened | Refused | null)[] = [
    opened(FRIDAY, { reason: "gone" }),
    { ...resumed(FRIDAY, 0), epoch: "epoch-2" },
    later,
    null,
  ];
  for (const answer of answers) {
    const link = live(FRIDAY);
    const { standby } = prepared(link);
    if (answer !== null) {
      standby.receive(answer, 2000);
    }
    assert.ok(standby.isReady(2000 + PATIENCE_MS));
    link.move(standby, 2000);
    assert.ok(link.isLive);
    assert.deepEqual(link.outgoing(2000), [open(FRIDAY, "epoch-1", 0, 0)]);
  }
});

test("a node that talks without end is taken as it is", () => {
  const { standby } = prepared(live(FRIDAY));
  for (let number = 0; number < MESSAGES_MAX; number += 1) {
    assert.ok(!standby.isReady(2000));
    standby.receive(NOBODY, 2000);
  }
  assert.ok(standby.isReady(2000));
});

test("rooms that came and went meanwhile", () => {
  const link = live(FRIDAY);
  const { standby } = prepared(link);
  link.leave(FRIDAY);
  link.enter(SUNDAY);
  assert.deepEqual(link.outgoing(2000), [leave(FRIDAY), open(SUNDAY)]);
  standby.receive(resumed(FRIDAY, 0), 2000);
  assert.ok(standby.isReady(2000));
  link.move(standby, 2000);
  assert.deepEqual(link.outgoing(2000), [leave(FRIDAY), open(SUNDAY)]);
});

test("what we show is shown again", () => {
  const link = live(FRIDAY);
  link.enter(FRIDAY)[1].show({ cursor: "" });
  link.outgoing(1000);
  const { standby } = prepared(link);
  standby.receive(resumed(FRIDAY, 0), 2000);
  assert.ok(link.move(standby, 2000).some(event => event.type === "members_changed"));
  assert.deepEqual(link.outgoing(2000), [setPresence(FRIDAY, 2, { cursor: "" })]);
});

test("a node that stops too is left in its turn", () => {
  const link = live();
  const { standby } = prepared(link);
  standby.receive({ type: "drain", after_ms: 500 }, 2000);
  assert.deepEqual(link.move(standby, 2000).at(-1), { type: "move_wanted", afterMs: 500 });
});

test("a session of another user changes nothing", () => {
  const link = live(FRIDAY);
  const standby = link.prepare("token of Ben");
  standby.outgoing(2000);
  standby.receive(welcomeThere("ben"), 2000);
  standby.outgoing(2000);
  standby.receive(resumed(FRIDAY, 0), 2000);
  assert.throws(() => link.move(standby, 2000), ConnectionRefused);
  assert.ok(link.isLive && link.enter(FRIDAY)[0].isOpen);
  assert.equal(link.connection, "connection-1");
});

test("staying forgets it", () => {
  const link = live(FRIDAY);
  prepared(link);
  link.stay();
  rename(link, FRIDAY, "x");
  submission(link.outgoing(2000));
});
