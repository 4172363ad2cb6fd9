/**
 * How a Jam reads: songs in order, what plays, who is there.
 *
 * Values made from the Jam's state at one moment, with names in place of ids and this user's own votes. Knows the
 * state and the rules that say when a song plays or is skipped. Does not know where the state comes from.
 */

import type { Lineup } from "./jam/lineup.js";
import { electorate, needed } from "./jam/quorum.js";
import { type Entry, type Jam, type Role, roleOf } from "./jam/state.js";
import { durationOf } from "./jam/timeline.js";
import { estimates } from "./jam/waiting.js";
import { compareText, type Entry as Members, memberOf } from "./ot/value.js";

/**
 * A song of the queue. `place` counts from 1, 0 is what plays. `votes` are by user id; `myVote` is −1, 0 or 1.
 * `addedBy` is a user id, empty for the fallback's; `addedByName` may be empty, too. `startsInMs` is a guess, null
 * if it will not play as things stand. `isNext`: it plays next whatever people vote. `title` is the track's, or its
 * URI.
 */
export interface Song {
  readonly id: string;
  readonly track: Members;
  readonly title: string;
  readonly artists: string;
  readonly place: number;
  readonly score: number;
  readonly votes: { readonly [user: string]: number };
  readonly myVote: number;
  readonly addedBy: string;
  readonly addedByName: string;
  readonly startsInMs: number | null;
  readonly isNext: boolean;
  readonly isPinned: boolean;
  readonly isFallback: boolean;
}

/**
 * Of those asked `wanted` want the next song, `needed` would have to; `mine`: we do. `inMs`: how long until it is
 * skipped unless somebody vetoes it; null while too few ask.
 */
export interface SkipVote {
  readonly wanted: number;
  readonly needed: number;
  readonly mine: boolean;
  readonly inMs: number | null;
}

/**
 * `play` names this playing of the song. While it `isPaused`, `reason` says why: `host`, `host_away`, `restart`,
 * `empty` or `ended`. `durationMs` is null if nobody knows.
 */
export interface NowPlaying {
  readonly song: Song;
  readonly play: number;
  readonly durationMs: number | null;
  readonly isPaused: boolean;
  readonly reason: string;
  readonly skip: SkipVote;
}

/** A member of the Jam. `isHere`: a device of theirs is connected. `since` is room time, ms. */
export interface Person {
  readonly user: string;
  readonly name: string;
  readonly role: Role;
  readonly isHere: boolean;
  readonly isTyping: boolean;
  readonly since: number;
}

/** Somebody at the door who waits for approval. */
export interface Waiting {
  readonly user: string;
  readonly name: string;
  readonly role: string;
  readonly since: number;
}

/** What waits, in the order in which it will play, at room time `nowMs` as `user` sees it. */
export function queueOf(lineup: Lineup, user: string, nowMs: number): Song[] {
  const { jam } = lineup;
  const starts = estimates(jam, nowMs);
  return lineup
    .order()
    .filter(id => id !== jam.timeline.entry)
    .map((id, at) => song(jam, jam.entries[id]!, at + 1, user, starts.get(id) ?? null));
}

/** What plays, or is paused; null for nothing. */
export function nowPlaying(jam: Jam, user: string, nowMs: number): NowPlaying | null {
  const { timeline } = jam;
  const entry = memberOf(jam.entries, timeline.entry);
  if (entry === undefined) {
    return null;
  }
  return {
    song: song(jam, entry, 0, user, null),
    play: timeline.play,
    durationMs: durationOf(entry) ?? null,
    isPaused: timeline.paused,
    reason: timeline.reason,
    skip: skipVote(jam, user, nowMs),
  };
}

/** The members, host first, then by how long they have been there. `typing`: the users who are seen to. */
export function peopleOf(jam: Jam, typing: ReadonlySet<string>): Person[] {
  const people = Object.entries(jam.members).map(([user, member]) => ({
    user,
    name: member.name,
    role: roleOf(jam, user)!,
    isHere: member.away_at === 0,
    isTyping: typing.has(user),
    since: member.since,
  }));
  return people.sort(
    (one, other) =>
      Number(other.role === "host") - Number(one.role === "host") ||
      one.since - other.since ||
      compareText(one.user, other.user),
  );
}

/** Who waits to be let in, the longest first. */
export function knocking(jam: Jam): Waiting[] {
  return Object.entries(jam.doors.knocks)
    .map(([user, { name, role, at }]) => ({ user, name, role, since: at }))
    .sort((one, other) => one.since - other.since || compareText(one.user, other.user));
}

function skipVote(jam: Jam, user: string, nowMs: number): SkipVote {
  const asked = electorate(jam, nowMs);
  const { voters, due_at } = jam.skip;
  return {
    wanted: Object.keys(voters).filter(voter => asked.has(voter)).length,
    needed: needed(asked.size),
    mine: Object.hasOwn(voters, user),
    inMs: due_at ? Math.max(0, due_at - nowMs) : null,
  };
}

function song(jam: Jam, entry: Entry, place: number, user: string, startsInMs: number | null): Song {
  const { track, fallback } = entry;
  const artists = memberOf(track, "artists");
  return {
    id: entry.id,
    track,
    title: String(memberOf(track, "title") || track["track"]),
    artists: Array.isArray(artists) ? artists.join(", ") : "",
    place,
    score: entry.score,
    votes: entry.votes,
    myVote: memberOf(entry.votes, user) ?? 0,
    addedBy: fallback ? "" : entry.added_by,
    addedByName: fallback ? "" : (memberOf(jam.members, entry.added_by)?.name ?? ""),
    startsInMs,
    isNext: entry.id === jam.next,
    isPinned: entry.pin > 0,
    isFallback: fallback,
  };
}
