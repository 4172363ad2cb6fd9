/**
 * What happened in a Jam.
 *
 * An event says all that the reducer needs, so that folding it needs no decision: which entry was chosen, when the
 * music starts. It is the map that travels, with its name under `event`; `at` is room time in ms, `by` the user
 * whose command it was (empty: the room's own), `order` the digest of the queue's order after it.
 */

import { isMap, memberOf } from "../ot/value.js";
import {
  flag,
  listOf,
  Misfit,
  members,
  type Of,
  pairOf,
  type RecordShape,
  record,
  type Shape,
  text,
  whole,
} from "./shape.js";
import { ENDING, STANDING } from "./state.js";

type Fields = { readonly [name: string]: Shape<unknown> };
type Root = { readonly at: number; readonly by: string; readonly order: string };

function event<F extends Fields, const D extends object>(
  fields: F,
  defaults: D = {} as D,
): RecordShape<Root & { readonly [N in keyof F]: Of<F[N]> }, D> {
  return record(
    { event: text, at: whole, by: text, order: text, ...fields },
    { order: "", ...defaults },
  ) as never;
}

const PLAIN = event({});
const ON_ENTRY = event({ entry: text });
const BEFORE = event({ entry: text, before: text });
const ON_USER = event({ user: text });
const AT_DOOR = event({ user: text, name: text, role: STANDING });
const ON_USERS = event({ users: listOf(text) });
const STOPPED = event({ position_ms: whole });

const EVENTS = {
  // -- the queue
  added: event({ entry: text, track: members }),
  /** `entry` was there already: adding it as `requested` became a vote. */
  merged: event({ entry: text, requested: text }),
  voted: event({ entry: text, value: whole }),
  removed: ON_ENTRY,
  cleared: PLAIN,
  pinned: BEFORE,
  unpinned: ON_ENTRY,
  moved: BEFORE,
  shuffled: event({ seed: text }),
  fallback_set: event({ tracks: listOf(pairOf(text, members)) }),

  // -- the music
  /**
   * Play `play` is over (`ending`); `entry` starts at room time `anchor_ms` from `position_ms`, as the next play.
   * An empty `entry`: nothing is left to play. `again`: it is the one that played before (command `previous`), and
   * is taken out of the past again. `errors_us`: how far off devices said that they were at that moment, in
   * ascending order; for the recap.
   */
  advanced: event(
    {
      play: whole,
      ending: ENDING,
      entry: text,
      anchor_ms: whole,
      position_ms: whole,
      again: flag,
      errors_us: listOf(whole),
    },
    { position_ms: 0, again: false, errors_us: [] },
  ),
  resumed: event({ anchor_ms: whole }),
  paused: event({ position_ms: whole, reason: text }),
  /** Also what a speaker's drift becomes: `by` is empty then. */
  sought: event({ play: whole, position_ms: whole, anchor_ms: whole }),
  next_locked: ON_ENTRY,
  /** `due_at`: when the play will be skipped; 0: not enough have asked. */
  skip_voted: event({ play: whole, value: flag, due_at: whole }),
  vetoed: event({ play: whole }),

  // -- people
  knocked: AT_DOOR,
  denied: ON_USER,
  joined: AT_DOOR,
  left: ON_USER,
  kicked: ON_USER,
  banned: ON_USER,
  unbanned: ON_USER,
  promoted: event({ user: text, role: STANDING }),
  locked: event({ locked: flag }),
  rotated: PLAIN,
  handed_over: ON_USER,
  acting: ON_USER,
  went_away: ON_USERS,
  /**
   * `host`, if not empty, is the one who takes the role back with this. Those of the users who are in `seen` had
   * not gone: that they are here is nothing that they did, though the log counts it.
   */
  came_back: event({ users: listOf(text), host: text, seen: listOf(text) }, { host: "", seen: [] }),
  fell_asleep: ON_USERS,
  fell_dormant: STOPPED,
  ended: STOPPED,
  settings_set: event({ settings: members }),
  ticked: PLAIN,

  // -- chat
  said: event({ text }),
  message_deleted: event({ message: whole }),
};

export type EventName = keyof typeof EVENTS;
/** The event of this name. */
export type EventOf<N extends EventName> = Of<(typeof EVENTS)[N]> & { readonly event: N };
/** Any event. */
export type Event = { [N in EventName]: EventOf<N> }[EventName];
/** What only this event has. */
export type EventMembers<N extends EventName> = Omit<EventOf<N>, "event" | "at" | "by" | "order">;

/** Throws Misfit. */
export function decodeEvent(body: unknown): Event {
  const name = isMap(body) ? memberOf(body, "event") : undefined;
  const shape = memberOf<Shape<unknown>>(EVENTS, String(name));
  if (shape === undefined) {
    throw new Misfit(`No event is called ${name}.`);
  }
  return shape(body) as Event;
}
