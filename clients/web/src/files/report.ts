/** What to tell of an import: the more went well, the less. Knows the report. Does not know how it is drawn. */

import type { ImportedPlaylist, UnmatchedEntry } from "@tutti/client";
import { FILES } from "../strings/files.js";

/** As many as somebody reads. */
export const LEFT_OUT_SHOWN = 50;

/** `lines` are sentences; `leftOut` are the first of those that are not in the playlist, `others` how many more. */
export interface Told {
  readonly lines: readonly string[];
  readonly leftOut: readonly { readonly song: string; readonly why: string }[];
  readonly others: number;
}

export function told({ report }: ImportedPlaylist): Told {
  const { entries, imported, kept, leftOut } = report;
  const lines = [
    entries === 0 ? FILES.empty : leftOut === 0 ? FILES.all(entries) : FILES.some(imported, entries),
  ];
  if (kept > 0) {
    lines.push(FILES.kept(kept));
  }
  const shown = report.unmatched.filter(({ isKept }) => !isKept).slice(0, LEFT_OUT_SHOWN);
  return {
    lines,
    leftOut: shown.map(entry => ({ song: songOf(entry), why: entry.message })),
    others: leftOut - shown.length,
  };
}

function songOf({ title, artists, uri }: UnmatchedEntry): string {
  return [artists.join(", "), title].filter(Boolean).join(" – ") || uri || FILES.unnamed;
}
