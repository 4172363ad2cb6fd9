/**
 * The rules of a Jam, as a replica asks for them.
 *
 * The same that the server runs. A state is a `Lineup`: the Jam and its queue's order. Knows how bodies become
 * events and commands. Does not know how they travel.
 */

import { type Fold, Unfit } from "./fold.js";
import { type Command, decodeCommand } from "./jam/commands.js";
import { decide } from "./jam/decide.js";
import { digest, orderDigest } from "./jam/digest.js";
import { decodeEvent } from "./jam/events.js";
import { Lineup } from "./jam/lineup.js";
import { reduce } from "./jam/reduce.js";
import { JamRefusal } from "./jam/refusal.js";
import { load } from "./jam/state.js";
import { Misfit } from "./shape.js";
import type { Body } from "./wire/messages.js";

export const JAM_FOLD: Fold<Lineup> = {
  load(snapshot) {
    return fitting(() => new Lineup(load(snapshot)));
  },

  reduce(state, event) {
    return fitting(() => state.followedBy(reduce(state.jam, decodeEvent(event))));
  },

  /** What this node cannot see (how far away others are) is not foreseen: starts come somewhat later. */
  predict(state, command, by, atMs) {
    try {
      const event = decide(state.jam, decodeCommand(command), { user: by.user, atMs });
      return event === null ? state : state.followedBy(reduce(state.jam, event));
    } catch (error) {
      if (error instanceof Misfit || error instanceof JamRefusal) {
        return state;
      }
      throw error;
    }
  },

  digest: state => digest(state.jam),

  orderDigest: state => orderDigest(state.order()),

  adds(body) {
    const command = body as unknown as Command;
    switch (command.do) {
      case "add":
        return [command.entry];
      case "fallback":
        return command.tracks.map(([entry]) => entry);
      default:
        return [];
    }
  },

  renamed(command, names) {
    const name = (entry: unknown) => names.get(entry as string) ?? entry;
    const renamed: { [member: string]: unknown } = { ...command };
    for (const member of ["entry", "before"]) {
      if (Object.hasOwn(command, member)) {
        renamed[member] = name(command[member]);
      }
    }
    if (Array.isArray(command["tracks"])) {
      renamed["tracks"] = command["tracks"].map(([entry, track]: [unknown, Body]) => [name(entry), track]);
    }
    return renamed;
  },
};

/** What does not fit these rules is said in the fold's own words. */
function fitting<T>(reads: () => T): T {
  try {
    return reads();
  } catch (error) {
    throw error instanceof Misfit ? new Unfit(error.message) : error;
  }
}
