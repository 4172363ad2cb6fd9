/**
 * What plays, and what host and co-host (and time) do to it.
 *
 * Commands name the play they mean; one that is over cannot be paused, sought in or skipped by a late press.
 */

import { advance, advanced } from "./advancing.js";
import type { Event } from "./events.js";
import { JamRefusal } from "./refusal.js";
import { type By, becomes, type Rules, type Steps } from "./rules.js";
import type { Jam } from "./state.js";
import { isPosition, positionAt, startAt } from "./timeline.js";

/** Within these, `previous` means the song before; later it means this one's beginning. */
const PREVIOUS_WITHIN_MS = 3_000;

/** Throws JamRefusal (other_play) unless this is the play now playing. */
export function checkPlay(jam: Jam, play: number): void {
  if (play !== jam.timeline.play || !jam.timeline.entry) {
    throw new JamRefusal("other_play");
  }
}

export const RULES = {
  play: (jam, _, by) => played(jam, by),

  pause(jam, _, by) {
    if (jam.timeline.paused) {
      return null;
    }
    return becomes(by, "paused", { position_ms: positionAt(jam, by.atMs), reason: "host" });
  },

  seek(jam, { play, position_ms }, by) {
    checkPlay(jam, play);
    if (!isPosition(jam, position_ms)) {
      throw new JamRefusal("seek_beyond");
    }
    return sought(jam, position_ms, by);
  },

  next(jam, { play }, by) {
    checkPlay(jam, play);
    return advanced(jam, by, "next");
  },

  previous(jam, { play }, by) {
    checkPlay(jam, play);
    const last = jam.played[jam.played.length - 1];
    const isLate = positionAt(jam, by.atMs) > PREVIOUS_WITHIN_MS;
    if (isLate || last === undefined || Object.hasOwn(jam.entries, last.listed.id)) {
      return sought(jam, 0, by);
    }
    return advanced(jam, by, "next", last.listed.id, { again: true });
  },

  play_now(jam, { entry }, by) {
    if (!Object.hasOwn(jam.entries, entry)) {
      throw new JamRefusal("entry_gone");
    }
    return entry === jam.timeline.entry ? played(jam, by) : advanced(jam, by, "next", entry);
  },

  unplayable(jam, { play }, by) {
    checkPlay(jam, play);
    return advanced(jam, by, "failed");
  },
} satisfies Partial<Rules>;

function played(jam: Jam, by: By): Event | null {
  if (!jam.timeline.paused) {
    return null;
  }
  return jam.timeline.entry
    ? becomes(by, "resumed", { anchor_ms: startAt(by.atMs) })
    : advanced(jam, by, "finished");
}

function sought(jam: Jam, position_ms: number, by: By): Event {
  const { play, paused } = jam.timeline;
  return becomes(by, "sought", { play, position_ms, anchor_ms: paused ? by.atMs : startAt(by.atMs) });
}

// -- what events make of it

export const STEPS = {
  advanced: advance,

  resumed: (jam, { anchor_ms }) => withTimeline(jam, { anchor_ms, paused: false, reason: "" }),

  paused: (jam, { at, position_ms, reason }) =>
    withTimeline(jam, { position_ms, anchor_ms: at, paused: true, reason }),

  sought: (jam, { position_ms, anchor_ms }) => withTimeline(jam, { position_ms, anchor_ms }),

  next_locked: (jam, { entry }) => ({ ...jam, next: entry }),
} satisfies Partial<Steps>;

function withTimeline(jam: Jam, changes: Partial<Jam["timeline"]>): Jam {
  return { ...jam, timeline: { ...jam.timeline, ...changes, reign: jam.reign } };
}
