/**
 * What people think of a song.
 *
 * A vote is set, never toggled, and each person has one per entry. The score counts those who are awake: votes of
 * people who have long been away sleep, and wake when they return. Knows members; does not know what the score
 * does to the queue.
 */

import { memberOf } from "../ot/value.js";
import { spend, votes, waitMs } from "./limits.js";
import { found, having, mapped, put, without } from "./maps.js";
import { electorate, isReached } from "./quorum.js";
import { JamRefusal } from "./refusal.js";
import { type By, becomes, type Rules, type Steps } from "./rules.js";
import type { Entry, Jam } from "./state.js";

export const UP = 1;

/** Throws JamRefusal: entry_gone. */
export function entryOf(jam: Jam, id: string): Entry {
  const entry = memberOf(jam.entries, id);
  if (entry === undefined) {
    throw new JamRefusal("entry_gone");
  }
  return entry;
}

/** Whether `by` may vote now. Throws JamRefusal: votes_frozen, too_many_votes. */
export function checkVote(jam: Jam, by: By): void {
  if (jam.settings.votes_frozen) {
    throw new JamRefusal("votes_frozen");
  }
  const bucket = found(jam.members, by.user).votes;
  const retryAfterMs = waitMs(bucket, votes(jam.settings.limits), by.atMs);
  if (retryAfterMs) {
    throw new JamRefusal("too_many_votes", retryAfterMs);
  }
}

export const RULES = {
  vote(jam, { entry: id, value }, by) {
    if (Math.abs(value) > UP) {
      throw new JamRefusal("command_malformed");
    }
    if ((memberOf(entryOf(jam, id).votes, by.user) ?? 0) === value) {
      return null;
    }
    if (value < 0 && !jam.settings.down_votes) {
      throw new JamRefusal("down_votes_off");
    }
    checkVote(jam, by);
    return becomes(by, "voted", { entry: id, value });
  },
} satisfies Partial<Rules>;

// -- what events make of it

export const STEPS = {
  voted: (jam, event) => voted(jam, event, event.value),
} satisfies Partial<Steps>;

/** The Jam after `event.by` has voted; it has cost them a token. */
export function voted(
  jam: Jam,
  { at, by, entry: id }: { at: number; by: string; entry: string },
  value: number,
): Jam {
  const entry = found(jam.entries, id);
  const member = found(jam.members, by);
  const change = member.asleep ? 0 : value - (memberOf(entry.votes, by) ?? 0);
  const after = {
    ...entry,
    votes: value ? put(entry.votes, by, value) : without(entry.votes, by),
    score: entry.score + change,
  };
  const bucket = spend(member.votes, votes(jam.settings.limits), at);
  return {
    ...jam,
    entries: put(jam.entries, id, after),
    members: put(jam.members, by, { ...member, votes: bucket }),
  };
}

/** The Jam after these people, members or not, fell asleep, woke, came or went. */
export function rescored(jam: Jam, users: readonly string[]): Jam {
  const entries = mapped(jam.entries, entry =>
    users.some(user => Object.hasOwn(entry.votes, user)) ? scored(jam, entry) : entry,
  );
  return { ...jam, entries };
}

/** The Jam without any vote of somebody who is thrown out or leaves; their songs stay. */
export function withoutVotesOf(jam: Jam, user: string): Jam {
  const entries = mapped(jam.entries, entry =>
    Object.hasOwn(entry.votes, user) ? scored(jam, { ...entry, votes: without(entry.votes, user) }) : entry,
  );
  if (!Object.hasOwn(jam.skip.voters, user)) {
    return { ...jam, entries };
  }
  const voters = without(jam.skip.voters, user);
  const asked = electorate(jam, jam.at);
  asked.delete(user);
  const due_at = isReached(Object.keys(voters), asked) ? jam.skip.due_at : 0;
  return { ...jam, entries, skip: { ...jam.skip, voters, due_at } };
}

/** An entry that comes back into the queue: without the votes of those who are gone since. */
export function recounted(jam: Jam, entry: Entry): Entry {
  const votes = having(entry.votes, (_, user) => Object.hasOwn(jam.members, user));
  return scored(jam, { ...entry, votes });
}

function scored(jam: Jam, entry: Entry): Entry {
  let score = 0;
  for (const [user, value] of Object.entries(entry.votes)) {
    const member = memberOf(jam.members, user);
    score += member === undefined || member.asleep ? 0 : value;
  }
  return score === entry.score ? entry : { ...entry, score };
}
