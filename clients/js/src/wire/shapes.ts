/**
 * What a server's messages look like.
 *
 * A shape turns a plain value into a typed one or says what is wrong with it; that of a map has one for each
 * field, and fills in what was left out. Past this line the types are true. Knows the fields of every message.
 * Does not know how they came, nor how deep or long values may be: `codec` looks at that before.
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

/** What a value should have been; `codec` makes a BadMessage of it. */
export class Misfit extends Error {
  override readonly name = "Misfit";
}

type Shape<T> = (value: unknown) => T;
/** With a `missing`, the field may be left out. */
type Field<T> = { readonly shape: Shape<T>; readonly missing?: T };
type Fields<T> = { readonly [F in keyof T]-?: Field<T[F]> };

const text: Shape<string> = value => (typeof value === "string" ? value : misfit("text"));
const integer: Shape<number> = value => (typeof value === "number" ? value : misfit("an integer"));
const count: Shape<number> = value =>
  typeof value === "number" && value >= 0 ? value : misfit("an integer that is not negative");
const several: Shape<number> = value =>
  typeof value === "number" && value >= 1 ? value : misfit("an integer from 1");
const flag: Shape<boolean> = value => (typeof value === "boolean" ? value : misfit("true or false"));
const bytes: Shape<Uint8Array> = value => (value instanceof Uint8Array ? value : misfit("bytes"));
const body: Shape<Body> = value =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
    ? (value as Body)
    : misfit("a map");

function needed<T>(shape: Shape<T>): Field<T> {
  return { shape };
}

function optional<T>(shape: Shape<T>, missing: T): Field<T> {
  return { shape, missing };
}

function listOf<T>(shape: Shape<T>): Shape<readonly T[]> {
  return value => (Array.isArray(value) ? value.map(shape) : misfit("a list"));
}

function orNull<T>(shape: Shape<T>): Shape<T | null> {
  return value => (value === null ? null : shape(value));
}

function mapOf<T>(shape: Shape<T>): Shape<{ readonly [name: string]: T }> {
  return value =>
    Object.fromEntries(Object.entries(body(value)).map(([name, member]) => [name, shape(member)]));
}

function record<T>(fields: Fields<T>): Shape<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  return value => {
    const map = body(value);
    return Object.fromEntries(names.map(name => [name, readField(map, name, fields[name])])) as T;
  };
}

function readField<T>(map: Body, name: string, field: Field<T>): T {
  if (!Object.hasOwn(map, name)) {
    if (!("missing" in field)) {
      throw new Misfit(`${name} is not there`);
    }
    return field.missing as T;
  }
  try {
    return field.shape(map[name]);
  } catch (error) {
    throw error instanceof Misfit ? new Misfit(`${name}: ${error.message}`) : error;
  }
}

function misfit(wanted: string): never {
  throw new Misfit(`this is not ${wanted}`);
}

// -- what messages are made of ----------------------------------------------------------------------------

const row: Shape<Row> = value => {
  if (!Array.isArray(value) || value.length < 5) {
    return misfit("a row");
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
