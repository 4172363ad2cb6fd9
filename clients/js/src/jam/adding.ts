/**
 * How songs come into the queue.
 *
 * A recording waits only once: who adds what waits already votes for it. Guests are held to limits, so that nobody
 * fills the queue alone. Beneath people's songs lie those of a fallback, a playlist or suggestions, that play when
 * there are no others.
 */

import { type Entry as Members, memberOf } from "../ot/value.js";
import type { CommandOf } from "./commands.js";
import { adds, spend, waitMs } from "./limits.js";
import { type ById, count, found, having, put } from "./maps.js";
import { isPlaying, recentPlay, recording } from "./recordings.js";
import { JamRefusal } from "./refusal.js";
import { type By, becomes, isSteering, type Rules, type Steps } from "./rules.js";
import { type Entry, type Jam, roleOf } from "./state.js";
import { takesTurn } from "./turns.js";
import { checkVote, UP, voted } from "./voting.js";

export const RULES = {
  add(jam, command, by) {
    const { entry: id, track } = command;
    if (isTaken(jam, id)) {
      throw new JamRefusal("uid_taken");
    }
    const wanted = recording(track);
    if (isPlaying(jam, wanted)) {
      throw new JamRefusal("already_playing");
    }
    const waiting = Object.values(jam.entries).find(
      entry => recording(entry.track) === wanted && stays(jam, entry),
    );
    if (waiting !== undefined) {
      if (memberOf(waiting.votes, by.user) === UP) {
        return null;
      }
      checkVote(jam, by);
      return becomes(by, "merged", { entry: waiting.id, requested: id });
    }
    const steers = isSteering(roleOf(jam, by.user));
    if (!(command.override && steers)) {
      checkRecent(jam, wanted, by);
    }
    checkRoom(jam);
    if (!steers) {
      checkGuest(jam, command, by);
    }
    return becomes(by, "added", { entry: id, track });
  },

  fallback(jam, command, by) {
    const allowed = jam.settings.limits.fallback;
    if (command.tracks.length > allowed) {
      throw new JamRefusal("queue_full");
    }
    const ids = new Set(command.tracks.map(([id]) => id));
    if (ids.size < command.tracks.length || [...ids].some(id => isTaken(jam, id))) {
      throw new JamRefusal("uid_taken");
    }
    const left = kept(jam);
    const known = new Set(Object.values(left).map(entry => recording(entry.track)));
    const tracks: (readonly [string, Members])[] = [];
    for (const listed of command.tracks) {
      const song = recording(listed[1]);
      if (!known.has(song)) {
        known.add(song);
        tracks.push(listed);
      }
    }
    if (tracks.length === 0 && count(left, () => true) === count(jam.entries, () => true)) {
      return null;
    }
    if (tracks.length + count(left, entry => entry.fallback) > allowed) {
      throw new JamRefusal("queue_full");
    }
    return becomes(by, "fallback_set", { tracks });
  },
} satisfies Partial<Rules>;

/** Whether it is more than a song of the fallback that nobody asked for. */
function stays(jam: Jam, entry: Entry): boolean {
  return takesTurn(entry) || entry.pin > 0 || entry.id === jam.timeline.entry || entry.id === jam.next;
}

/** Whether no new entry can have this id; what played lately may come back. */
function isTaken(jam: Jam, id: string): boolean {
  return Object.hasOwn(jam.entries, id) || jam.played.some(played => played.listed.id === id);
}

/** Throws JamRefusal: recently_played. It may be allowed sooner, after enough other songs. */
function checkRecent(jam: Jam, wanted: string, by: By): void {
  const played = recentPlay(jam, wanted, by.atMs);
  if (played !== undefined) {
    throw new JamRefusal("recently_played", played.ended_at + jam.settings.times.recent_ms - by.atMs);
  }
}

function checkGuest(jam: Jam, command: CommandOf<"add">, by: By): void {
  const allowed = jam.settings.limits;
  const durationMs = memberOf(command.track, "duration_ms");
  if (typeof durationMs === "number" && durationMs > allowed.song_ms) {
    throw new JamRefusal("song_too_long");
  }
  if (count(jam.entries, entry => isPeoples(jam, entry) && entry.added_by === by.user) >= allowed.waiting) {
    throw new JamRefusal("too_many_waiting");
  }
  const retryAfterMs = waitMs(found(jam.members, by.user).adds, adds(allowed), by.atMs);
  if (retryAfterMs) {
    throw new JamRefusal("too_many_adds", retryAfterMs);
  }
}

/** Whether one more of people's songs may wait. Throws JamRefusal: queue_full. */
export function checkRoom(jam: Jam): void {
  if (count(jam.entries, entry => isPeoples(jam, entry)) >= jam.settings.limits.queue) {
    throw new JamRefusal("queue_full");
  }
}

/** Whether people added it and it waits. */
function isPeoples(jam: Jam, entry: Entry): boolean {
  return !entry.fallback && entry.id !== jam.timeline.entry;
}

/** What a new fallback leaves in the queue: people's songs, and what they wanted of the old one. */
function kept(jam: Jam): ById<Entry> {
  return having(jam.entries, entry => stays(jam, entry));
}

// -- what events make of it

export const STEPS = {
  added(jam, { at, by, entry: id, track }) {
    const number = jam.adds + 1;
    const member = found(jam.members, by);
    const wanted = recording(track);
    // Somebody wants it now as their own: the fallback need not bring it again.
    const others = having(jam.entries, entry => stays(jam, entry) || recording(entry.track) !== wanted);
    const entry = {
      id,
      track,
      added_by: by,
      added_at: at,
      added_seq: number,
      rank: number,
      votes: put({}, by, UP),
      score: member.asleep ? 0 : UP,
      pin: 0,
      fallback: false,
    };
    const bucket = spend(member.adds, adds(jam.settings.limits), at);
    return {
      ...jam,
      adds: number,
      entries: put(others, id, entry),
      members: isSteering(roleOf(jam, by)) ? jam.members : put(jam.members, by, { ...member, adds: bucket }),
    };
  },

  merged: (jam, event) => voted(jam, event, UP),

  fallback_set(jam, { at, tracks }) {
    const added = tracks.map(([id, track], index) => {
      const number = jam.adds + index + 1;
      // Nobody's: what people lift out of it takes turns as if one more person had added it.
      const nobodys = {
        added_by: "",
        added_at: at,
        added_seq: number,
        rank: number,
        votes: {},
        score: 0,
        pin: 0,
      };
      return [id, { id, track, ...nobodys, fallback: true }] as const;
    });
    return {
      ...jam,
      adds: jam.adds + tracks.length,
      entries: { ...kept(jam), ...Object.fromEntries(added) },
    };
  },
} satisfies Partial<Steps>;
