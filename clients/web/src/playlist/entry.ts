/** What an entry says, as the page shows it. Pure. */

import type { Entry } from "@tutti/client";
import { STRINGS } from "../strings.js";

export interface ShownEntry {
  readonly uid: string;
  readonly title: string;
  readonly artists: string;
  readonly album: string;
  readonly durationMs: number | null;
  readonly addedBy: string;
  readonly addedAtMs: number | null;
}

export function shownEntry(entry: Entry): ShownEntry {
  const title = textOf(entry["title"]);
  return {
    uid: textOf(entry["uid"]),
    title: title || STRINGS.playlist.unknown,
    // Of a bare link that much is known.
    artists: title === "" ? textOf(entry["track"]) : artistsOf(entry),
    album: textOf(entry["album"]),
    durationMs: numberOf(entry["duration_ms"]),
    addedBy: textOf(entry["added_by"]),
    addedAtMs: numberOf(entry["added_at"]),
  };
}

export function uidOf(entry: Entry): string {
  return textOf(entry["uid"]);
}

function artistsOf({ artists }: Entry): string {
  return Array.isArray(artists) ? artists.map(String).join(", ") : textOf(artists);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
