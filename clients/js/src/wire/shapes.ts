/**
 * What a server's messages look like.
 *
 * Knows the fields of every message. Does not know how they came, nor how deep or long values may be: `codec` looks
 * at that before.
 */

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
import {
  body,
  bytes,
  count,
  type Fields,
  flag,
  integer,
  listOf,
  Misfit,
  mapOf,
  needed,
  optional,
  orNull,
  record,
  type Shape,
  several,
  text,
} from "./shape.js";

// -- what messages are made of ----------------------------------------------------------------------------

const row: Shape<Row> = value => {
  if (!Array.isArray(value) || value.length < 5) {
    throw new Misfit("this is not a row");
  }
  const [version, client, seq, author, op, covered = 1]: unknown[] = value;
  return {
    version: count(version),
    client: text(client),
    seq: count(seq),
    author: text(author),
    op: body(op),
    count: several(covered),
  };
};

const snapshot = record<Snapshot>({ state: needed(body) });

const outcome = record<Outcome>({
  seq: needed(several),
  version: optional(orNull(count), null),
  code: optional(text, ""),
});

const member = record<Member>({
  id: needed(text),
  user: needed(text),
  name: needed(text),
  counter: optional(count, 0),
  state: optional(body, {}),
});

// -- the messages -----------------------------------------------------------------------------------------

type FieldsOf<M> = Fields<Omit<M, "type">>;

const welcome: FieldsOf<Welcome> = {
  user: needed(text),
  name: needed(text),
  connection: needed(text),
  limits: needed(mapOf(integer)),
  heartbeat_ms: needed(several),
  time_us: needed(integer),
  retry_base_ms: needed(count),
  retry_cap_ms: needed(count),
  token_expires_ms: needed(integer),
  server: optional(text, ""),
};

const opened: FieldsOf<Opened> = {
  room: needed(text),
  kind: needed(text),
  epoch: needed(text),
  version: needed(count),
  role: needed(text),
  reason: needed(text),
  ops: optional(listOf(row), []),
  snapshot: optional(orNull(snapshot), null),
  settled: optional(orNull(outcome), null),
  members: optional(listOf(member), []),
  total: optional(count, 0),
};

const ops: FieldsOf<Ops> = { room: needed(text), ops: needed(listOf(row)) };

const ack: FieldsOf<Ack> = { room: needed(text), seq: needed(count), version: needed(count) };

const refused: FieldsOf<Refused> = {
  room: needed(text),
  seq: needed(count),
  code: needed(text),
  message: needed(text),
  retryable: optional(flag, false),
  retry_after_ms: optional(count, 0),
};

const presence: FieldsOf<Presence> = {
  room: needed(text),
  members: optional(listOf(member), []),
  left: optional(listOf(text), []),
  total: optional(count, 0),
};

const role: FieldsOf<RoleChanged> = { room: needed(text), role: needed(text) };

const digest: FieldsOf<Digest> = { room: needed(text), version: needed(count), digest: needed(text) };

const time: FieldsOf<Time> = { t0: needed(integer), t1: needed(integer), t2: needed(integer) };

const drain: FieldsOf<Drain> = { after_ms: needed(count) };

const goodbye: FieldsOf<Goodbye> = {
  code: needed(text),
  message: needed(text),
  retry_after_ms: optional(count, 0),
};

const refresh: FieldsOf<RefreshSoon> = { within_ms: needed(count) };

const part: FieldsOf<Part> = { data: needed(bytes), last: optional(flag, false) };

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
  const read = record(fields);
  return {
    names: new Set(["type", ...Object.keys(fields)]),
    read: value => ({ type, ...read(value) }) as unknown as M,
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
