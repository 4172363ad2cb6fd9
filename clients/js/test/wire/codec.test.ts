/** Frames of both encodings: the vectors that Python's tests read, too, and the ways of large frames. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { msgpack } from "../../src/msgpack.js";
import { Assembler, decodeAssembled, decodeServer, encodeMessage, frames } from "../../src/wire/codec.js";
import type { Encoding, Payload } from "../../src/wire/encoding.js";
import { BadMessage } from "../../src/wire/errors.js";
import { json } from "../../src/wire/json.js";
import { RECEIVED_BYTES_MAX } from "../../src/wire/limits.js";
import {
  type ClientMessage,
  FRAME_BYTES_MAX,
  open,
  type Part,
  part,
  type Row,
  submit,
} from "../../src/wire/messages.js";
import { readMsgpack } from "../../src/wire/msgpack-reader.js";
import { readVectors } from "../vectors.js";

type Fields = { readonly [name: string]: unknown };
type Given = { readonly from: "client" | "server"; readonly json?: string; readonly msgpack?: string };
type Expected = { readonly messages: readonly Fields[]; readonly unknown: number; readonly error?: string };

const ENCODINGS: readonly Encoding[] = [json, msgpack];
const VECTORS = readVectors<Given, Expected>("codec.jsonl");

function bytesOf(given: Given): Uint8Array {
  return Uint8Array.from(Buffer.from(given.msgpack!, "hex"));
}

function codeOf(decode: () => unknown): string {
  try {
    decode();
  } catch (error) {
    assert.ok(error instanceof BadMessage, String(error));
    return error.code;
  }
  return "";
}

/** A message as JSON has it: rows as lists, bytes as base64, and without what holds its default. */
function wireForm(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    return Buffer.from(value).toString("base64");
  }
  if (Array.isArray(value)) {
    return value.map(wireForm);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if ("author" in value) {
    const row = value as Row;
    return [row.version, row.client, row.seq, row.author, row.op, row.count];
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, member]) => !isDefault(name, member))
      .map(([name, member]) => [name, name === "state" ? member : wireForm(member)]),
  );
}

const NUMBERS = ["total", "counter", "retry_after_ms"];

function isDefault(name: string, member: unknown): boolean {
  return (
    member === null ||
    (member === 0 && NUMBERS.includes(name)) ||
    (member === false && (name === "last" || name === "retryable")) ||
    (member === "" && (name === "server" || name === "code")) ||
    (["ops", "members", "left"].includes(name) && Array.isArray(member) && member.length === 0)
  );
}

test("what a server sends is read as Python reads it, in both encodings", () => {
  const vectors = VECTORS.filter(({ given, expected }) => given.from === "server" && !expected.error);
  assert.ok(vectors.length >= 50);
  for (const { name, given, expected } of vectors) {
    for (const [payload, encoding] of [
      [given.json!, json],
      [bytesOf(given), msgpack],
    ] as const) {
      const decoded = decodeServer(payload, encoding);
      assert.deepEqual(decoded.messages.map(wireForm), expected.messages, name);
      assert.equal(decoded.unknown, expected.unknown, name);
    }
  }
});

test("what is no frame of a server's is one error, in both encodings", () => {
  const vectors = VECTORS.filter(({ given, expected }) => given.from === "server" && expected.error);
  assert.ok(vectors.length >= 20);
  for (const { name, given, expected } of vectors) {
    assert.equal(
      codeOf(() => decodeServer(given.json!, json)),
      expected.error,
      name,
    );
    assert.equal(
      codeOf(() => decodeServer(bytesOf(given), msgpack)),
      expected.error,
      name,
    );
  }
});

test("bytes that are no MessagePack are one error", () => {
  // Those that a client's tighter limits make an error, and those about a message of a client's.
  const others = ["a map too large", "nested too deep", "a string too long"];
  const vectors = VECTORS.filter(({ name }) => name.startsWith("bad MessagePack: "));
  for (const { name, given, expected } of vectors) {
    if (!others.some(other => name.endsWith(other))) {
      assert.equal(
        codeOf(() => decodeServer(bytesOf(given), msgpack)),
        expected.error,
        name,
      );
    }
  }
});

test("what a client sends is written as Python writes it", () => {
  const vectors = VECTORS.filter(
    ({ given, expected }) => given.from === "client" && !expected.error && expected.unknown === 0,
  );
  assert.ok(vectors.length >= 50);
  for (const { name, given, expected } of vectors) {
    const messages = expected.messages.map(fields =>
      fields["type"] === "part"
        ? { ...fields, data: Uint8Array.from(Buffer.from(fields["data"] as string, "base64")) }
        : fields,
    ) as unknown as ClientMessage[];
    const packed = msgpack.join(messages.map(message => encodeMessage(message, msgpack)));
    // Members named by numbers come first in JavaScript, so the order may differ, not the length.
    assert.equal(packed.length, bytesOf(given).length, name);
    assert.deepEqual(readMsgpack(packed), readMsgpack(bytesOf(given)), name);
    const text = json.payload(json.join(messages.map(message => encodeMessage(message, json))));
    assert.deepEqual(JSON.parse(text as string), JSON.parse(given.json!), name);
  }
});

