/**
 * The queue's order, kept from one event to the next.
 *
 * `queue.order` says what the order is, and takes all entries to say it. A vote moves one of them, and in mode
 * `fair` some of the same person's: here only their keys are made anew and put where they belong. What touches
 * everybody's keys (another mode, and in mode `fair` the next song) has the order made from scratch. As immutable
 * as the Jam that it holds: a change that lost its race leaves no trace.
 */

import { memberOf, sameMembers } from "../ot/value.js";
import { compareKeys, idOf, placeOf, type SortKey } from "./keys.js";
import type { ById } from "./maps.js";
import { type Key, keyOf, keys, PEOPLE } from "./queue.js";
import type { Entry, Jam } from "./state.js";
import { type OwnKeys, ownKey, ownKeys, startOf, takesTurn } from "./turns.js";

/**
 * Of so many entries one may move by itself; if more do, all are sorted, which the many that did not move make
 * cheap.
 */
const ENTRIES_PER_MOVE = 16;

/** The old and the new key of an entry that has another now; undefined where there is no entry. */
type Move = readonly [old: Key | undefined, now: Key | undefined];

/** A Jam and its order. */
export class Lineup {
  readonly jam: Jam;
  readonly #own: OwnKeys;
  readonly #keys: ReadonlyMap<string, Key>;
  /** As `queue.places`: the keys of all entries, in order. */
  readonly places: readonly Key[];

  constructor(jam: Jam, before?: Lineup) {
    this.jam = jam;
    const changed = before && isFramedAlike(before.jam, jam) ? changedIds(before.jam, jam) : undefined;
    if (before === undefined || changed === undefined) {
      this.#own = jam.settings.mode === "fair" ? ownKeys(jam) : new Map();
      this.#keys = keys(jam, this.#own);
      this.places = [...this.#keys.values()].sort(compareKeys);
      return;
    }
    if (changed.size === 0) {
      this.#own = before.#own;
      this.#keys = before.#keys;
      this.places = before.places;
      return;
    }
    const turns = new Map<string, number>();
    this.#own =
      jam.settings.mode === "fair" ? shifted(before.#own, before.jam, jam, changed, turns) : before.#own;
    const moves: Move[] = [];
    this.#keys = rekeyed(before.#keys, jam, changed, turns, moves);
    this.places = placed(before.places, this.#keys, moves);
  }

  /** As `queue.order`: the ids of all entries, what plays first. */
  order(): string[] {
    return this.places.map(idOf);
  }

  /** The lineup of what one event has made of this Jam. */
  followedBy(jam: Jam): Lineup {
    return new Lineup(jam, this);
  }
}

/** What everybody's keys are made of, beside the entries. */
function isFramedAlike(before: Jam, after: Jam): boolean {
  const { mode } = before.settings;
  return (
    mode === after.settings.mode &&
    (mode !== "fair" ||
      (before.timeline.entry === after.timeline.entry &&
        before.round === after.round &&
        sameMembers(before.served, after.served)))
  );
}

/**
 * The ids of the entries that are others, new or gone, and of what began or ceased to be what plays, or what is
 * locked as next.
 */
function changedIds(before: Jam, after: Jam): Set<string> {
  const changed = new Set<string>();
  if (before.timeline.entry !== after.timeline.entry) {
    changed.add(before.timeline.entry).add(after.timeline.entry);
  }
  if (before.next !== after.next) {
    changed.add(before.next).add(after.next);
  }
  if (before.entries !== after.entries) {
    addDifferent(changed, before.entries, after.entries);
    addDifferent(changed, after.entries, before.entries);
  }
  return changed;
}

function addDifferent(changed: Set<string>, one: ById<Entry>, other: ById<Entry>): void {
  for (const id of Object.keys(one)) {
    if (one[id] !== memberOf(other, id)) {
      changed.add(id);
    }
  }
}

/**
 * What changed is put where it belongs among the songs of the same person. Adds to `turns` the rounds, by id, of
 * those and of all that they passed.
 */
function shifted(
  before: OwnKeys,
  old: Jam,
  jam: Jam,
  changed: ReadonlySet<string>,
  turns: Map<string, number>,
): OwnKeys {
  const own = new Map(before);
  // By person, the first and the last place that something passed.
  const passed = new Map<string, { songs: SortKey[]; first: number; last: number }>();

  function pass(person: string, key: SortKey, goes: boolean, last: number): void {
    const seen = passed.get(person) ?? { songs: [...(own.get(person) ?? [])], first: Infinity, last: 0 };
    const place = placeOf(seen.songs, key);
    seen.songs.splice(place, goes ? 1 : 0, ...(goes ? [] : [key]));
    seen.first = Math.min(seen.first, place);
    seen.last = Math.max(seen.last, place, last);
    passed.set(person, seen);
  }

  for (const id of changed) {
    const from = ownPlace(old, id);
    const to = ownPlace(jam, id);
    // Who gains or loses a song has all behind it passed.
    const last = from && to && from.person === to.person ? 0 : Infinity;
    if (from) {
      pass(from.person, from.key, true, last);
    }
    if (to) {
      pass(to.person, to.key, false, last);
    }
  }
  for (const [person, { songs, first, last }] of passed) {
    const start = startOf(jam, person);
    for (let place = first; place <= last && place < songs.length; place += 1) {
      turns.set(idOf(songs[place]!), start + place);
    }
    if (songs.length > 0) {
      own.set(person, songs);
    } else {
      own.delete(person);
    }
  }
  return own;
}

/** Among whose songs an entry takes turns, and where; undefined if it takes none. */
function ownPlace(jam: Jam, id: string): { person: string; key: SortKey } | undefined {
  const entry = memberOf(jam.entries, id);
  if (entry === undefined || !takesTurn(entry) || id === jam.timeline.entry) {
    return undefined;
  }
  return { person: entry.added_by, key: ownKey(jam, entry) };
}

/**
 * The keys of what changed are made anew, and of those whose rounds that shifts. Adds to `moves` what is another
 * now.
 */
function rekeyed(
  before: ReadonlyMap<string, Key>,
  jam: Jam,
  changed: ReadonlySet<string>,
  turns: ReadonlyMap<string, number>,
  moves: Move[],
): ReadonlyMap<string, Key> {
  const known = new Map(before);

  function move(id: string, now: Key | undefined): void {
    const old = known.get(id);
    if (now) {
      known.set(id, now);
    } else {
      known.delete(id);
    }
    if (old && now ? compareKeys(old, now) !== 0 : old !== now) {
      moves.push([old, now]);
    }
  }

  for (const id of changed) {
    const entry = memberOf(jam.entries, id);
    move(id, entry && keyOf(jam, entry, turns.get(id)));
  }
  for (const [id, turn] of turns) {
    const old = known.get(id);
    if (!changed.has(id) && old && old[0] === PEOPLE) {
      move(id, [PEOPLE, turn, old[2], old[3], id]);
    }
  }
  return known;
}

/** Keys are put where they belong. */
function placed(
  before: readonly Key[],
  keys: ReadonlyMap<string, Key>,
  moves: readonly Move[],
): readonly Key[] {
  if (moves.length * ENTRIES_PER_MOVE > before.length) {
    return [...keys.values()].sort(compareKeys);
  }
  const places = [...before];
  for (const [old, now] of moves) {
    if (old) {
      places.splice(placeOf(places, old), 1);
    }
    if (now) {
      places.splice(placeOf(places, now), 0, now);
    }
  }
  return places;
}
