/**
 * What happened in a Jam.
 *
 * An event says all that the reducer needs, so that folding it needs no decision: which entry was chosen, when the
 * music starts. It is the map that travels, with its name under `event`; `at` is room time in ms, `by` the user
 * whose command it was (empty: the room's own), `order` the digest of the queue's order after it.
 */

import { flag, listOf, members, or, pairOf, type Read, type Shape, tagged, text, whole } from "../shape.js";
import { ENDING, STANDING } from "./state.js";

const ROOT = { at: whole, by: text, order: "" };
const ON_ENTRY = { entry: text };
const BEFORE = { entry: text, before: text };
const ON_USER = { user: text };
const AT_DOOR = { user: text, name: text, role: STANDING };
const ON_USERS = { users: listOf(text) };
const STOPPED = { position_ms: whole };

const EVENTS = {
  // -- the queue
  added: { entry: text, track: members },
  /** `entry` was there already: adding it as `requested` became a vote. */
  merged: { entry: text, requested: text },
  voted: { entry: text, value: whole },
  removed: ON_ENTRY,
  cleared: {},
  pinned: BEFORE,
  unpinned: ON_ENTRY,
  moved: BEFORE,
  shuffled: { seed: text },
  fallback_set: { tracks: listOf(pairOf(text, members)) },

  // -- the music
  /**
   * Play `play` is over (`ending`); `entry` starts at room time `anchor_ms` from `position_ms`, as the next play.
   * An empty `entry`: nothing is left to play. `again`: it is the one that played before (command `previous`), and
   * is taken out of the past again. `errors_us`: how far off devices said that they were at that moment, in
   * ascending order; for the recap.
   */
  advanced: {
    play: whole,
    ending: ENDING,
    entry: text,
    anchor_ms: whole,
    position_ms: 0,
    again: false,
    errors_us: or(listOf(whole), []),
  },
  resumed: { anchor_ms: whole },
  paused: { position_ms: whole, reason: text },
  /** Also what a speaker's drift becomes: `by` is empty then. */
  sought: { play: whole, position_ms: whole, anchor_ms: whole },
  next_locked: ON_ENTRY,
  /** `due_at`: when the play will be skipped; 0: not enough have asked. */
  skip_voted: { play: whole, value: flag, due_at: whole },
  vetoed: { play: whole },

  // -- people
  knocked: AT_DOOR,
  denied: ON_USER,
  joined: AT_DOOR,
  left: ON_USER,
  kicked: ON_USER,
  banned: ON_USER,
  unbanned: ON_USER,
  promoted: { user: text, role: STANDING },
  locked: { locked: flag },
  rotated: {},
  handed_over: ON_USER,
  acting: ON_USER,
  went_away: ON_USERS,
  /**
   * `host`, if not empty, is the one who takes the role back with this. Those of the users who are in `seen` had
   * not gone: that they are here is nothing that they did, though the log counts it.
   */
  came_back: { users: listOf(text), host: "", seen: or(listOf(text), []) },
  fell_asleep: ON_USERS,
  fell_dormant: STOPPED,
  ended: STOPPED,
  settings_set: { settings: members },
  ticked: {},

  // -- chat
  said: { text },
  message_deleted: { message: whole },
};

export type EventName = keyof typeof EVENTS;
/** What only this event has. */
export type EventMembers<N extends EventName> = Read<(typeof EVENTS)[N]>;
/** The event of this name. */
export type EventOf<N extends EventName> = { readonly event: N } & Read<typeof ROOT> & EventMembers<N>;
/** Any event. */
export type Event = { [N in EventName]: EventOf<N> }[EventName];

/** Throws Misfit. */
export const decodeEvent = tagged("event", EVENTS, ROOT) as Shape<Event>;
