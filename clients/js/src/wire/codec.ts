/**
 * Frames into messages, and back.
 *
 * A frame is an array of messages; how it is written is its `encoding`'s. What comes from a server is validated
 * here, once: past this line the types are true, and whatever else it sends ends as one BadMessage, after work
 * that its size bounds. A frame larger than frames may be travels as `part` messages. Does not know sockets.
 */

import { isText } from "../ot/value.js";
import { Misfit } from "../shape.js";
import { concatenated, type Encoding, type Payload } from "./encoding.js";
import { BadMessage } from "./errors.js";
import {
  ARRAY_MAX,
  ASSEMBLED_BYTES_MAX,
  DEPTH_MAX,
  MAP_MAX,
  MESSAGES_PER_FRAME_MAX,
  RECEIVED_BYTES_MAX,
  STRING_BYTES_MAX,
} from "./limits.js";
import {
  type Body,
  type ClientMessage,
  FRAME_BYTES_MAX,
  PART_BYTES_MAX,
  type Part,
  part,
  type ServerMessage,
} from "./messages.js";
import { readMessage } from "./shapes.js";

/** `unknown` counts messages and fields that this version does not know; they are ignored. */
export interface Decoded {
  readonly messages: readonly ServerMessage[];
  readonly unknown: number;
}

// -- encoding ---------------------------------------------------------------------------------------------

/** What a field of that name holds when it is left out, whichever message it is in. */
const DEFAULTS: Body = { sdk: "", epoch: "", version: -1, inflight: 0, last: false };

/** One message, to be joined with others into a frame. */
export function encodeMessage(message: ClientMessage, encoding: Encoding): Uint8Array {
  return encoding.encode(
    Object.fromEntries(
      Object.entries(message).filter(
        ([name, value]) => !(Object.hasOwn(DEFAULTS, name) && DEFAULTS[name] === value),
      ),
    ),
  );
}

/** As few frames as hold the messages in their order; a message that is too large for one goes in parts. */
export function frames(encoded: readonly Uint8Array[], encoding: Encoding): Payload[] {
  const payloads: Payload[] = [];
  let group: Uint8Array[] = [];
  let size = 0;
  const close = () => {
    if (group.length > 0) {
      payloads.push(encoding.payload(encoding.join(group)));
    }
    group = [];
    size = 0;
  };
  for (const message of encoded) {
    if (size + message.length > PART_BYTES_MAX || group.length === MESSAGES_PER_FRAME_MAX) {
      close();
    }
    if (message.length > FRAME_BYTES_MAX - 16) {
      payloads.push(...parts(encoding.join([message]), encoding));
    } else {
      group.push(message);
      size += message.length + 1;
    }
  }
  close();
  return payloads;
}

function parts(frame: Uint8Array, encoding: Encoding): Payload[] {
  const payloads: Payload[] = [];
  for (let start = 0; start < frame.length; start += encoding.partBytes) {
    const end = start + encoding.partBytes;
    const piece = encodeMessage(part(frame.subarray(start, end), end >= frame.length), encoding);
    payloads.push(encoding.payload(encoding.join([piece])));
  }
  return payloads;
}

/** Puts the parts of frames together again, at most `bytesMax` at a time. */
export class Assembler {
  readonly #bytesMax: number;
  #pieces: Uint8Array[] = [];
  #heldBytes = 0;

  constructor(bytesMax = ASSEMBLED_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** The whole frame with its last part, until then null. Throws BadMessage (too_large). */
  add(piece: Part): Uint8Array | null {
    this.#heldBytes += piece.data.length;
    if (this.#heldBytes > this.#bytesMax) {
      throw new BadMessage("too_large", `The parts of a frame may add up to ${this.#bytesMax} bytes.`);
    }
    this.#pieces.push(piece.data);
    if (!piece.last) {
      return null;
    }
    const whole = concatenated(this.#pieces);
    this.#pieces = [];
    this.#heldBytes = 0;
    return whole;
  }
}

// -- decoding ---------------------------------------------------------------------------------------------

/** A server's frame as it came from the socket. Throws BadMessage. */
export function decodeServer(payload: Payload, encoding: Encoding): Decoded {
  if (payload.length > RECEIVED_BYTES_MAX) {
    throw new BadMessage(
      "too_large",
      `A frame may have ${RECEIVED_BYTES_MAX} bytes; larger ones go in parts.`,
    );
  }
  return decode(payload, encoding);
}

/** A server's frame that was put together from parts. Throws BadMessage. */
export function decodeAssembled(frame: Uint8Array, encoding: Encoding): Decoded {
  const decoded = decode(frame, encoding);
  if (decoded.messages.some(message => message.type === "part")) {
    throw malformed("A frame that came in parts holds no parts.");
  }
  return decoded;
}

function decode(payload: Payload, encoding: Encoding): Decoded {
  const value = encoding.decode(payload);
  if (!Array.isArray(value) || value.length > MESSAGES_PER_FRAME_MAX) {
    throw malformed(`A frame is an array of at most ${MESSAGES_PER_FRAME_MAX} messages.`);
  }
  checkValues(value, DEPTH_MAX);
  const messages: ServerMessage[] = [];
  let unknown = 0;
  for (const item of value) {
    const read = readItem(item);
    if (read === null) {
      unknown += 1;
    } else {
      messages.push(read.message);
      unknown += read.unknown;
    }
  }
  return { messages, unknown };
}

function readItem(item: unknown): ReturnType<typeof readMessage> {
  const type = typeof item === "object" && item !== null ? (item as Body)["type"] : undefined;
  if (typeof type !== "string" || Array.isArray(item)) {
    throw malformed("A message is a map with its `type`.");
  }
  try {
    return readMessage(type, item as Body);
  } catch (error) {
    if (error instanceof Misfit) {
      throw malformed(`The message '${type.slice(0, 32)}' is not well formed: ${error.message}`);
    }
    throw error;
  }
}

/**
 * Depth, sizes and kinds of values, which types alone do not bound inside an op or a presence state. Bytes stand
 * only among a message's own members, and only they may be longer than texts.
 */
function checkValues(values: object, depth: number): void {
  if (depth === 0) {
    throw new BadMessage("too_deep", "The frame's values are nested too deep.");
  }
  if (Array.isArray(values)) {
    checkSize(values.length, ARRAY_MAX);
    for (const item of values) {
      checkValue(item, depth);
    }
    return;
  }
  const members = Object.entries(values);
  checkSize(members.length, MAP_MAX);
  for (const [name, member] of members) {
    checkText(name);
    checkValue(member, depth);
  }
}

function checkValue(value: unknown, depth: number): void {
  if (typeof value === "string") {
    checkText(value);
  } else if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) {
      throw new BadMessage("number_invalid", `Numbers are integers within ±(2^53−1), not ${value}.`);
    }
  } else if (value instanceof Uint8Array) {
    if (depth !== DEPTH_MAX - 1) {
      throw malformed("Values are null, booleans, integers, strings, lists and maps.");
    }
  } else if (typeof value === "object" && value !== null) {
    checkValues(value, depth - 1);
  }
}

function checkText(text: string): void {
  if (text.length > STRING_BYTES_MAX || !isText(text)) {
    throw malformed(`Text is valid Unicode of at most ${STRING_BYTES_MAX} bytes.`);
  }
}

function checkSize(size: number, sizeMax: number): void {
  if (size > sizeMax) {
    throw malformed(`A list or map has at most ${sizeMax} members here.`);
  }
}

function malformed(message: string): BadMessage {
  return new BadMessage("malformed", message);
}
