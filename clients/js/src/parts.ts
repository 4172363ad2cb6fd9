/**
 * The Jam's timeline as pieces of music: which track from where on, from when on.
 *
 * Knows timelines. Does not know players, or the client's own clock: times are the room's.
 */

import { type Jam, NORMAL_RATE_PPM } from "./jam/state.js";
import { durationOf, endsAt } from "./jam/timeline.js";
import { memberOf } from "./ot/value.js";
import type { PlayedTrack } from "./player.js";

/**
 * Music: `entry` from `positionMs` on, at room time `anchorMs`; it is over at `endsAtMs`, if that is known.
 */
export interface Part {
  readonly entry: string;
  readonly track: PlayedTrack;
  readonly positionMs: number;
  readonly anchorMs: number;
  readonly ratePpm: number;
  readonly endsAtMs: number | null;
}

/** Less than `positionMs` before the anchor: an output with a latency is given it by then. */
export function positionIn(part: Part, roomMs: number): number {
  return part.positionMs + ((roomMs - part.anchorMs) * part.ratePpm) / NORMAL_RATE_PPM;
}

/** Whether `later` is `part`, corrected: then the player needs no start. */
export function goesOnAs(part: Part, later: Part, roomMs: number): boolean {
  return later.entry === part.entry && part.anchorMs <= roomMs && later.anchorMs <= roomMs;
}

/** Whether two say the same; an entry's track never changes. */
export function samePart(one: Part | null, other: Part | null): boolean {
  return (
    one === other ||
    (one !== null &&
      other !== null &&
      one.entry === other.entry &&
      one.positionMs === other.positionMs &&
      one.anchorMs === other.anchorMs &&
      one.ratePpm === other.ratePpm &&
      one.endsAtMs === other.endsAtMs)
  );
}

/**
 * What is to be heard, or will be at its anchor; null for silence. A song that is locked as next follows by itself:
 * the event that says so confirms it later.
 */
export function partOf(jam: Jam, roomMs: number): Part | null {
  const { timeline } = jam;
  const entry = memberOf(jam.entries, timeline.entry);
  if (timeline.paused || entry === undefined) {
    return null;
  }
  const following = followingPart(jam);
  if (following !== null && roomMs >= following.anchorMs) {
    return isOver(following, roomMs) ? null : following;
  }
  const part: Part = {
    entry: entry.id,
    track: entry.track,
    positionMs: timeline.position_ms,
    anchorMs: timeline.anchor_ms,
    ratePpm: timeline.rate_ppm,
    endsAtMs: endsAt(jam),
  };
  return isOver(part, roomMs) ? null : part;
}

/** What begins without a gap when the present song is over; null if that is not settled. */
export function followingPart(jam: Jam): Part | null {
  const atMs = endsAt(jam);
  const repeats = jam.settings.repeat === "one";
  const entry = memberOf(jam.entries, repeats ? jam.timeline.entry : jam.next);
  if (atMs === null || entry === undefined || (entry.id === jam.timeline.entry && !repeats)) {
    return null;
  }
  const durationMs = durationOf(entry);
  const endsAtMs = durationMs === undefined ? null : atMs + durationMs;
  const { id, track } = entry;
  return { entry: id, track, positionMs: 0, anchorMs: atMs, ratePpm: NORMAL_RATE_PPM, endsAtMs };
}

function isOver({ endsAtMs }: Part, roomMs: number): boolean {
  return endsAtMs !== null && roomMs >= endsAtMs;
}
