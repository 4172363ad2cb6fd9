/**
 * When a song will play: "in about 12 min".
 *
 * What remains of the present song, and the lengths of those before it in the queue's order. A guess, as votes
 * change the order; whoever shows it rounds it.
 */

import { memberOf } from "../ot/value.js";
import { order } from "./queue.js";
import type { Jam } from "./state.js";
import { durationOf, positionAt } from "./timeline.js";

/** What a song of unknown length is taken for: about the median of the popular ones. */
export const ASSUMED_MS = 210_000;

/**
 * How long until each entry that waits begins, in ms, by id; as if what stands went on now. Empty while one song is
 * repeated: then nothing else will play.
 */
export function estimates(jam: Jam, nowMs: number): Map<string, number> {
  const found = new Map<string, number>();
  if (jam.settings.repeat === "one" && jam.timeline.entry) {
    return found;
  }
  const lengthOf = (id: string) => durationOf(memberOf(jam.entries, id)) ?? ASSUMED_MS;
  const playing = jam.timeline.entry;
  const isPlaying = Object.hasOwn(jam.entries, playing);
  let waitingMs = isPlaying ? Math.max(0, lengthOf(playing) - positionAt(jam, nowMs)) : 0;
  for (const id of order(jam)) {
    if (id !== playing) {
      found.set(id, waitingMs);
      waitingMs += lengthOf(id);
    }
  }
  return found;
}
