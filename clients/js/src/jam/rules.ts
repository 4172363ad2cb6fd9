/**
 * Who may give which command.
 *
 * One table, command × role, default deny; the switches of the settings open single cells to guests. Whoever acts
 * as host or co-host must name the reign it is done in, so that a device that still believes to be host changes
 * nothing. Knows roles; what a command means stands in the file of its subject.
 */

import { memberOf } from "../ot/value.js";
import type { Command, CommandName, CommandOf } from "./commands.js";
import type { Event, EventMembers, EventName, EventOf } from "./events.js";
import type { Lineup } from "./lineup.js";
import { JamRefusal } from "./refusal.js";
import { type Jam, type Role, roleOf } from "./state.js";

/** Who gives a command, at what room time. `lineup`: the Jam's, if it is at hand; it says nothing new. */
export interface By {
  readonly user: string;
  readonly atMs: number;
  readonly lineup?: Lineup;
}

/** What commands become; `by.atMs` is the event's time. Null: nothing changes. They throw JamRefusal. */
export type Rules = {
  readonly [N in CommandName]: (jam: Jam, command: CommandOf<N>, by: By) => Event | null;
};
/** What events make of a Jam, whose `at` is the event's time already. They throw Misfit. */
export type Steps = { readonly [N in EventName]: (jam: Jam, event: EventOf<N>) => Jam };

const RANKS: readonly (Role | null)[] = ["listener", "guest", "cohost", "host"];
/** The least role that may; those above may as well. */
const LEAST: { readonly [N in CommandName]: Role } = {
  say: "listener",
  delete_message: "listener",
  leave: "listener",
  add: "guest",
  vote: "guest",
  skip: "guest",
  remove: "guest",
  clear: "cohost",
  pin: "cohost",
  unpin: "cohost",
  move: "cohost",
  shuffle: "cohost",
  fallback: "cohost",
  play: "cohost",
  pause: "cohost",
  seek: "cohost",
  next: "cohost",
  previous: "cohost",
  play_now: "cohost",
  veto: "cohost",
  unplayable: "cohost",
  kick: "cohost",
  ban: "cohost",
  unban: "cohost",
  promote: "cohost",
  approve: "cohost",
  deny: "cohost",
  lock: "cohost",
  rotate: "cohost",
  set: "cohost",
  hand_over: "host",
  end: "host",
};

/** Throws JamRefusal: forbidden, old_reign, jam_ended. */
export function check(jam: Jam, command: Command, by: By): void {
  const name = command.do;
  if (jam.status === "ended" && name !== "leave") {
    throw new JamRefusal("jam_ended");
  }
  const role = roleOf(jam, by.user);
  if (RANKS.indexOf(role) < RANKS.indexOf(LEAST[name]) && !isOpenToGuests(jam, command, role)) {
    throw new JamRefusal("forbidden");
  }
  if ("reign" in command && isSteering(role) && command.reign !== jam.reign) {
    throw new JamRefusal("old_reign");
  }
  const { guests_add, guests_skip } = jam.settings;
  if (role === "guest") {
    if ((name === "add" && !guests_add) || (name === "skip" && !guests_skip && !playsOwn(jam, by))) {
      throw new JamRefusal("forbidden");
    }
  }
}

/** Whether this role is exempt from the limits of guests and steers the Jam. */
export function isSteering(role: Role | null): boolean {
  return role === "host" || role === "cohost";
}

/** The event that this command becomes. */
export function becomes<N extends EventName>(by: By, event: N, members: EventMembers<N>): Event {
  return { event, at: by.atMs, by: by.user, order: "", ...members } as unknown as Event;
}

/** Whether what plays is this person's song, which they may withdraw whatever the switches say. */
function playsOwn(jam: Jam, by: By): boolean {
  return memberOf(jam.entries, jam.timeline.entry)?.added_by === by.user;
}

function isOpenToGuests(jam: Jam, command: Command, role: Role | null): boolean {
  if (role !== "guest") {
    return false;
  }
  if (command.do === "move") {
    return jam.settings.guests_reorder;
  }
  return (
    command.do === "set" && jam.settings.guests_volume && Object.keys(command.settings).join() === "volume"
  );
}
