/**
 * Who may come in.
 *
 * The door's generation is raised by everything that makes old keys worthless: a kick, a ban, a lock, a demand. It
 * happens in the same event, so there is no moment at which somebody thrown out could return by an old key.
 */

import { memberOf } from "../ot/value.js";
import { count, put, without } from "./maps.js";
import { checkRank, joined, withoutMember } from "./people.js";
import { JamRefusal } from "./refusal.js";
import { becomes, type Rules, type Steps } from "./rules.js";
import type { Doors, Jam } from "./state.js";
import { codePoints } from "./text.js";

const BANNED_MAX = 1_000;
/** Longer than any user id. */
const USER_CODE_POINTS_MAX = 64;

export const RULES = {
  kick(jam, { user }, by) {
    checkRank(jam, user, by);
    return becomes(by, "kicked", { user });
  },

  ban(jam, { user }, by) {
    if (Object.hasOwn(jam.doors.banned, user)) {
      return null;
    }
    if (Object.hasOwn(jam.members, user)) {
      checkRank(jam, user, by);
    } else if (codePoints(user) > USER_CODE_POINTS_MAX) {
      throw new JamRefusal("member_gone");
    }
    if (count(jam.doors.banned, () => true) >= BANNED_MAX) {
      throw new JamRefusal("jam_full");
    }
    return becomes(by, "banned", { user });
  },

  unban(jam, { user }, by) {
    return Object.hasOwn(jam.doors.banned, user) ? becomes(by, "unbanned", { user }) : null;
  },

  approve(jam, { user }, by) {
    if (Object.hasOwn(jam.members, user)) {
      return null;
    }
    const knock = memberOf(jam.doors.knocks, user);
    if (knock === undefined) {
      throw new JamRefusal("member_gone");
    }
    return joined(jam, user, knock.name, knock.role, by);
  },

  deny(jam, { user }, by) {
    return Object.hasOwn(jam.doors.knocks, user) ? becomes(by, "denied", { user }) : null;
  },

  lock(jam, { locked }, by) {
    return locked === jam.doors.locked ? null : becomes(by, "locked", { locked });
  },

  rotate: (_, __, by) => becomes(by, "rotated", {}),
} satisfies Partial<Rules>;

// -- what events make of it

export const STEPS = {
  kicked: (jam, { user }) => rekeyed(withoutMember(jam, user)),

  banned(jam, { at, user }) {
    const after = Object.hasOwn(jam.members, user) ? withoutMember(jam, user) : jam;
    const { banned, knocks } = jam.doors;
    return rekeyed(after, { banned: put(banned, user, at), knocks: without(knocks, user) });
  },

  unbanned: (jam, { user }) => withDoors(jam, { banned: without(jam.doors.banned, user) }),

  denied: (jam, { user }) => withDoors(jam, { knocks: without(jam.doors.knocks, user) }),

  locked: (jam, { locked }) => rekeyed(jam, { locked }),

  rotated: jam => rekeyed(jam),
} satisfies Partial<Steps>;

function rekeyed(jam: Jam, changes: Partial<Doors> = {}): Jam {
  return withDoors(jam, { ...changes, generation: jam.doors.generation + 1 });
}

function withDoors(jam: Jam, changes: Partial<Doors>): Jam {
  return { ...jam, doors: { ...jam.doors, ...changes } };
}
