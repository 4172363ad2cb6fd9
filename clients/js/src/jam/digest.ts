/**
 * Whether two replicas of a Jam are equal.
 *
 * SHA-256 over the canonical JSON that playlists are compared by: keys by code point at every depth, no spaces,
 * only `"`, `\` and U+0000–U+001F escaped (the last as `\u00xx`), UTF-8 as it stands. Any language can do the same.
 */

import { canonicalJson, DIGEST_LENGTH } from "../ot/digest.js";
import { hex, sha256OfText } from "../ot/sha256.js";
import type { Value } from "../ot/value.js";
import type { Jam } from "./state.js";

/** 16 hex digits of the snapshot. */
export function digest(jam: Jam): string {
  return digestOf(jam);
}

/** 16 hex digits of the ids of the entries in the queue's order. */
export function orderDigest(order: readonly string[]): string {
  return digestOf(order);
}

function digestOf(value: Value): string {
  return hex(sha256OfText(canonicalJson(value))).slice(0, DIGEST_LENGTH);
}
