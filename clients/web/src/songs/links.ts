/**
 * Tracks in what somebody pasted.
 *
 * Links to tracks of a well-known service, its URIs and ours, one or many, with anything between them. Pure.
 */

import type { Track } from "@tutti/client";

const ID = "[0-9A-Za-z]{22}";
const LINK = new RegExp(
  `https?://open\\.spotify\\.com/(?:intl-[a-z-]+/)?track/(${ID})|\\b((?:spotify|tutti):track:${ID})\\b`,
  "g",
);
/** More than this at once is a file to import. */
export const PASTED_MAX = 500;

/** In the order in which they stand, at most `PASTED_MAX`. */
export function tracksIn(pasted: string): Track[] {
  const tracks: Track[] = [];
  for (const [, id, uri] of pasted.matchAll(LINK)) {
    tracks.push({ track: uri ?? `spotify:track:${id}` });
    if (tracks.length === PASTED_MAX) {
      break;
    }
  }
  return tracks;
}
