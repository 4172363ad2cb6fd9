/**
 * From one song to the next.
 *
 * However a play ends (it is over, skipped, cannot be played) one event says so and says what begins: so it happens
 * once, and two presses never skip two songs. Also here: what becomes of the song that is over, and whose turn it
 * was.
 */

import { memberOf } from "../ot/value.js";
import { Misfit } from "../shape.js";
import { nextEntry } from "./choice.js";
import type { Event, EventMembers, EventOf } from "./events.js";
import { count, found, put, without } from "./maps.js";
import { recording } from "./recordings.js";
import { type By, becomes } from "./rules.js";
import { type Ending, type Jam, NO_SKIP, SILENCE } from "./state.js";
import { startAt } from "./timeline.js";
import { repeated, served, unserved } from "./turns.js";
import { recounted } from "./voting.js";

/** Plays that are remembered: for `previous`, and so that nothing is heard again too soon. */
const PLAYED_MAX = 50;

/** The present play ends; `entry` begins, or whatever is next. */
export function advanced(
  jam: Jam,
  by: By,
  ending: Ending,
  entry: string = nextEntry(jam, by.lineup) ?? "",
  more: Partial<EventMembers<"advanced">> = {},
): Event {
  return becomes(by, "advanced", {
    play: jam.timeline.play,
    ending,
    entry,
    anchor_ms: entry ? startAt(by.atMs) : by.atMs,
    position_ms: 0,
    again: false,
    errors_us: [],
    ...more,
  });
}

/** The step of the event `advanced`. */
export function advance(jam: Jam, event: EventOf<"advanced">): Jam {
  const before = jam.timeline.entry;
  // What was locked stays so when the host plays another one first.
  let after = event.again
    ? takenBack(jam)
    : retired({ ...jam, next: event.entry === jam.next ? "" : jam.next }, event);
  if (event.entry) {
    const entry = found(after.entries, event.entry);
    after = event.again || event.entry === before ? repeated(after, entry) : served(after, entry);
    // It has the place that it was pinned for.
    const entries = entry.pin ? put(after.entries, entry.id, { ...entry, pin: 0 }) : after.entries;
    after = { ...after, entries, plays: after.plays + 1 };
  }
  const { entry, anchor_ms, position_ms } = event;
  const timeline = {
    ...SILENCE,
    play: entry ? after.plays : after.timeline.play,
    entry,
    started_at: anchor_ms,
    position_ms,
    anchor_ms,
    paused: false,
    reign: after.reign,
  };
  return { ...after, skip: NO_SKIP, timeline };
}

/** What played goes from the queue into the past. */
function retired(jam: Jam, { entry: next, ending, at: ended_at }: EventOf<"advanced">): Jam {
  const { entry: id, play, started_at } = jam.timeline;
  const entry = memberOf(jam.entries, id);
  if (entry === undefined) {
    return jam;
  }
  const hasFailed = ending === "failed";
  const played = { play, recording: recording(entry.track), listed: entry, started_at, ended_at, ending };
  const after = {
    ...(hasFailed ? unserved(jam, entry) : jam),
    played: [...jam.played, played].slice(-PLAYED_MAX),
  };
  if (next === id) {
    return after; // the same once more
  }
  const entries = without(jam.entries, id);
  const isFull = count(entries, other => other.fallback) >= jam.settings.limits.fallback;
  if (jam.settings.repeat !== "all" || hasFailed || isFull) {
    return { ...after, entries };
  }
  // Its turn comes again when all the others have had theirs.
  const adds = jam.adds + 1;
  const again = { ...entry, fallback: true, votes: {}, score: 0, pin: 0, added_seq: adds, rank: adds };
  return { ...after, entries: put(entries, id, again), adds };
}

/** The last song of the past stands in the queue again, and what plays now comes after it. */
function takenBack(jam: Jam): Jam {
  const playing = memberOf(jam.entries, jam.timeline.entry);
  const last = jam.played[jam.played.length - 1];
  if (last === undefined) {
    throw new Misfit("Nothing was played that could be taken back.");
  }
  const listed = recounted(jam, last.listed);
  return {
    ...(playing === undefined ? jam : unserved(jam, playing)),
    entries: put(jam.entries, listed.id, listed),
    played: jam.played.slice(0, -1),
    next: jam.timeline.entry,
  };
}