test("what holds its default is not sent", () => {
  assert.equal(text(encodeMessage(open("r"), json)), '{"type":"open","room":"r"}');
  assert.equal(
    text(encodeMessage(open("r", "e", 0, 2), json)),
    '{"type":"open","room":"r","epoch":"e","version":0,"inflight":2}',
  );
});

test("small messages share a frame, and none has more than fit", () => {
  for (const encoding of ENCODINGS) {
    const many = Array.from({ length: 1100 }, (_, seq) =>
      encodeMessage(submit("r", seq + 1, 0, {}), encoding),
    );
    const payloads = frames(many, encoding);
    assert.equal(payloads.length, 3);
    assert.ok(payloads.every(payload => payload.length <= FRAME_BYTES_MAX));
    assert.deepEqual(frames([], encoding), []);
  }
});

test("a large message goes in parts, which come together again", () => {
  const title = "♫".repeat(2000);
  const op = { l: [["i", Array.from({ length: 40 }, (_, n) => ({ uid: `u.${n}`, title }))]] };
  for (const encoding of ENCODINGS) {
    const encoded = encodeMessage(submit("r", 1, 0, op), encoding);
    const payloads = frames([encodeMessage(open("r"), encoding), encoded], encoding);
    assert.ok(payloads.length > 5 && payloads.every(payload => payload.length <= FRAME_BYTES_MAX));
    const assembler = new Assembler();
    const wholes = payloads.slice(1).map(payload => assembler.add(onlyPart(payload, encoding)));
    const whole = wholes.pop();
    assert.ok(wholes.every(each => each === null) && whole);
    assert.deepEqual(whole, encoding.join([encoded]));
  }
});

function onlyPart(payload: Payload, encoding: Encoding): Part {
  const [message] = decodeServer(payload, encoding).messages;
  assert.equal(message?.type, "part");
  return message as Part;
}

test("parts without end are an error, and so are parts within parts", () => {
  const assembler = new Assembler(10);
  assert.equal(assembler.add(part(new Uint8Array(10), false)), null);
  assert.equal(
    codeOf(() => assembler.add(part(new Uint8Array(1), false))),
    "too_large",
  );
  for (const encoding of ENCODINGS) {
    const inner = encoding.join([encodeMessage(part(new Uint8Array(1), true), encoding)]);
    assert.equal(
      codeOf(() => decodeAssembled(inner, encoding)),
      "malformed",
    );
  }
});

test("a frame is bounded in bytes, its lists and maps in members, its texts in length", () => {
  assert.equal(
    codeOf(() => decodeServer(" ".repeat(RECEIVED_BYTES_MAX + 1), json)),
    "too_large",
  );
  assert.equal(
    codeOf(() => decodeServer(new Uint8Array(RECEIVED_BYTES_MAX + 1), msgpack)),
    "too_large",
  );
  for (const encoding of ENCODINGS) {
    for (const state of [
      { list: Array.from({ length: 200_001 }, () => 0) },
      Object.fromEntries(Array.from({ length: 25_001 }, (_, n) => [n, 0])),
      { text: "x".repeat(8193) },
      { ["x".repeat(8193)]: 0 },
      { data: "" },
    ]) {
      const member = { id: "i", user: "u", name: "n", state };
      const message = { type: "presence", room: "r", members: [member] };
      const frame = encoding.payload(encoding.join([encoding.encode(message)]));
      assert.equal(
        codeOf(() => decodeServer(frame, encoding)),
        "data" in state ? "" : "malformed",
      );
    }
  }
});

test("bytes inside a state are no value, half of a surrogate pair is no text", () => {
  const bytes = { type: "role", room: "r", role: "editor", more: { x: new Uint8Array(1) } };
  assert.equal(
    codeOf(() => decodeServer(msgpack.join([msgpack.encode(bytes)]), msgpack)),
    "malformed",
  );
  assert.equal(
    codeOf(() => decodeServer('[{"type":"role","room":"r","role":"\\ud834"}]', json)),
    "malformed",
  );
  assert.equal(
    codeOf(() => decodeServer('[{"type":"x","\\ud834":1}]', json)),
    "malformed",
  );
});

test("frames of the other encoding are an error", () => {
  assert.equal(
    codeOf(() => decodeServer("[]", msgpack)),
    "malformed",
  );
  assert.equal(
    codeOf(() => decodeServer(Uint8Array.of(0x90), json)),
    "malformed",
  );
});

test("a byte order mark and a member named __proto__ come through", () => {
  const text = `\ufeff${"x".repeat(300)}`;
  const state = JSON.parse(`{"__proto__": {"isAdmin": true}, "text": "${text}"}`) as Fields;
  const message = { type: "presence", room: "r", members: [{ id: "i", user: "u", name: "n", state }] };
  for (const encoding of ENCODINGS) {
    const frame = encoding.payload(encoding.join([encoding.encode(message)]));
    const [read] = decodeServer(frame, encoding).messages;
    assert.ok(read?.type === "presence");
    assert.deepEqual(Object.keys(read.members[0]!.state), ["__proto__", "text"]);
    assert.equal(read.members[0]!.state["text"], text);
    assert.equal((read.members[0]!.state as { isAdmin?: boolean }).isAdmin, undefined);
  }
});

function text(encoded: Uint8Array): string {
  return new TextDecoder().decode(encoded);
}
