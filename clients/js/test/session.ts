/** What tests of sessions begin with: a link that was welcomed, and the messages of a server, written out. */

import { Link } from "../src/link.js";
import { setAttribute } from "../src/ot/build.js";
import { encode } from "../src/ot/wire.js";
import type {
  Body,
  ClientMessage,
  Opened,
  Ops,
  Outcome,
  Row,
  Submit,
  Welcome,
} from "../src/wire/messages.js";

export const CLIENT = "C".repeat(22);
export const OTHER = "D".repeat(22);
export const FRIDAY = "F".repeat(22);
export const SUNDAY = "S".repeat(22);
export const EMPTY_LIST: Body = { entries: [], attributes: {} };

export function welcome(user = "ann", connection = "connection-1", timeUs = 5_000_000_000): Welcome {
  return {
    type: "welcome",
    user,
    name: "Ann",
    connection,
    limits: {},
    heartbeat_ms: 10_000,
    time_us: timeUs,
    retry_base_ms: 250,
    retry_cap_ms: 20_000,
    token_expires_ms: 900_000,
    server: "",
  };
}

/** An `opened` with a snapshot of an empty list, but for what is said otherwise. */
export function opened(room: string, changes: Partial<Opened> = {}): Opened {
  return {
    type: "opened",
    room,
    kind: "playlist",
    epoch: "epoch-1",
    version: 0,
    role: "owner",
    reason: "fresh",
    ops: [],
    snapshot: { state: EMPTY_LIST },
    settled: null,
    members: [],
    total: 0,
    ...changes,
  };
}

export function resumed(
  room: string,
  version: number,
  ops: Row[] = [],
  settled: Outcome | null = null,
): Opened {
  return opened(room, { version, reason: "resumed", ops, settled, snapshot: null });
}

export function row(version: number, client = "B".repeat(22), name = "b", seq = 1): Row {
  return { version, client, seq, author: "ben", op: { ...encode(setAttribute("name", name)) }, count: 1 };
}

export function ops(room: string, ...rows: Row[]): Ops {
  return { type: "ops", room, ops: rows };
}

/** A link that was welcomed and has these rooms open. */
export function live(...rooms: string[]): Link {
  const link = new Link(CLIENT);
  link.connected("token");
  link.outgoing(0);
  link.receive(welcome(), 1000);
  for (const room of rooms) {
    link.enter(room);
    link.outgoing(1000);
    link.receive(opened(room), 1000);
  }
  return link;
}

export function rename(link: Link, room: string, name: string): void {
  link.enter(room)[0].edit(setAttribute("name", name));
}

/** The one submission among what is to be sent. */
export function submission(messages: readonly ClientMessage[]): Submit {
  const submissions = messages.filter(message => message.type === "submit");
  if (submissions.length !== 1 || messages.length !== 1) {
    throw new Error(`This is no single submission: ${JSON.stringify(messages)}`);
  }
  return submissions[0]!;
}
