/**
 * What absence and time do to a Jam.
 *
 * People go and come back without a word, and the log must know it, for it decides whose votes count and who is
 * host. Nodes propose what they see; here is only what their events make of a Jam.
 */

import { reigning } from "./hosting.js";
import { found } from "./maps.js";
import { awoken } from "./people.js";
import type { Steps } from "./rules.js";
import type { Jam, Member } from "./state.js";
import { rescored } from "./voting.js";

export const STEPS = {
  went_away: (jam, { at, users }) => withMembers(jam, users, { away_at: at }),

  came_back(jam, { at, users, host }) {
    const sleepers = users.filter(user => found(jam.members, user).asleep);
    const here = withMembers(jam, users, { away_at: 0, asleep: false, active_at: at });
    const after = awoken(rescored(here, sleepers), at);
    return host ? reigning({ ...after, returning: "", returning_until: 0 }, host) : after;
  },

  fell_asleep: (jam, { users }) => rescored(withMembers(jam, users, { asleep: true }), users),

  fell_dormant(jam, { at, position_ms }) {
    const { timeline } = jam;
    return {
      ...jam,
      status: "dormant",
      status_at: at,
      timeline: timeline.paused ? timeline : { ...timeline, paused: true, position_ms, reason: "empty" },
    };
  },

  ticked: jam => jam,
} satisfies Partial<Steps>;

function withMembers(jam: Jam, users: readonly string[], changes: Partial<Member>): Jam {
  const changed = users.map(user => [user, { ...found(jam.members, user), ...changes }] as const);
  return { ...jam, members: { ...jam.members, ...Object.fromEntries(changed) } };
}
