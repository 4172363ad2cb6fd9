/**
 * What people ask of a Jam.
 *
 * A command says what somebody wants; it is decided on the newest state and becomes an event or a refusal. It is
 * the map that travels, with its name under `do`. Those of host and co-host name the `reign` they were given in,
 * so that a device that still believes to be host changes nothing; a guest to whom a switch allows the same
 * command may leave it out. What time and servers ask is not here: a client's are refused.
 */

import {
  type Fields,
  flag,
  type Given,
  listOf,
  members,
  pairOf,
  type Read,
  type Shape,
  tagged,
  text,
  whole,
} from "../shape.js";
import { STANDING } from "./state.js";

/** What host and co-host do. */
function steering<const F extends Fields>(fields: F) {
  return { ...fields, reign: 0 } as const;
}

const PLAIN = steering({});
const ON_ENTRY = steering({ entry: text });
const BEFORE = steering({ entry: text, before: "" });
const ON_PLAY = steering({ play: whole });
const ON_USER = steering({ user: text });

const COMMANDS = {
  // -- the queue
  /** `entry` is the id, `<client id>.<n>`. `override`: even if it was played recently (host, co-host). */
  add: { entry: text, track: members, override: false },
  /** Sets one's vote: −1, 0 or 1. Saying it twice changes nothing. */
  vote: { entry: text, value: whole },
  /** Takes an entry out: one's own, or any for host and co-host. */
  remove: ON_ENTRY,
  /** Takes out all that waits and people added. */
  clear: PLAIN,
  /** Puts an entry above all votes, before another pinned one or (empty) behind all pinned ones. */
  pin: BEFORE,
  /** Puts a pinned entry back where votes or hands have it. */
  unpin: ON_ENTRY,
  /** Reorders by hand, in modes `queue` and `host`: before another waiting entry, or (empty) to the end. */
  move: BEFORE,
  /** Reorders the fallback; `seed` is any text that the client drew. */
  shuffle: steering({ seed: text }),
  /** Replaces the songs that play when people's are out: (entry id, track) each. */
  fallback: steering({ tracks: listOf(pairOf(text, members)) }),

  // -- the music
  /** Goes on, or begins with the first in the queue. */
  play: PLAIN,
  /** Stops the music where it is. */
  pause: PLAIN,
  /** Goes on from `position_ms` of the play named. */
  seek: steering({ play: whole, position_ms: whole }),
  /** Ends the play named, if it is the one playing. */
  next: ON_PLAY,
  /** Starts the song again, or in its first seconds the one before it. */
  previous: ON_PLAY,
  /** Ends what plays and starts this entry; if it plays already, as `play`. */
  play_now: ON_ENTRY,
  /**
   * Asks (or no longer asks) to skip the play named; ignored unless it is the one playing. Who added the song
   * withdraws it with this at once.
   */
  skip: { play: whole, value: true },
  /** Stops the countdown to a skip that was voted. */
  veto: ON_PLAY,
  /** What plays cannot be played: host's or co-host's word ends it, and its adder loses no turn. */
  unplayable: { play: whole },

  // -- people
  /** The host has to hand over or end first. */
  leave: {},
  /** Throws somebody out and ends all keys; by a new one they may return. */
  kick: ON_USER,
  /** As `kick`, and no key lets them in; also for somebody who is not here. */
  ban: ON_USER,
  /** Keys let them in again. */
  unban: ON_USER,
  /** Makes somebody a co-host, a guest or a listener. */
  promote: steering({ user: text, role: STANDING }),
  /** Lets somebody in who knocked. */
  approve: ON_USER,
  /** Sends somebody away who knocked. */
  deny: ON_USER,
  /** Locks or unlocks the door; old keys do not open it again. */
  lock: steering({ locked: flag }),
  /** Ends all codes and invite links made so far. */
  rotate: PLAIN,
  /** Makes somebody host who is here and takes part; the old host becomes a co-host. */
  hand_over: ON_USER,
  /** The Jam is over: it can be read, and nothing else. Not while an acting host's host may return. */
  end: PLAIN,
  /** Changes settings by name; see `settings`. Guests may set `volume` where a switch allows it. */
  set: steering({ settings: members }),

  // -- chat
  /** Writes a line into the chat. */
  say: { text },
  /** One's own, or anybody's for host and co-host. */
  delete_message: steering({ message: whole }),
};

export type CommandName = keyof typeof COMMANDS;
/** The command of this name. */
export type CommandOf<N extends CommandName> = { readonly do: N } & Read<(typeof COMMANDS)[N]>;
/** Any command that a client may give. */
export type Command = { [N in CommandName]: CommandOf<N> }[CommandName];

/** The command with all its members, also those that are left to their defaults: its canonical form. */
export function commandOf<N extends CommandName>(name: N, given: Given<(typeof COMMANDS)[N]>): CommandOf<N> {
  return decodeCommand({ do: name, ...given }) as CommandOf<N>;
}

/** Throws Misfit. Who may give which command is decided later. */
export const decodeCommand = tagged("do", COMMANDS) as Shape<Command>;
