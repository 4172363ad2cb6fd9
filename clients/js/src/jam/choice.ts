/**
 * What plays next.
 *
 * The locked one; else the first in the queue, and where the setting `smooth` leaves a choice among equals, the one
 * that follows most smoothly. The choice stands in the event, so it is made once.
 */

import { memberOf } from "../ot/value.js";
import { featuresOf } from "./features.js";
import { idOf } from "./keys.js";
import type { Lineup } from "./lineup.js";
import { found } from "./maps.js";
import { peers, places } from "./queue.js";
import { smoothest } from "./smooth.js";
import type { Jam } from "./state.js";

/**
 * The id of the entry to play after the present one; null if there is none. Whoever has the Jam's lineup at hand
 * saves having the queue sorted.
 */
export function nextEntry(jam: Jam, lineup?: Lineup): string | null {
  const playing = memberOf(jam.entries, jam.timeline.entry);
  if (jam.next !== jam.timeline.entry && Object.hasOwn(jam.entries, jam.next)) {
    return jam.next;
  }
  const keys = lineup?.jam === jam ? lineup.places : places(jam);
  // What plays, if it is in the queue, has the first place.
  const first = keys[playing === undefined ? 0 : 1];
  if (first === undefined) {
    return null;
  }
  if (playing === undefined || !jam.settings.smooth) {
    return idOf(first);
  }
  const equals = peers(jam, keys, first);
  const candidates = equals.map(id => featuresOf(found(jam.entries, id).track));
  return equals[smoothest(featuresOf(playing.track), candidates)]!;
}
