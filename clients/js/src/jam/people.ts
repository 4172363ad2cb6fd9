/**
 * Who is in the Jam, and as what.
 *
 * Coming in (or knocking, where the host wants to be asked), leaving, and being given a role. Whether a key opens
 * the door at all is the server's to decide.
 */

import type { Event } from "./events.js";
import { found, put, without } from "./maps.js";
import { JamRefusal } from "./refusal.js";
import { type By, becomes, isSteering, type Rules, type Steps } from "./rules.js";
import { type Bucket, type Jam, roleOf, type Standing } from "./state.js";
import { withoutVotesOf } from "./voting.js";

const FULL: Bucket = [0, 0];

/** Somebody takes a seat, or listens when no seat is free. Throws JamRefusal: jam_full. */
export function joined(jam: Jam, user: string, name: string, wanted: Standing, by: By): Event {
  const { seats, listeners } = jam.settings.limits;
  const members = Object.values(jam.members);
  const awake = members.filter(member => !member.asleep);
  const listening = awake.filter(member => member.role === "listener").length;
  const role = awake.length - listening >= seats ? "listener" : wanted;
  // People asleep keep their place in the list, though not their seat; it is bounded all the same.
  if (members.length >= 2 * (seats + listeners) || (role === "listener" && listening >= listeners)) {
    throw new JamRefusal("jam_full");
  }
  return becomes(by, "joined", { user, name, role });
}

export const RULES = {
  leave(jam, _, by) {
    if (by.user === jam.host && jam.status !== "ended") {
      throw new JamRefusal("host_leaves");
    }
    return becomes(by, "left", { user: by.user });
  },

  promote(jam, { user, role }, by) {
    checkRank(jam, user, by);
    if (role === "cohost" && by.user !== jam.host) {
      throw new JamRefusal("forbidden");
    }
    return found(jam.members, user).role === role ? null : becomes(by, "promoted", { user, role });
  },
} satisfies Partial<Rules>;

/** Whether `by` may decide about another member. Throws JamRefusal: member_gone, forbidden. */
export function checkRank(jam: Jam, user: string, by: By): void {
  const role = roleOf(jam, user);
  if (role === null) {
    throw new JamRefusal("member_gone");
  }
  const isAbove = role === "host" || (isSteering(role) && by.user !== jam.host);
  // Who acts for somebody who may yet return does not throw them out.
  const isAwaited = user === jam.returning && by.atMs <= jam.returning_until;
  if (user === by.user || isAbove || isAwaited) {
    throw new JamRefusal("forbidden");
  }
}

// -- what events make of it

export const STEPS = {
  knocked(jam, { at, user, name, role }) {
    return { ...jam, doors: { ...jam.doors, knocks: put(jam.doors.knocks, user, { name, role, at }) } };
  },

  joined(jam, { at, user, name, role }) {
    const member = {
      name,
      role,
      since: at,
      active_at: at,
      away_at: 0,
      asleep: false,
      adds: FULL,
      votes: FULL,
      chats: FULL,
    };
    return {
      ...awoken(jam, at),
      members: put(jam.members, user, member),
      doors: { ...jam.doors, knocks: without(jam.doors.knocks, user) },
    };
  },

  left: (jam, { user }) => withoutMember(jam, user),

  promoted: (jam, { user, role }) => withStanding(jam, user, role),
} satisfies Partial<Steps>;

/** A dormant Jam lives again when somebody is there. */
export function awoken(jam: Jam, at: number): Jam {
  return jam.status === "dormant" ? { ...jam, status: "live", status_at: at } : jam;
}

/** Somebody is out: their seat, their votes and their turn are gone, their songs stay. */
export function withoutMember(jam: Jam, user: string): Jam {
  const after = withoutVotesOf(jam, user);
  return {
    ...after,
    members: without(jam.members, user),
    served: without(jam.served, user),
    ...(jam.returning === user && { returning: "", returning_until: 0 }),
  };
}

/** A member's role, without asking whether they are host besides. */
export function withStanding(jam: Jam, user: string, role: Standing): Jam {
  return { ...jam, members: put(jam.members, user, { ...found(jam.members, user), role }) };
}
