/**
 * What a command becomes.
 *
 * Decides on the newest state: an event, nothing, or a refusal. Who may give a command at all is asked here, once;
 * what it means stands in the file of its subject. A client decides its own commands ahead of the server, to show
 * at once what they will most likely do.
 */

import * as adding from "./adding.js";
import * as chat from "./chat.js";
import type { Command } from "./commands.js";
import * as doors from "./doors.js";
import type { Event } from "./events.js";
import * as hosting from "./hosting.js";
import * as ordering from "./ordering.js";
import * as people from "./people.js";
import * as playback from "./playback.js";
import { type By, check, type Rules } from "./rules.js";
import * as skipping from "./skipping.js";
import type { Jam } from "./state.js";
import * as voting from "./voting.js";

const RULES: Rules = {
  ...adding.RULES,
  ...voting.RULES,
  ...ordering.RULES,
  ...playback.RULES,
  ...skipping.RULES,
  ...people.RULES,
  ...doors.RULES,
  ...hosting.RULES,
  ...chat.RULES,
};

/** The event, without its `order`; null if nothing changes. Throws JamRefusal; then nothing changed. */
export function decide(jam: Jam, command: Command, by: By): Event | null {
  const now = { ...by, atMs: Math.max(by.atMs, jam.at) };
  check(jam, command, now);
  const rule = RULES[command.do] as (jam: Jam, command: Command, by: By) => Event | null;
  return rule(jam, command, now);
}
