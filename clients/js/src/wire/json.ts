/**
 * Messages as JSON text.
 *
 * Bytes, which only parts carry, are base64 strings. JavaScript reads `1.0` and `1e3` as integers and keeps the
 * last of two equal keys, where a Tutti server refuses both; it never sends either.
 */

import { concatenated, type Encoding, type Payload } from "./encoding.js";
import { BadMessage } from "./errors.js";
import { PART_BYTES_MAX, PROTOCOL_JSON } from "./messages.js";

const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;
// So many characters at once are arguments of a call without exceeding any engine's stack.
const CHUNK = 8192;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** The encoding that is always there. */
export const json: Encoding = {
  protocol: PROTOCOL_JSON,
  // Base64 has four characters for three bytes.
  partBytes: (PART_BYTES_MAX / 4) * 3,

  encode(message) {
    const { data } = message as { data?: unknown };
    const written = data instanceof Uint8Array ? { ...message, data: toBase64(data) } : message;
    return encoder.encode(JSON.stringify(written));
  },

  join(encoded) {
    const pieces: Uint8Array[] = [];
    encoded.forEach((message, at) => {
      pieces.push(Uint8Array.of(at === 0 ? OPEN : COMMA), message);
    });
    pieces.push(encoded.length === 0 ? Uint8Array.of(OPEN, CLOSE) : Uint8Array.of(CLOSE));
    return concatenated(pieces);
  },

  payload: frame => decoder.decode(frame),

  decode(payload) {
    const value = parsed(payload);
    if (Array.isArray(value)) {
      value.forEach(readBytes);
    }
    return value;
  },
};

function parsed(payload: Payload): unknown {
  try {
    return JSON.parse(typeof payload === "string" ? payload : decoder.decode(payload));
  } catch (error) {
    // Engines that read nested lists by recursion run out of stack.
    if (error instanceof RangeError) {
      throw new BadMessage("too_deep", "The frame's values are nested too deep.");
    }
    throw new BadMessage("malformed", "The frame cannot be decoded.");
  }
}

/** In a part, makes bytes of the text; what is no base64 stays as it is, and is no part then. */
function readBytes(message: unknown): void {
  const fields = message as { type?: unknown; data?: unknown } | null;
  if (typeof fields === "object" && fields?.type === "part" && typeof fields.data === "string") {
    fields.data = fromBase64(fields.data) ?? fields.data;
  }
}

function toBase64(bytes: Uint8Array): string {
  let characters = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    characters += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(characters);
}

function fromBase64(text: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(text), character => character.charCodeAt(0));
  } catch {
    return null;
  }
}
