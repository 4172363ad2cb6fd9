/**
 * When two songs are the same song.
 *
 * By recording: the ISRC if it is known, else the track's URI. So one person's file and another's stream of the
 * same recording are one entry, and a live version of it is another.
 */

import { type Entry as Members, memberOf } from "../ot/value.js";
import type { Jam, Played } from "./state.js";

/** What duplicates are told by. */
export function recording(track: Members): string {
  const isrc = memberOf(track, "isrc");
  if (typeof isrc === "string" && isrc) {
    return `isrc:${isrc.replaceAll("-", "").toUpperCase()}`;
  }
  return String(memberOf(track, "track") ?? "");
}

export function isPlaying(jam: Jam, wanted: string): boolean {
  const playing = memberOf(jam.entries, jam.timeline.entry);
  return playing !== undefined && recording(playing.track) === wanted;
}

/**
 * The last play of a recording, if it is too recent to be heard again: among the last songs, and within the time,
 * whichever is less.
 */
export function recentPlay(jam: Jam, wanted: string, atMs: number): Played | undefined {
  const { times, limits } = jam.settings;
  // A song that nobody could play was not heard.
  const heard = jam.played.filter(played => played.ending !== "failed");
  return heard
    .slice(Math.max(heard.length - limits.recent_plays, 0))
    .reverse()
    .find(played => played.ended_at > atMs - times.recent_ms && played.recording === wanted);
}
