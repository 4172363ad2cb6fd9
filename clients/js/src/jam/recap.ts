/**
 * What the evening was.
 *
 * The songs in the order in which they were played, who brought them and who liked them, who agrees with whom, how
 * long everybody listened and how well all heard the same. The server folds it from a Jam's events; here is how it
 * reads. Room times and lengths in ms.
 */

import { listOf, mapOf, members, type Of, pairOf, record, text, whole } from "../shape.js";
import { ENDING } from "./state.js";

const PLAY = record({
  play: whole,
  entry: text,
  track: members,
  /** Empty: the fallback's. */
  added_by: text,
  added_at: whole,
  /** The first by user id; `up` and `down` count them all. */
  votes: mapOf(whole),
  up: whole,
  down: whole,
  started_at: whole,
  ended_at: whole,
  /** How long it was heard, without pauses. */
  heard_ms: whole,
  ending: ENDING,
});
/**
 * One playing of a song, with its entry and votes as they were at its end. `ending` is `playing` for the one that
 * plays, or at which the Jam ended.
 */
export interface Play extends Of<typeof PLAY> {}

const PERSON = record({
  user: text,
  name: text,
  listened_ms: whole,
  /** Of the songs played so many were theirs, on so many they voted. */
  added: whole,
  voted: whole,
  /** The user whose votes were most like theirs, empty if nobody's were. */
  closest: text,
});
export interface Person extends Of<typeof PERSON> {}

const PAIR = record({
  users: pairOf(text, text),
  /** On so many songs both voted, and agreed on so many. */
  both: whole,
  agreed: whole,
  /** Their share of those on which either did. */
  permille: whole,
});
/** Two people, in the order of their ids. */
export interface Pair extends Of<typeof PAIR> {}

const SYNC = record({ readings: whole, p50_us: whole, p95_us: whole });
/** How far off devices said that they were whenever a song began, µs. */
export interface Sync extends Of<typeof SYNC> {}

export const RECAP = record({
  name: text,
  host: text,
  started_at: whole,
  /** Where the look begins, later than `started_at` if older events are no longer kept. */
  since: whole,
  until: whole,
  status: text,
  music_ms: whole,
  played: listOf(PLAY),
  /** These name plays; what could not be played is in neither. */
  skipped: listOf(whole),
  /** The most liked first. */
  liked: listOf(whole),
  people: listOf(PERSON),
  /** Whoever was here, and how many at one time. */
  people_in_all: whole,
  most_at_once: whole,
  pairs: listOf(PAIR),
  sync: SYNC,
});
/** What an evening was, in the server's own words: see `docs/PROTOCOL.md`, section 15. */
export interface Recap extends Of<typeof RECAP> {}
