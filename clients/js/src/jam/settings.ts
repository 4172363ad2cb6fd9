/**
 * What a host may choose.
 *
 * Every default of the Jam is a member here, so that a Jam carries its own rules in its log and a test may
 * shorten its times. All numbers are integers; times in ms.
 */

import { type Of, oneOf, or, positive, record } from "../shape.js";

export const MODE = oneOf("votes", "fair", "queue", "host");
export type Mode = Of<typeof MODE>;
export const REPEAT = oneOf("off", "one", "all");
export type Repeat = Of<typeof REPEAT>;

const TIMES = record({
  /** Gone this long, the host is replaced by an acting one; of anybody else's absence nobody takes notice. */
  host_away_ms: 60_000,
  /** The host who returns within this time takes the role back. */
  host_return_ms: 30 * 60_000,
  /** Votes of somebody away this long sleep; who did nothing this long is not asked for a skip. */
  asleep_ms: 10 * 60_000,
  /** With nobody left this long the Jam falls dormant; dormant this long, it ends. */
  empty_ms: 60_000,
  dormant_ms: 24 * 60 * 60_000,
  /** A log silent for longer than this while music played was not kept by a living server. */
  restart_ms: 60_000,
  /** While music plays and nothing else happens, the log says so this often; less than half of `restart_ms`. */
  tick_ms: 25_000,
  /** The next entry is locked when less than this remains. */
  lock_next_ms: 15_000,
  /** No skip in the first of these; then the countdown in which it can be vetoed. */
  skip_quiet_ms: 5_000,
  skip_countdown_ms: 3_000,
  /** A recording is not played again within this time, nor within `Limits.recent_plays`, whichever is less. */
  recent_ms: 60 * 60_000,
});
/** How long things last, ms. Whoever shortens them keeps their proportions. */
export interface Times extends Of<typeof TIMES> {}

const LIMITS = record({
  seats: 32,
  listeners: 1_000,
  queue: 500,
  fallback: 500,
  /** Adds of one guest: so many at once, one more each `add_refill_ms`; and so many waiting. */
  adds: 5,
  add_refill_ms: or(positive, 60_000),
  waiting: 5,
  /** Votes of one person: so many at once, refilled within `votes_ms`. */
  votes: 20,
  votes_ms: or(positive, 10_000),
  /** Messages of one person, likewise; so many are kept. */
  chats: 5,
  chats_ms: or(positive, 10_000),
  chat_tail: 200,
  song_ms: 15 * 60_000,
  recent_plays: 20,
});
/** How much of everything; host and co-host are exempt from those that speak of guests. */
export interface Limits extends Of<typeof LIMITS> {}

export const SETTINGS = record({
  name: "Jam",
  mode: or(MODE, "fair"),
  down_votes: false,
  votes_frozen: false,
  guests_add: true,
  guests_reorder: false,
  guests_skip: true,
  guests_volume: false,
  guests_invite: true,
  approval: false,
  /** The host's device is the speaker: its position moves the timeline, and without it the music pauses. */
  speaker: false,
  /** Among entries of equal rank the next is the one that follows most smoothly. */
  smooth: false,
  repeat: or(REPEAT, "off"),
  volume: 80,
  times: or(TIMES, TIMES({})),
  limits: or(LIMITS, LIMITS({})),
});
/** The rules of one Jam. A command `set` changes some members; unknown ones are refused. */
export interface Settings extends Of<typeof SETTINGS> {}
