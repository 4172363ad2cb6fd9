/**
 * What a server's messages look like.
 *
 * Knows the fields of every message. Does not know how they came, nor how deep or long values may be: `codec` looks
 * at that before.
 */

import {
  bytes,
  count,
  type Fields,
  listOf,
  mapOf,
  members,
  misfit,
  type Optional,
  or,
  orNull,
  positive,
  record,
  type Shape,
  text,
  whole,
} from "../shape.js";
import type {
  Ack,
  Body,
  Digest,
  Drain,
  Goodbye,
  Member,
  Opened,
  Ops,
  Outcome,
  Part,
  Presence,
  RefreshSoon,
  Refused,
  RoleChanged,
  Row,
  ServerMessage,
  Snapshot,
  Time,
  Welcome,
} from "./messages.js";

// -- what messages are made of ----------------------------------------------------------------------------

const row: Shape<Row> = value => {
  const [version, client, seq, author, op, covered = 1]: unknown[] = Array.isArray(value)
    ? value
    : misfit("a row", value);
  return {
    version: count(version),
    client: text(client),
    seq: count(seq),
    author: text(author),
    op: members(op),
    count: positive(covered),
  };
};

const snapshot: Shape<Snapshot> = record({ state: members });

const outcome: Shape<Outcome> = record({
  seq: positive,
  version: or(orNull(count), null),
  code: "",
});

const member: Shape<Member> = record({
  id: text,
  user: text,
  name: text,
  counter: or(count, 0),
  state: or(members, {}),
});

// -- the messages -----------------------------------------------------------------------------------------

/** What a message's fields may look like so that it is read as an `M`. */
type FieldsOf<M> = { readonly [N in Exclude<keyof M, "type">]-?: FieldOf<M[N]> };
type FieldOf<T> = Shape<T> | Optional<T> | (T extends string | number | boolean ? T : never);

const welcome: FieldsOf<Welcome> = {
  user: text,
  name: text,
  connection: text,
  limits: mapOf(whole),
  heartbeat_ms: positive,
  time_us: whole,
  retry_base_ms: count,
  retry_cap_ms: count,
  token_expires_ms: whole,
  server: "",
};

const opened: FieldsOf<Opened> = {
  room: text,
  kind: text,
  epoch: text,
  version: count,
  role: text,
  reason: text,
  ops: or(listOf(row), []),
  snapshot: or(orNull(snapshot), null),
  settled: or(orNull(outcome), null),
  members: or(listOf(member), []),
  total: or(count, 0),
};

const ops: FieldsOf<Ops> = { room: text, ops: listOf(row) };

const ack: FieldsOf<Ack> = { room: text, seq: count, version: count };

const refused: FieldsOf<Refused> = {
  room: text,
  seq: count,
  code: text,
  message: text,
  retryable: false,
  retry_after_ms: or(count, 0),
};

const presence: FieldsOf<Presence> = {
  room: text,
  members: or(listOf(member), []),
  left: or(listOf(text), []),
  total: or(count, 0),
};

const role: FieldsOf<RoleChanged> = { room: text, role: text };

const digest: FieldsOf<Digest> = { room: text, version: count, digest: text };

const time: FieldsOf<Time> = { t0: whole, t1: whole, t2: whole };

const drain: FieldsOf<Drain> = { after_ms: count };

const goodbye: FieldsOf<Goodbye> = {
  code: text,
  message: text,
  retry_after_ms: or(count, 0),
};

const refresh: FieldsOf<RefreshSoon> = { within_ms: count };

const part: FieldsOf<Part> = { data: bytes, last: false };

interface MessageShape {
  readonly names: ReadonlySet<string>;
  readonly read: Shape<ServerMessage>;
}

const MESSAGES: { readonly [T in ServerMessage["type"]]: MessageShape } = {
  welcome: shapeOf("welcome", welcome),
  opened: shapeOf("opened", opened),
  ops: shapeOf("ops", ops),
  ack: shapeOf("ack", ack),
  refused: shapeOf("refused", refused),
  presence: shapeOf("presence", presence),
  role: shapeOf("role", role),
  digest: shapeOf("digest", digest),
  time: shapeOf("time", time),
  drain: shapeOf("drain", drain),
  goodbye: shapeOf("goodbye", goodbye),
  refresh: shapeOf("refresh", refresh),
  part: shapeOf("part", part),
};

function shapeOf<M extends ServerMessage>(type: M["type"], fields: FieldsOf<M>): MessageShape {
  const read = record(fields as Fields);
  return {
    names: new Set(["type", ...Object.keys(fields)]),
    read: value => ({ type, ...read(value) }) as M,
  };
}

/** The message and how many of its fields this version does not know; null if it does not know its type. */
export function readMessage(type: string, fields: Body): { message: ServerMessage; unknown: number } | null {
  if (!Object.hasOwn(MESSAGES, type)) {
    return null;
  }
  const shape = MESSAGES[type as ServerMessage["type"]];
  const unknown = Object.keys(fields).filter(name => !shape.names.has(name)).length;
  return { message: shape.read(fields), unknown };
}
