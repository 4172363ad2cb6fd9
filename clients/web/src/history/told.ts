/** What a version did, in words, and the entries that it did it to. Pure. */

import type { EntryChange, PastVersion } from "@tutti/client";
import { shownEntry } from "../playlist/entry.js";
import { HISTORY as WORDS } from "../strings/history.js";

const KINDS = ["added", "removed", "moved", "edited"] as const;

/** Such as `added 3 songs, moved 1 song`. */
export function deedsOf({ counts, attributes, byServer }: PastVersion): string {
  const deeds: string[] = KINDS.flatMap(kind => {
    const count = counts[kind] ?? 0;
    return count > 0 ? [WORDS[kind](count)] : [];
  });
  const { name, ...others } = attributes;
  if (typeof name === "string") {
    deeds.push(WORDS.named(name));
  }
  if (Object.keys(others).length > 0) {
    deeds.push(WORDS.described);
  }
  const said = deeds.join(", ") || WORDS.nothingLeft;
  return byServer ? `${WORDS.wentBack}: ${said}` : said;
}

export function nameOf({ author }: PastVersion): string {
  return author.name ?? WORDS.somebody;
}

/** What it did most of: at which height of the staff it is drawn. */
export function mainlyOf({ counts }: PastVersion): (typeof KINDS)[number] {
  return KINDS.reduce((most, kind) => ((counts[kind] ?? 0) > (counts[most] ?? 0) ? kind : most), "edited");
}

/** Where an entry went, counted from one: `3 → 1`; empty unless it was moved. */
export function wayOf({ change, before, after }: EntryChange): string {
  return change === "moved" && before !== null && after !== null ? WORDS.from(before + 1, after + 1) : "";
}

export function titleOf({ entry }: EntryChange): string {
  return shownEntry(entry).title;
}
