/**
 * What a hostile server may send: valid frames with something wrong in them, and bytes of no kind. Whatever it
 * is, it is messages or one BadMessage, and costs what its size costs.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { msgpack } from "../../src/msgpack.js";
import { Assembler, decodeAssembled, decodeServer } from "../../src/wire/codec.js";
import type { Encoding } from "../../src/wire/encoding.js";
import { BadMessage } from "../../src/wire/errors.js";
import { json } from "../../src/wire/json.js";
import { ASSEMBLED_BYTES_MAX } from "../../src/wire/limits.js";
import { below, pick, seeded } from "../random.js";
import { readVectors } from "../vectors.js";

type Given = { readonly from: string; readonly json?: string; readonly msgpack?: string };

const CASES = 20_000;
// Far more than the slowest of these takes on a slow machine; without bounds some would take for ever.
const CASE_MS_MAX = 2_000;

const encoder = new TextEncoder();
const SEEDS: ReadonlyMap<Encoding, readonly Uint8Array[]> = new Map([
  [json, framesOf(given => given.json && encoder.encode(given.json))],
  [msgpack, framesOf(given => given.msgpack && Uint8Array.from(Buffer.from(given.msgpack, "hex")))],
]);
// Bytes at which something begins, ends or is counted.
const SHARP = [
  0x00, 0x7f, 0x80, 0x8f, 0x9f, 0xc0, 0xc1, 0xc6, 0xcb, 0xcf, 0xd3, 0xd9, 0xdb, 0xdd, 0xdf, 0xff,
];
const JSON_SHARP = [...'[]{}",:\\0-.eE+tfn \u0000'].map(character => character.charCodeAt(0));

function framesOf(read: (given: Given) => Uint8Array | string | undefined): Uint8Array[] {
  return readVectors<Given, unknown>("codec.jsonl")
    .map(({ given }) => read(given))
    .filter(frame => frame instanceof Uint8Array);
}

test("no frame is anything but messages or one error", () => {
  const random = seeded(6);
  const seen = new Map<string, number>();
  for (let number = 0; number < CASES; number += 1) {
    const encoding = pick([json, msgpack], random);
    const frame =
      number % 10 === 0 ? noise(random) : mutated(pick(SEEDS.get(encoding)!, random), encoding, random);
    const began = performance.now();
    const end = decodeBoth(frame, encoding);
    const tookMs = performance.now() - began;
    assert.ok(tookMs < CASE_MS_MAX, `case ${number} took ${tookMs} ms`);
    seen.set(end, (seen.get(end) ?? 0) + 1);
  }
  // The fuzz reaches every way out.
  assert.deepEqual([...seen.keys()].sort(), ["malformed", "messages", "number_invalid", "too_deep"]);
});

test("a list that is announced and not there costs nothing", () => {
  // 2 MB of headers, each of which announces 200,000 members; then lists within lists without end.
  const headers = new Uint8Array(2_000_000);
  for (let at = 0; at < headers.length; at += 5) {
    headers.set([0xdd, 0, 3, 0x0d, 0x40], at);
  }
  const lists = new Uint8Array(2_000_000).fill(0x91);
  const texts = [Uint8Array.from(lists, () => 0x5b), headers, lists];
  for (const frame of texts) {
    const began = performance.now();
    for (const encoding of [json, msgpack]) {
      assert.ok(["malformed", "too_deep"].includes(decodeBoth(frame, encoding)));
    }
    assert.ok(performance.now() - began < CASE_MS_MAX);
  }
});

/** How a frame ends, as it came and put together of parts; anything but a BadMessage fails the test. */
function decodeBoth(frame: Uint8Array, encoding: Encoding): string {
  let end = "messages";
  try {
    const { messages } = decodeServer(encoding === json ? latin(frame) : frame, encoding);
    const assembler = new Assembler(ASSEMBLED_BYTES_MAX);
    for (const message of messages) {
      const whole = message.type === "part" ? assembler.add(message) : null;
      if (whole !== null) {
        decodeAssembled(whole, encoding);
      }
    }
  } catch (error) {
    assert.ok(error instanceof BadMessage, String(error));
    end = error.code;
  }
  try {
    decodeAssembled(frame, encoding);
  } catch (error) {
    assert.ok(error instanceof BadMessage, String(error));
  }
  return end;
}

/** Text as a socket hands it over: with what is no UTF-8 replaced. */
function latin(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function noise(random: () => number): Uint8Array {
  return Uint8Array.from({ length: below(200, random) }, () => below(256, random));
}

function mutated(frame: Uint8Array, encoding: Encoding, random: () => number): Uint8Array {
  let bytes = Array.from(frame);
  const sharp = encoding === json ? JSON_SHARP : SHARP;
  for (let change = 0; change <= below(4, random); change += 1) {
    const at = below(bytes.length + 1, random);
    const length = below(12, random);
    const kind = below(6, random);
    if (kind === 0) {
      bytes[at] = below(256, random);
    } else if (kind === 1) {
      bytes.splice(at, 1, pick(sharp, random));
    } else if (kind === 2) {
      bytes.splice(at, length);
    } else if (kind === 3) {
      bytes.splice(at, 0, ...bytes.slice(below(bytes.length + 1, random)).slice(0, length));
    } else if (kind === 4) {
      bytes = bytes.slice(0, at);
    } else {
      bytes.splice(at, 0, ...Array.from({ length: below(30, random) }, () => pick(sharp, random)));
    }
  }
  return Uint8Array.from(bytes, byte => byte ?? 0);
}
