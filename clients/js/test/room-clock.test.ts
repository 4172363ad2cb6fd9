/** Clock probes of one client, without a server: who asks, when, and what is made of the answers. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { jamsBy } from "../src/jam-replica.js";
import { Link } from "../src/link.js";
import type { LinkEvent } from "../src/link-events.js";
import { RoomClock } from "../src/room-clock.js";
import { leave, open, type Probe, probe } from "../src/wire/messages.js";
import { CLIENT, FRIDAY, opened, welcome } from "./session.js";

const JAM = "J".repeat(22);
/** By how much the server is ahead of this client, and how long each way takes. */
const AHEAD_US = 5_000_000_000;
const WAY_US = 1_500;

/** Jams in which nothing happens. */
const QUIET = jamsBy<null>({
  load: () => null,
  reduce: () => null,
  predict: () => null,
  digest: () => "",
  orderDigest: () => "",
  adds: () => [],
  renamed: command => command,
});

/** A link that was welcomed, with a Jam. */
function listening(): Link {
  const link = new Link(CLIENT);
  link.connected("token");
  link.outgoing(0);
  link.receive(welcome(), 1000);
  link.enterJam(JAM, QUIET);
  return link;
}

/** The server's answer comes; when, and what that says. */
function answer(link: Link, { t0 }: Probe, aheadUs = AHEAD_US): [number, LinkEvent[]] {
  const atUs = t0 + WAY_US + aheadUs;
  const cameMs = (t0 + 2 * WAY_US) / 1000;
  return [cameMs, link.receiveTime({ type: "time", t0, t1: atUs, t2: atUs }, cameMs)];
}

/** Probes and answers until nothing is due for half a second: how many, when that was, what it said. */
function burst(link: Link, nowMs: number, aheadUs = AHEAD_US): [number, number, LinkEvent[]] {
  let asked = 0;
  const said: LinkEvent[] = [];
  for (let atMs = nowMs; ; ) {
    const question = link.takeProbe(atMs);
    if (question !== null) {
      asked += 1;
      assert.equal(link.takeProbe(atMs), null, "one is under way at a time");
      const [cameMs, events] = answer(link, question, aheadUs);
      atMs = cameMs;
      said.push(...events);
    }
    const dueMs = link.roomClock.getTimer();
    assert.ok(dueMs !== null);
    if (dueMs > atMs + 500) {
      return [asked, atMs, said];
    }
    atMs = Math.max(atMs, dueMs);
  }
}

function isNear(one: number, other: number, within = 0.01): void {
  assert.ok(Math.abs(one - other) <= within, `${one} is not near ${other}`);
}

test("nobody asks without a Jam or a connection", () => {
  const link = new Link(CLIENT);
  assert.equal(link.takeProbe(0), null);
  link.connected("token");
  link.outgoing(0);
  link.receive(welcome(), 1000);
  link.enter(FRIDAY);
  link.outgoing(1000);
  assert.equal(link.takeProbe(1000), null);
  assert.equal(link.getTimer(), null);
  link.enterJam(JAM, QUIET);
  assert.deepEqual(link.takeProbe(1000.25), probe(1_000_250));
  link.leave(JAM);
  assert.equal(link.takeProbe(2000), null);
  assert.equal(link.roomClock.filter, null);
});

test("the room's time is that of welcome until it is measured", () => {
  const link = listening();
  assert.equal(link.roomMs(1000), 5_000_000);
  assert.equal(link.serverMs(1000), 5_000_000);
  const [asked, nowMs, said] = burst(link, 1000, AHEAD_US - 1_000_700);
  assert.deepEqual([asked, said], [12, [{ type: "time_set" }]]);
  isNear(link.roomMs(nowMs) - nowMs, (AHEAD_US - 1_000_700) / 1000);
  isNear(link.roomClock.filter?.rttMs ?? 0, (2 * WAY_US) / 1000, 1e-6);
});

test("a new connection asks anew and keeps the time meanwhile", () => {
  const link = listening();
  const [, nowMs] = burst(link, 1000);
  const question = link.takeProbe(nowMs + 2_000);
  assert.ok(question !== null);
  link.disconnected();
  const beforeMs = link.roomMs(nowMs + 2_100);
  assert.deepEqual(answer(link, question)[1], []);
  assert.equal(link.takeProbe(nowMs + 5_000), null);
  link.connected("token");
  link.outgoing(4000);
  link.receive(welcome(), 4000);
  isNear(link.roomMs(nowMs + 2_100), beforeMs);
  assert.equal(burst(link, nowMs + 5_000)[0], 12);
});

test("a hidden page asks once a minute", () => {
  const link = listening();
  const [, nowMs] = burst(link, 1000);
  link.roomClock.setHidden(true, nowMs);
  assert.ok(link.roomClock.getTimer()! >= nowMs + 30_000);
  link.roomClock.setHidden(false, nowMs + 20_000);
  assert.ok(link.roomClock.getTimer()! <= nowMs + 20_000);
});

test("a probe that left later than it was stamped counts from when it left", () => {
  const link = listening();
  let nowMs = 1000;
  for (let asked = 0; asked < 12; asked += 1) {
    const question = link.takeProbe(nowMs);
    assert.ok(question !== null);
    const atUs = question.t0 + 4_000 + WAY_US + AHEAD_US;
    nowMs += 4 + 3;
    link.receiveTime({ type: "time", t0: question.t0, t1: atUs, t2: atUs }, nowMs, 4);
    nowMs = Math.max(nowMs, link.roomClock.getTimer()!);
  }
  isNear(link.roomClock.filter?.rttMs ?? 0, (2 * WAY_US) / 1000, 1e-6);
  isNear(link.roomMs(nowMs) - nowMs, AHEAD_US / 1000);
});

test("an answer that nobody waits for is dropped", () => {
  const clock = new RoomClock();
  assert.ok(!clock.receive({ type: "time", t0: 1, t1: 2, t2: 3 }, 4));
  assert.equal(clock.offsetMs(0), null);
  assert.equal(clock.getTimer(), null);
});

test("a Jam is opened, and a playlist that was taken for one is left", () => {
  const link = listening();
  assert.deepEqual(link.outgoing(1000), [open(JAM)]);
  link.receive(opened(JAM), 1000);
  assert.ok(link.enterJam(JAM, QUIET)[0].closed !== null);
  assert.deepEqual(link.outgoing(1000), [leave(JAM)]);
});
