/**
 * A server that speaks well and lies: messages of the right shape with whatever in them. Rooms are opened anew, or are
 * gone; nothing is thrown but the typed error of a session that is somebody else's, and what was edited is kept or
 * handed back.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionRefused } from "../src/errors.js";
import { JAMS } from "../src/jam-part.js";
import type { Link } from "../src/link.js";
import { setAttribute } from "../src/ot/build.js";
import type { Body, Outcome, Row, ServerMessage } from "../src/wire/messages.js";
import { below, pick, seeded } from "./random.js";
import { CLIENT, FRIDAY, live, OTHER, opened, SUNDAY, welcome } from "./session.js";
import { readVectors } from "./vectors.js";

const LIVES = 6_000;
const MESSAGES = 60;
const JAM = "J".repeat(22);

type Random = () => number;

/** States and events of real Jams, which fit now and then. */
const JAM_BODIES = readVectors<{ state: Body }, { event?: Body }>("jam.jsonl")
  .filter((_, number) => number % 20 === 0)
  .flatMap(({ given, expected }) => [given.state, expected.event ?? given.state]);

/** What may stand where a map of the kind's own is expected. */
function body(random: Random): Body {
  const entry = { uid: `${pick([CLIENT, OTHER], random)}.${below(4, random)}`, track: "a:b" };
  const bodies: Body[] = [
    {},
    { l: [] },
    { l: 7 },
    { a: { name: "x" } },
    { a: { name: null } },
    { a: 7 },
    { l: [["i", [entry]]] },
    {
      l: [
        ["k", below(5, random)],
        ["r", 1],
      ],
    },
    {
      l: [
        ["p", 1],
        ["d", 0, 1],
      ],
    },
    { l: [["d", 0, 2 ** 53 - 1]] },
    { l: [["x"]] },
    { entries: [entry], attributes: {} },
    { entries: [entry, entry], attributes: {} },
    { entries: 7, attributes: [] },
    { entries: [{ uid: 7 }], attributes: {} },
    { entries: [], attributes: { ["__proto__"]: 1 } },
    { event: "added", at: 7, by: "ann", entries: [] },
    { event: "ended" },
    { event: 7 },
    { host: "ann", members: 7 },
    pick(JAM_BODIES, random),
    pick(JAM_BODIES, random),
    pick(JAM_BODIES, random),
  ];
  return pick(bodies, random);
}

function row(random: Random): Row {
  return {
    version: below(6, random),
    client: pick([CLIENT, OTHER, "", "server:room"], random),
    seq: below(4, random),
    author: pick(["ann", "ben", ""], random),
    op: body(random),
    count: 1 + below(3, random),
  };
}

function rows(random: Random): Row[] {
  return Array.from({ length: below(4, random) }, () => row(random));
}

function outcome(random: Random): Outcome | null {
  const seq = 1 + below(4, random);
  return pick(
    [
      null,
      { seq, version: below(6, random), code: "" },
      { seq, version: null, code: pick(["", "forbidden", "base_gone", "what"], random) },
    ],
    random,
  );
}

function message(random: Random): ServerMessage {
  const room = pick([FRIDAY, SUNDAY, JAM, "nowhere"], random);
  const seq = below(4, random);
  const version = below(6, random);
  const member = { id: pick(["a", "b"], random), user: "u", name: "n", counter: seq, state: body(random) };
  const said: (() => ServerMessage)[] = [
    () => ({ type: "ops", room, ops: rows(random) }),
    () =>
      opened(room, {
        kind: pick(["playlist", "playlist", "jam", "opera"], random),
        epoch: pick(["epoch-1", "epoch-1", "epoch-2", ""], random),
        version,
        role: pick(["owner", "viewer", "guest", "", "tenor"], random),
        reason: pick(["fresh", "resumed", "gone", "behind", "epoch", "why"], random),
        ops: rows(random),
        snapshot: pick([null, { state: body(random) }], random),
        settled: outcome(random),
        members: [member],
      }),
    () => ({ type: "ack", room, seq, version }),
    () => ({
      type: "refused",
      room,
      seq,
      code: pick(
        ["busy", "forbidden", "base_gone", "seq_gap", "seq_reused", "not_open", "not_found"],
        random,
      ),
      message: "",
      retryable: random() < 0.4,
      retry_after_ms: pick([0, 100, 2 ** 53 - 1], random),
    }),
    () => ({ type: "digest", room, version, digest: "0123456789abcdef" }),
    () => ({ type: "role", room, role: pick(["editor", "viewer", "", "tenor"], random) }),
    () => ({ type: "presence", room, members: [member], left: [member.id], total: seq }),
    () => ({ type: "refresh", within_ms: seq }),
    () => ({ type: "drain", after_ms: 2 ** 53 - 1 }),
    () => ({ type: "goodbye", code: "bye", message: "", retry_after_ms: 0 }),
    () => ({ type: "time", t0: seq, t1: -seq, t2: version }),
  ];
  return pick(said, random)();
}

function edit(link: Link, random: Random): void {
  const [friday] = link.enter(FRIDAY);
  if (friday.closed === null && friday.version >= 0 && friday.role !== "viewer") {
    friday.edit(setAttribute("name", `name ${below(9, random)}`));
  }
  const [jam] = link.enterJam(JAM, JAMS);
  if (jam.closed === null && jam.version >= 0) {
    jam.give({ do: "say", text: "hm" }, 1000);
  }
}

test("a server that lies brings nothing down", () => {
  for (let seed = 0; seed < LIVES; seed += 1) {
    const random = seeded(seed);
    const link = live(FRIDAY, SUNDAY);
    link.enterJam(JAM, JAMS);
    for (let nowMs = 1000; nowMs < 1000 + MESSAGES * 10; nowMs += 10) {
      link.outgoing(nowMs);
      const said = message(random);
      try {
        link.receive(said, nowMs);
        link.enter(FRIDAY)[0].check();
        link.enterJam(JAM, JAMS)[0].check();
        if (random() < 0.3) {
          edit(link, random);
        }
        if (link.renewalIsDue) {
          link.renew(OTHER);
          link.connected("token");
          link.outgoing(nowMs);
          link.receive(welcome(), nowMs);
        }
      } catch (error) {
        assert.ok(
          error instanceof ConnectionRefused,
          `seed ${seed}: ${JSON.stringify(said)}: ${(error as Error).stack}`,
        );
      }
      link.takeEvents();
    }
  }
});
