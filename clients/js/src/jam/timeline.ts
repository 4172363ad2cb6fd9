/**
 * Where the music is.
 *
 * Turns an anchor (position, room time, rate) into a position at any moment, and says when a start must be
 * scheduled so that everyone hears it. Knows playback arithmetic; does not know who may do what. Times and
 * positions are whole ms.
 */

import { memberOf } from "../ot/value.js";
import { type Entry, type Jam, NORMAL_RATE_PPM, type Timeline } from "./state.js";
import { quotient, quotientUp } from "./whole.js";

/** A start is scheduled at least this far ahead. */
const LEAD_MIN_MS = 400;
/** No piece of music is longer than a day, known or unknown. */
export const POSITION_MAX_MS = 24 * 60 * 60_000;

/** ms; undefined if it is unknown, or longer than any. */
export function durationOf(entry: Entry | undefined): number | undefined {
  const duration = entry && memberOf(entry.track, "duration_ms");
  return typeof duration === "number" && duration > 0 && duration <= POSITION_MAX_MS ? duration : undefined;
}

/** Whether what plays can be there; anywhere within a day if its duration is unknown. */
export function isPosition(jam: Jam, positionMs: number): boolean {
  return positionMs >= 0 && positionMs <= (playingDuration(jam) ?? POSITION_MAX_MS);
}

/**
 * Position in ms of what plays at room time `nowMs`, from 0 up to its duration, if that is known. Before a
 * scheduled start it is the position where it will start.
 */
export function positionAt(jam: Jam, nowMs: number): number {
  const position = jam.timeline.position_ms + elapsedMs(jam.timeline, nowMs);
  return Math.min(position, playingDuration(jam) ?? position);
}

/** How much of the song was heard since the anchor. */
export function elapsedMs(timeline: Timeline, nowMs: number): number {
  if (timeline.paused || !timeline.entry) {
    return 0;
  }
  return quotient(Math.max(0, nowMs - timeline.anchor_ms), timeline.rate_ppm, NORMAL_RATE_PPM);
}

/** Room time at which what plays will be over; null if it stands, or nobody knows. */
export function endsAt(jam: Jam): number | null {
  const { timeline } = jam;
  const duration = playingDuration(jam);
  if (timeline.paused || duration === undefined) {
    return null;
  }
  const leftMs = Math.max(0, duration - timeline.position_ms);
  return timeline.anchor_ms + quotientUp(leftMs, NORMAL_RATE_PPM, timeline.rate_ppm);
}

/**
 * Room time at which a song will begin when that was decided at `atMs`. The server knows who is far away or fetches
 * slowly, and then gives more time than a client can foresee.
 */
export function startAt(atMs: number): number {
  return atMs + LEAD_MIN_MS;
}

function playingDuration(jam: Jam): number | undefined {
  return durationOf(memberOf(jam.entries, jam.timeline.entry));
}
