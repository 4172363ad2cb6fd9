/**
 * Whether two replicas hold the same state, in 16 characters.
 *
 * The canonical JSON is fixed in `docs/PROTOCOL.md`, byte for byte, so that every client computes the same:
 * keys by code point at every depth, no spaces, integers in plain decimal, `"` and `\` escaped by a backslash,
 * control characters always as `\u00xx`, UTF-8, not normalised. Knows that JSON and SHA-256.
 */

import type { Document } from "./document.js";
import { hex, sha256, sha256OfText } from "./sha256.js";
import { compareText, type Entry, type Value } from "./value.js";

export const DIGEST_LENGTH = 16;

const ENTRY_HASH_BYTES = 8;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON must escape
const ESCAPED = /["\\\x00-\x1f]/g;

/**
 * Digests of one document as it changes.
 *
 * Remembers the hash of each entry for as long as the entry is held somewhere: an edit makes one new entry and
 * shares the others, so a digest of a slowly changing list hashes only what changed.
 */
export class Digester {
  readonly #hashes = new WeakMap<Entry, Uint8Array>();

  /**
   * 16 lower-case hex digits: of the SHA-256 over the first 8 bytes of the SHA-256 of each entry in order, then
   * of the attributes.
   */
  digest(document: Document): string {
    const hashes = new Uint8Array((document.entries.length + 1) * ENTRY_HASH_BYTES);
    document.entries.forEach((entry, at) => {
      hashes.set(this.#hash(entry), at * ENTRY_HASH_BYTES);
    });
    hashes.set(this.#hash(document.attributes), document.entries.length * ENTRY_HASH_BYTES);
    return hex(sha256(hashes)).slice(0, DIGEST_LENGTH);
  }

  #hash(entry: Entry): Uint8Array {
    let hash = this.#hashes.get(entry);
    if (hash === undefined) {
      hash = sha256OfText(canonicalJson(entry)).subarray(0, ENTRY_HASH_BYTES);
      this.#hashes.set(entry, hash);
    }
    return hash;
  }
}

/** The digest of a document that nobody remembers. */
export function digest(document: Document): string {
  return new Digester().digest(document);
}

/** The JSON that is hashed. */
export function canonicalJson(value: Value): string {
  switch (typeof value) {
    case "string":
      return quoted(value);
    case "object":
      break;
    default:
      return String(value);
  }
  if (value === null) {
    return "null";
  }
  if (Array.isArray(value)) {
    return `[${value.map(canonicalJson).join(",")}]`;
  }
  const map = value as Entry;
  const members = Object.keys(map).sort(compareText);
  return `{${members.map(member => `${quoted(member)}:${canonicalJson(map[member]!)}`).join(",")}}`;
}

function quoted(text: string): string {
  return `"${text.replace(ESCAPED, escapeOne)}"`;
}

function escapeOne(character: string): string {
  return character < " " ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}` : `\\${character}`;
}
