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
  return {
    uid: textOf(entry["uid"]),
    title: textOf(entry["title"]) || textOf(entry["track"]),
    artists: Array.isArray(entry["artists"])
      ? entry["artists"].map(String).join(", ")
      : textOf(entry["artists"]),
    album: textOf(entry["album"]),
    durationMs: numberOf(entry["duration_ms"]),
    addedBy: textOf(entry["added_by"]),
    addedAtMs: numberOf(entry["added_at"]),
  };
}

export function uidOf(entry: Entry): string {
  return textOf(entry["uid"]);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
