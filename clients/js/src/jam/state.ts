/**
 * What a Jam is at one version.
 *
 * Immutable values, equal on every node and every client that folded the same events. All is plain data, named as
 * it travels: a state is its own snapshot, `load` reads one, `digest` is computed from it. No floats, and no order
 * in any map that matters: what is ordered is a list or has a number to sort by.
 */

import { memberOf } from "../ot/value.js";
import {
  listOf,
  mapOf,
  members,
  type Of,
  oneOf,
  or,
  pairOf,
  positive,
  record,
  text,
  whole,
} from "../shape.js";
import { SETTINGS } from "./settings.js";

/** Somebody's standing role; who is host is said by `Jam.host`, and nowhere else. */
export type Standing = Of<typeof STANDING>;
/** What somebody is in a Jam. */
export type Role = "host" | Standing;
export type Status = Of<typeof STATUS>;
/** How a play ended; "playing" while it has not. */
export type Ending = Of<typeof ENDING>;

export const STANDING = oneOf("cohost", "guest", "listener");
const STATUS = oneOf("live", "dormant", "ended");
export const ENDING = oneOf("playing", "finished", "skipped", "next", "failed", "withdrawn");

export const NORMAL_RATE_PPM = 1_000_000;

/** A token bucket: the thousandths of a token that have been spent, as of a room time; full when new. */
export type Bucket = Of<typeof BUCKET>;
const BUCKET = pairOf(whole, whole);
const FULL: Bucket = [0, 0];

const MEMBER = record({
  name: text,
  role: STANDING,
  since: whole,
  active_at: whole,
  /** 0 while they are here. */
  away_at: 0,
  /** Their votes do not count at present. */
  asleep: false,
  adds: or(BUCKET, FULL),
  votes: or(BUCKET, FULL),
  chats: or(BUCKET, FULL),
});
/** One person. */
export interface Member extends Of<typeof MEMBER> {}

const KNOCK = record({ name: text, role: STANDING, at: whole });
/** Somebody who waits for approval. */
export interface Knock extends Of<typeof KNOCK> {}

const DOORS = record({
  generation: 1,
  locked: false,
  banned: or(mapOf(whole), {}),
  knocks: or(mapOf(KNOCK), {}),
});
/**
 * Who may come in. Keys (codes and invite links) bear the generation in which they were made; only those of the
 * present one open. `banned` people no key lets in.
 */
export interface Doors extends Of<typeof DOORS> {}

const ENTRY = record({
  id: text,
  /** A flat map as in a playlist's entry (`track`, a URI; `title`, `artists`, `duration_ms`, `isrc` …). */
  track: members,
  added_by: text,
  added_at: whole,
  added_seq: whole,
  /**
   * Its place where people reorder by hand (modes `queue` and `host`), or in a shuffled fallback; `added_seq`
   * until then.
   */
  rank: whole,
  /** Those that are not 0. */
  votes: or(mapOf(whole), {}),
  /** The sum of the votes of people who are awake. */
  score: 0,
  /** Orders what the host pinned, 0 for what is not. */
  pin: 0,
  fallback: false,
});
/** One song in the queue. */
export interface Entry extends Of<typeof ENTRY> {}

const TIMELINE = record({
  /** Names this playing of it; 0: nothing was played yet. */
  play: 0,
  entry: "",
  started_at: 0,
  position_ms: 0,
  anchor_ms: 0,
  rate_ppm: or(positive, NORMAL_RATE_PPM),
  /** It stands at `position_ms`. Neither paused nor with an entry: whatever is added next begins at once. */
  paused: true,
  /** Why: `host`, `host_away`, `restart`, `empty`, `ended`, or nothing at the very start. */
  reason: "",
  reign: 1,
});
/** Where the music is: at room time `anchor_ms` it is (or will start) at `position_ms` of `entry`. */
export interface Timeline extends Of<typeof TIMELINE> {}
/** Before anything was played. */
export const SILENCE: Timeline = TIMELINE({});

const SKIP = record({
  voters: or(mapOf(whole), {}),
  /** If not 0, when the play will be skipped unless that is vetoed. */
  due_at: 0,
  /** Not again during this play. */
  vetoed: false,
});
/** Who wants the play now playing to be skipped. */
export interface Skip extends Of<typeof SKIP> {}
export const NO_SKIP: Skip = SKIP({});

const PLAYED = record({
  play: whole,
  /** What duplicates are told by. */
  recording: text,
  /** Its entry as it was. */
  listed: ENTRY,
  started_at: whole,
  ended_at: whole,
  ending: ENDING,
});
/** A play that is over. */
export interface Played extends Of<typeof PLAYED> {}

const MESSAGE = record({ id: whole, by: text, name: text, at: whole, text });
/** One line of chat; deleted ones keep their place with an empty text. */
export interface Message extends Of<typeof MESSAGE> {}

const JAM = record({
  host: text,
  /** The room time of the last event. */
  at: whole,
  started_at: whole,
  settings: or(SETTINGS, SETTINGS({})),
  status: or(STATUS, "live"),
  status_at: 0,
  /** The number of the host's term; host and co-host commands name it. */
  reign: 1,
  /** The host whose place an acting one holds, and until when they may take it back; "" and 0 for none. */
  returning: "",
  returning_until: 0,
  members: or(mapOf(MEMBER), {}),
  doors: or(DOORS, DOORS({})),
  entries: or(mapOf(ENTRY), {}),
  /** Counters: adds give `added_seq`, plays give play ids, messages give message ids. */
  adds: 0,
  plays: 0,
  messages: 0,
  timeline: or(TIMELINE, SILENCE),
  /** The entry that plays next whatever happens, unless it is removed or cannot be played; "" for none. */
  next: "",
  skip: or(SKIP, NO_SKIP),
  /**
   * Start-time fair queueing: the round of what plays, the last round served by person, and what the adder of
   * the playing entry had before it, should it fail to play.
   */
  round: 0,
  served: or(mapOf(whole), {}),
  served_before: 0,
  played: or(listOf(PLAYED), []),
  chat: or(listOf(MESSAGE), []),
});
/** See the module. */
export interface Jam extends Of<typeof JAM> {}

/** What somebody is here; null: not a member. */
export function roleOf(jam: Jam, user: string): Role | null {
  const member = memberOf(jam.members, user);
  return member === undefined ? null : user === jam.host ? "host" : member.role;
}

/** Reads a snapshot. Throws Misfit for anything else. */
export function load(snapshot: unknown): Jam {
  return JAM(snapshot);
}
