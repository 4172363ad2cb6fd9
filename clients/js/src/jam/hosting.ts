/**
 * Who steers, and by which settings.
 *
 * Exactly one member is host. The role changes hands on purpose, or because the host was away too long: then
 * somebody acts for them, and the host who returns in time takes the role back, whatever was done with it
 * meanwhile. Every change raises the reign, and what was commanded in an old one is refused.
 */

import { type Entry as Members, memberOf, same } from "../ot/value.js";
import { Misfit } from "../shape.js";
import { withStanding } from "./people.js";
import { JamRefusal } from "./refusal.js";
import { becomes, type Rules, type Steps } from "./rules.js";
import { SETTINGS, type Settings } from "./settings.js";
import type { Jam } from "./state.js";
import { codePoints, isPrintable, stripped } from "./text.js";
import { positionAt } from "./timeline.js";

const NAME_CODE_POINTS_MAX = 100;
const VOLUME_MAX = 100;

export const RULES = {
  hand_over(jam, { user }, by) {
    const member = memberOf(jam.members, user);
    if (member === undefined) {
      throw new JamRefusal("member_gone");
    }
    if (user === jam.host) {
      return null;
    }
    if (member.away_at || member.role === "listener") {
      throw new JamRefusal("forbidden");
    }
    return becomes(by, "handed_over", { user });
  },

  end(jam, _, by) {
    if (jam.returning && by.atMs <= jam.returning_until) {
      // There is no way back from an end, and the host may be on the way back.
      throw new JamRefusal("forbidden");
    }
    return becomes(by, "ended", { position_ms: positionAt(jam, by.atMs) });
  },

  set(jam, { settings }, by) {
    return same(checked(jam.settings, settings), jam.settings)
      ? null
      : becomes(by, "settings_set", { settings });
  },
} satisfies Partial<Rules>;

/** The settings with some of them changed, if these may be. Throws JamRefusal: setting_invalid. */
function checked(settings: Settings, changes: Members): Settings {
  const refusal = new JamRefusal("setting_invalid");
  let after: Settings;
  try {
    after = changed(settings, changes);
  } catch {
    throw refusal;
  }
  const { name, volume } = after;
  const isNamed =
    stripped(name) !== "" && codePoints(stripped(name)) <= NAME_CODE_POINTS_MAX && isPrintable(name);
  if (volume < 0 || volume > VOLUME_MAX || !isNamed) {
    throw refusal;
  }
  return after;
}

/** The settings with some of them changed. Throws Misfit. */
function changed(settings: Settings, changes: Members): Settings {
  for (const name of Object.keys(changes)) {
    // The last two are chosen when the Jam is made, by whoever runs the server.
    if (!Object.hasOwn(settings, name) || name === "times" || name === "limits") {
      throw new Misfit(`A Jam has no setting ${name} to change.`);
    }
  }
  return SETTINGS({ ...settings, ...changes });
}

// -- what events make of it

export const STEPS = {
  handed_over(jam, { user }) {
    const after = withStanding(withStanding(jam, jam.host, "cohost"), user, "cohost");
    return reigning(user === jam.returning ? { ...after, returning: "", returning_until: 0 } : after, user);
  },

  acting(jam, { at, user }) {
    // Whoever did not return in time has lost the role to the one who acted, and now is gone as well.
    const isNew = !jam.returning || at > jam.returning_until;
    const returning_until = at + jam.settings.times.host_return_ms;
    return reigning(isNew ? { ...jam, returning: jam.host, returning_until } : jam, user);
  },

  ended(jam, { at, position_ms }) {
    const timeline = { ...jam.timeline, paused: true, position_ms, reason: "ended" };
    return { ...jam, status: "ended", status_at: at, timeline };
  },

  settings_set: (jam, { settings }) => ({ ...jam, settings: changed(jam.settings, settings) }),
} satisfies Partial<Steps>;

/** A new term, under this host. */
export function reigning(jam: Jam, user: string): Jam {
  const reign = jam.reign + 1;
  return { ...jam, host: user, reign, timeline: { ...jam.timeline, reign } };
}
