/** A playlist as the algebra sees it: entries in order, and attributes. */

import type { Entry } from "./value.js";

/** State at one version. Both members are treated as immutable; `apply` makes new ones. */
export interface Document {
  readonly entries: readonly Entry[];
  readonly attributes: Entry;
}

/** A playlist before its first edit. */
export const EMPTY: Document = { entries: [], attributes: {} };

/** An entry's uid. The codec and `decode` admit no entry without one. */
export function uidOf(entry: Entry): string {
  return entry["uid"] as string;
}

/** The uids of all entries. */
export function uidsOf(document: Document): Set<string> {
  return new Set(document.entries.map(uidOf));
}
