/**
 * The list in a snapshot that a server sent.
 *
 * A snapshot takes the place of everything that was known, so it is looked at before it is believed. Knows what a
 * playlist is. Does not know who asked for it.
 */

import { type Document, uidOf } from "./ot/document.js";
import { Diverged } from "./ot/inflight.js";
import type { Entry } from "./ot/value.js";
import { areMembers } from "./ot/wire.js";
import type { Body } from "./wire/messages.js";

/** Throws Diverged if this is none. */
export function documentOf(state: Body): Document {
  const { entries, attributes } = state;
  if (!(Array.isArray(entries) && entries.every(isEntry) && areMembers(attributes))) {
    throw new Diverged("The snapshot is no playlist.");
  }
  if (new Set(entries.map(uidOf)).size < entries.length) {
    throw new Diverged("The snapshot has an entry twice.");
  }
  return { entries, attributes };
}

function isEntry(entry: unknown): entry is Entry {
  return areMembers(entry) && typeof uidOf(entry) === "string";
}
