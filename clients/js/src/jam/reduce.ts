/**
 * What an event makes of a Jam.
 *
 * The same pure fold on every node and every client. It decides nothing: an event says all that it needs. Here
 * also: who does something is active.
 */

import { memberOf } from "../ot/value.js";
import * as adding from "./adding.js";
import * as chat from "./chat.js";
import * as doors from "./doors.js";
import type { Event } from "./events.js";
import * as hosting from "./hosting.js";
import { put } from "./maps.js";
import * as ordering from "./ordering.js";
import * as people from "./people.js";
import * as playback from "./playback.js";
import * as presence from "./presence.js";
import type { Steps } from "./rules.js";
import * as skipping from "./skipping.js";
import type { Jam } from "./state.js";
import * as voting from "./voting.js";

const STEPS: Steps = {
  ...adding.STEPS,
  ...voting.STEPS,
  ...ordering.STEPS,
  ...playback.STEPS,
  ...skipping.STEPS,
  ...people.STEPS,
  ...doors.STEPS,
  ...hosting.STEPS,
  ...presence.STEPS,
  ...chat.STEPS,
};

/** So exactly is it noted when somebody did something last; not with every vote. */
const ACTIVE_EVERY_MS = 10_000;

/** The Jam after `event`. Throws Misfit if that cannot be. */
export function reduce(jam: Jam, event: Event): Jam {
  const step = STEPS[event.event] as (jam: Jam, event: Event) => Jam;
  const after = step({ ...jam, at: event.at }, event);
  const member = memberOf(after.members, event.by);
  if (member === undefined || event.at - member.active_at < ACTIVE_EVERY_MS) {
    return after;
  }
  return { ...after, members: put(after.members, event.by, { ...member, active_at: event.at }) };
}
