/**
 * Whose turn it is, in mode `fair`.
 *
 * Start-time fair queueing (Goyal, Vin, Cheng 1996) with songs of equal length: V is the round of what plays, F[p]
 * the last round that p was served, plus one. p's waiting entries get max(V, F[p]) + 0, 1, 2, …, so two hundred
 * songs of one person get the same share as five of another, and a newcomer gets one early turn, not a run. F
 * holds only those above V; everybody else is where V is.
 *
 * Taking a song never reorders the rest. For that, two things beyond the textbook: within one person's songs those
 * that stand above all votes (locked, pinned) come first, as they will be taken first; and a song that is taken
 * out of turn raises V no further than the rounds that wait.
 */

import { memberOf } from "../ot/value.js";
import { compareKeys, idOf, type SortKey } from "./keys.js";
import { having, put, without } from "./maps.js";
import type { Entry, Jam } from "./state.js";

/** By person. */
export type OwnKeys = ReadonlyMap<string, readonly SortKey[]>;

/** Whether it counts as somebody's song; what nobody wanted of the fallback does not. */
export function takesTurn(entry: Entry): boolean {
  return !entry.fallback || entry.score > 0;
}

/** The round of each entry that waits and takes a turn, by id, whatever the mode. */
export function rounds(jam: Jam, own: OwnKeys): Map<string, number> {
  const turns = new Map<string, number>();
  for (const [person, keys] of own) {
    const start = startOf(jam, person);
    keys.forEach((key, at) => {
      turns.set(idOf(key), start + at);
    });
  }
  return turns;
}

/** The entries that wait and take a turn by who added them, in the order in which theirs will be taken. */
export function ownKeys(jam: Jam): OwnKeys {
  const waiting = new Map<string, SortKey[]>();
  for (const entry of Object.values(jam.entries)) {
    if (takesTurn(entry) && entry.id !== jam.timeline.entry) {
      const keys = waiting.get(entry.added_by) ?? [];
      keys.push(ownKey(jam, entry));
      waiting.set(entry.added_by, keys);
    }
  }
  for (const keys of waiting.values()) {
    keys.sort(compareKeys);
  }
  return waiting;
}

/** What the entries of one person are sorted by among themselves. */
export function ownKey(jam: Jam, { id, pin, score, added_seq }: Entry): SortKey {
  return [id === jam.next ? 0 : 1, pin ? 0 : 1, pin, -score, added_seq, id];
}

/** The round of a person's next song. */
export function startOf(jam: Jam, person: string): number {
  return Math.max(jam.round, servedOf(jam, person));
}

/**
 * `entry` begins to play: it is its adder's turn. What played before it is out of the queue by now, or waits in it
 * again.
 */
export function served(jam: Jam, entry: Entry): Jam {
  if (jam.settings.mode !== "fair") {
    // Turns count from the moment somebody wants them to.
    return { ...jam, round: 0, served: {}, served_before: 0 };
  }
  const before = servedOf(jam, entry.added_by);
  if (!takesTurn(entry)) {
    return { ...jam, served_before: before };
  }
  const turn = Math.max(jam.round, before);
  const now = { ...jam, served: put(jam.served, entry.added_by, turn + 1) };
  let round = turn;
  for (const other of Object.values(jam.entries)) {
    if (takesTurn(other)) {
      round = Math.min(round, startOf(now, other.added_by));
    }
  }
  return { ...now, round, served: having(now.served, last => last > round), served_before: before };
}

/** `entry` begins to play once more, which is nobody's turn: it had its own. */
export function repeated(jam: Jam, entry: Entry): Jam {
  return { ...jam, served_before: servedOf(jam, entry.added_by) };
}

/** What plays cannot be played, or not now: its adder loses no turn by it. */
export function unserved(jam: Jam, entry: Entry): Jam {
  const now = without(jam.served, entry.added_by);
  const isAhead = jam.served_before > jam.round;
  return { ...jam, served: isAhead ? put(now, entry.added_by, jam.served_before) : now };
}

function servedOf(jam: Jam, person: string): number {
  return memberOf(jam.served, person) ?? 0;
}
