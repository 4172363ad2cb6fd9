/**
 * Values from MessagePack that anybody may have written.
 *
 * A few bytes can say that a list of four billion members follows, and a decoder that believes it makes room.
 * Here nothing is believed: nesting, lengths and kinds are within bounds, every value that is announced is
 * there, and text is valid UTF-8. The peer that writes MessagePack for us cannot read it for us as well: it
 * takes no member named `__proto__`, which anybody may show in their presence, and it drops a byte order mark
 * at the beginning of a text. Knows the format. Does not know messages.
 */

import { BadMessage } from "./errors.js";
import { ARRAY_MAX, DEPTH_MAX, MAP_MAX, STRING_BYTES_MAX } from "./limits.js";
import { PART_BYTES_MAX } from "./messages.js";

// Shorter texts are put together here; beyond, the call to the decoder is worth its price.
const SHORT_TEXT = 24;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

type Map = { [member: string]: unknown };

/** The one value that `bytes` hold. Throws BadMessage. */
export function readMsgpack(bytes: Uint8Array): unknown {
  const reader = new Reader(bytes);
  const value = reader.value();
  if (!reader.isAtEnd) {
    throw malformed("The frame holds more than one array.");
  }
  return value;
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The next value, with all that is in it; the recursion is as deep as the limit. */
  value(): unknown {
    const head = this.#unsigned(1);
    if (head < 0x80) {
      return head;
    }
    if (head >= 0xe0) {
      return head - 0x100;
    }
    if (head < 0x90) {
      return this.#map(head & 0x0f);
    }
    if (head < 0xa0) {
      return this.#list(head & 0x0f);
    }
    return head < 0xc0 ? this.#text(head & 0x1f) : this.#valueOf(head);
  }

  #valueOf(head: number): unknown {
    switch (head) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4: // bin 8, 16, 32
      case 0xc5:
      case 0xc6:
        return this.#binary(this.#unsigned(1 << (head - 0xc4)));
      case 0xca: // float 32, 64
      case 0xcb:
        throw new BadMessage("number_invalid", "Numbers are integers within ±(2^53−1).");
      case 0xcc: // uint 8, 16, 32
      case 0xcd:
      case 0xce:
        return this.#unsigned(1 << (head - 0xcc));
      case 0xcf: // uint 64
        return this.#unsigned(4) * 2 ** 32 + this.#unsigned(4);
      case 0xd0: // int 8, 16, 32
        return (this.#unsigned(1) << 24) >> 24;
      case 0xd1:
        return (this.#unsigned(2) << 16) >> 16;
      case 0xd2:
        return this.#unsigned(4) | 0;
      case 0xd3: // int 64
        return (this.#unsigned(4) | 0) * 2 ** 32 + this.#unsigned(4);
      case 0xd9: // str 8, 16, 32
      case 0xda:
      case 0xdb:
        return this.#text(this.#unsigned(1 << (head - 0xd9)));
      case 0xdc: // array 16, 32
      case 0xdd:
        return this.#list(this.#unsigned(2 << (head - 0xdc)));
      case 0xde: // map 16, 32
      case 0xdf:
        return this.#map(this.#unsigned(2 << (head - 0xde)));
      default:
        throw malformed("The frame cannot be decoded.");
    }
  }

  #list(length: number): unknown[] {
    this.#enter(length, ARRAY_MAX, 1);
    const list: unknown[] = [];
    for (let item = 0; item < length; item += 1) {
      list.push(this.value());
    }
    this.#depth -= 1;
    return list;
  }

  #map(length: number): Map {
    this.#enter(length, MAP_MAX, 2);
    const map: Map = {};
    for (let member = 0; member < length; member += 1) {
      const key = this.#key();
      if (Object.hasOwn(map, key)) {
        throw malformed("A map holds the same key twice.");
      }
      const value = this.value();
      if (key === "__proto__") {
        // Setting it would change what the map is; defining it makes it a member like any other.
        Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
      } else {
        map[key] = value;
      }
    }
    this.#depth -= 1;
    return map;
  }

  #enter(length: number, lengthMax: number, bytesEach: number): void {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) {
      throw new BadMessage("too_deep", "The frame's values are nested too deep.");
    }
    if (length > lengthMax || length * bytesEach > this.#bytes.length - this.#at) {
      throw malformed("A list or map has more members than it may, or than there are bytes.");
    }
  }

  #key(): string {
    const head = this.#unsigned(1);
    if (head >= 0xa0 && head < 0xc0) {
      return this.#text(head & 0x1f);
    }
    if (head >= 0xd9 && head <= 0xdb) {
      return this.#text(this.#unsigned(1 << (head - 0xd9)));
    }
    throw malformed("The keys of a map are strings.");
  }

  #text(length: number): string {
    if (length > STRING_BYTES_MAX) {
      throw malformed(`A string has at most ${STRING_BYTES_MAX} bytes.`);
    }
    const start = this.#skip(length);
    if (length > SHORT_TEXT) {
      return this.#decoded(start);
    }
    let text = "";
    for (let at = start; at < this.#at; at += 1) {
      const byte = this.#bytes[at]!;
      if (byte >= 0x80) {
        return this.#decoded(start);
      }
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #decoded(start: number): string {
    try {
      return utf8.decode(this.#bytes.subarray(start, this.#at));
    } catch {
      throw malformed("The frame's text is not valid Unicode.");
    }
  }

  #binary(length: number): Uint8Array {
    if (length > PART_BYTES_MAX) {
      throw malformed(`Bytes are at most ${PART_BYTES_MAX} at once.`);
    }
    const start = this.#skip(length);
    return this.#bytes.subarray(start, this.#at);
  }

  #unsigned(bytes: number): number {
    const at = this.#skip(bytes);
    return bytes === 1 ? this.#bytes[at]! : bytes === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  /** Where the next so many bytes begin; they are taken. */
  #skip(bytes: number): number {
    const start = this.#at;
    if (bytes > this.#bytes.length - start) {
      throw malformed("The frame is cut short.");
    }
    this.#at += bytes;
    return start;
  }
}

function malformed(message: string): BadMessage {
  return new BadMessage("malformed", message);
}
