/**
 * In which order the songs come.
 *
 * One key decides, (class, round, −score, added_seq), of integers and, should all of these be equal, the id's code
 * points: so every node and every client sorts alike, whatever reached it when. `order` is the definition;
 * `lineup` keeps the same order from one event to the next for less.
 */

import { compareKeys, idOf, placeIn } from "./keys.js";
import type { Entry, Jam } from "./state.js";
import { ownKeys, rounds, takesTurn } from "./turns.js";

export const PLAYING = 0;
export const NEXT = 1;
export const PINNED = 2;
export const PEOPLE = 3;
export const FALLBACK = 4;

export type Key = readonly [kind: number, round: number, unliked: number, age: number, id: string];

/** The ids of all entries, what plays first. */
export function order(jam: Jam): string[] {
  return places(jam).map(idOf);
}

/** The keys of all entries, in order. */
export function places(jam: Jam): Key[] {
  return [...keys(jam).values()].sort(compareKeys);
}

/** What entries are sorted by, by id. Whoever has the Jam's `ownKeys` at hand saves making them. */
export function keys(jam: Jam, own = ownKeys(jam)): Map<string, Key> {
  const turns = jam.settings.mode === "fair" ? rounds(jam, own) : undefined;
  return new Map(
    Object.values(jam.entries).map(entry => [entry.id, keyOf(jam, entry, turns?.get(entry.id))]),
  );
}

/** The key of one entry; `turn` is its round in mode `fair`, else 0. */
export function keyOf(jam: Jam, entry: Entry, turn = 0): Key {
  const { id, pin, added_seq, rank, score } = entry;
  if (id === jam.timeline.entry) {
    return [PLAYING, 0, 0, 0, id];
  }
  if (id === jam.next) {
    return [NEXT, 0, 0, 0, id];
  }
  if (pin) {
    return [PINNED, pin, 0, added_seq, id];
  }
  if (isByHand(jam)) {
    // What a vote lifted out of the fallback comes behind people's own songs: it was there before them.
    return takesTurn(entry) ? [PEOPLE, entry.fallback ? 1 : 0, 0, rank, id] : [FALLBACK, 0, 0, rank, id];
  }
  return takesTurn(entry) ? [PEOPLE, turn, -score, added_seq, id] : [FALLBACK, 0, -score, rank, id];
}

/** Whether people put the queue in order, and votes only say what they like. */
export function isByHand(jam: Jam): boolean {
  return jam.settings.mode === "queue" || jam.settings.mode === "host";
}

/**
 * The entries that no vote and no turn tells from the one with the key `own`, in their order, itself among them; no
 * other where hands or pins have put it. `places` are the keys of this Jam's order.
 */
export function peers(jam: Jam, places: readonly Key[], own: Key): string[] {
  if (isByHand(jam) || own[0] < PEOPLE) {
    return [idOf(own)];
  }
  const first = placeIn(places, key => compareMerit(key, own) < 0);
  const last = placeIn(places, key => compareMerit(key, own) <= 0);
  return places.slice(first, last).map(idOf);
}

/** By all of a key that votes and turns decide: without age and name. */
function compareMerit(one: Key, other: Key): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}
