/**
 * Messages in MessagePack, written by a library that the app brings.
 *
 * The SDK has no dependencies, so `encode` of `@msgpack/msgpack` is handed in; `../msgpack.ts` does that.
 * Reading, which has to mistrust what comes, is `msgpack-reader`'s.
 */

import { concatenated, type Encoding } from "./encoding.js";
import { BadMessage } from "./errors.js";
import { PART_BYTES_MAX, PROTOCOL_MSGPACK } from "./messages.js";
import { readMsgpack } from "./msgpack-reader.js";

/** What the encoding is made of: plain values in, bytes out, which stay as they are. */
export type EncodeMsgpack = (value: unknown) => Uint8Array;

export function msgpackBy(encode: EncodeMsgpack): Encoding {
  return {
    protocol: PROTOCOL_MSGPACK,
    partBytes: PART_BYTES_MAX,
    encode,
    join: encoded => concatenated([listHeader(encoded.length), ...encoded]),
    payload: frame => frame,
    decode(payload) {
      if (typeof payload === "string") {
        throw new BadMessage("malformed", "This subprotocol carries MessagePack in binary frames.");
      }
      return readMsgpack(payload);
    },
  };
}

function listHeader(length: number): Uint8Array {
  return length < 16 ? Uint8Array.of(0x90 | length) : Uint8Array.of(0xdc, length >> 8, length & 0xff);
}
